//! What JavaScript makes of text, numbers and objects, as far as the SDK's decisions hang on it.
//!
//! The rules are ECMA-262's (2024). In WebAssembly the host is JavaScript itself and is asked; natively the same comes out.
//! There all JSON is what `JSON.stringify` wrote, in the order and with the numbers that it writes.

use crate::values::{
    json::Json,
    text::{PLAIN, append_digit, behind, split_leading},
};
use alloc::{borrow::Cow, string::String};

#[cfg(target_arch = "wasm32")]
use super::host as engine;
#[cfg(not(target_arch = "wasm32"))]
use native as engine;

pub(super) use engine::{first_property, parse_int, text_number, trim};
pub use engine::{lower, number_text, parse_float};
#[cfg(not(target_arch = "wasm32"))]
pub(super) use native::is_space;

/// From here on all doubles are whole numbers.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// `Math.floor`. (Without the standard library Rust has none.)
#[must_use]
pub fn floor(number: f64) -> f64 {
    let rounded = if number.abs() >= WHOLE || number.is_nan() {
        number
    } else if number < 0.0 {
        (number - WHOLE) + WHOLE
    } else {
        (number + WHOLE) - WHOLE
    };
    if rounded > number { rounded - 1.0 } else { rounded }
}

/// `Math.ceil`.
#[must_use]
pub fn ceil(number: f64) -> f64 {
    -floor(-number)
}

