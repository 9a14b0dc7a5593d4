//! Times as exports have them: with a zone, or local to `timezone`.
//!
//! The library is `jiff`: it reads the system's zone files (its own where there are none), so a new law needs no new release of
//! ours, and it tells an
//! hour that came twice from one that never was. `chrono-tz` has its zones compiled in and can tell neither apart by type.

use crate::fault::Code;
use aftercall::values::time::Time;
use jiff::{civil, tz::TimeZone};
use serde::Deserialize;

/// Which number comes first in `03/04/2026`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// Why a time cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is none.
    Nonsense,
    /// It names no zone, and neither do the settings.
    NoZone,
    /// It names a zone that is several.
    Zone,
    /// It is a day: midnight would be a guess.
    DayOnly,
    /// Its date may begin with either.
    DayOrMonth,
    /// The clocks go through that hour twice, or not at all.
    Hour,
}

impl Unread {
    /// The stable code: is it no time, or are there two readings?
    pub fn code(self) -> Code {
        if self == Unread::Nonsense { Code::BadTime } else { Code::AmbiguousTime }
    }

    /// What to do about it.
    pub fn message(self) -> &'static str {
        match self {
            Unread::Nonsense => "The time cannot be read: write it like 2026-11-22T14:05:30+01:00.",
            Unread::NoZone => "The time names no zone: set timezone.",
            Unread::Zone => "The time's zone may be several: name it like America/New_York or -05:00.",
            Unread::DayOnly => "The time is a day alone: export the time of day, too.",
            Unread::DayOrMonth => "The date may begin with the day or with the month: set date_order.",
            Unread::Hour => {
                "The clocks go through this hour twice, or not at all: export the times with their offset, such as +01:00."
            }
        }
    }
}

/// How times are written in a file.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// The zone of times that name none.
    pub zone: Option<TimeZone>,
    /// The order of day and month, where the user says so.
    pub order: Option<DateOrder>,
}

impl Times {
    /// The moment.
    ///
    /// # Errors
    /// It is none, or has two readings.
    pub fn read(&self, text: &str) -> Result<Time, Unread> {
        let text = text.trim();
        if let Some(time) = Time::parse_iso(text) {
            return Ok(time);
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return epoch(text).ok_or(Unread::Nonsense);
        }
        let (local, zoned) = self.civil(text)?;
        if let Some(name) = zoned.filter(|zone| is_name(zone)) {
            // Google recommends names of zones over offsets. EST and its like are several zones, whatever a list of zones says.
            let is_one = name.contains('/') || ["UTC", "GMT"].contains(&name);
            let zone = TimeZone::get(name).ok().filter(|_| is_one).ok_or(Unread::Zone)?;
            return moment(&zone, local);
        }
        if let Some(offset) = zoned {
            return Time::parse_iso(&format!("{}{offset}", local.strftime("%Y-%m-%dT%H:%M:%S%.f")))
                .ok_or(Unread::Nonsense);
        }
        let zone = self.zone.clone().ok_or(Unread::NoZone)?;
        moment(&zone, local)
    }

