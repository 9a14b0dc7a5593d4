//! Cutting text at single ASCII bytes, and by classes of them.
//!
//! The standard library's patterns do this too, each pair of pattern and method with machine code of its own; these few
//! functions are shared by all readers. One look into a table says of which classes a byte is.

use alloc::string::String;

/// `0-9`
pub const DIGIT: u8 = 1;
/// `a-z`
pub const LOWER: u8 = 2;
/// `A-Z`
pub const UPPER: u8 = 4;
/// `-`
pub const HYPHEN: u8 = 8;
/// `_`
pub const UNDERSCORE: u8 = 16;
/// `. ! ~ * ' ( )`
pub const MARK: u8 = 32;
/// What JSON takes for white space.
pub const SPACE: u8 = 64;
/// What stands for itself in a JSON string.
pub const PLAIN: u8 = 128;
/// Letters and digits.
pub const ALPHANUMERIC: u8 = DIGIT | LOWER | UPPER;
/// What `encodeURIComponent` leaves alone.
pub const UNRESERVED: u8 = ALPHANUMERIC | HYPHEN | UNDERSCORE | MARK;

static CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut rest: &mut [u8] = &mut table;
    let mut byte = 0_u8;
    while let Some((classes, tail)) = rest.split_first_mut() {
        let class = match byte {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'-' => HYPHEN,
            b'_' => UNDERSCORE,
            b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => MARK,
            b' ' | b'\t' | b'\n' | b'\r' => SPACE,
            _ => 0,
        };
        let plain = if byte >= b' ' && byte != b'"' && byte != b'\\' { PLAIN } else { 0 };
        *classes = class | plain;
        rest = tail;
        byte = byte.wrapping_add(1);
    }
    table
};

/// Is the byte of one of these classes?
#[must_use]
pub fn is(byte: u8, classes: u8) -> bool {
    CLASSES.get(usize::from(byte)).is_some_and(|own| own & classes != 0)
}

/// Do all bytes of the text fit?
#[cfg_attr(not(feature = "lean"), inline(always))]
#[must_use]
pub fn all(text: &str, fits: fn(&u8) -> bool) -> bool {
    // All of them are looked at: natively many at once.
    let mut do_fit = true;
    for byte in text.as_bytes() {
        do_fit &= fits(byte);
    }
    do_fit
}

/// Ten times the number, and the digit; nothing far below what could not be held.
#[must_use]
pub fn append_digit(number: u64, digit: u8) -> Option<u64> {
    const MOST: u64 = u64::MAX / 20;
    if number > MOST { None } else { Some(number.wrapping_mul(10).wrapping_add(u64::from(digit))) }
}

/// The digit at that place of nothing but digits; behind the last one there are zeros.
#[must_use]
pub fn digit_at(digits: &str, place: usize) -> u8 {
    digits.as_bytes().get(place).map_or(0, |digit| digit.wrapping_sub(b'0'))
}

/// Where the first such byte stands: natively many are looked at at once.
#[cfg(not(target_arch = "wasm32"))]
fn place_of(bytes: &[u8], byte: u8) -> Option<usize> {
    memchr::memchr(byte, bytes)
}

/// Where the first such byte stands.
#[cfg(target_arch = "wasm32")]
fn place_of(bytes: &[u8], byte: u8) -> Option<usize> {
    bytes.iter().position(|b| *b == byte)
}

/// What stands before the first such byte, and what stands behind it.
#[must_use]
pub fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = place_of(text.as_bytes(), byte)?;
    Some((text.get(..at)?, text.get(at.checked_add(1)?..)?))
}

/// What stands before the first such byte: all, where there is none.
#[must_use]
pub fn before(text: &str, byte: u8) -> &str {
    cut(text, byte).map_or(text, |(before, _)| before)
}

/// Does such a byte stand anywhere, and that behind it? (The standard library's search is made for long texts: it is many
/// times as large as this.)
#[must_use]
pub fn has(text: &str, byte: u8, then: &str) -> bool {
    let mut rest = text;
    while let Some((_, behind)) = cut(rest, byte) {
        if behind.starts_with(then) {
            return true;
        }
        rest = behind;
    }
    false
}

