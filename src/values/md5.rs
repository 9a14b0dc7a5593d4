//! MD5 (RFC 1321), for names and numbers that follow from them: nothing here is a secret.
//!
//! Natively the crate `md-5` does it. The builds for pages and workers, where every byte is paid for, have these few lines
//! instead.

#[cfg(not(any(feature = "lean", feature = "fullstack-bindings")))]
use md5::{Digest, Md5};

/// MD5 of the bytes.
#[cfg(not(any(feature = "lean", feature = "fullstack-bindings")))]
#[must_use]
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

#[cfg(any(feature = "lean", feature = "fullstack-bindings"))]
pub use small::md5;

#[cfg(any(feature = "lean", feature = "fullstack-bindings", test))]
mod small {
    use crate::values::blocks::hash;

    /// The sine of 1, and twice its cosine: each further sine follows from the two before it.
    const SINE: f64 = 0.841_470_984_807_896_5;
    const TWICE_COSINE: f64 = 1.080_604_611_736_279_5;

    /// How far each round of a quarter turns, by turns.
    static TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

    /// MD5 of the bytes.
    #[must_use]
    pub fn md5(bytes: &[u8]) -> [u8; 16] {
        let [hash @ .., _, _, _, _] = hash(&[bytes], false, add_block);
        hash
    }

    fn add_block(state: &mut [u32; 5], block: &[u8; 64]) {
        let [mut a, mut b, mut c, mut d, _] = *state;
        let words = block.as_chunks().0;
        let (mut before, mut sine) = (0.0, SINE);
        for round in 0..64_usize {
            let quarter = round / 16;
            let (mixed, step, first) = match quarter {
                0 => ((b & c) | (!b & d), 1, 0),
                1 => ((d & b) | (!d & c), 5, 1),
                2 => (b ^ c ^ d, 3, 5),
                _ => (c ^ (b | !d), 7, 0_usize),
            };
            let word =
                words.get(round.wrapping_mul(step).wrapping_add(first) % 16).map_or(0, |w| u32::from_le_bytes(*w));
            let turn = TURNS.get(quarter).and_then(|turns| turns.get(round % 4)).map_or(0, |turn| *turn);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "what is meant: 32 bits behind the point"
            )]
            let constant = (sine.abs() * 4_294_967_296.0) as u32;
            (before, sine) = (sine, TWICE_COSINE * sine - before);
            let sum = a.wrapping_add(mixed).wrapping_add(constant).wrapping_add(word);
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(turn)));
        }
        for (sum, part) in state.iter_mut().zip(&[a, b, c, d]) {
            *sum = sum.wrapping_add(*part);
        }
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
            assert_eq!(small::md5(&bytes), <[u8; 16]>::from(::md5::Md5::digest(&bytes)), "{length}");
        }
    }
}
