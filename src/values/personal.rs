//! What looks like a person in a place where an anonymous id belongs.

/// Does an id look like an e-mail address (`@`) or an international phone number (`+` and digits)? Percent-encoded ones
/// count too. Plain numbers do not: they are account numbers more often than not.
#[must_use]
pub fn is_personal(id: &str) -> bool {
    let plus = id.strip_prefix('+').or_else(|| id.strip_prefix("%2B")).or_else(|| id.strip_prefix("%2b"));
    id.contains('@')
        || id.contains("%40")
        || plus.is_some_and(|rest| {
            rest.bytes().filter(u8::is_ascii_digit).count() > 4 && !rest.contains(|c: char| c.is_ascii_alphabetic())
        })
}

/// Is it four numbers with points between them?
#[must_use]
pub fn is_ip_address(id: &str) -> bool {
    id.parse::<core::net::IpAddr>().is_ok()
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
