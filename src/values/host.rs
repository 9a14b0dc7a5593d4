//! Names of hosts that a user may name.

use super::text::{ALPHANUMERIC, HYPHEN, is_all, parts};
use alloc::string::String;

/// A host name: labels of letters, digits and hyphens, with points between them. No port, no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(String);

impl HostName {
    /// The name, where the text is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut labels = 0_usize;
        let mut top = None;
        for label in parts(text, b'.') {
            let bytes = label.as_bytes();
            if label.len() > 63 || !is_all(label, ALPHANUMERIC | HYPHEN) || bytes.last() == Some(&b'-') {
                return None;
            }
            top = bytes.first();
            if top == Some(&b'-') {
                return None;
            }
            labels = labels.wrapping_add(1);
        }
        // A last label that begins with a letter keeps out numbers that a browser would read as an address.
        (text.len() < 254 && labels > 1 && top.is_some_and(u8::is_ascii_alphabetic)).then(|| {
            let mut name = String::from(text);
            name.make_ascii_lowercase();
            HostName(name)
        })
    }

    /// The name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_nothing_else() {
        for good in ["eu-data.kameleoon.io", "data.Example.com", "a.b-c.xn--p1ai"] {
            assert!(HostName::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "eu-data.kameleoon.io/",
            "https://eu-data.kameleoon.io",
            "a.b:80",
            "a@b.c",
            "a..b",
            ".a.b",
            "a.b.",
            "-a.b",
            "a-.b",
            "127.0.0.1",
            "1.2.3.0x7f",
            "a b.c",
            "a.b?c",
            "a.b#c",
            "a.b\\c",
            "é.fr",
            "a%2eb.c",
        ] {
            assert_eq!(HostName::parse(bad), None, "{bad}");
        }
    }
}
