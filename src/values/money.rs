//! Revenue: an exact number of cents.
//!
//! Every platform gets it in its own unit ([`Cents::number`], [`Cents::push_decimal`], [`Cents::push_fixed`]); nothing
//! is ever rounded in silence, and there is no floating point on the way.

use super::{
    digits::push_number,
    id::Id,
    json::Json,
    text::{DIGIT, append_digit, behind, cut, digit_at, is_all},
};
use alloc::string::String;
use core::num::{NonZeroI64, NonZeroU8};

/// A decimal amount in hundredths of the account's currency.
// Twice the number, and one more: so there is room for "none", and an `Option<Cents>` is as small as an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cents(NonZeroI64);

impl Cents {
    /// Text such as `49.90`: exact, so anything below a cent is refused.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse(text, false)
    }

    /// The text of a JavaScript number: within 1e-9 of a cent it is that cent, because `3 * 1.1` prints
    /// `3.3000000000000003` and means 3.30.
    #[must_use]
    pub fn parse_number(text: &str) -> Option<Self> {
        if let Some((_, exponent)) = cut(text, b'e') {
            // Numbers print with an exponent from 1e21 on, which no amount reaches, and below 1e-6, which is a cent
            // only where it is as good as zero: from e-10 on.
            let places = behind(exponent, b'-').and_then(Id::parse)?;
            return (places.number() > 9).then_some(Cents::of(0));
        }
        parse(text, true)
    }

    /// A JSON string as exact text, a JSON number as JavaScript printed it.
    #[must_use]
    pub fn from_json(json: Json<'_>) -> Option<Self> {
        match json.number() {
            Some(number) => Self::parse_number(number),
            None => Self::parse(&json.text()?),
        }
    }

    /// That many cents; nothing where a JavaScript number could not hold them exactly.
    #[must_use]
    pub fn from_number(cents: i64) -> Option<Self> {
        (cents.unsigned_abs() <= Id::MAX_SAFE).then_some(Cents::of(cents))
    }

    /// The number of cents.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0.get() >> 1
    }

    fn of(cents: i64) -> Self {
        Cents(cents.wrapping_mul(2) | NonZeroI64::from(NonZeroU8::MIN))
    }

    /// Is it below zero?
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.number() < 0
    }

    /// The amount without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self::of(self.number().saturating_abs())
    }

    /// Appends the cents as an integer: `4990`.
    pub fn push_cents(self, out: &mut String) {
        self.push_sign(out);
        push_number(out, self.number().unsigned_abs());
    }

    /// Appends the shortest decimal: `49.9`, `10`.
    pub fn push_decimal(self, out: &mut String) {
        self.push_fixed(out);
        // "10.00" → "10", "49.90" → "49.9"
        for end in [".00", "0"] {
            if out.ends_with(end) {
                out.truncate(out.len().saturating_sub(end.len()));
                break;
            }
        }
    }

    /// Appends the amount with two decimals: `49.90`.
    pub fn push_fixed(self, out: &mut String) {
        let cents = self.number().unsigned_abs();
        self.push_sign(out);
        push_number(out, cents / 100);
        out.push('.');
        push_number(out, cents / 10 % 10);
        push_number(out, cents % 10);
    }

    fn push_sign(self, out: &mut String) {
        if self.is_negative() {
            out.push('-');
        }
    }
}

/// `-?digits(.digits)?`. Of what JavaScript printed seven digits behind the cents count: 1e-9.
fn parse(text: &str, is_printed: bool) -> Option<Cents> {
    let unsigned = behind(text, b'-').unwrap_or(text);
    let (whole, fraction) = cut(unsigned, b'.').unwrap_or((unsigned, "0"));
    if !is_all(whole, DIGIT) || !is_all(fraction, DIGIT) {
        return None;
    }
    let mut cents = 0;
    for place in 0..whole.len() {
        cents = append_digit(cents, digit_at(whole, place))?;
    }
    for place in 0..2 {
        cents = append_digit(cents, digit_at(fraction, place))?;
    }
    // Behind the cents there are zeros, or what is almost one more.
    let first = digit_at(fraction, 2);
    for place in 3..if is_printed { 9 } else { fraction.len() } {
        if digit_at(fraction, place) != first {
            return None;
        }
    }
    let more = match first {
        0 => 0,
        9 if is_printed => 1,
        _ => return None,
    };
    let cents = i64::try_from(cents.wrapping_add(more)).ok()?;
    Cents::from_number(if unsigned.len() < text.len() { cents.wrapping_neg() } else { cents })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_exact() {
        for (text, cents) in [
            ("49.90", 4990),
            ("49.9", 4990),
            ("0", 0),
            ("-5", -500),
            ("1599.99", 159_999),
            ("12.5000", 1250),
            ("007.10", 710),
            ("90071992547409.91", 9_007_199_254_740_991),
        ] {
            assert_eq!(Cents::parse(text), Some(Cents::of(cents)), "{text}");
        }
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "49.901",
            "3.3000000000000003",
            "1e3",
            "NaN",
            "Infinity",
            "1,5",
            "+1",
            " 1",
            "1 ",
            "--1",
            "90071992547409.92",
            "99999999999999999999",
            "1e21",
            "0x10",
            "€5",
        ] {
            assert_eq!(Cents::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_close_to_a_cent_is_that_cent() {
        for (text, cents) in [
            ("3.3000000000000003", 330),
            ("19.99", 1999),
            ("0.30000000000000004", 30),
            ("1.1499999999999999", 115),
            ("0.9999999999", 100),
            ("-0.1", -10),
            ("1e-10", 0),
            ("5e-324", 0),
            ("1.5e-7", -1),
            ("1e-7", -1),
            ("0.999", -1),
            ("1.005", -1),
            ("1e21", -1),
            ("1e+21", -1),
            ("0.010000001", -1),
            ("-3.3000000000000003", -330),
        ] {
            let expected = (cents != -1).then_some(Cents::of(cents));
            assert_eq!(Cents::parse_number(text), expected, "{text}");
        }
    }

    #[test]
    fn each_unit_prints() {
        let print = |cents: i64| {
            let (mut a, mut b, mut c) = (String::new(), String::new(), String::new());
            Cents::of(cents).push_cents(&mut a);
            Cents::of(cents).push_decimal(&mut b);
            Cents::of(cents).push_fixed(&mut c);
            [a, b, c]
        };
        assert_eq!(print(4990), ["4990", "49.9", "49.90"]);
        assert_eq!(print(1000), ["1000", "10", "10.00"]);
        assert_eq!(print(5), ["5", "0.05", "0.05"]);
        assert_eq!(print(0), ["0", "0", "0.00"]);
        assert_eq!(print(-159_999), ["-159999", "-1599.99", "-1599.99"]);
    }
}
