//! The rounds of MD5 and of SHA-1, in a few lines: for the builds for pages, where every byte is paid for by every visitor.
//!
//! Both turn five words (MD5 four of them) round by round, and mix in a word of the block each time.

/// The sine of 1, and twice its cosine: each further sine follows from the two before it.
const SINE: f64 = 0.841_470_984_807_896_5;
const TWICE_COSINE: f64 = 1.080_604_611_736_279_5;

/// How far each round of a quarter turns in MD5, by turns.
static TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// What SHA-1 adds in each quarter.
static CONSTANTS: [u32; 4] = [0x5A82_7999, 0x6ED9_EBA1, 0x8F1B_BCDC, 0xCA62_C1D6];

/// Mixes a block into the state: as SHA-1 does where the first byte of a number is its biggest, else as MD5 does.
pub fn add_block(state: &mut [u32; 5], block: &[u8; 64], is_big: bool) {
    let mut words = [0; 16];
    for (word, four) in words.iter_mut().zip(block.as_chunks().0) {
        *word = if is_big { u32::from_be_bytes(*four) } else { u32::from_le_bytes(*four) };
    }
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    let (mut before, mut sine) = (0.0, SINE);
    for round in 0..if is_big { 80 } else { 64_usize } {
        let quarter = if is_big { round / 20 } else { round / 16 };
        let (mixed, step, first) = match quarter {
            0 => (d ^ (b & (c ^ d)), 1, 0),
            1 if !is_big => (c ^ (d & (b ^ c)), 5, 1),
            2 if is_big => ((b & c) | (d & (b | c)), 1, 0),
            3 if !is_big => (c ^ (b | !d), 7, 0),
            _ => (b ^ c ^ d, 3, 5),
        };
        if is_big {
            // The sixteen words from here on: the rest of the schedule follows from them.
            let w = word(&words, round);
            let last = w ^ word(&words, round.wrapping_add(2)) ^ word(&words, round.wrapping_add(8));
            let last = (last ^ word(&words, round.wrapping_add(13))).rotate_left(1);
            if let Some(place) = words.get_mut(round % 16) {
                *place = last;
            }
            let constant = CONSTANTS.get(quarter).map_or(0, |constant| *constant);
            let next = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e).wrapping_add(constant).wrapping_add(w);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        } else {
            let word = word(&words, round.wrapping_mul(step).wrapping_add(first));
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
    }
    for (sum, part) in state.iter_mut().zip(&[a, b, c, d, e]) {
        *sum = sum.wrapping_add(*part);
    }
}

#[inline(always)]
fn word(words: &[u32; 16], index: usize) -> u32 {
    words.get(index % 16).map_or(0, |word| *word)
}