    /// Date and time of day as they stand there, and the zone's text where one follows.
    fn civil<'a>(&self, text: &'a str) -> Result<(civil::DateTime, Option<&'a str>), Unread> {
        let (date, rest) = text.split_once(['T', ' ']).unwrap_or((text, ""));
        let date = self.date(date.trim_end_matches(','))?;
        let rest = rest.trim();
        let clock_end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.'))).unwrap_or(rest.len());
        let (clock, tail) = rest.split_at_checked(clock_end).ok_or(Unread::Nonsense)?;
        let (half, zone) = half_of_day(tail.trim());
        let mut parts = clock.split(':');
        let number = |part: Option<&str>| part.unwrap_or("0").parse::<i8>().map_err(|_| Unread::Nonsense);
        if clock.is_empty() {
            return Err(Unread::DayOnly);
        }
        let (mut hour, minute) = (number(parts.next())?, number(parts.next())?);
        let (second, fraction) = parts.next().unwrap_or("0").split_once('.').unwrap_or((clock_second(clock), ""));
        let second: i8 = second.parse().map_err(|_| Unread::Nonsense)?;
        let nanos: i32 = format!("{fraction:0<9}").get(..9).unwrap_or("0").parse().map_err(|_| Unread::Nonsense)?;
        if parts.next().is_some() {
            return Err(Unread::Nonsense);
        }
        if let Some(pm) = half {
            if !(1..=12).contains(&hour) {
                return Err(Unread::Nonsense);
            }
            hour = hour.rem_euclid(12).saturating_add(if pm { 12 } else { 0 });
        }
        let time = civil::Time::new(hour, minute, second, nanos).map_err(|_| Unread::Nonsense)?;
        Ok((date.to_datetime(time), Some(zone).filter(|zone| !zone.is_empty())))
    }

    fn date(&self, text: &str) -> Result<civil::Date, Unread> {
        let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
        let [a, b, c] = parts[..] else { return Err(Unread::Nonsense) };
        let number = |part: &str| part.parse::<i16>().map_err(|_| Unread::Nonsense);
        let (first, second, third) = (number(a)?, number(b)?, number(c)?);
        let (year, month, day) = if a.len() == 4 {
            (first, second, third)
        } else if c.len() != 4 {
            return Err(Unread::Nonsense);
        } else {
            // Points are written where the day comes first.
            let order = self.order.or(text.contains('.').then_some(DateOrder::Dmy)).or(match (first, second) {
                (13.., _) => Some(DateOrder::Dmy),
                (_, 13..) => Some(DateOrder::Mdy),
                _ if first == second => Some(DateOrder::Dmy),
                _ => None,
            });
            match order.ok_or(Unread::DayOrMonth)? {
                DateOrder::Dmy => (third, second, first),
                DateOrder::Mdy => (third, first, second),
            }
        };
        let small = |number: i16| i8::try_from(number).map_err(|_| Unread::Nonsense);
        civil::Date::new(year, small(month)?, small(day)?).map_err(|_| Unread::Nonsense)
    }
}

/// The moment of a time of day in a zone.
fn moment(zone: &TimeZone, local: civil::DateTime) -> Result<Time, Unread> {
    let moment = zone.to_ambiguous_timestamp(local).unambiguous().map_err(|_| Unread::Hour)?;
    u64::try_from(moment.as_millisecond()).ok().and_then(from_ms).ok_or(Unread::Nonsense)
}

/// Is it a zone's name, `Europe/Berlin` or `UTC`, and no offset?
fn is_name(zone: &str) -> bool {
    zone.starts_with(|c: char| c.is_ascii_alphabetic()) && !zone.eq_ignore_ascii_case("z")
}

/// The seconds of a clock that shows them without a fraction.
fn clock_second(clock: &str) -> &str {
    clock.split(':').nth(2).unwrap_or("0")
}

/// `AM` or `PM`, and what follows.
fn half_of_day(tail: &str) -> (Option<bool>, &str) {
    for (name, pm) in [("am", false), ("pm", true), ("a.m.", false), ("p.m.", true)] {
        if let Some((head, rest)) = tail.split_at_checked(name.len())
            && head.eq_ignore_ascii_case(name)
        {
            return (Some(pm), rest.trim());
        }
    }
    (None, tail)
}

/// Ten digits are seconds, thirteen milliseconds: either way a day between 2001 and 2286.
fn epoch(digits: &str) -> Option<Time> {
    let number: u64 = digits.parse().ok()?;
    match digits.len() {
        10 => from_ms(number.checked_mul(1000)?),
        13 => from_ms(number),
        _ => None,
    }
}

