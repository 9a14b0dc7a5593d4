//! Cutting text at single ASCII bytes.
//!
//! The standard library's patterns do this too, each pair of pattern and method with machine code of its own; these few
//! functions are shared by all readers, and that is worth some kilobytes in a page.

/// What stands before the first such byte, and what stands behind it.
#[must_use]
pub fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|b| b == byte)?;
    Some((text.get(..at)?, text.get(at.checked_add(1)?..)?))
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

/// The text split where its leading bytes of that kind end.
#[must_use]
pub fn split_leading(text: &str, kind: fn(&u8) -> bool) -> (&str, &str) {
    let count = text.bytes().take_while(kind).count();
    text.split_at_checked(count).unwrap_or((text, ""))
}

/// Is the text not empty and all of its bytes of that kind?
#[must_use]
pub fn is_all(text: &str, kind: fn(&u8) -> bool) -> bool {
    !text.is_empty() && split_leading(text, kind).1.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn cuts() {
        assert_eq!(cut("a=b=c", b'='), Some(("a", "b=c")));
        assert_eq!(cut("é", b'='), None);
        assert_eq!(parts("", b',').collect::<Vec<_>>(), [""]);
        assert_eq!(parts("é,,b,", b',').collect::<Vec<_>>(), ["é", "", "b", ""]);
        assert_eq!(split_leading("12é", u8::is_ascii_digit), ("12", "é"));
        assert!(
            is_all("12", u8::is_ascii_digit) && !is_all("", u8::is_ascii_digit) && !is_all("1a", u8::is_ascii_digit)
        );
    }
}
