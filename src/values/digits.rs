//! Numbers in decimal and bytes in hex, digit by digit.
//!
//! The builds for pages, where every byte is paid for by every visitor, have these few lines; elsewhere all digits are made at
//! once and appended at once. Natively the crate `itoa` does it for numbers, of which a plan for four platforms has some sixty.

#[cfg(not(any(feature = "lean", feature = "deliver-bindings")))]
pub use fast::{push_decimals, push_hex, push_upper_hex};
#[cfg(any(feature = "lean", feature = "deliver-bindings"))]
pub use small::{push_decimals, push_hex, push_upper_hex};

#[cfg(any(feature = "lean", feature = "deliver-bindings", feature = "fullstack-bindings"))]
pub use each::push_number;

/// Appends a number in decimal.
#[cfg(not(any(feature = "lean", feature = "deliver-bindings", feature = "fullstack-bindings")))]
pub fn push_number(out: &mut alloc::string::String, number: u64) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// A digit of a number to a base beyond ten; `ten` is the letter for ten.
#[inline(always)]
pub(super) fn digit(nibble: u8, ten: u8) -> u8 {
    nibble.wrapping_add(if nibble < 10 { b'0' } else { ten.wrapping_sub(10) })
}

#[cfg(any(feature = "lean", feature = "deliver-bindings", feature = "fullstack-bindings", test))]
mod each {
    use alloc::string::String;

    /// Appends a number in decimal. (The page build has no `core::fmt`.)
    pub fn push_number(out: &mut String, number: u64) {
        if number > 9 {
            push_number(out, number / 10);
        }
        out.push(char::from(b'0'.wrapping_add(u8::try_from(number % 10).unwrap_or(0))));
    }
}

#[cfg(any(feature = "lean", feature = "deliver-bindings", test))]
mod small {
    use super::digit;
    use alloc::string::String;

    /// Appends the last sixteen digits of a number, zeros in front included.
    pub fn push_decimals(out: &mut String, number: u64) {
        const ONE: u64 = 10_000_000_000_000_000;
        let mut rest = number % ONE;
        for _ in 0..16 {
            rest = rest.wrapping_mul(10);
            out.push(char::from(b'0'.wrapping_add(u8::try_from(rest / ONE).unwrap_or(0))));
            rest %= ONE;
        }
    }

    /// Appends the bytes as lower-case hex.
    pub fn push_hex(out: &mut String, bytes: &[u8]) {
        push(out, bytes, b'a');
    }

    /// Appends sixteen bytes as upper-case hex.
    pub fn push_upper_hex(out: &mut String, bytes: [u8; 16]) {
        push(out, &bytes, b'A');
    }

    fn push(out: &mut String, bytes: &[u8], ten: u8) {
        for byte in bytes {
            out.push(char::from(digit(byte >> 4, ten)));
            out.push(char::from(digit(byte & 15, ten)));
        }
    }
}

#[cfg(any(not(any(feature = "lean", feature = "deliver-bindings")), test))]
mod fast {
    use super::digit;
    use alloc::string::String;

    /// Appends bytes that are text.
    fn push_ascii(out: &mut String, bytes: &[u8]) {
        out.push_str(core::str::from_utf8(bytes).unwrap_or_default());
    }

    /// Appends the last sixteen digits of a number, zeros in front included.
    pub fn push_decimals(out: &mut String, number: u64) {
        push_ascii(out, &sixteen_digits(number));
    }

    fn sixteen_digits(number: u64) -> [u8; 16] {
        const HALF: u64 = 100_000_000;
        let mut digits = [0; 16];
        for (room, half) in digits.as_chunks_mut().0.iter_mut().zip([number / HALF % HALF, number % HALF]) {
            *room = eight_digits(half);
        }
        digits
    }

    /// All of them in one register: two numbers of four digits, then four of two, then eight of one. The quotients by 100
    /// and by 10 are products that are cut off; for numbers this small they are exact.
    fn eight_digits(number: u64) -> [u8; 8] {
        let fours = (number / 10_000) | ((number % 10_000) << 32);
        let hundreds = (fours.wrapping_mul(10_486) >> 20) & 0x0000_007F_0000_007F;
        let twos = hundreds | (fours.wrapping_sub(hundreds.wrapping_mul(100)) << 16);
        let tens = (twos.wrapping_mul(103) >> 10) & 0x000F_000F_000F_000F;
        let ones = tens | (twos.wrapping_sub(tens.wrapping_mul(10)) << 8);
        (ones | 0x3030_3030_3030_3030).to_le_bytes()
    }

    /// Appends the bytes as lower-case hex.
    pub fn push_hex(out: &mut String, bytes: &[u8]) {
        let (sixteens, rest) = bytes.as_chunks();
        for sixteen in sixteens {
            push_ascii(out, &hex_digits(*sixteen, b'a'));
        }
        for byte in rest {
            push_ascii(out, &pair(*byte, b'a'));
        }
    }

    /// Appends sixteen bytes as upper-case hex.
    pub fn push_upper_hex(out: &mut String, bytes: [u8; 16]) {
        push_ascii(out, &hex_digits(bytes, b'A'));
    }

    fn hex_digits(bytes: [u8; 16], ten: u8) -> [u8; 32] {
        let mut digits = [0; 32];
        for (room, byte) in digits.as_chunks_mut().0.iter_mut().zip(&bytes) {
            *room = pair(*byte, ten);
        }
        digits
    }

    #[inline(always)]
    fn pair(byte: u8, ten: u8) -> [u8; 2] {
        [digit(byte >> 4, ten), digit(byte & 15, ten)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, vec::Vec};

    fn text(push: impl Fn(&mut String)) -> String {
        let mut out = String::new();
        push(&mut out);
        out
    }

    #[test]
    fn numbers_have_no_zeros_in_front_and_decimals_do() {
        let some = [99_999_999, 100_000_000, 1_234_567_890_123_456, 9_999_999_999_999_999, 10_000_000_000_000_000];
        for number in (0..10_000).flat_map(|n| [n, n * 99_990_001]).chain(some).chain([u64::MAX]) {
            let (due, decimals) = (format!("{number}"), format!("{:016}", number % 10_u64.pow(16)));
            assert_eq!(text(|out| each::push_number(out, number)), due);
            assert_eq!(text(|out| push_number(out, number)), due);
            assert_eq!(text(|out| small::push_decimals(out, number)), decimals);
            assert_eq!(text(|out| fast::push_decimals(out, number)), decimals);
        }
    }

    #[test]
    fn few_lines_say_what_the_fast_ones_say() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..40 {
            let bytes = &bytes[length * 5..length * 6 + 10];
            let due: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(text(|out| small::push_hex(out, bytes)), due);
            assert_eq!(text(|out| fast::push_hex(out, bytes)), due);
        }
        let sixteen = [0, 1, 9, 10, 15, 16, 0x9F, 0xA0, 0xAB, 0xF9, 0xFF, 7, 8, 99, 100, 200];
        let due: String = sixteen.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(text(|out| small::push_upper_hex(out, sixteen)), due);
        assert_eq!(text(|out| fast::push_upper_hex(out, sixteen)), due);
    }
}
