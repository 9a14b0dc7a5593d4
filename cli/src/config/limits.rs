//! Values with a unit: `1%`, `7d`.

use serde::{Deserialize, Deserializer, de::Error};

/// A share: `1%` or `0.01`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(f64);

impl Share {
    /// The share in a text.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = match text.trim().strip_suffix('%') {
            Some(number) => (number, 100.0),
            None => (text, 1.0),
        };
        let share = number.trim().parse::<f64>().ok()? / unit;
        (0.0..=1.0).contains(&share).then_some(Share(share))
    }

    /// Is `part` of `whole` more than this?
    pub fn is_exceeded(self, part: u64, whole: u64) -> bool {
        part as f64 > self.0 * whole as f64
    }

    /// Is `part` of `whole` less than this?
    pub fn is_missed(self, part: u64, whole: u64) -> bool {
        whole > 0 && (part as f64) < self.0 * whole as f64
    }
}

impl std::str::FromStr for Share {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Share::parse(text).ok_or("a share is written like 1% or 0.01")
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Share::parse(&text).ok_or_else(|| D::Error::custom("a share is written like \"1%\""))
    }
}

/// How old a conversion may be: `7d`, `36h`, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age(pub Option<u64>);

impl Age {
    /// That many days.
    pub const fn days(days: u64) -> Self {
        Age(Some(days.saturating_mul(86_400_000)))
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Age(None));
        }
        let (number, unit) = match (text.strip_suffix('d'), text.strip_suffix('h')) {
            (Some(days), _) => (days, 86_400_000),
            (_, Some(hours)) => (hours, 3_600_000),
            _ => return None,
        };
        Some(Age(Some(number.parse::<u64>().ok()?.checked_mul(unit)?)))
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Age::parse(&text)
            .ok_or_else(|| D::Error::custom("an age is written like \"7d\" or \"36h\"; \"none\" is no limit"))
    }
}