/// What stands before and behind the first place of a part.
#[must_use]
pub fn cut_at<'t>(text: &'t str, part: &str) -> Option<(&'t str, &'t str)> {
    let place = if part.is_empty() {
        0
    } else {
        text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())?
    };
    let (before, rest) = text.split_at_checked(place)?;
    Some((before, rest.strip_prefix(part)?))
}

/// The text with another in place of each such byte.
#[must_use]
pub fn replaced(text: &str, byte: u8, with: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = cut(rest, byte) {
        out.push_str(before);
        out.push_str(with);
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The parts between such bytes: at least one.
#[must_use]
pub fn parts(text: &str, byte: u8) -> Parts<'_> {
    Parts { rest: Some(text), byte }
}

/// Iterator of [`parts`].
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    rest: Option<&'a str>,
    byte: u8,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest?;
        let (part, rest) = match cut(text, self.byte) {
            Some((part, rest)) => (part, Some(rest)),
            None => (text, None),
        };
        self.rest = rest;
        Some(part)
    }
}

/// The value of a key, in a text of keys and values with `sign` between the two and `separator` between pairs; the first counts.
#[must_use]
pub fn member<'t>(text: &'t str, separator: u8, sign: u8, key: &str) -> Option<&'t str> {
    for pair in parts(text, separator) {
        match cut(pair, sign) {
            Some((name, value)) if name == key => return Some(value),
            _ => {}
        }
    }
    None
}

/// What follows that byte at the start of the text.
#[must_use]
pub fn behind(text: &str, byte: u8) -> Option<&str> {
    if text.as_bytes().first() == Some(&byte) { text.get(1..) } else { None }
}

/// Takes that byte from the start of the text, where it stands there.
#[inline(never)]
pub fn eat(text: &mut &str, byte: u8) -> bool {
    match behind(text, byte) {
        Some(rest) => {
            *text = rest;
            true
        }
        None => false,
    }
}

/// The text split where its leading bytes of these classes end. A byte beyond ASCII is only ever `PLAIN`.
#[must_use]
pub fn split_leading(text: &str, classes: u8) -> (&str, &str) {
    let count = text.bytes().position(|byte| !is(byte, classes)).unwrap_or(text.len());
    text.split_at_checked(count).unwrap_or((text, ""))
}

/// Is the text not empty and all of its bytes of these classes?
#[must_use]
pub fn is_all(text: &str, classes: u8) -> bool {
    !text.is_empty() && split_leading(text, classes).1.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn cuts() {
        assert_eq!(cut("a=b=c", b'='), Some(("a", "b=c")));
        assert_eq!(cut("é", b'='), None);
        assert_eq!(cut_at("a_vwo_b_vwo_", "_vwo_"), Some(("a", "b_vwo_")));
        assert_eq!(cut_at("日本語", "本"), Some(("日", "語")));
        assert_eq!(cut_at("aab", "ab"), Some(("a", "")));
        assert_eq!(cut_at("", ""), Some(("", "")));
        assert_eq!(cut_at("é", "éé"), None);
        assert!(has("a:b://c", b':', "//") && !has("//:/", b':', "//"));
        assert!(has("é%40", b'%', "40") && !has("é%4", b'%', "40"));
        assert!(has("é@", b'@', "") && !has("é", b'@', ""));
        assert_eq!(replaced("+a+é", b'+', "--"), "--a--é");
        assert_eq!(parts("", b',').collect::<Vec<_>>(), [""]);
        assert_eq!(parts("é,,b,", b',').collect::<Vec<_>>(), ["é", "", "b", ""]);
        assert_eq!(split_leading("12é", DIGIT), ("12", "é"));
        assert!(is_all("12", DIGIT) && !is_all("", DIGIT) && !is_all("1a", DIGIT));
    }
}
