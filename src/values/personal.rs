//! What looks like a person in a place where an anonymous id belongs.

use super::text::{DIGIT, all, behind, cut, is_all, parts};

/// Does an id look like an e-mail address (`@`) or an international phone number (`+` and digits)? Percent-encoded ones
/// count too. Plain numbers do not: they are account numbers more often than not.
#[must_use]
pub fn is_personal(id: &str) -> bool {
    let plus = behind(id, b'+').or_else(|| id.strip_prefix("%2B")).or_else(|| id.strip_prefix("%2b"));
    let is_phone = |rest: &str| {
        rest.bytes().filter(u8::is_ascii_digit).count() > 4 && all(rest, |byte| !byte.is_ascii_alphabetic())
    };
    cut(id, b'@').is_some() || parts(id, b'%').skip(1).any(|part| part.starts_with("40")) || plus.is_some_and(is_phone)
}

/// Is it an IP address, old form or new?
#[must_use]
pub fn is_ip_address(id: &str) -> bool {
    let is_number = |part: &str| part.len() < 4 && is_all(part, DIGIT);
    let is_group = |part: &str| part.len() < 5 && all(part, u8::is_ascii_hexdigit);
    (parts(id, b'.').count() == 4 && parts(id, b'.').all(is_number))
        || (parts(id, b':').all(is_group) && (parts(id, b':').count() == 8 || parts(id, b':').any(str::is_empty)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_people_from_accounts() {
        for personal in ["hello@world.com", "a%40b", "+4915112345678", "+49 151 123-456", "%2B4915112345678"] {
            assert!(is_personal(personal), "{personal}");
        }
        for account in ["1234567", "oeu1403497108674r0.68", "vwo-user-123", "+1", "1.2e+7", "+abc12345"] {
            assert!(!is_personal(account), "{account}");
        }
    }

    #[test]
    fn knows_addresses() {
        assert!(is_ip_address("12.34.56.78"));
        assert!(is_ip_address("2001:db8::1"));
        assert!(!is_ip_address("1.2.3"));
        assert!(!is_ip_address("12345"));
    }
}
