//! Tokens that `stash` never wrote, with a checksum that is right all the same: what somebody with bad intentions, or a
//! later release, would hand in. Written from the grammar in `docs/token.md`, apart from the library's own code.
#![allow(dead_code)] // each test file uses its share

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A token of these sections, tag and value, as they come.
pub fn token(sections: &[(u8, &[u8])]) -> String {
    let mut body = Vec::new();
    for (tag, value) in sections {
        body.push(*tag);
        push_length(&mut body, value.len());
        body.extend_from_slice(value);
    }
    let mut bytes = vec![1];
    push_length(&mut bytes, body.len());
    bytes.extend(body);
    seal(bytes)
}

/// The letter, the bytes, their checksum.
pub fn seal(mut bytes: Vec<u8>) -> String {
    bytes.extend(crc32(&bytes).to_be_bytes());
    let mut text = String::from("A");
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().chain([&0, &0]).take(3).fold(0_usize, |group, byte| (group << 8) | usize::from(*byte));
        for letter in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(group >> (18 - 6 * letter)) & 63]));
        }
    }
    text
}

/// The bytes of a token, without letter and checksum.
pub fn open(token: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut group, mut width) = (0_u32, 0_u32);
    for letter in token.bytes().skip(1) {
        let value = ALPHABET.iter().position(|each| *each == letter).unwrap();
        group = (group << 6) | u32::try_from(value).unwrap();
        width += 6;
        if width >= 8 {
            width -= 8;
            bytes.push(u8::try_from((group >> width) & 0xFF).unwrap());
            group &= (1 << width) - 1;
        }
    }
    bytes.truncate(bytes.len().saturating_sub(4));
    bytes
}

/// The value of the section with that tag.
pub fn section(token: &str, tag: u8) -> Vec<u8> {
    let bytes = open(token);
    let (_, mut rest) = length(&bytes[1..]);
    while rest[0] != tag {
        let (size, value) = length(&rest[1..]);
        rest = &value[size..];
    }
    let (size, value) = length(&rest[1..]);
    value[..size].to_vec()
}

/// A section's value out of its bits: `0` and `1`, and spaces between fields.
pub fn bits(text: &str) -> Vec<u8> {
    let bits: Vec<u8> = text.bytes().filter(|bit| *bit != b' ').map(|bit| bit - b'0').collect();
    bits.chunks(8).map(|byte| (0..8).fold(0, |all, at| (all << 1) | byte.get(at).unwrap_or(&0))).collect()
}

fn push_length(out: &mut Vec<u8>, mut length: usize) {
    while length > 0x7F {
        out.push(u8::try_from(length & 0x7F).unwrap() | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap());
}

fn length(bytes: &[u8]) -> (usize, &[u8]) {
    let mut length = 0;
    for (at, byte) in bytes.iter().enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return (length, &bytes[at + 1..]);
        }
    }
    panic!("a length without an end");
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 })
    })
}
