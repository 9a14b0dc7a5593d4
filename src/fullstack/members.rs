//! Members of settings and options, read as the SDK's JavaScript takes them.

use super::{
    javascript,
    value::{self, Scalar, is_truthy},
};
use crate::values::json::{Json, Members};
use alloc::string::String;

/// The value, where JavaScript takes it for true.
#[inline(never)]
pub(super) fn truthy<'a>(members: &Members<'a>, name: &str) -> Option<Json<'a>> {
    members.get_or_null(name).filter(|value| is_truthy(*value))
}

/// Does JavaScript take it for true?
#[inline(never)]
pub(super) fn flag(members: &Members<'_>, name: &str) -> bool {
    truthy(members, name).is_some()
}

/// The value of a string; empty where there is none.
#[inline(never)]
pub(super) fn text(members: &Members<'_>, name: &str) -> String {
    members.text(name).unwrap_or_default()
}

/// An id, or whatever stands in its place.
#[inline(never)]
pub(super) fn scalar(members: &Members<'_>, name: &str) -> Scalar {
    Scalar::new(members.get_or_null(name))
}

/// `Number(value)`
#[inline(never)]
pub(super) fn number(members: &Members<'_>, name: &str) -> f64 {
    members.get_or_null(name).map_or(f64::NAN, value::number)
}

/// `String(value)`
#[inline(never)]
pub(super) fn string(json: Option<Json<'_>>) -> String {
    match json {
        Some(json) => javascript::text(json).unwrap_or_default(),
        None => "undefined".into(),
    }
}
