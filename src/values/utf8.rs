//! Bytes that are text.
//!
//! The standard library's reader is made for long texts. The builds for pages, where every byte is paid for by every visitor,
//! have these few lines.

use alloc::{string::String, vec::Vec};

/// The text, where the bytes are UTF-8 and nothing else.
#[must_use]
pub fn text(bytes: Vec<u8>) -> Option<String> {
    #[cfg(any(feature = "lean", feature = "deliver-bindings"))]
    return few_lines(&bytes);
    #[cfg(not(any(feature = "lean", feature = "deliver-bindings")))]
    return String::from_utf8(bytes).ok();
}

/// RFC 3629: the first byte of a character begins with as many ones as the character has bytes, unless it is ASCII; each of
/// the others holds six bits. No character is longer than it must be.
#[cfg(any(feature = "lean", feature = "deliver-bindings", test))]
fn few_lines(bytes: &[u8]) -> Option<String> {
    let mut out = String::new();
    let mut bytes = bytes.iter();
    while let Some(first) = bytes.next() {
        let length = match first.leading_ones() {
            0 => 1,
            1 => return None,
            ones => ones,
        };
        let mut code = u32::from(*first) & (0xFF >> length);
        for _ in 1..length {
            let byte = u32::from(*bytes.next()?);
            if byte >> 6 != 2 {
                return None;
            }
            code = (code << 6) | (byte & 0x3F);
        }
        let letter = char::from_u32(code)?;
        if u32::try_from(letter.len_utf8()) != Ok(length) {
            return None;
        }
        out.push(letter);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_lines_say_what_the_standard_library_says() {
        let check = |bytes: &[u8]| {
            assert_eq!(few_lines(bytes), String::from_utf8(Vec::from(bytes)).ok(), "{bytes:x?}");
        };
        check("aé€😀\u{10FFFF}\u{D7FF}\u{E000}\0".as_bytes());
        let some = [0x7F, 0x80, 0xBF, 0xC0];
        for first in 0..=255 {
            check(&[first]);
            for second in 0..=255 {
                check(&[first, second]);
                for third in some {
                    check(&[first, second, third]);
                    for fourth in some {
                        check(&[first, second, third, fourth]);
                    }
                }
            }
        }
        check(&[0xF8, 0x88, 0x80, 0x80, 0x80]);
        check(&[0xFF; 9]);
    }
}
