//! Moments: milliseconds since the Unix epoch, and the one text form in which they come in.

use super::{
    id::Id,
    json::Json,
    text::{DIGIT, behind, cut, digit_at, is_all, split_leading},
};
use core::num::NonZeroU64;

const DAY: u64 = 86_400_000;

/// A moment, in milliseconds since 1970-01-01 UTC; before that and after the year 9999 there is none.
// One more than the number: so there is room for "none", and an `Option<Time>` is as small as a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(NonZeroU64);

impl Default for Time {
    /// The epoch.
    fn default() -> Self {
        Time(NonZeroU64::MIN)
    }
}

impl Time {
    /// 9999-12-31T23:59:59.999Z.
    const MAX: u64 = 253_402_300_799_999;

    /// The moment that many milliseconds after the epoch.
    #[must_use]
    pub fn from_ms(ms: u64) -> Option<Self> {
        if ms > Self::MAX { None } else { NonZeroU64::new(ms.wrapping_add(1)).map(Time) }
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
    // A page's moments are numbers: a first look at it needs no calendar.
    #[inline(never)]
    pub fn parse_iso(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        // Seconds may be missing.
        let has_seconds = text.as_bytes().get(16) == Some(&b':');
        let (clock, mut zone) = text.split_at_checked(if has_seconds { 19 } else { 16 })?;
        if !fits(clock, if has_seconds { "0000-00-00T00:00:00" } else { "0000-00-00T00:00" }) {
            return None;
        }
        let mut ms = 0;
        if has_seconds && let Some(fraction) = behind(zone, b'.').or_else(|| behind(zone, b',')) {
            let (digits, rest) = split_leading(fraction, DIGIT);
            if digits.is_empty() {
                return None;
            }
            ms = pair(digits, 0).wrapping_mul(10).wrapping_add(digit_at(digits, 2).into());
            zone = rest;
        }
        let year = pair(clock, 0).wrapping_mul(100).wrapping_add(pair(clock, 2));
        let (month, day) = (pair(clock, 5), pair(clock, 8));
        let (hour, minute, second) = (pair(clock, 11), pair(clock, 14), pair(clock, 17));
        let today = days(year, month, day);
        // 60 is a leap second; clocks show it, epochs do not count it.
        if year < 1970
            || !(1..=12).contains(&month)
            || day == 0
            || today >= days(year, month.wrapping_add(1), 1)
            || hour > 23
            || minute > 59
            || second > 60
        {
            return None;
        }
        // Nothing here can overflow: a year has four digits, all else two.
        let hours = today.wrapping_mul(24).wrapping_add(hour);
        let minutes = u64::from(hours).wrapping_mul(60).wrapping_add(minute.into());
        let minutes = if fits(zone, "Z") {
            minutes
        } else {
            let ahead = offset(zone)?.into();
            if behind(zone, b'+').is_some() { minutes.checked_sub(ahead)? } else { minutes.wrapping_add(ahead) }
        };
        let seconds = minutes.wrapping_mul(60).wrapping_add(second.into());
        Self::from_ms(seconds.wrapping_mul(1000).wrapping_add(ms.into()))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn ms(self) -> u64 {
        self.0.get().wrapping_sub(1)
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.ms() / 1000
    }

    /// The UTC day, counted from the epoch's.
    #[must_use]
    pub fn day(self) -> u64 {
        self.ms() / DAY
    }
}

/// Is the text of that form? `0` stands for any digit, `+` for either sign, and letters may be small.
fn fits(text: &str, form: &str) -> bool {
    for (byte, due) in text.bytes().zip(form.bytes()) {
        let is_due = match due {
            b'0' => byte.is_ascii_digit(),
            b'+' => byte == b'+' || byte == b'-',
            b'T' if byte == b' ' => true,
            _ => byte.eq_ignore_ascii_case(&due),
        };
        if !is_due {
            return false;
        }
    }
    text.len() == form.len()
}

/// The number that the two digits there are; behind the last one there are zeros.
#[inline(never)]
fn pair(text: &str, place: usize) -> u32 {
    u32::from(digit_at(text, place)).wrapping_mul(10).wrapping_add(digit_at(text, place.wrapping_add(1)).into())
}

/// `+01:00`, `+0100` or `+01`, in minutes.
fn offset(zone: &str) -> Option<u32> {
    if !fits(zone, "+00") && !fits(zone, "+0000") && !fits(zone, "+00:00") {
        return None;
    }
    let (hours, minutes) = (pair(zone, 1), pair(zone, if zone.len() == 6 { 4 } else { 3 }));
    (hours < 24 && minutes < 60).then(|| hours.wrapping_mul(60).wrapping_add(minutes))
}

/// Days from 1970-01-01 to that date: whole years, the leap days among them, then the months of this year. Month 13 is the
/// first of the next year.
#[inline(never)]
fn days(year: u32, month: u32, day: u32) -> u32 {
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
            assert_eq!(Time::parse_iso(text), Time::from_ms(ms), "{text}");
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
        assert_eq!(json("1760000000000"), Time::from_ms(1_760_000_000_000));
        assert_eq!(json("1760000000000.75"), Time::from_ms(1_760_000_000_000));
        for bad in ["-1", "1e21", "1e+21", "253402300800000", "\"1760000000000\"", "\"NaN\"", "null", "true", "{}"] {
            assert_eq!(json(bad), None, "{bad}");
        }
    }
}
