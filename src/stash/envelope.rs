//! The outside of a token: letter, base64url, version, length, checksum; and the parts of one.

use crate::values::{
    base64,
    bits::{push_section, section},
    fields::tag::PART,
    problem::Code,
    room,
    text::behind,
};
use alloc::{string::String, vec::Vec};

/// A letter, so that no spreadsheet takes a token for a number or a formula.
const LETTER: u8 = b'A';
const VERSION: u8 = 1;
const CHECKSUM: usize = 4;
/// What a part has before its share: checksum of the whole, index, count.
const HEAD: usize = 8;
/// In the head as one number, the lowest bits of the index.
const INDEX: u32 = 16;
/// All bits of the index.
const INDICES: u64 = 0xFFFF << INDEX;

/// Appends the token of these sections, in parts with spaces between them where it is longer than that.
pub(super) fn push_tokens(out: &mut String, sections: &[u8], max_length: usize) {
    let whole = sealed(sections);
    if whole.len().saturating_mul(4).div_ceil(3) < max_length {
        push_token(out, &whole);
        return;
    }
    // Three bytes in four characters, behind the letter; then what every part costs: version, tag, head, checksum, and its two
    // lengths, counted by what a part of that room needs.
    let room = max_length.max(40).saturating_sub(1).saturating_mul(3) / 4;
    let lengths = match room {
        0..0x80 => 2,
        0x80..0x4000 => 4,
        _ => 6,
    };
    let share = room.saturating_sub(2 + HEAD + CHECKSUM).saturating_sub(lengths).max(1);
    let (content, checksum) = whole.split_at(whole.len().saturating_sub(CHECKSUM));
    let chunks = content.chunks(share);
    let count = u64::from(u16::try_from(chunks.len()).unwrap_or(u16::MAX));
    let mut head = (number(checksum) << 32) | count;
    for chunk in chunks {
        if (head >> INDEX) & 0xFFFF > 0 {
            out.push(' ');
        }
        let mut part = Vec::new();
        push_number(&mut part, head, HEAD);
        part.extend_from_slice(chunk);
        let mut body = Vec::new();
        push_section(&mut body, PART, &part);
        push_token(out, &sealed(&body));
        head = head.wrapping_add(1 << INDEX);
    }
}

fn push_token(out: &mut String, bytes: &[u8]) {
    out.push(char::from(LETTER));
    base64::encode(out, bytes);
}

/// The bytes of the token with that body.
fn sealed(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Version, length and body stand as tag, length and value do.
    push_section(&mut bytes, VERSION, body);
    let checksum = crc32(&bytes);
    push_number(&mut bytes, checksum.into(), CHECKSUM);
    bytes
}

/// Hands on the bytes of a token that comes whole or in parts. Do they make sense?
pub(super) fn open<'a>(
    tokens: impl IntoIterator<Item = &'a str>,
    read: impl FnOnce(Vec<u8>) -> bool,
) -> Result<(), Code> {
    let mut all = Vec::new();
    for token in tokens {
        let token = token.trim_ascii();
        if !token.is_empty() {
            all.push(bytes_of(token)?);
        }
    }
    let first = all.first().ok_or(Code::MalformedStash)?;
    let whole = match share(first) {
        // A whole token stands alone.
        Err(Code::MixedParts) if all.len() == 1 => all.pop().unwrap_or_default(),
        part => {
            let whole = join(&all, part?.0 & !INDICES)?;
            check(&whole)?;
            whole
        }
    };
    if read(whole) { Ok(()) } else { Err(Code::MalformedStash) }
}

/// Puts together the bytes of the token of which these are all the parts. `token` is what their heads have in common.
fn join(parts: &[Vec<u8>], token: u64) -> Result<Vec<u8>, Code> {
    let mut bytes = Vec::new();
    let mut index = 0_u64;
    let mut missing = false;
    for _ in parts {
        let mut found = false;
        for part in parts {
            let (head, chunk) = share(part)?;
            let is_next = head & INDICES == index << INDEX;
            if head & !INDICES != token || (is_next && found) {
                return Err(Code::MixedParts);
            }
            if is_next {
                found = true;
                bytes.extend_from_slice(chunk);
            }
        }
        missing |= !found;
        index = index.wrapping_add(1);
    }
    push_number(&mut bytes, token >> 32, CHECKSUM);
    if missing || token & 0xFFFF != index { Err(Code::MissingPart) } else { Ok(bytes) }
}

/// The head of a part, and its share of the whole; `mixed-parts` where the token is whole.
fn share(bytes: &[u8]) -> Result<(u64, &[u8]), Code> {
    match section(body(bytes)) {
        Some((PART, length, part)) if part.len() == length && length >= HEAD => {
            let (head, chunk) = part.split_at(HEAD);
            Ok((number(head), chunk))
        }
        Some((PART, ..)) => Err(Code::MalformedStash),
        _ => Err(Code::MixedParts),
    }
}

/// The body in the bytes of a token that was checked.
fn body(bytes: &[u8]) -> &[u8] {
    section(bytes).and_then(|(_, length, rest)| rest.get(..length)).unwrap_or_default()
}

/// The bytes of a token that is whole, or one part.
fn bytes_of(token: &str) -> Result<Vec<u8>, Code> {
    let mut bytes = Vec::new();
    let text = behind(token, LETTER).ok_or(Code::MalformedStash)?;
    let is_whole = base64::decode(text, &mut bytes).ok_or(Code::MalformedStash)?;
    if !is_whole {
        // A cut may fall inside a group of four characters: then what is whole says how much was meant to come.
        bytes.truncate(bytes.len().saturating_sub(bytes.len() % 3));
    }
    match check(&bytes) {
        Ok(()) if is_whole => Ok(bytes),
        Err(code) if is_whole || code == Code::TruncatedStash => Err(code),
        _ => Err(Code::MalformedStash),
    }
}

/// Version, length and checksum.
fn check(bytes: &[u8]) -> Result<(), Code> {
    if bytes.first().is_some_and(|version| *version != VERSION) {
        return Err(Code::UnknownVersion);
    }
    let unclear = if bytes.len() < 5 { Code::TruncatedStash } else { Code::MalformedStash };
    let (_, length, rest) = section(bytes).ok_or(unclear)?;
    let checksum = rest.get(length..).filter(|checksum| checksum.len() >= CHECKSUM).ok_or(Code::TruncatedStash)?;
    let content = bytes.split_at(bytes.len().saturating_sub(checksum.len())).0;
    if checksum.len() == CHECKSUM && number(checksum) == crc32(content).into() {
        Ok(())
    } else {
        Err(Code::MalformedStash)
    }
}

/// The number in so many bytes, most significant first.
fn number(bytes: &[u8]) -> u64 {
    let mut number = 0;
    for byte in bytes {
        number = (number << 8) | u64::from(*byte);
    }
    number
}

fn push_number(out: &mut Vec<u8>, number: u64, bytes: usize) {
    for place in (0..bytes).rev() {
        room::push(out, u8::try_from((number >> (place.wrapping_mul(8) & 63)) & 0xFF).unwrap_or(0));
    }
}

/// CRC-32 of IEEE 802.3.
#[cfg(not(target_arch = "wasm32"))]
fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

#[cfg(target_arch = "wasm32")]
use few_lines as crc32;

/// The same bit by bit, without a table: tokens are short.
#[cfg(any(target_arch = "wasm32", test))]
fn few_lines(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        for crc in [crc32, few_lines] {
            assert_eq!(crc(b"123456789"), 0xCBF4_3926);
        }
    }
}
