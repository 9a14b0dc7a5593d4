//! SHA-1 (RFC 3174), for names alone: nothing here is a secret.
//!
//! Natively the crate `sha1` is as fast as the processor. The page build, where every byte is paid for by every visitor, has
//! a few lines instead; FullStack's module, which makes a hash a call, a few more.

use super::blocks::hash;

#[cfg(feature = "lean")]
use super::rounds::add_block;
#[cfg(feature = "fullstack-bindings")]
use quick::add_block;

/// SHA-1 of the bytes in these pieces, one behind the other.
#[must_use]
pub fn sha1(pieces: &[&[u8]]) -> [u8; 20] {
    hash(pieces, true, add_block)
}

/// What is around this in the crate takes longer than this does for a short message.
#[cfg(not(any(feature = "lean", feature = "fullstack-bindings")))]
fn add_block(state: &mut [u32; 5], block: &[u8; 64], _: bool) {
    ::sha1::block_api::compress(state, core::slice::from_ref(block));
}

#[cfg(any(feature = "fullstack-bindings", test))]
mod quick {
    pub fn add_block(state: &mut [u32; 5], block: &[u8; 64], _: bool) {
        let mut words = [0_u32; 80];
        for (word, four) in words.iter_mut().zip(block.as_chunks().0) {
            *word = u32::from_be_bytes(*four);
        }
        for at in 16..words.len() {
            let before = |count: usize| words.get(at.wrapping_sub(count)).map_or(0, |word| *word);
            let word = (before(3) ^ before(8) ^ before(14) ^ before(16)).rotate_left(1);
            if let Some(place) = words.get_mut(at) {
                *place = word;
            }
        }
        let mut sums = *state;
        let [first, second, third, fourth] = words.as_chunks().0 else { return };
        rounds(&mut sums, first, 0x5A82_7999, |b, c, d| d ^ (b & (c ^ d)));
        rounds(&mut sums, second, 0x6ED9_EBA1, |b, c, d| b ^ c ^ d);
        rounds(&mut sums, third, 0x8F1B_BCDC, |b, c, d| (b & c) | (d & (b | c)));
        rounds(&mut sums, fourth, 0xCA62_C1D6, |b, c, d| b ^ c ^ d);
        for (sum, part) in state.iter_mut().zip(sums) {
            *sum = sum.wrapping_add(part);
        }
    }

    /// Twenty rounds that mix in the same way: no round has to ask which way that is.
    #[inline(always)]
    fn rounds(state: &mut [u32; 5], words: &[u32; 20], constant: u32, mix: impl Fn(u32, u32, u32) -> u32) {
        let [mut a, mut b, mut c, mut d, mut e] = *state;
        for word in words {
            let sum = a.rotate_left(5).wrapping_add(mix(b, c, d)).wrapping_add(e);
            let next = sum.wrapping_add(constant).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        *state = [a, b, c, d, e];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::rounds;
    use ::sha1::Digest;
    use alloc::vec;

    #[test]
    fn few_lines_say_what_the_crate_says() {
        for length in 0..200_u8 {
            let bytes = vec![length.wrapping_mul(37); length.into()];
            let due = <[u8; 20]>::from(::sha1::Sha1::digest(&bytes));
            assert_eq!(hash(&[&bytes], true, rounds::add_block), due, "{length}");
            assert_eq!(hash(&[&bytes], true, quick::add_block), due, "{length}");
            let (first, second) = bytes.split_at(usize::from(length / 3));
            assert_eq!(sha1(&[first, b"", second]), due, "{length}");
        }
    }
}
