//! The outside of a token: letter, base64url, version, length, sections, checksum; and the parts of one.

use super::PART;
use crate::values::{
    base64,
    problem::{Code, Error},
};
use alloc::{string::String, vec::Vec};

/// A tag and its value.
pub(super) type Section = (u8, Vec<u8>);

/// A letter, so that no spreadsheet takes a token for a number or a formula.
const LETTER: char = 'A';
const VERSION: u8 = 1;
const CHECKSUM: usize = 4;
/// What a part holds besides its share of the token: letter aside, version, two lengths (one byte each at the shortest
/// field), tag, checksum of the whole, index, count, checksum.
const PART_HEADER: usize = 8;

fn error(code: Code) -> Error {
    Error::new(code, "")
}

/// The token of these sections.
pub(super) fn seal(sections: &[Section]) -> String {
    let mut token = String::from(LETTER);
    base64::encode(&mut token, &bytes_of(sections));
    token
}

fn bytes_of(sections: &[Section]) -> Vec<u8> {
    let mut body = Vec::new();
    for (tag, value) in sections {
        body.push(*tag);
        push_length(&mut body, value.len());
        body.extend_from_slice(value);
    }
    let mut bytes = alloc::vec![VERSION];
    push_length(&mut bytes, body.len());
    bytes.extend_from_slice(&body);
    let checksum = crc32(&bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    bytes
}

/// The token of these sections, in parts of at most that many characters.
pub(super) fn split(sections: &[Section], max_length: usize) -> Vec<String> {
    let whole = bytes_of(sections);
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
    let mut tokens = Vec::new();
    for index in 0..count {
        let mut value = Vec::from(checksum);
        value.extend_from_slice(&index.to_be_bytes());
        value.extend_from_slice(&count.to_be_bytes());
        value.extend_from_slice(chunks.next().unwrap_or_default());
        tokens.push(seal(&[(PART, value)]));
    }
    tokens
}

/// The sections of a token that comes whole or in parts.
pub(super) fn open<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Result<Vec<Section>, Error> {
    let mut whole = None;
    let mut parts = Vec::new();
    for token in tokens {
        let token = token.trim_ascii();
        if token.is_empty() {
            continue;
        }
        let mut sections = unseal(token)?;
        if !sections.iter().any(|(tag, _)| *tag == PART) {
            // A whole token stands alone.
            if whole.replace(sections).is_some() {
                return Err(error(Code::MixedParts));
            }
        } else if let (Some((_, part)), true) = (sections.pop(), sections.is_empty()) {
            parts.push(part);
        } else {
            return Err(error(Code::MalformedStash));
        }
    }
    match whole {
        Some(sections) if parts.is_empty() => Ok(sections),
        Some(_) => Err(error(Code::MixedParts)),
        None if parts.is_empty() => Err(error(Code::MalformedStash)),
        None => join(&parts),
    }
}

/// The sections of the token of which these are all the parts.
fn join(parts: &[Vec<u8>]) -> Result<Vec<Section>, Error> {
    let mut bytes = Vec::new();
    let mut of = None;
    let mut missing = false;
    let count = parts.len();
    for wanted in 0..count {
        let mut chunks = Vec::new();
        for part in parts {
            let [c, r, k, s, i, j, m, n, chunk @ ..] = part.as_slice() else { return Err(error(Code::MalformedStash)) };
            let (token, index) = ([*c, *r, *k, *s, *m, *n], u16::from_be_bytes([*i, *j]));
            if *of.get_or_insert(token) != token {
                return Err(error(Code::MixedParts));
            }
            if usize::from(index) == wanted {
                chunks.push(chunk);
            }
        }
        match chunks.as_slice() {
            [chunk] => bytes.extend_from_slice(chunk),
            [] => missing = true,
            _ => return Err(error(Code::MixedParts)),
        }
    }
    let Some([checksum @ .., m, n]) = of else { return Err(error(Code::MissingPart)) };
    if missing || usize::from(u16::from_be_bytes([m, n])) != count {
        return Err(error(Code::MissingPart));
    }
    bytes.extend_from_slice(&checksum);
    sections_in(&bytes)
}

fn unseal(token: &str) -> Result<Vec<Section>, Error> {
    let text = token.strip_prefix(LETTER).ok_or(error(Code::MalformedStash))?;
    match base64::decode(text) {
        Some(bytes) => sections_in(&bytes),
        None => {
            // A cut may fall inside a group of four characters: then what is whole says how much was meant to come.
            let whole = text.get(..text.len() & !3).and_then(base64::decode).ok_or(error(Code::MalformedStash))?;
            let only_letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
            match sections_in(&whole) {
                Err(cut) if only_letters && cut.code() == Code::TruncatedStash => Err(cut),
                _ => Err(error(Code::MalformedStash)),
            }
        }
    }
}

fn sections_in(bytes: &[u8]) -> Result<Vec<Section>, Error> {
    let cut = error(Code::TruncatedStash);
    let malformed = error(Code::MalformedStash);
    let (version, rest) = bytes.split_first().ok_or(cut)?;
    if *version != VERSION {
        return Err(error(Code::UnknownVersion));
    }
    let (length, rest) = length(rest).ok_or(if rest.len() < 4 { cut } else { malformed })?;
    let (mut body, checksum) = rest.split_at_checked(length).ok_or(cut)?;
    match checksum.len().cmp(&CHECKSUM) {
        core::cmp::Ordering::Less => return Err(cut),
        core::cmp::Ordering::Greater => return Err(malformed),
        core::cmp::Ordering::Equal => {}
    }
    let content = bytes.split_at_checked(bytes.len().saturating_sub(CHECKSUM)).ok_or(malformed)?.0;
    if checksum != crc32(content).to_be_bytes() {
        return Err(malformed);
    }
    let mut sections: Vec<Section> = Vec::new();
    while let Some((tag, rest)) = body.split_first() {
        let (length, rest) = self::length(rest).ok_or(malformed)?;
        let (value, rest) = rest.split_at_checked(length).ok_or(malformed)?;
        if sections.last().is_some_and(|(last, _)| last >= tag) {
            return Err(malformed);
        }
        sections.push((*tag, value.into()));
        body = rest;
    }
    Ok(sections)
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
