//! The text of `document.cookie`, or of a request's `Cookie` header.
//!
//! ```text
//! cookies = cookie *( ";" cookie )      spaces around a cookie and around its name do not count
//! cookie  = name "=" value              what has no "=" is no cookie; later "=" belong to the value
//! ```
//! Values stay as they stand: whether and how they are encoded is each platform's affair, and so is which of several
//! cookies of one name counts (Convert: the last; the others: the first).

use super::text::{cut, parts};
use alloc::vec::Vec;

/// Name and value of every cookie, in order.
#[derive(Clone, Debug, Default)]
pub struct Cookies<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Cookies<'a> {
    /// Splits the text.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let mut cookies = Vec::new();
        for part in parts(text, b';') {
            if let Some((name, value)) = cut(part, b'=') {
                cookies.push((name.trim_ascii(), value.trim_ascii()));
            }
        }
        Cookies(cookies)
    }

    /// Every cookie, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&'a str, &'a str)> {
        self.0.iter().copied()
    }

    /// The value of the first cookie of exactly this name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&'a str> {
        for (key, value) in &self.0 {
            if *key == name {
                return Some(value);
            }
        }
        None
    }

    /// The value of the last cookie of exactly this name.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<&'a str> {
        let mut last = None;
        for (key, value) in &self.0 {
            if *key == name {
                last = Some(*value);
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact_and_values_keep_their_equals_signs() {
        let cookies = Cookies::parse(" a=1;flag; b = 2 =3 ;a=4;xa=5; ab=6;=7;");
        assert_eq!(cookies.first("a"), Some("1"));
        assert_eq!(cookies.last("a"), Some("4"));
        assert_eq!(cookies.first("b"), Some("2 =3"));
        assert_eq!(cookies.first("flag"), None);
        assert_eq!(cookies.first("c"), None);
        assert_eq!(cookies.first(""), Some("7"));
    }
}
