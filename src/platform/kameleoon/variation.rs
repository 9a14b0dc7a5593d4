//! How an experiment's item in storage says which variation the visitor saw: `1234`, `1234-mentalist/…`, `reference`,
//! `none`, `null`.

use crate::values::{id::Id, json::Json, text::before};

/// The variation in an item's value; `Some(None)`: not in the experiment.
#[inline(never)]
pub(super) fn variation(value: Json<'_>) -> Option<Option<Id>> {
    let Some(text) = value.scalar() else { return Some(None) };
    let text = before(&text, b'/');
    match text.strip_suffix("-mentalist").unwrap_or(text) {
        "reference" => Some(Id::from_number(0)),
        "null" | "none" => Some(None),
        digits => Some(Some(Id::parse(digits)?)),
    }
}
