//! Which bucket a user falls into: murmur3 and the arithmetic behind it.
//!
//! The SDK hashes with npm's `murmurhash` 0.0.2, which takes text for ASCII: of each UTF-16 unit the low byte counts.
//! So no other murmur3 gives its buckets for a user id beyond ASCII.
//! Source: `vwo-node-sdk` 1.73.0 `BucketingService`, executed.

use super::javascript::floor;

/// murmur3 x86_32 with seed 1 over the low bytes of the UTF-16 units of all pieces, as if they were one text.
#[must_use]
pub fn hash(pieces: &[&str]) -> u32 {
    let mut hash = 1_u32;
    let mut block = 0_u32;
    let mut length = 0_u32;
    for unit in pieces.iter().flat_map(|piece| piece.encode_utf16()) {
        block |= (u32::from(unit) & 0xFF).wrapping_shl(length.wrapping_mul(8));
        length = length.wrapping_add(1);
        if length & 3 == 0 {
            hash = (hash ^ scramble(block)).rotate_left(13).wrapping_mul(5).wrapping_add(0xE654_6B64);
            block = 0;
        }
    }
    hash ^= scramble(block) ^ length;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
    hash ^ (hash >> 16)
}

fn scramble(block: u32) -> u32 {
    block.wrapping_mul(0xCC9E_2D51).rotate_left(15).wrapping_mul(0x1B87_3593)
}

/// The bucket of a hash: 1 up to `max`, stretched by the multiplier before the fraction is cut off.
///
/// The order of the operations is the SDK's: another one rounds differently.
#[must_use]
pub fn bucket(hash: u32, max: f64, multiplier: f64) -> f64 {
    floor((max * (f64::from(hash) / 4_294_967_296.0) + 1.0) * multiplier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_low_bytes() {
        for (text, due) in [
            ("", 1_364_076_727),
            ("abc", 2_859_854_335),
            ("Ashley", 2_141_232_222),
            ("1_someone@mail.com", 1_049_347_047),
            ("230_88888888_Ashley", 1_774_909_805),
            ("é", 1_442_641_396),
            ("日本語", 3_290_410_679),
            ("😀", 3_659_941_629),
        ] {
            assert_eq!(hash(&[text]), due, "{text}");
        }
    }

    #[test]
    fn pieces_are_one_text() {
        assert_eq!(hash(&["230", "_", "88888888", "_", "Ashley"]), hash(&["230_88888888_Ashley"]));
        assert_eq!(hash(&["", "日", "", "本語"]), hash(&["日本語"]));
        assert_eq!(hash(&[]), hash(&[""]));
    }

    #[test]
    fn buckets() {
        for (hash, max, multiplier, due) in [
            (2_141_232_222, 100.0, 1.0, 50.0),
            (2_141_232_222, 10_000.0, 1.0, 4986.0),
            (0, 100.0, 1.0, 1.0),
            (u32::MAX, 100.0, 1.0, 100.0),
            (u32::MAX, 10_000.0, 10_000.0 / 50.0 / 100.0, 20_001.0),
        ] {
            assert!((bucket(hash, max, multiplier) - due).abs() < 0.5, "{hash} {max} {multiplier}");
        }
    }
}
