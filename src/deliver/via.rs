//! `via`: another way for the same request, for tests and demos. Loopback only, so that no misprint sends visitors' ids
//! somewhere in the clear; the documented URL travels in the header `Aftercall-Url`.

use alloc::string::String;

/// The header that carries the documented URL.
pub const URL_HEADER: &str = "Aftercall-Url";

/// An address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via(String);

impl Via {
    /// `http://127.0.0.1:8788`, `http://[::1]:8788` or `http://localhost:8788`; without `http://` it is the same.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let address = text.strip_prefix("http://").unwrap_or(text);
        let address = address.strip_suffix('/').unwrap_or(address);
        let hosts = ["127.0.0.1", "[::1]", "localhost"];
        let port = hosts.iter().find_map(|host| address.strip_prefix(host))?;
        let is_port = |digits: &str| {
            digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|port| port > 0)
        };
        if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
            return None;
        }
        Some(Via(["http://", address].concat()))
    }

    /// Host and port to connect to, for who has no `fetch`. The name `localhost` is nobody's to resolve.
    #[must_use]
    pub fn address(&self) -> String {
        let address = self.0.strip_prefix("http://").unwrap_or(&self.0).replace("localhost", "127.0.0.1");
        let has_port = address.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok());
        if has_port { address } else { [&address, ":80"].concat() }
    }

    /// Where a request goes instead that has this path and query.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let slash = if path.starts_with('/') { "" } else { "/" };
        [&self.0, slash, path].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_loopback() {
        for good in [
            "http://127.0.0.1:8788",
            "http://127.0.0.1:8788/",
            "127.0.0.1:8788",
            "http://localhost:1",
            "http://localhost",
            "http://[::1]:80",
        ] {
            assert!(Via::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "http://10.0.0.1:80",
            "https://127.0.0.1:80",
            "http://example.com:80",
            "http://localhost.evil.com:80",
            "http://127.0.0.1.evil.com",
            "http://127.0.0.1@evil.com",
            "http://127.0.0.1:80@evil.com",
            "http://evil.com/127.0.0.1",
            "http://127.0.0.1:0",
            "http://127.0.0.1:65536",
            "http://127.0.0.1:+80",
            "http://127.0.0.1:",
            "http://127.0.0.1:80/path",
            "http://127.0.0.2",
            "http://LOCALHOST",
            " http://localhost",
        ] {
            assert_eq!(Via::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_path_stays() {
        let via = Via::parse("localhost:8788").unwrap();
        assert_eq!(via.url("/v1/events?a=1"), "http://localhost:8788/v1/events?a=1");
        assert_eq!(via.url("?a=1"), "http://localhost:8788/?a=1");
        assert_eq!(via.url(""), "http://localhost:8788/");
        for (text, address) in [
            ("http://localhost:8788", "127.0.0.1:8788"),
            ("http://[::1]:80", "[::1]:80"),
            ("127.0.0.1", "127.0.0.1:80"),
            ("http://[::1]/", "[::1]:80"),
        ] {
            assert_eq!(Via::parse(text).unwrap().address(), address);
        }
    }
}
