//! Moments: milliseconds since the Unix epoch, and the one text form in which they come in.

use super::{
    id::Id,
    json::Json,
    text::{DIGIT, append_digit, cut, is_all},
};

const DAY: u64 = 86_400_000;

/// A moment, in milliseconds since 1970-01-01 UTC; before that and after the year 9999 there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(u64);

impl Time {
    /// 9999-12-31T23:59:59.999Z.
    const MAX: u64 = 253_402_300_799_999;

    /// The moment that many milliseconds after the epoch.
    #[must_use]
    pub fn from_ms(ms: u64) -> Option<Self> {
        (ms <= Self::MAX).then_some(Time(ms))
    }

    /// The start of a UTC day, counted from the epoch's.
    #[must_use]
    pub fn from_day(day: u64) -> Option<Self> {
        Self::from_ms(day.checked_mul(DAY)?)
    }

    /// A JSON number as milliseconds (fractions are cut off), a JSON string as [ISO 8601](Self::parse_iso).
    #[must_use]
    pub fn from_json(json: Json<'_>) -> Option<Self> {
        match json.number() {
            Some(number) => {
                let (whole, fraction) = cut(number, b'.').unwrap_or((number, "0"));
                let ms = Id::parse(whole).filter(|_| is_all(fraction, DIGIT))?;
                Self::from_ms(ms.number())
            }
            None => Self::parse_iso(&json.text()?),
        }
    }

    /// `2026-11-22T14:05:30.250+01:00`: date, `T` or a space, time, zone. Seconds and their fraction may be missing; the
    /// zone may not, for without it the moment is anybody's guess. Digits below the millisecond are cut off.
    #[must_use]
    pub fn parse_iso(text: &str) -> Option<Self> {
        let mut rest = text.trim_ascii().as_bytes();
        let rest = &mut rest;
        let (year, month, day) = (digits(rest, 4)?, after(rest, b"-", 2)?, after(rest, b"-", 2)?);
        let (hour, minute) = (after(rest, b"Tt ", 2)?, after(rest, b":", 2)?);
        let (mut second, mut ms) = (0, 0);
        if starts_with(rest, b":") {
            second = after(rest, b":", 2)?;
            if starts_with(rest, b".,") {
                ms = after(rest, b".,", 1)?;
                for _ in 0..2 {
                    ms = ms.wrapping_mul(10).wrapping_add(digits(rest, 1).unwrap_or(0));
                }
                while digits(rest, 1).is_some() {}
            }
        }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days_in_month = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        // 60 is a leap second; clocks show it, epochs do not count it.
        if year < 1970 || day == 0 || day > days_in_month || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        // Nothing here can overflow: a year has four digits, all else two.
        let hours = days(year, month, day).wrapping_mul(24).wrapping_add(hour);
        let minutes = hours.wrapping_mul(60).wrapping_add(minute);
        let minutes = match **rest {
            [b'Z' | b'z'] => minutes,
            [b'+', ..] => minutes.checked_sub(offset(rest)?)?,
            [b'-', ..] => minutes.wrapping_add(offset(rest)?),
            _ => return None,
        };
        Self::from_ms(minutes.wrapping_mul(60).wrapping_add(second).wrapping_mul(1000).wrapping_add(ms))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn ms(self) -> u64 {
        self.0
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The UTC day, counted from the epoch's.
    #[must_use]
    pub fn day(self) -> u64 {
        self.0 / DAY
    }
}

fn starts_with(rest: &[u8], any: &[u8]) -> bool {
    rest.first().is_some_and(|byte| any.contains(byte))
}

/// So many digits.
fn digits(rest: &mut &[u8], count: usize) -> Option<u64> {
    let (digits, tail) = rest.split_at_checked(count)?;
    let mut number = 0_u64;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = append_digit(number, byte.wrapping_sub(b'0'))?;
    }
    *rest = tail;
    Some(number)
}

/// One of these bytes, then so many digits.
fn after(rest: &mut &[u8], any: &[u8], count: usize) -> Option<u64> {
    let (first, mut tail) = rest.split_first()?;
    if !any.contains(first) {
        return None;
    }
    let number = digits(&mut tail, count)?;
    *rest = tail;
    Some(number)
}

/// `+01:00`, `+0100` or `+01`, to its end, in minutes.
fn offset(rest: &mut &[u8]) -> Option<u64> {
    let hours = after(rest, b"+-", 2)?;
    let minutes = match rest.len() {
        0 => 0,
        2 => digits(rest, 2)?,
        _ => after(rest, b":", 2)?,
    };
    (hours < 24 && minutes < 60 && rest.is_empty()).then(|| hours.wrapping_mul(60).wrapping_add(minutes))
}

/// Days from 1970-01-01 to that date: whole years, the leap days among them, then the months of this year.
fn days(year: u64, month: u64, day: u64) -> u64 {
    // Counting years from March puts the leap day at the end of one.
    let (year, month) = if month > 2 { (year, month) } else { (year.wrapping_sub(1), month.wrapping_add(12)) };
    let leap_days = (year / 4).wrapping_sub(year / 100).wrapping_add(year / 400);
    let month_days = month.wrapping_sub(3).wrapping_mul(153).wrapping_add(2) / 5;
    // 719,469: 1970-01-01 on this scale.
    year.wrapping_mul(365).wrapping_add(leap_days).wrapping_add(month_days).wrapping_add(day).wrapping_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_iso_with_a_zone() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2016-05-05T18:17:30Z", 1_462_472_250_000),
            ("2016-05-05T20:17:30+02:00", 1_462_472_250_000),
            ("2016-05-05 13:47:30.5-0430", 1_462_472_250_500),
            ("2000-02-29T23:59:59.999Z", 951_868_799_999),
            ("2026-11-22T14:05+01", 1_795_352_700_000),
            ("2024-12-31T23:59:60Z", 1_735_689_600_000),
            ("2026-11-22T14:05:30.1234567Z", 1_795_356_330_123),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000),
        ] {
            assert_eq!(Time::parse_iso(text), Some(Time(ms)), "{text}");
        }
    }

    #[test]
    fn refuses_what_has_no_zone_or_is_no_date() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T14:05:30",
            "2026-02-29T00:00Z",
            "2026-13-01T00:00Z",
            "2026-00-01T00:00Z",
            "2026-01-00T00:00Z",
            "2026-01-01T24:00Z",
            "2026-1-1T00:00Z",
            "26-01-01T00:00Z",
            "2026-01-01T00:60Z",
            "2026-01-01T00:00+25:00",
            "2026-01-01T00:00ZZ",
            "1969-12-31T23:59:59Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00Z",
            "2026-01-01T00:00:00:00Z",
            "1760000000000",
            "+002026-01-01T00:00Z",
        ] {
            assert_eq!(Time::parse_iso(text), None, "{text}");
        }
    }

    #[test]
    fn reads_milliseconds() {
        let json = |text| Time::from_json(Json::parse(text).unwrap());
        assert_eq!(json("1760000000000"), Some(Time(1_760_000_000_000)));
        assert_eq!(json("1760000000000.75"), Some(Time(1_760_000_000_000)));
        for bad in ["-1", "1e21", "1e+21", "253402300800000", "\"1760000000000\"", "\"NaN\"", "null", "true", "{}"] {
            assert_eq!(json(bad), None, "{bad}");
        }
    }
}
