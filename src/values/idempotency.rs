//! What makes two requests the same request, and the "random" numbers that follow from it.
//!
//! Nothing here is random: a request built twice from one conversion is byte for byte the same, so that repeating it
//! can be recognised; two conversions never share a number.

use super::{digits::push_hex, md5::md5};
use alloc::{string::String, vec::Vec};

/// MD5 over what is counted: platform, account, campaign, goal and conversion id; 32 hex digits.
///
/// Each part is preceded by its length in bytes (four bytes, most significant first), a campaign that is not there is
/// the empty text. This is fixed for ever, for a ledger outlives releases. The visitor is not in it: a refreshed token
/// is still the same call. Neither is the `api`: a changed setting is still the same call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey([u8; 16]);

impl IdempotencyKey {
    /// The key of these parts.
    #[must_use]
    pub fn new(platform: &str, account: &str, campaign: &str, goal: &str, conversion: &str) -> Self {
        IdempotencyKey(hash(&[platform, account, campaign, goal, conversion].map(str::as_bytes)))
    }

    /// The key of a request that carries all of these.
    #[must_use]
    pub fn of_all<'a>(keys: impl Iterator<Item = &'a IdempotencyKey>) -> Self {
        let keys: Vec<&[u8]> = keys.map(|key| &key.0[..]).collect();
        IdempotencyKey(hash(&keys))
    }

    /// The key that a ledger kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        IdempotencyKey(bytes)
    }

    /// Its sixteen bytes: what a ledger keeps.
    #[must_use]
    pub fn bytes(&self) -> [u8; 16] {
        self.0
    }

    /// 32 lower-case hex digits.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut hex = String::with_capacity(32);
        push_hex(&mut hex, &self.0);
        hex
    }

    /// Eight bytes for this conversion of this visitor: what goes where a platform wants a nonce.
    #[must_use]
    pub fn nonce(&self, visitor: &str) -> [u8; 8] {
        let [a, b, c, d, e, f, g, h, ..] = self.hash_for(visitor);
        [a, b, c, d, e, f, g, h]
    }

    /// The same as a number: what goes where a platform wants something random.
    #[must_use]
    pub fn number(&self, visitor: &str) -> u64 {
        let mut number = 0;
        for byte in &self.nonce(visitor) {
            number = (number << 8) | u64::from(*byte);
        }
        number
    }

    /// A UUID for this conversion of this visitor, in the form of a version 4.
    #[must_use]
    pub fn uuid(&self, visitor: &str) -> String {
        let mut bytes = self.hash_for(visitor);
        let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
        *version = *version & 0x0F | 0x40;
        *variant = *variant & 0x3F | 0x80;
        let mut out = String::with_capacity(36);
        for (index, byte) in bytes.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                out.push('-');
            }
            push_hex(&mut out, &[*byte]);
        }
        out
    }

    fn hash_for(&self, visitor: &str) -> [u8; 16] {
        hash(&[self.hex().as_bytes(), visitor.as_bytes()])
    }
}

/// MD5 over the parts, each preceded by its length.
pub(crate) fn hash(parts: &[&[u8]]) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(128);
    for part in parts {
        // No part comes near four gigabytes.
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    md5(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_conversion_never_changes() {
        let key = IdempotencyKey::new("optimizely", "12001/111001", "", "phone_call", "call-1");
        assert_eq!(key.hex(), "cd2f791655c6f653dd3f3a85178699a7");
    }

    #[test]
    fn a_uuid_has_the_form_of_a_version_4() {
        let key = IdempotencyKey::new("optimizely", "12001/111001", "", "phone_call", "call-1");
        let uuid = key.uuid("oeu1");
        let [_, _, version, variant, _] = uuid.split('-').collect::<Vec<_>>()[..] else { panic!("{uuid}") };
        assert!(uuid.len() == 36 && version.starts_with('4') && variant.starts_with(['8', '9', 'a', 'b']), "{uuid}");
        assert_ne!(uuid, key.uuid("oeu2"));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(IdempotencyKey::new("a", "bc", "", "", ""), IdempotencyKey::new("ab", "c", "", "", ""));
    }

    #[test]
    fn numbers_differ_by_visitor_and_by_conversion() {
        let (one, two) = (IdempotencyKey::new("a", "", "", "", "1"), IdempotencyKey::new("a", "", "", "", "2"));
        assert_ne!(one.nonce("v"), two.nonce("v"));
        assert_ne!(one.nonce("v"), one.nonce("w"));
        assert_eq!(one.nonce("v"), one.nonce("v"));
    }
}
