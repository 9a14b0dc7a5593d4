//! The outside of a token: letter, base64url, version, length, sections, checksum; and the parts of one.

use crate::values::{base64, bits::Bits, fields::tag, problem::Code};
use alloc::{string::String, vec::Vec};

/// A letter, so that no spreadsheet takes a token for a number or a formula.
const LETTER: char = 'A';
const VERSION: u8 = 1;
const PART: u8 = 8;
const CHECKSUM: usize = 4;
/// What a part holds besides its share of the token: letter aside, version, two lengths (one byte each at the shortest
/// field), tag, checksum of the whole, index, count, checksum.
const PART_HEADER: usize = 8;

/// Appends the token of what was written, in parts where it is longer than that.
pub(super) fn push_tokens(out: &mut String, bits: &Bits, max_length: usize) {
    let mut body = Vec::new();
    bits.each_section(|tag, value| push_section(&mut body, tag, value));
    let whole = sealed(&body);
    let start = out.len();
    push_token(out, &whole);
    if out.len().saturating_sub(start) > max_length {
        out.truncate(start);
        push_parts(out, &whole, max_length.max(40));
    }
}

fn push_token(out: &mut String, bytes: &[u8]) {
    out.push(LETTER);
    base64::encode(out, bytes);
}

/// The bytes of the token with that body.
fn sealed(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_section(&mut bytes, VERSION, body);
    let checksum = crc32(&bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    bytes
}

/// Tag, length, value. (So are version, length, body.)
fn push_section(out: &mut Vec<u8>, tag: u8, value: &[u8]) {
    out.push(tag);
    push_length(out, value.len());
    out.extend_from_slice(value);
}

/// Appends the token of these bytes in parts of at most that many characters, with spaces between them.
fn push_parts(out: &mut String, whole: &[u8], max_length: usize) {
    let (content, checksum) = whole.split_at(whole.len().saturating_sub(CHECKSUM));
    // Three bytes in four characters; then what every part costs, its lengths counted by what a part
    // of that room needs.
    let room = max_length.saturating_sub(1).saturating_mul(3) / 4;
    let lengths = match room {
        0..0x80 => 2,
        0x80..0x4000 => 4,
        _ => 6,
    };
    let share = room.saturating_sub(2 + CHECKSUM + PART_HEADER).saturating_sub(lengths).max(1);
    let mut chunks = content.chunks(share);
    let count = u16::try_from(chunks.len()).unwrap_or(u16::MAX);
    for index in 0..count {
        let mut value = Vec::from(checksum);
        value.extend_from_slice(&index.to_be_bytes());
        value.extend_from_slice(&count.to_be_bytes());
        value.extend_from_slice(chunks.next().unwrap_or_default());
        let mut body = Vec::new();
        push_section(&mut body, PART, &value);
        if index > 0 {
            out.push(' ');
        }
        push_token(out, &sealed(&body));
    }
}

/// The body of a token that comes whole or in parts.
pub(super) fn open<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>, Code> {
    let mut whole = None;
    let mut parts = Vec::new();
    for token in tokens {
        let token = token.trim_ascii();
        if token.is_empty() {
            continue;
        }
        let body = unsealed(token)?;
        if body.first() != Some(&PART) {
            // A whole token stands alone.
            if whole.replace(body).is_some() {
                return Err(Code::MixedParts);
            }
        } else if let Some((_, part, [])) = section(&body) {
            parts.push(Vec::from(part));
        } else {
            return Err(Code::MalformedStash);
        }
    }
    match whole {
        Some(body) if parts.is_empty() => Ok(body),
        Some(_) => Err(Code::MixedParts),
        None if parts.is_empty() => Err(Code::MalformedStash),
        None => Ok(Vec::from(body_of(&joined(&parts)?)?)),
    }
}

/// The bytes of the token of which these are all the parts.
fn joined(parts: &[Vec<u8>]) -> Result<Vec<u8>, Code> {
    const INDEX: u64 = 0xFFFF_0000;
    let mut bytes = Vec::new();
    let mut of = None;
    let mut missing = false;
    let mut wanted = 0_u64;
    for _ in parts {
        let mut found = false;
        for part in parts {
            let (head, chunk) = part.split_first_chunk().ok_or(Code::MalformedStash)?;
            let head = u64::from_be_bytes(*head);
            let token = *of.get_or_insert(head & !INDEX);
            let is_wanted = head & INDEX == wanted << 16;
            if token != head & !INDEX || (is_wanted && found) {
                return Err(Code::MixedParts);
            }
            if is_wanted {
                found = true;
                bytes.extend_from_slice(chunk);
            }
        }
        missing |= !found;
        wanted = wanted.wrapping_add(1);
    }
    let token = of.unwrap_or_default();
    if missing || token & 0xFFFF != wanted {
        return Err(Code::MissingPart);
    }
    bytes.extend_from_slice(&u32::try_from(token >> 32).unwrap_or(0).to_be_bytes());
    Ok(bytes)
}

/// The body of a token that is whole, or one part.
fn unsealed(token: &str) -> Result<Vec<u8>, Code> {
    let text = token.strip_prefix(LETTER).ok_or(Code::MalformedStash)?;
    let (mut bytes, is_whole) = base64::decode(text).ok_or(Code::MalformedStash)?;
    if is_whole {
        return Ok(Vec::from(body_of(&bytes)?));
    }
    // A cut may fall inside a group of four characters: then what is whole says how much was meant to come.
    bytes.truncate(bytes.len().saturating_sub(bytes.len() % 3));
    match body_of(&bytes) {
        Err(Code::TruncatedStash) => Err(Code::TruncatedStash),
        _ => Err(Code::MalformedStash),
    }
}

/// The body in the bytes of a token.
fn body_of(bytes: &[u8]) -> Result<&[u8], Code> {
    let (version, rest) = bytes.split_first().ok_or(Code::TruncatedStash)?;
    if *version != VERSION {
        return Err(Code::UnknownVersion);
    }
    let unclear = if rest.len() < 4 { Code::TruncatedStash } else { Code::MalformedStash };
    let (length, rest) = length(rest).ok_or(unclear)?;
    let (body, checksum) = rest.split_at_checked(length).ok_or(Code::TruncatedStash)?;
    if checksum.len() < CHECKSUM {
        return Err(Code::TruncatedStash);
    }
    match bytes.split_last_chunk::<CHECKSUM>() {
        Some((content, end)) if end == checksum && u32::from_be_bytes(*end) == crc32(content) => Ok(body),
        _ => Err(Code::MalformedStash),
    }
}

/// Tells where the sections of this body are; false where there are others than those known here, nothing where they are not
/// as they should be.
pub(super) fn sections(body: &[u8], bits: &mut Bits) -> Option<bool> {
    let mut all_known = true;
    let mut next = 0_usize;
    let mut rest = body;
    while !rest.is_empty() {
        let (tag, value, behind) = section(rest)?;
        let tag = usize::from(tag);
        if tag < next {
            return None;
        }
        next = tag.wrapping_add(1);
        rest = behind;
        let end = body.len().saturating_sub(rest.len());
        match tag {
            tag::DAY..tag::PART if !value.is_empty() => bits.place(tag, end.saturating_sub(value.len()), end),
            tag::DAY..=tag::PART => return None,
            _ => all_known = false,
        }
    }
    Some(all_known)
}

/// Tag, value, and what follows.
fn section(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (length, rest) = length(rest)?;
    let (value, rest) = rest.split_at_checked(length)?;
    Some((*tag, value, rest))
}

/// LEB128: seven bits a byte, the least significant first; the eighth says that more follow.
fn push_length(out: &mut Vec<u8>, mut length: usize) {
    while length > 0x7F {
        out.push(u8::try_from(length & 0x7F).unwrap_or(0) | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap_or(0));
}

/// A length of at most four bytes, in its shortest form, and what follows.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut length = 0;
    let mut rest = bytes;
    for shift in [0, 7, 14, 21] {
        let (byte, tail) = rest.split_first()?;
        rest = tail;
        length |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return (*byte != 0 || shift == 0).then_some((length, rest));
        }
    }
    None
}

/// CRC-32 of IEEE 802.3. Bit by bit, without a table: tokens are short.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn lengths_have_one_form() {
        for value in [0, 127, 128, 16_383, 16_384] {
            let mut bytes = Vec::new();
            push_length(&mut bytes, value);
            assert_eq!(length(&bytes), Some((value, &[][..])));
        }
        assert_eq!(length(&[0x80, 0]), None);
        assert_eq!(length(&[0x80]), None);
    }
}
