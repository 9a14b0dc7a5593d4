//! Base64 with the URL-safe alphabet and without padding (RFC 4648, section 5), strict.
//!
//! Ours, because it is forty lines and the one thing that matters is that it refuses what other readers forgive: spare
//! bits that are not zero, and lengths that no encoder writes. Otherwise two texts could be one token.

use super::{digits::push_ascii, room};
use alloc::{string::String, vec::Vec};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Appends the bytes.
pub fn encode(out: &mut String, bytes: &[u8]) {
    for chunk in bytes.chunks(3) {
        let mut bits = [0; 4];
        for (place, byte) in bits.iter_mut().skip(1).zip(chunk) {
            *place = *byte;
        }
        let mut group = u32::from_be_bytes(bits) << 8;
        let mut letters = [0; 4];
        for letter in &mut letters {
            let index = usize::try_from(group >> 26).unwrap_or(0);
            *letter = ALPHABET.get(index).map_or(b'A', |letter| *letter);
            group <<= 6;
        }
        push_ascii(out, letters.get(..=chunk.len()).unwrap_or_default());
    }
}

/// The bytes, and whether the text is what [`encode`] writes for them; nothing where it has other letters.
#[must_use]
pub fn decode(text: &str) -> Option<(Vec<u8>, bool)> {
    let mut bytes = room::list(text.len());
    let mut pending = 0u32;
    let mut width = 0u32;
    for byte in text.bytes() {
        // As the alphabet has them: where each run of letters begins, less where it begins in ASCII.
        let value = match byte {
            b'A'..=b'Z' => byte.wrapping_sub(b'A'),
            b'a'..=b'z' => byte.wrapping_sub(b'a' - 26),
            b'0'..=b'9' => byte.wrapping_add(52 - b'0'),
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        pending = (pending << 6) | u32::from(value);
        width = width.wrapping_add(6);
        if width >= 8 {
            width = width.wrapping_sub(8);
            bytes.push(u8::try_from((pending >> width) & 0xFF).ok()?);
            pending &= (1_u32 << width).wrapping_sub(1);
        }
    }
    Some((bytes, pending == 0 && width < 6))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(decode(text), Some((bytes.into(), true)));
        }
    }

    #[test]
    fn refuses_spare_bits_odd_lengths_and_other_letters() {
        for text in ["Zh", "Zm9", "Z", "Zm9vY"] {
            assert!(decode(text).is_some_and(|(_, is_whole)| !is_whole), "{text}");
        }
        for text in ["Zg==", "Zm 8", "+__-", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