fn from_ms(ms: u64) -> Option<Time> {
    Time::from_ms(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, zone: Option<&str>, order: Option<DateOrder>) -> Result<u64, Code> {
        let zone = zone.map(|zone| TimeZone::get(zone).unwrap());
        Times { zone, order }.read(text).map(Time::ms).map_err(Unread::code)
    }

    #[test]
    fn a_zone_in_the_text_wins() {
        for text in ["2026-11-22T14:05:30+01:00", "2026-11-22 14:05:30+01:00", "1795352730", "1795352730000"] {
            assert_eq!(read(text, Some("Asia/Tokyo"), None), Ok(1_795_352_730_000), "{text}");
        }
        assert_eq!(read("11/22/2026 2:05:30 PM +01:00", None, None), Ok(1_795_352_730_000));
    }

    #[test]
    fn a_zone_may_be_named() {
        for text in
            ["2026-11-22 14:05:30 Europe/Berlin", "11/22/2026 8:05:30 AM America/New_York", "2026-11-22 13:05:30 UTC"]
        {
            assert_eq!(read(text, Some("Asia/Tokyo"), None), Ok(1_795_352_730_000), "{text}");
        }
        for text in ["2026-11-22 14:05:30 EST", "2026-11-22 14:05:30 Mars/Olympus", "2026-10-25 02:30 Europe/Berlin"] {
            assert_eq!(read(text, Some("Asia/Tokyo"), None), Err(Code::AmbiguousTime), "{text}");
        }
    }

    #[test]
    fn local_times_need_a_zone() {
        assert_eq!(read("2026-11-22 14:05:30", None, None), Err(Code::AmbiguousTime));
        for text in ["2026-11-22 14:05:30", "22.11.2026 14:05:30", "11/22/2026 14:05:30", "11/22/2026, 2:05:30 PM"] {
            assert_eq!(read(text, Some("Europe/Berlin"), None), Ok(1_795_352_730_000), "{text}");
        }
        assert_eq!(read("2026-11-22 14:05:30.25", Some("Europe/Berlin"), None), Ok(1_795_352_730_250));
    }

    #[test]
    fn the_hour_that_comes_twice_and_the_one_that_never_is() {
        for text in ["2026-10-25 02:30", "2026-03-29 02:30"] {
            assert_eq!(read(text, Some("Europe/Berlin"), None), Err(Code::AmbiguousTime), "{text}");
        }
        assert_eq!(read("2026-10-25 02:30+02:00", Some("Europe/Berlin"), None), Ok(1_792_888_200_000));
    }

    #[test]
    fn day_or_month_is_never_guessed() {
        let berlin = Some("Europe/Berlin");
        assert_eq!(read("03/04/2026 10:00", berlin, None), Err(Code::AmbiguousTime));
        assert_ne!(
            read("03/04/2026 10:00", berlin, Some(DateOrder::Dmy)),
            read("03/04/2026 10:00", berlin, Some(DateOrder::Mdy)),
        );
        assert_eq!(read("2026-11-22", berlin, None), Err(Code::AmbiguousTime));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "yesterday", "2026-13-01 10:00", "2026-02-30 10:00", "12", "2026-11-22 25:00", "13:00 PM"] {
            assert!(read(text, Some("UTC"), None).is_err(), "{text}");
        }
    }

    #[test]
    fn each_reason_says_what_to_do() {
        let utc = || Some(TimeZone::get("Europe/Berlin").unwrap());
        for (zone, text, why) in [
            (None, "2026-11-22 14:05", Unread::NoZone),
            (utc(), "2026-11-22 14:05 CST", Unread::Zone),
            (utc(), "2026-11-22", Unread::DayOnly),
            (utc(), "11/22/2026", Unread::DayOnly),
            (utc(), "03/04/2026 14:05", Unread::DayOrMonth),
            (utc(), "2026-10-25 02:05", Unread::Hour),
            (utc(), "2026-03-29 02:05", Unread::Hour),
            (utc(), "last Tuesday", Unread::Nonsense),
        ] {
            assert_eq!(Times { zone, order: None }.read(text), Err(why), "{text}: {}", why.message());
        }
    }
}
