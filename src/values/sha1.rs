//! SHA-1 (RFC 3174), for names alone: nothing here is a secret.
//!
//! Natively the crate `sha1` is as fast as the processor. The builds for pages and workers, where every byte is paid for,
//! have these few lines instead.

#[cfg(not(any(feature = "lean", feature = "fullstack-bindings")))]
use sha1::{Digest, Sha1};

/// SHA-1 of the bytes.
#[cfg(not(any(feature = "lean", feature = "fullstack-bindings")))]
#[must_use]
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    Sha1::digest(bytes).into()
}

#[cfg(any(feature = "lean", feature = "fullstack-bindings"))]
pub use small::sha1;

#[cfg(any(feature = "lean", feature = "fullstack-bindings", test))]
pub(super) use small::padded;

#[cfg(any(feature = "lean", feature = "fullstack-bindings", test))]
mod small {
    use alloc::vec::Vec;

    /// SHA-1 of the bytes.
    #[must_use]
    pub fn sha1(bytes: &[u8]) -> [u8; 20] {
        let mut state = [0x6745_2301_u32, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
        for block in padded(bytes, u64::to_be_bytes).as_chunks().0 {
            add_block(&mut state, block);
        }
        let mut hash = [0; 20];
        for (four, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
            *four = word.to_be_bytes();
        }
        hash
    }

    /// The message in whole blocks: a bit, zeros, and how many bits it had. MD5 writes that number the other way round.
    pub fn padded(bytes: &[u8], length: fn(u64) -> [u8; 8]) -> Vec<u8> {
        let mut message = bytes.to_vec();
        message.push(0x80);
        let zeros = 56_usize.wrapping_sub(message.len()) % 64;
        message.resize(message.len().wrapping_add(zeros), 0);
        let bits = u64::try_from(bytes.len()).unwrap_or(u64::MAX).wrapping_mul(8);
        message.extend_from_slice(&length(bits));
        message
    }

    fn add_block(state: &mut [u32; 5], block: &[u8; 64]) {
        let mut words = [0; 16];
        for (word, four) in words.iter_mut().zip(block.as_chunks().0) {
            *word = u32::from_be_bytes(*four);
        }
        let [mut a, mut b, mut c, mut d, mut e] = *state;
        for round in 0..80_usize {
            let (mixed, constant) = match round / 20 {
                0 => (d ^ (b & (c ^ d)), 0x5A82_7999),
                1 => (b ^ c ^ d, 0x6ED9_EBA1),
                2 => ((b & c) | (d & (b | c)), 0x8F1B_BCDC_u32),
                _ => (b ^ c ^ d, 0xCA62_C1D6),
            };
            // The sixteen words from here on: the rest of the schedule follows from them.
            let w = word(&words, round);
            let last = w ^ word(&words, round.wrapping_add(2)) ^ word(&words, round.wrapping_add(8));
            let last = (last ^ word(&words, round.wrapping_add(13))).rotate_left(1);
            if let Some(place) = words.get_mut(round % 16) {
                *place = last;
            }
            let next = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e).wrapping_add(constant).wrapping_add(w);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        let [sum_a, sum_b, sum_c, sum_d, sum_e] = *state;
        *state = [
            sum_a.wrapping_add(a),
            sum_b.wrapping_add(b),
            sum_c.wrapping_add(c),
            sum_d.wrapping_add(d),
            sum_e.wrapping_add(e),
        ];
    }

    #[inline(always)]
    fn word(words: &[u32; 16], index: usize) -> u32 {
        words.get(index % 16).map_or(0, |word| *word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn few_lines_say_what_the_crate_says() {
        for length in 0..200_u8 {
            let bytes = vec![length.wrapping_mul(37); length.into()];
            assert_eq!(small::sha1(&bytes), <[u8; 20]>::from(::sha1::Sha1::digest(&bytes)), "{length}");
        }
    }
}
