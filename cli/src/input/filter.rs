//! `[where]`: which rows count. The others are skipped, and fail nothing.

use super::{columns::Field, row::Row};
use serde::Deserialize;

/// The conditions; all of them must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Where {
    /// Seconds.
    pub min_duration: Option<u64>,
    /// One of these, whatever their case.
    pub status: Option<Vec<String>>,
    /// Is it the caller's first?
    pub first_call: Option<bool>,
}

impl Where {
    /// The name of the condition that does not hold.
    pub fn refuses(&self, row: &Row) -> Option<&'static str> {
        if let Some(least) = self.min_duration
            && !row.get(Field::Duration).and_then(seconds).is_some_and(|seconds| seconds >= least)
        {
            return Some("min_duration");
        }
        if let Some(any) = &self.status
            && !row.get(Field::Status).is_some_and(|is| any.iter().any(|wanted| wanted.eq_ignore_ascii_case(is)))
        {
            return Some("status");
        }
        if let Some(wanted) = self.first_call
            && row.get(Field::FirstCall).and_then(yes_or_no) != Some(wanted)
        {
            return Some("first_call");
        }
        None
    }
}

/// `95`, `95.4`, `1:35` or `0:01:35`.
fn seconds(text: &str) -> Option<u64> {
    let (whole, _) = text.split_once('.').unwrap_or((text, ""));
    whole.split(':').try_fold(0_u64, |sum, part| sum.checked_mul(60)?.checked_add(part.trim().parse().ok()?))
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Some(true),
        "false" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_exports_have_them() {
        for (text, expected) in [
            ("95", Some(95)),
            ("95.4", Some(95)),
            ("1:35", Some(95)),
            ("0:01:35", Some(95)),
            ("", None),
            ("long", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn all_conditions_must_hold() {
        let filter = Where { min_duration: Some(30), status: Some(vec!["Answered".into()]), first_call: Some(true) };
        let row = |duration, status, first| {
            Row::of(&[(Field::Duration, duration), (Field::Status, status), (Field::FirstCall, first)])
        };
        assert_eq!(filter.refuses(&row("31", "answered", "Yes")), None);
        assert_eq!(filter.refuses(&row("29", "answered", "Yes")), Some("min_duration"));
        assert_eq!(filter.refuses(&row("31", "missed", "Yes")), Some("status"));
        assert_eq!(filter.refuses(&row("31", "answered", "no")), Some("first_call"));
        assert_eq!(filter.refuses(&Row::of(&[])), Some("min_duration"));
    }
}
