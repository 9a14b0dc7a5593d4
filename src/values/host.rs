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
        let is_label = |label: &str| {
            label.len() < 64 && is_all(label, ALPHANUMERIC | HYPHEN) && !label.starts_with('-') && !label.ends_with('-')
        };
        // A last label that begins with a letter keeps out numbers that a browser would read as an address.
        let top = parts(text, b'.').skip(1).last()?;
        (text.len() < 254 && parts(text, b'.').all(is_label) && top.as_bytes().first()?.is_ascii_alphabetic()).then(
            || {
                let mut name = String::from(text);
                name.make_ascii_lowercase();
                HostName(name)
            },
        )
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
