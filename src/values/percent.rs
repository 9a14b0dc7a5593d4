//! Percent-encoding as JavaScript's `encodeURIComponent` and `decodeURIComponent` do it.
//!
//! Ours, not a crate's: the crates decode leniently, but here a malformed escape must be seen, for the text then counts as
//! it stands.

use super::{
    room,
    text::{UNRESERVED, is, parts, split_leading},
    utf8,
};
use alloc::{string::String, vec::Vec};

/// Appends the text, all but `A-Z a-z 0-9 - _ . ! ~ * ' ( )` as UTF-8 escapes.
pub fn encode(out: &mut String, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let (plain, tail) = split_leading(rest, UNRESERVED);
        out.push_str(plain);
        let escaped = tail.bytes().position(|byte| is(byte, UNRESERVED)).unwrap_or(tail.len());
        let (escaped, tail) = tail.split_at_checked(escaped).unwrap_or_default();
        for byte in escaped.bytes() {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                // Upper case: RFC 3986, section 2.1, and what JavaScript writes.
                let letter = if nibble < 10 { b'0' } else { b'A' - 10 };
                out.push(char::from(letter.wrapping_add(nibble)));
            }
        }
        rest = tail;
    }
}

/// The decoded text; nothing where an escape is cut off, not hex, or not UTF-8.
#[must_use]
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut parts = parts(text, b'%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let (escape, plain) = part.split_at_checked(2)?;
        let mut code = 0_u32;
        for digit in escape.bytes() {
            code = (code << 4) | char::from(digit).to_digit(16)?;
        }
        let [byte, ..] = code.to_le_bytes();
        room::push(&mut bytes, byte);
        bytes.extend_from_slice(plain.as_bytes());
    }
    utf8::text(bytes)
}

/// The decoded text, or the text as it stands where it cannot be decoded.
#[must_use]
pub fn decode_or_raw(text: &str) -> String {
    decode(text).unwrap_or_else(|| String::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        let mut out = String::new();
        encode(&mut out, text);
        out
    }

    #[test]
    fn encodes_like_javascript() {
        assert_eq!(encoded("it's(ok)!*~-_."), "it's(ok)!*~-_.");
        assert_eq!(encoded("a+b c/é😀%"), "a%2Bb%20c%2F%C3%A9%F0%9F%98%80%25");
    }

    #[test]
    fn decodes_like_javascript() {
        assert_eq!(decode("%C3%a9+%25"), Some("é+%".into()));
        for bad in ["100%", "%4", "%zz", "%E9", "%+1"] {
            assert_eq!(decode(bad), None, "{bad}");
            assert_eq!(decode_or_raw(bad), bad);
        }
    }
}
