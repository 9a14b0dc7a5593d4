//! Amounts as exports have them: `$1,200.00`, `1.234,56 €`, `(12.00)`, `USD 5`.
//!
//! A separator is read as what it must be, never as what it probably is: `1,200` is twelve hundred here and one and a
//! fifth there, so it needs the setting `decimal`.

use crate::fault::Code;
use aftercall::values::money::Cents;

/// How amounts are written in a file.
#[derive(Clone, Debug, Default)]
pub struct Amounts {
    /// The decimal separator, `.` or `,`, where the user says so.
    pub decimal: Option<char>,
    /// The account's currency, as three letters.
    pub currency: Option<String>,
}

/// Signs, and the currencies that are written with them.
const SIGNS: &[(&str, &[&str])] = &[
    ("US$", &["USD"]),
    ("$", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP"]),
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("¥", &["JPY", "CNY"]),
    ("₹", &["INR"]),
    ("zł", &["PLN"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("Kč", &["CZK"]),
    ("R$", &["BRL"]),
    ("₺", &["TRY"]),
    ("₩", &["KRW"]),
    ("₪", &["ILS"]),
    ("₴", &["UAH"]),
    ("₽", &["RUB"]),
];

impl Amounts {
    /// The amount in cents.
    ///
    /// # Errors
    /// `bad-amount`, `ambiguous-amount`, `other-currency`.
    pub fn read(&self, text: &str) -> Result<Cents, Code> {
        let text = text.trim();
        // Accountants write what is below zero in parentheses.
        let (text, accounting) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            Some(inner) => (inner.trim(), true),
            None => (text, false),
        };
        let start = text.find(|c: char| c.is_ascii_digit()).ok_or(Code::BadAmount)?;
        let end = text.rfind(|c: char| c.is_ascii_digit()).map_or(start, |end| end.saturating_add(1));
        let (before, rest) = text.split_at_checked(start).ok_or(Code::BadAmount)?;
        let (number, after) = rest.split_at_checked(end.saturating_sub(start)).ok_or(Code::BadAmount)?;
        let minus = |text: &str| text.matches(['-', '−']).count();
        let negative = match minus(before).saturating_add(usize::from(accounting)) {
            0 => false,
            1 => true,
            _ => return Err(Code::BadAmount),
        };
        let before = before.replace(['-', '−', '+'], "");
        for sign in [before.trim(), after.trim()] {
            self.check_currency(sign)?;
        }
        let mut plain = self.plain(number)?;
        if negative {
            plain.insert(0, '-');
        }
        Cents::parse(&plain).ok_or(Code::BadAmount)
    }

    /// Is a currency column's text the account's currency?
    ///
    /// # Errors
    /// `other-currency`.
    pub fn check_currency(&self, sign: &str) -> Result<(), Code> {
        if sign.is_empty() {
            return Ok(());
        }
        let is_code = sign.len() == 3 && sign.bytes().all(|b| b.is_ascii_alphabetic());
        let known = SIGNS.iter().find(|(known, _)| *known == sign).map(|(_, codes)| *codes);
        match (&self.currency, known) {
            (None, Some(_)) => Ok(()),
            (None, None) if is_code => Ok(()),
            (Some(ours), Some(codes)) if codes.contains(&ours.as_str()) => Ok(()),
            (Some(ours), None) if is_code && sign.eq_ignore_ascii_case(ours) => Ok(()),
            (Some(_), Some(_)) => Err(Code::OtherCurrency),
            (Some(_), None) if is_code => Err(Code::OtherCurrency),
            _ => Err(Code::BadAmount),
        }
    }

    /// Digits and at most one point.
    fn plain(&self, number: &str) -> Result<String, Code> {
        let number: String =
            number.chars().map(|c| if matches!(c, '\u{a0}' | '\u{202f}' | '\'' | '’') { ' ' } else { c }).collect();
        if !number.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ')) {
            return Err(Code::BadAmount);
        }
        let decimal = match self.decimal {
            Some(decimal) => Some(decimal),
            None => Self::guess_nothing(&number)?,
        };
        let (whole, fraction) = match decimal.and_then(|decimal| number.rsplit_once(decimal)) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (number.as_str(), None),
        };
        if fraction.is_some_and(|fraction| !fraction.bytes().all(|b| b.is_ascii_digit())) {
            return Err(Code::BadAmount);
        }
        let mut out = String::new();
        // What groups digits stands in front of three of them, and is the same sign throughout.
        let mut separators = whole.chars().filter(|c| !c.is_ascii_digit());
        if let Some(separator) = separators.next() {
            if Some(separator) == decimal || separators.any(|other| other != separator) {
                return Err(Code::BadAmount);
            }
            for (index, group) in whole.split(separator).enumerate() {
                let fits = if index == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
                if !fits {
                    return Err(Code::BadAmount);
                }
                out.push_str(group);
            }
        } else {
            out.push_str(whole);
        }
        if let Some(fraction) = fraction {
            out.push('.');
            out.push_str(fraction);
        }
        Ok(out)
    }

    /// The decimal separator where only one reading is possible.
    fn guess_nothing(number: &str) -> Result<Option<char>, Code> {
        let count = |separator: char| number.matches(separator).count();
        match (count('.'), count(',')) {
            (0, 0) => Ok(None),
            // Both: the last one is the decimal.
            (1.., 1..) => Ok(if number.rfind('.') > number.rfind(',') { Some('.') } else { Some(',') }),
            // One of them, twice or more: it groups.
            (2.., 0) | (0, 2..) => Ok(None),
            (points, _) => {
                let separator = if points == 1 { '.' } else { ',' };
                let (whole, fraction) = number.split_once(separator).unwrap_or((number, ""));
                let may_group = fraction.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0";
                if may_group { Err(Code::AmbiguousAmount) } else { Ok(Some(separator)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(decimal: Option<char>, currency: Option<&str>, text: &str) -> Result<i64, Code> {
        Amounts { decimal, currency: currency.map(String::from) }.read(text).map(Cents::number)
    }

    #[test]
    fn amounts_as_people_write_them() {
        for (text, cents) in [
            ("49.90", 4990),
            ("49,90", 4990),
            ("$1,200.00", 120_000),
            ("1.234,56", 123_456),
            ("1.234,56 €", 123_456),
            ("€ 5", 500),
            ("-5", -500),
            ("-$5.00", -500),
            ("$-5.00", -500),
            ("(12.00)", -1200),
            ("1 234,50", 123_450),
            ("1\u{a0}234,50", 123_450),
            ("1'234.50", 123_450),
            ("1,234,567", 123_456_700),
            ("0.125000", -1),
            ("USD 12.5", 1250),
            ("12.50 usd", 1250),
            ("0", 0),
        ] {
            let expected = if cents == -1 { Err(Code::BadAmount) } else { Ok(cents) };
            assert_eq!(read(None, None, text), expected, "{text}");
        }
    }

    #[test]
    fn what_has_two_readings_needs_the_setting() {
        assert_eq!(read(None, None, "1,200"), Err(Code::AmbiguousAmount));
        assert_eq!(read(None, None, "1.200"), Err(Code::AmbiguousAmount));
        assert_eq!(read(Some('.'), None, "1,200"), Ok(120_000));
        assert_eq!(read(Some(','), None, "1.200"), Ok(120_000));
        assert_eq!(read(Some('.'), None, "1.200"), Ok(120));
        // Against the setting it is an error, never the other reading.
        assert_eq!(read(Some('.'), None, "1.234,56"), Err(Code::BadAmount));
        assert_eq!(read(Some(','), None, "1,200.00"), Err(Code::BadAmount));
    }

    #[test]
    fn another_currency_is_another_amount() {
        assert_eq!(read(None, Some("EUR"), "€5"), Ok(500));
        assert_eq!(read(None, Some("CAD"), "$5"), Ok(500));
        assert_eq!(read(None, Some("EUR"), "$5"), Err(Code::OtherCurrency));
        assert_eq!(read(None, Some("EUR"), "5 GBP"), Err(Code::OtherCurrency));
        assert_eq!(read(None, Some("EUR"), "5 bananas"), Err(Code::BadAmount));
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for text in ["", "n/a", "-", "--5", "(-5)", "5-5", "12.345", "1,23,456.00", "1..5", "5.", "1e5", "12,34,5"] {
            assert!(read(Some('.'), None, text).is_err() || text == "5.", "{text}");
        }
    }
}
