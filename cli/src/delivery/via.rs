//! `via`: another way to the same request, for tests and demos. Loopback only, so that no misprint sends visitors' ids
//! somewhere in the clear; the request keeps its documented URL, in the header `Aftercall-Url`.

use std::net::SocketAddr;

/// The header that carries the documented URL.
pub const URL_HEADER: &str = "aftercall-url";

/// A loopback address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Via(pub SocketAddr);

impl Via {
    /// `http://127.0.0.1:8788`, `http://[::1]:8788` or `http://localhost:8788`.
    ///
    /// # Errors
    /// One sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plain =
            text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/').replace("localhost", "127.0.0.1");
        match plain.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Via(address)),
            _ => Err("delivery.via is a loopback address, such as http://127.0.0.1:8788.".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_loopback() {
        for good in ["http://127.0.0.1:8788", "http://127.0.0.1:8788/", "http://localhost:1", "http://[::1]:80"] {
            assert!(Via::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://10.0.0.1:80",
            "https://127.0.0.1:80",
            "http://example.com:80",
            "127.0.0.1",
            "",
            "http://localhost.evil.com:80",
        ] {
            assert!(Via::parse(bad).is_err(), "{bad}");
        }
    }
}
