//! A secret: shown to nobody, not even by accident.

use crate::fault::{Code, Fault};
use hyper::header::HeaderValue;
use std::fmt;

/// A token, a key or a code.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret in a text: one word of plain ASCII, without quotes, so that it fits a header as it stands.
    ///
    /// # Errors
    /// `bad-login`; the text is not in the message.
    pub fn parse(name: &str, text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        let fits = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\');
        if text.is_empty() || !text.bytes().all(fits) {
            return Err(Fault::new(Code::BadLogin, format!("{name} is one word of letters, digits and signs.")));
        }
        Ok(Secret(text.to_owned()))
    }

    /// The secret of an environment variable, where it is set.
    ///
    /// # Errors
    /// `bad-login`.
    pub fn of_environment(name: &str) -> Result<Option<Self>, Fault> {
        match std::env::var(name) {
            Ok(text) if !text.trim().is_empty() => Secret::parse(name, &text).map(Some),
            _ => Ok(None),
        }
    }

    /// For the one place where it leaves.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A header with the secret in it, marked so that nothing prints it.
    pub fn header(&self, before: &str, after: &str) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&format!("{before}{}{after}", self.0)).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// A text without the secret.
    pub fn hide(&self, text: &str) -> String {
        text.replace(&self.0, "…")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_word_and_stays_hidden() {
        let secret = Secret::parse("TOKEN", " 2:abc-DEF_1~ \n").unwrap();
        assert_eq!(secret.reveal(), "2:abc-DEF_1~");
        assert_eq!(format!("{secret:?}"), "Secret");
        assert_eq!(secret.hide("the token 2:abc-DEF_1~ is unknown"), "the token … is unknown");
        for bad in ["", " ", "two words", "line\r\nbreak", "quo\"te", "smörgås"] {
            let fault = Secret::parse("TOKEN", bad).unwrap_err();
            assert_eq!(fault.code, "bad-login", "{bad}");
            assert!(bad.trim().is_empty() || !fault.message.contains(bad), "{}", fault.message);
        }
    }
}
