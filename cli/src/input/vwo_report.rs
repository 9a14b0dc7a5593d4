//! `--vwo-report FILE`: who saw which variation, out of a VWO campaign's detailed report.
//!
//! VWO's document "Offline Conversions" says of `combination`: it can be extracted from the detailed report CSV. How that file
//! names its columns is documented nowhere, so the usual names are tried and the error lists those that there are.

use super::{formats, table::names_of};
use crate::fault::{Code, Fault};
use std::{collections::HashMap, path::Path};

const USERS: &[&str] = &["user id", "user_id", "userid", "visitor id", "visitor_id", "uuid", "vwo_user_id"];
const COMBINATIONS: &[&str] =
    &["combination", "combination id", "combination_id", "variation id", "variation_id", "variation"];

/// User → combination; nothing where the report has two.
#[derive(Debug, Default)]
pub struct VwoReport(HashMap<String, Option<u64>>);

/// The report has the user in two variations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction;

impl VwoReport {
    /// Reads a report.
    ///
    /// # Errors
    /// `bad-input`: no such columns, or a combination that is none.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let bad = |message: String| Fault::new(Code::BadInput, format!("{}: {message}", path.display()));
        let text = std::fs::read(path).map_err(|error| bad(format!("{error}.")))?;
        if let Some(what) = formats::mistaken(text.get(..4096).unwrap_or(&text)) {
            return Err(bad(what.into()));
        }
        let header = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |separator: u8| header.iter().filter(|byte| **byte == separator).count();
        let separator = (*b";\t,").into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(separator).from_reader(&text[..]);
        let headers = reader.headers().map_err(|error| bad(format!("{error}.")))?.clone();
        let place = |names: &[&str]| {
            names.iter().find_map(|wanted| {
                headers.iter().position(|name| name.trim_start_matches('\u{feff}').trim().eq_ignore_ascii_case(wanted))
            })
        };
        let (Some(user), Some(combination)) = (place(USERS), place(COMBINATIONS)) else {
            let there = names_of(&headers).unwrap_or_else(|| "none: the first line looks like a row".into());
            return Err(bad(format!("it needs a column \"user id\" and a column \"combination\"; there are {there}.")));
        };
        let mut combinations = HashMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| bad(format!("{error}.")))?;
            let (user, combination) =
                (record.get(user).unwrap_or_default().trim(), record.get(combination).unwrap_or_default());
            match variation(combination) {
                Some(number) if !user.is_empty() => {
                    let known = combinations.entry(user.to_owned()).or_insert(Some(number));
                    *known = known.filter(|known| *known == number);
                }
                _ => {
                    let line = record.position().map_or(0, csv::Position::line);
                    return Err(bad(format!("line {line} names no user, or no variation.")));
                }
            }
        }
        Ok(VwoReport(combinations))
    }

    /// What that user saw.
    ///
    /// # Errors
    /// The report says two things.
    pub fn combination(&self, user: &str) -> Result<Option<u64>, Contradiction> {
        self.0.get(user).map(|known| known.ok_or(Contradiction)).transpose()
    }
}

/// `2`, or the name that VWO gives a variation by default: `Control` is 1, `Variation-1` is 2.
fn variation(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    if text == "control" {
        return Some(1);
    }
    match text.strip_prefix("variation-").or_else(|| text.strip_prefix("variation ")) {
        Some(number) => number.trim().parse::<u64>().ok()?.checked_add(1),
        None => text.parse().ok().filter(|number| *number > 0),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn reports_as_people_have_them() {
        let path = std::env::temp_dir().join(format!("aftercall-report-{}.csv", std::process::id()));
        for text in
            ["User ID,Combination\nu,2\n", "\u{feff}user_id;x;variation\nu;;Variation-1", "UUID\tVariation ID\nu\t2"]
        {
            std::fs::write(&path, text).unwrap();
            assert_eq!(super::VwoReport::read(&path).unwrap().combination("u"), Ok(Some(2)), "{text}");
        }
        std::fs::write(&path, b"\xff\xfeu\0u\0").unwrap();
        assert!(super::VwoReport::read(&path).unwrap_err().message.contains("UTF-16"));
        let _ = std::fs::remove_file(path);
    }

    #[test]
    fn control_is_one_and_variation_one_is_two() {
        for (text, number) in [
            ("Control", Some(1)),
            ("Variation-1", Some(2)),
            ("variation 9", Some(10)),
            ("2", Some(2)),
            ("0", None),
            ("blue", None),
        ] {
            assert_eq!(super::variation(text), number, "{text}");
        }
    }
}
