//! How an experiment's item in storage says which variation the visitor saw: `1234`, `1234-mentalist/…`, `reference`,
//! `none`, `null`.

use crate::values::{id::Id, text::before};

/// The variation in an item's value; `Some(None)`: not in the experiment.
pub(super) fn variation(value: &str) -> Option<Option<Id>> {
    let text = before(value, b'/');
    match text.strip_suffix("-mentalist").unwrap_or(text) {
        "reference" => Some(Id::from_number(0)),
        "null" | "none" => Some(None),
        digits => Some(Some(Id::parse(digits)?)),
    }
}
