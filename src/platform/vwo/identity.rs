//! VWO's three visitor identities. Each belongs to its own kind of endpoint, and none of them can become another.
//!
//! | type | made from | shape | for |
//! |---|---|---|---|
//! | [`WebUuid`] | the cookie `_vwo_uuid` | `D` or `J` and 32 hex digits; before 2018 without the letter | the page's hits |
//! | [`Md5UserId`] | the site's user id | 32 lower-case hex digits | mobile `track-goal` |
//! | [`UuidV5`] | the site's user id and the account | 32 upper-case hex digits | FullStack |
//!
//! Sources: VWO's web library and `wingify/vwo-fme-node-sdk` 1.60.0 (web), `wingify/vwo-android` 2.16.2 and
//! `wingify/vwo-ios-sdk` 2.18.4 (MD5), `vwo-node-sdk` 1.73.0 `UuidUtil` (UUID v5).

use crate::values::{
    digits::{push_hex, push_upper_hex},
    id::Id,
    md5::md5,
    room,
    sha1::sha1,
    text::{all, behind},
    text_id::text_id,
};
use alloc::string::String;

text_id! {
    /// The visitor id of a browser.
    WebUuid, is_web_uuid
}

/// Whether a letter stands in front is decided by the length: an old id may begin with `D`.
fn is_web_uuid(text: &str) -> bool {
    let digits = if text.len() == 33 { behind(text, b'D').or_else(|| behind(text, b'J')).unwrap_or("") } else { text };
    digits.len() == 32 && all(digits, u8::is_ascii_hexdigit)
}

/// The visitor id of a mobile app: the MD5 of the UTF-8 bytes of the user id, neither trimmed nor folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Md5UserId(String);

impl From<Md5UserId> for String {
    fn from(id: Md5UserId) -> String {
        id.0
    }
}

impl Md5UserId {
    /// The id of that user; an empty user id is nobody's.
    #[must_use]
    pub fn new(user_id: &str) -> Option<Self> {
        (!user_id.is_empty()).then(|| Self::of(user_id))
    }

    /// The id of that user, of whom it is known that he has one.
    pub(super) fn of(user_id: &str) -> Self {
        let mut hex = room::text(32);
        push_hex(&mut hex, &md5(user_id.as_bytes()));
        Md5UserId(hex)
    }

    /// 32 lower-case hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An account's namespace for the ids of its FullStack visitors: made once, it saves a hash a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace([u8; 16]);

impl Namespace {
    /// UUID v5 of `https://vwo.com` in the namespace of URLs.
    const VWO: [u8; 16] =
        [0x11, 0xe1, 0x3c, 0xd7, 0x6c, 0x48, 0x53, 0xec, 0x86, 0x79, 0x7e, 0x9c, 0x75, 0x22, 0x73, 0xc5];

    /// The namespace of the account with that text for an id; an empty one is no account's.
    #[must_use]
    pub fn new(account: &str) -> Option<Self> {
        (!account.is_empty()).then(|| Self::of(account))
    }

    fn of(account: &str) -> Self {
        Namespace(uuid_v5(&Self::VWO, account))
    }
}

/// The visitor id of FullStack: UUID v5 of the user id, in a namespace of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UuidV5(String);

impl From<UuidV5> for String {
    fn from(id: UuidV5) -> String {
        id.0
    }
}

impl UuidV5 {
    /// The id of that user in that account; an empty user id is nobody's.
    #[must_use]
    pub fn new(account: Id, user_id: &str) -> Option<Self> {
        (!user_id.is_empty()).then(|| Self::of(account, user_id))
    }

    /// The id of that user, of whom it is known that he has one.
    pub(super) fn of(account: Id, user_id: &str) -> Self {
        Self::hash(&Namespace::of(&account.text()), user_id)
    }

    /// The id of that user in that namespace; an empty user id is nobody's.
    #[must_use]
    pub fn within(namespace: &Namespace, user_id: &str) -> Option<Self> {
        (!user_id.is_empty()).then(|| Self::hash(namespace, user_id))
    }

    fn hash(namespace: &Namespace, user_id: &str) -> Self {
        let mut hex = room::text(32);
        push_upper_hex(&mut hex, uuid_v5(&namespace.0, user_id));
        UuidV5(hex)
    }

    /// 32 upper-case hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// RFC 9562, section 5.5.
fn uuid_v5(namespace: &[u8; 16], name: &str) -> [u8; 16] {
    let [mut uuid @ .., _, _, _, _] = sha1(&[namespace, name.as_bytes()]);
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut uuid;
    *version = *version & 0x0F | 0x50;
    *variant = *variant & 0x3F | 0x80;
    uuid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_uuid_is_told_by_its_length() {
        for good in [
            "D11BD6ED27A63F845ADFCBA2D9AA7835C",
            "J2AF9B133A2946A8AC493FA516802D2A9",
            "D071C5A04CEFDD69DDEE0C457C75D3C5",
            "d071c5a04cefdd69ddee0c457c75d3c5",
        ] {
            assert_eq!(WebUuid::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "1",
            "X11BD6ED27A63F845ADFCBA2D9AA7835C",
            "G071C5A04CEFDD69DDEE0C457C75D3C5",
            "DD11BD6ED27A63F845ADFCBA2D9AA7835C",
        ] {
            assert_eq!(WebUuid::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn hashes_as_the_sdks_do() {
        assert_eq!(Md5UserId::new("é").unwrap().as_str(), "66ddcd97cfdeabb2f6fb8a999b4bc76f");
        let account = Id::parse("12345").unwrap();
        assert_eq!(UuidV5::new(account, "Varun").unwrap().as_str(), "C4D95C097902569F9A2D2E87CD3201C8");
        assert_eq!(Md5UserId::new(""), None);
        assert_eq!(UuidV5::new(account, ""), None);
    }
}
