//! Which bucket a user falls into: murmur3 and the arithmetic behind it.
//!
//! The SDK hashes with npm's `murmurhash` 0.0.2, which takes text for ASCII: of each UTF-16 unit the low byte counts.
//! So no other murmur3 gives its buckets for a user id beyond ASCII.
//! Source: `vwo-node-sdk` 1.73.0 `BucketingService`, executed.

use super::javascript::floor;

/// murmur3 x86_32 with seed 1 over the low bytes of the UTF-16 units of all pieces, as if they were one text.
#[must_use]
pub fn hash(pieces: &[&str]) -> u32 {
    let mut murmur = Murmur { hash: 1, pending: 0, length: 0 };
    for piece in pieces {
        if piece.is_ascii() {
            let (words, rest) = piece.as_bytes().as_chunks();
            words.iter().for_each(|word| murmur.push(u32::from_le_bytes(*word), 4));
            rest.iter().for_each(|byte| murmur.push(u32::from(*byte), 1));
        } else {
            piece.encode_utf16().for_each(|unit| murmur.push(u32::from(unit) & 0xFF, 1));
        }
    }
    murmur.finish()
}

struct Murmur {
    hash: u32,
    /// Up to three bytes that do not fill a block yet.
    pending: u64,
    length: u32,
}

impl Murmur {
    /// Takes so many bytes, four at most.
    fn push(&mut self, bytes: u32, count: u32) {
        let before = self.length & 3;
        self.pending |= u64::from(bytes).wrapping_shl(before.wrapping_mul(8));
        self.length = self.length.wrapping_add(count);
        if before.wrapping_add(count) >= 4 {
            let block = low(self.pending);
            self.hash = (self.hash ^ scramble(block)).rotate_left(13).wrapping_mul(5).wrapping_add(0xE654_6B64);
            self.pending >>= 32;
        }
    }

    fn finish(self) -> u32 {
        let mut hash = self.hash ^ scramble(low(self.pending)) ^ self.length;
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
        hash ^ (hash >> 16)
    }
}

fn low(bytes: u64) -> u32 {
    u32::try_from(bytes & 0xFFFF_FFFF).unwrap_or(0)
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
        let text = "0123456789abcdef";
        for (first, second) in (0..16).flat_map(|first| (first..16).map(move |second| (first, second))) {
            assert_eq!(hash(&[&text[..first], &text[first..second], &text[second..]]), hash(&[text]));
        }
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
