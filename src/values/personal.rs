//! What looks like a person in a place where an anonymous id belongs.

use super::text::{all, has, parts};

/// Does an id look like an e-mail address (`@`) or an international phone number (`+` and digits)? Percent-encoded ones
/// count too. Plain numbers do not: they are account numbers more often than not.
#[must_use]
pub fn is_personal(id: &str) -> bool {
    if has(id, b'@', "") || has(id, b'%', "40") {
        return true;
    }
    let mut number = "";
    for plus in parts("+ %2B %2b", b' ') {
        number = id.strip_prefix(plus).unwrap_or(number);
    }
    let mut digits = 0_u32;
    for byte in number.bytes() {
        if byte.is_ascii_alphabetic() {
            return false;
        }
        digits = digits.wrapping_add(u32::from(byte.is_ascii_digit()));
    }
    digits > 4
}

/// Is it an IP address, old form or new?
#[must_use]
pub fn is_ip_address(id: &str) -> bool {
    match groups(id, b'.', 3, u8::is_ascii_digit) {
        Some((4, 0)) => true,
        _ => matches!(groups(id, b':', 4, u8::is_ascii_hexdigit), Some((8, _) | (_, 1..))),
    }
}

/// How many groups of such digits there are with that byte between them, and how many of them are empty; nothing where one
/// is longer than `most` or something else.
fn groups(id: &str, separator: u8, most: usize, is_digit: fn(&u8) -> bool) -> Option<(u32, u32)> {
    let (mut count, mut empty) = (0_u32, 0_u32);
    for group in parts(id, separator) {
        if group.len() > most || !all(group, is_digit) {
            return None;
        }
        count = count.wrapping_add(1);
        empty = empty.wrapping_add(u32::from(group.is_empty()));
    }
    Some((count, empty))
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
        assert!(is_ip_address("1:2:3:4:5:6:7:ffff"));
        for other in ["1.2.3", "1.2.3.4.5", "1..3.4", "1.2.3.4000", "1:2:3", "1:2::g", "12345", "a-1"] {
            assert!(!is_ip_address(other), "{other}");
        }
    }
}
