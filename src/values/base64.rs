//! Base64 with the URL-safe alphabet and without padding (RFC 4648, section 5), strict.
//!
//! Ours, because it is forty lines and the one thing that matters is that it refuses what other readers forgive: spare
//! bits that are not zero, and lengths that no encoder writes. Otherwise two texts could be one token.

use super::room;
use alloc::{string::String, vec::Vec};

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Appends the bytes.
pub fn encode(out: &mut String, bytes: &[u8]) {
    let mut pending = 0_usize;
    let mut width = 0_u32;
    for byte in bytes {
        pending = (pending << 8 | usize::from(*byte)) & 0xFFFF;
        width = width.wrapping_add(8);
        while width >= 6 {
            width = width.wrapping_sub(6);
            push_letter(out, pending >> width);
        }
    }
    if width > 0 {
        push_letter(out, pending << 6_u32.wrapping_sub(width));
    }
}

fn push_letter(out: &mut String, index: usize) {
    let letter = ALPHABET.as_bytes().get(index & 63).copied().unwrap_or(b'A');
    out.push(char::from(letter));
}

/// Appends the bytes, and says whether the text is what [`encode`] writes for them; nothing where it has other letters.
#[must_use]
pub fn decode(text: &str, out: &mut Vec<u8>) -> Option<bool> {
    let mut letters = text.as_bytes();
    if !cfg!(feature = "lean") {
        let (fours, rest) = letters.as_chunks();
        let start = out.len();
        out.reserve(letters.len());
        out.resize(start.saturating_add(fours.len().saturating_mul(3)), 0);
        let mut all = 0;
        for (four, three) in fours.iter().zip(out.get_mut(start..)?.as_chunks_mut().0) {
            let [a, b, c, d] =
                four.map(|letter| INDICES.get(usize::from(letter)).map_or(64, |index| u32::from(*index)));
            all |= a | b | c | d;
            let [_, bytes @ ..] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
            *three = bytes;
        }
        if all > 63 {
            return None;
        }
        letters = rest;
    }
    let mut pending = 0_usize;
    let mut width = 0_u32;
    for letter in letters {
        pending = pending << 6 | index_of(*letter)?;
        width = width.wrapping_add(6);
        if width >= 8 {
            width = width.wrapping_sub(8);
            room::push(out, u8::try_from((pending >> width) & 0xFF).unwrap_or(0));
            pending &= (1_usize << width).wrapping_sub(1);
        }
    }
    Some(pending == 0 && width < 6)
}

/// Which letter of the alphabet it is: looked for in the builds for pages, looked up elsewhere.
fn index_of(letter: u8) -> Option<usize> {
    #[cfg(feature = "lean")]
    return Some(super::text::cut(ALPHABET, letter)?.0.len());
    #[cfg(not(feature = "lean"))]
    return INDICES.get(usize::from(letter)).map(|index| usize::from(*index)).filter(|index| *index < 64);
}

static INDICES: [u8; 256] = {
    let mut table = [64; 256];
    let mut index = 0_u8;
    let mut rest = ALPHABET.as_bytes();
    while let Some((letter, tail)) = rest.split_first() {
        if let Some((_, [place, ..])) = table.split_at_mut_checked(*letter as usize) {
            *place = index;
        }
        rest = tail;
        index = index.wrapping_add(1);
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<(Vec<u8>, bool)> {
        let mut bytes = Vec::new();
        let is_whole = decode(text, &mut bytes)?;
        Some((bytes, is_whole))
    }

    #[test]
    fn writes_what_it_reads() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
            (b"\xfb\xff\xfe", "-__-"),
        ] {
            let mut out = String::new();
            encode(&mut out, bytes);
            assert_eq!(out, text);
            assert_eq!(decoded(text), Some((bytes.into(), true)));
        }
    }

    #[test]
    fn refuses_spare_bits_odd_lengths_and_other_letters() {
        for text in ["Zh", "Zm9", "Z", "Zm9vY"] {
            assert!(decoded(text).is_some_and(|(_, is_whole)| !is_whole), "{text}");
        }
        for text in ["Zg==", "Zm 8", "+__-", "é"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
