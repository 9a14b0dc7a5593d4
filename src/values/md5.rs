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
    use crate::values::blocks::each_block;

    /// 2^32 times the sine of 1, 2, 3 …, without sign and fraction.
    #[rustfmt::skip]
    static SINES: [u32; 64] = [
        0xD76A_A478, 0xE8C7_B756, 0x2420_70DB, 0xC1BD_CEEE, 0xF57C_0FAF, 0x4787_C62A, 0xA830_4613, 0xFD46_9501,
        0x6980_98D8, 0x8B44_F7AF, 0xFFFF_5BB1, 0x895C_D7BE, 0x6B90_1122, 0xFD98_7193, 0xA679_438E, 0x49B4_0821,
        0xF61E_2562, 0xC040_B340, 0x265E_5A51, 0xE9B6_C7AA, 0xD62F_105D, 0x0244_1453, 0xD8A1_E681, 0xE7D3_FBC8,
        0x21E1_CDE6, 0xC337_07D6, 0xF4D5_0D87, 0x455A_14ED, 0xA9E3_E905, 0xFCEF_A3F8, 0x676F_02D9, 0x8D2A_4C8A,
        0xFFFA_3942, 0x8771_F681, 0x6D9D_6122, 0xFDE5_380C, 0xA4BE_EA44, 0x4BDE_CFA9, 0xF6BB_4B60, 0xBEBF_BC70,
        0x289B_7EC6, 0xEAA1_27FA, 0xD4EF_3085, 0x0488_1D05, 0xD9D4_D039, 0xE6DB_99E5, 0x1FA2_7CF8, 0xC4AC_5665,
        0xF429_2244, 0x432A_FF97, 0xAB94_23A7, 0xFC93_A039, 0x655B_59C3, 0x8F0C_CC92, 0xFFEF_F47D, 0x8584_5DD1,
        0x6FA8_7E4F, 0xFE2C_E6E0, 0xA301_4314, 0x4E08_11A1, 0xF753_7E82, 0xBD3A_F235, 0x2AD7_D2BB, 0xEB86_D391,
    ];

    /// How far each round of a quarter turns, by turns.
    static TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

    /// MD5 of the bytes.
    #[must_use]
    pub fn md5(bytes: &[u8]) -> [u8; 16] {
        let mut state = [0x6745_2301_u32, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476];
        each_block(&[bytes], u64::to_le_bytes, |block| add_block(&mut state, block));
        let mut hash = [0; 16];
        for (four, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
            *four = word.to_le_bytes();
        }
        hash
    }

    fn add_block(state: &mut [u32; 4], block: &[u8; 64]) {
        let [mut a, mut b, mut c, mut d] = *state;
        let words = block.as_chunks().0;
        for (round, sine) in SINES.iter().enumerate() {
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
            let sum = a.wrapping_add(mixed).wrapping_add(*sine).wrapping_add(word);
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(turn)));
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d]) {
            *sum = sum.wrapping_add(part);
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