/// Is it a line terminator? (ECMA-262 12.3)
#[must_use]
pub fn is_line_terminator(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// `String(value)`; nothing where that throws, because an object hides its `toString` behind a value.
///
/// What stands in the JSON as it would be printed is not copied.
#[must_use]
pub fn text_in(json: Json<'_>) -> Option<Cow<'_, str>> {
    let raw = json.as_str();
    if json.is_null() || json.is_bool() || json.number().is_some_and(engine::is_printed_so) {
        return Some(Cow::Borrowed(raw));
    }
    if let Some(inner) = behind(raw, b'"')
        && let (plain, "\"") = split_leading(inner, PLAIN)
    {
        return Some(Cow::Borrowed(plain));
    }
    engine::value_text(raw).map(Cow::Owned)
}

/// [`text_in`] as a text of its own.
#[must_use]
pub fn text(json: Json<'_>) -> Option<String> {
    text_in(json).map(Cow::into_owned)
}

/// The number in a property's name that is an array index: such properties come first, in ascending order.
/// (ECMA-262 10.1.11.1)
#[must_use]
pub fn array_index(name: &str) -> Option<u32> {
    let mut index = 0;
    for byte in name.bytes() {
        index = append_digit(index, byte.checked_sub(b'0').filter(|digit| *digit < 10)?)?;
    }
    let canonical = name == "0" || !(name.is_empty() || name.starts_with("0"));
    u32::try_from(index).ok().filter(|index| canonical && *index != u32::MAX)
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::array_index;
    use crate::values::{
        json::Json,
        text::{DIGIT, behind, cut_at, split_leading},
    };
    use alloc::{borrow::ToOwned, string::String};
    use ryu_js::Buffer;

    /// Is it what JavaScript takes for white space, line terminators included? (ECMA-262 12.2, 12.3)
    #[must_use]
    pub fn is_space(c: char) -> bool {
        c == '\u{FEFF}' || (c.is_whitespace() && c != '\u{85}')
    }

    /// `text.trim()`
    #[must_use]
    pub fn trim(text: &str) -> String {
        text.trim_matches(is_space).to_owned()
    }

    /// Is the number written as JavaScript prints it? Of short ones without an exponent that is soon told; any other may be.
    pub fn is_printed_so(number: &str) -> bool {
        let mut has_point = false;
        for byte in number.bytes() {
            match byte {
                b'.' => has_point = true,
                b'e' | b'E' => return false,
                _ => {}
            }
        }
        let is_exact =
            if has_point { !number.ends_with("0") && cut_at(number, "0.00000").is_none() } else { number != "-0" };
        is_exact && number.len() <= 15
    }

    /// The property that `Object.keys` names first, and its value; nothing where there is none.
    #[must_use]
    pub fn first_property<'a>(object: Json<'a>) -> Option<(String, Json<'a>)> {
        let mut first = None;
        let mut rank = u32::MAX;
        for (name, value) in object.entries() {
            let own = array_index(&name).unwrap_or(u32::MAX);
            if first.as_ref().is_none_or(|(first, _)| own < rank || *first == name) {
                rank = own;
                first = Some((name, value));
            }
        }
        first
    }

    /// `parseFloat`: the number that the text starts with, NaN where it starts with none. (ECMA-262 19.2.4)
    #[must_use]
    pub fn parse_float(text: &str) -> f64 {
        let text = text.trim_start_matches(is_space);
        let (negative, unsigned) = match behind(text, b'-') {
            Some(unsigned) => (true, unsigned),
            None => (false, behind(text, b'+').unwrap_or(text)),
        };
        let magnitude = if unsigned.starts_with("Infinity") {
            f64::INFINITY
        } else {
            let length = unsigned.len().saturating_sub(behind_decimal(unsigned).len());
            unsigned.get(..length).and_then(|decimal| decimal.parse().ok()).unwrap_or(f64::NAN)
        };
        if negative { -magnitude } else { magnitude }
    }

    /// What follows the digits, point, digits and exponent at the start.
    fn behind_decimal(text: &str) -> &str {
        let (whole, mut rest) = split_leading(text, DIGIT);
        if let Some(fraction) = behind(rest, b'.') {
            let (digits, behind) = split_leading(fraction, DIGIT);
            if whole.is_empty() && digits.is_empty() {
                return text;
            }
            rest = behind;
        } else if whole.is_empty() {
            return text;
        }
        let Some(exponent) = behind(rest, b'e').or_else(|| behind(rest, b'E')) else { return rest };
        let exponent = behind(exponent, b'+').or_else(|| behind(exponent, b'-')).unwrap_or(exponent);
        match split_leading(exponent, DIGIT) {
            ("", _) => rest,
            (_, behind) => behind,
        }
    }

    /// `parseInt(text, 10)`
    #[must_use]
    pub fn parse_int(text: &str) -> f64 {
        let text = text.trim_start_matches(is_space);
        let unsigned = behind(text, b'-').or_else(|| behind(text, b'+')).unwrap_or(text);
        let number = parse_float(split_leading(unsigned, DIGIT).0);
        if text.starts_with('-') { -number } else { number }
    }

    /// `Number(text)` (ECMA-262, StringToNumber)
    #[must_use]
    pub fn text_number(text: &str) -> f64 {
        let text = text.trim_matches(is_space);
        for (prefixes, radix) in [(["0x", "0X"], 16), (["0o", "0O"], 8), (["0b", "0B"], 2)] {
            for prefix in prefixes {
                if let Some(digits) = text.strip_prefix(prefix) {
                    return integer(digits, radix);
                }
            }
        }
        if text.is_empty() {
            0.0
        } else if is_decimal(text) {
            parse_float(text)
        } else {
            f64::NAN
        }
    }

    /// Is the text a decimal number and nothing else? (ECMA-262, StrDecimalLiteral.)
    fn is_decimal(text: &str) -> bool {
        let unsigned = behind(text, b'-').or_else(|| behind(text, b'+')).unwrap_or(text);
        if unsigned == "Infinity" {
            return true;
        }
        let (whole, rest) = split_leading(unsigned, DIGIT);
        let (fraction, rest) = behind(rest, b'.').map_or(("", rest), |rest| split_leading(rest, DIGIT));
        let rest = match behind(rest, b'e').or_else(|| behind(rest, b'E')) {
            Some(rest) => {
                let (digits, rest) =
                    split_leading(behind(rest, b'-').or_else(|| behind(rest, b'+')).unwrap_or(rest), DIGIT);
                if digits.is_empty() { "e" } else { rest }
            }
            None => rest,
        };
        rest.is_empty() && !(whole.is_empty() && fraction.is_empty())
    }

    /// The number that all these digits are; NaN where there are none, or others. The digits are few, or nobody counts on the
    /// last bit.
    fn integer(digits: &str, radix: u32) -> f64 {
        let mut number = if digits.is_empty() { f64::NAN } else { 0.0 };
        for c in digits.chars() {
            number = number * f64::from(radix) + c.to_digit(radix).map_or(f64::NAN, f64::from);
        }
        number
    }

    /// `String(JSON.parse(json))`; nothing where that throws.
    #[must_use]
    pub fn value_text(json: &str) -> Option<String> {
        let mut out = String::new();
        push_text(&mut out, Json::parse_deep(json)?)?;
        Some(out)
    }

    /// Appends `String(value)`, but nothing for `null`: so does `Array.prototype.join`.
    fn push_text(out: &mut String, json: Json<'_>) -> Option<()> {
        if let Some(text) = json.text() {
            out.push_str(&text);
        } else if let Some(number) = json.number() {
            out.push_str(&number_text(parse_float(number)));
        } else if json.is_array() {
            for (index, item) in json.items().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_text(out, item)?;
            }
        } else if json.is_object() {
            if json.entries().any(|(name, _)| name == "toString") {
                return None;
            }
            out.push_str("[object Object]");
        } else if !json.is_null() {
            out.push_str(json.as_str());
        }
        Some(())
    }

    /// `String(number)`: the fewest digits that read back as the number. (ECMA-262 6.1.6.1.20)
    ///
    /// Where two texts are equally short and equally close, JavaScript takes the even one and Rust's formatting does not.
    #[must_use]
    pub fn number_text(number: f64) -> String {
        Buffer::new().format(number).to_owned()
    }

    /// `text.toLowerCase()`: Unicode's full mapping, which knows the final sigma and no language.
    #[must_use]
    pub fn lower(text: &str) -> String {
        text.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_the_number_at_the_start() {
        for (text, due) in [
            ("10abc", 10.0),
            (" \u{FEFF}\u{2003}\n-5.5.5", -5.5),
            ("+.5e-1e", 0.05),
            ("5.", 5.0),
            ("1e", 1.0),
            ("1e+", 1.0),
            ("1E3", 1000.0),
            ("0x10", 0.0),
            ("1_000", 1.0),
            ("9007199254740993", 9_007_199_254_740_992.0),
            ("1e400", f64::INFINITY),
            ("-Infinityx", f64::NEG_INFINITY),
        ] {
            assert_eq!(parse_float(text).to_bits(), due.to_bits(), "{text}");
        }
        for text in ["", " ", ".", "-.e1", "e1", "+-1", "NaN", "infinity", "\u{85}1", "inf", "١"] {
            assert!(parse_float(text).is_nan(), "{text}");
        }
        assert!(parse_float("-0").is_sign_negative());
    }

    #[test]
    fn prints_numbers() {
        for (number, due) in [
            (-0.0, "0"),
            (10.0, "10"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1_088_462_614_384_306.0 + 0.25, "1088462614384306.2"),
            (123.456, "123.456"),
            (1e20, "100000000000000000000"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (-1.5e22, "-1.5e+22"),
            (1e-6, "0.000001"),
            (1.5e-7, "1.5e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number_text(number), due);
        }
    }

    #[test]
    fn rounds() {
        for (number, below, above) in [
            (1.5, 1.0, 2.0),
            (-1.5, -2.0, -1.0),
            (-0.3, -1.0, 0.0),
            (7.0, 7.0, 7.0),
            (WHOLE - 0.5, WHOLE - 1.0, WHOLE),
            (1e300, 1e300, 1e300),
        ] {
            assert!(floor(number) == below && ceil(number) == above, "{number}");
        }
        assert!(floor(f64::NAN).is_nan());
    }

    #[test]
    fn lowers_all_of_unicode() {
        assert_eq!(lower("ABC ÀÉ"), "abc àé");
        assert_eq!(lower("İ"), "i\u{307}");
        assert_eq!(lower("ΟΔΥΣΣΕΥΣ ΣΑΣ."), "οδυσσευς σας.");
    }

    #[test]
    fn values_as_text() {
        for (json, due) in [
            ("[1,2]", "1,2"),
            ("[]", ""),
            ("[null]", ""),
            ("[[1,[2.50,null]],{},\"x,y\",true]", "1,2.5,,[object Object],x,y,true"),
            ("{\"a\":1}", "[object Object]"),
            ("null", "null"),
            ("-0", "0"),
            ("1e3", "1000"),
            ("1e400", "Infinity"),
            ("12.50", "12.5"),
            ("-0.0", "0"),
            ("-12.5", "-12.5"),
            ("100", "100"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("0.00000100001", "0.00000100001"),
            ("123456789012345", "123456789012345"),
            ("9007199254740993", "9007199254740992"),
            ("12345678901234567890", "12345678901234567000"),
            ("0.12345678901234567", "0.12345678901234566"),
            ("\"a\\u0062\"", "ab"),
            ("\"\\\"\"", "\""),
            ("\"é\"", "é"),
        ] {
            assert_eq!(text(Json::parse(json).unwrap()).as_deref(), Some(due));
        }
        assert_eq!(text(Json::parse(r#"[{"toString":1}]"#).unwrap()), None);
    }

    #[test]
    fn indexes_come_first() {
        let first = |json| first_property(Json::parse(json).unwrap()).map(|(name, value)| (name, value.as_str()));
        assert_eq!(first(r#"{"b":1,"10":2,"9":3,"a":4,"9":5}"#), Some(("9".into(), "5")));
        assert_eq!(first(r#"{"b":1,"01":2,"-1":3,"4294967295":4,"b":5}"#), Some(("b".into(), "5")));
        assert_eq!(first(r#"{"b":1,"4294967294":4}"#), Some(("4294967294".into(), "4")));
        assert_eq!(first("{}"), None);
    }
}
