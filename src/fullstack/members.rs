//! Members of settings and options: checked one by one, and read as the SDK's JavaScript takes them.

use super::{
    goal_type::GoalType,
    javascript,
    value::{self, Scalar, is_truthy},
};
use crate::values::json::{Json, Members};
use alloc::string::String;

/// What a member may be: one of these, or several.
pub(super) type Kinds = u8;

pub(super) const NUMBER: Kinds = 1;
pub(super) const TEXT: Kinds = 2;
pub(super) const FLAG: Kinds = 4;
pub(super) const OBJECT: Kinds = 8;
pub(super) const LIST: Kinds = 16;
const NULL: Kinds = 32;
/// It may be missing, too; but `null` is not missing.
pub(super) const OPTIONAL: Kinds = 64;
/// And all that is in it must be numbers.
pub(super) const OF_NUMBERS: Kinds = 128;
/// In JavaScript an array is an object.
pub(super) const ANY_OBJECT: Kinds = OBJECT | LIST;
/// Whatever it is.
pub(super) const ANY: Kinds = NUMBER | TEXT | FLAG | OBJECT | LIST | NULL | OPTIONAL;

/// An object whose members are read.
pub(super) struct Reader<'a> {
    members: Members<'a>,
    /// The first that is not what it must be.
    pub(super) wrong: Option<&'static str>,
}

impl<'a> Reader<'a> {
    #[inline(never)]
    pub(super) fn new(json: Json<'a>) -> Self {
        Reader { members: json.members(), wrong: None }
    }

    /// The value of that name, which must be of one of these kinds.
    #[inline(never)]
    pub(super) fn get(&mut self, name: &'static str, kinds: Kinds) -> Option<Json<'a>> {
        let value = self.members.get_or_null(name);
        if !value.map_or(kinds & OPTIONAL != 0, |value| fits(value, kinds)) {
            self.refuse(name);
        }
        value
    }

    /// The same; `null` where it is missing.
    #[inline(never)]
    pub(super) fn value(&mut self, name: &'static str, kinds: Kinds) -> Json<'a> {
        self.get(name, kinds).unwrap_or_default()
    }

    /// Something is not what it must be.
    pub(super) fn refuse(&mut self, name: &'static str) {
        self.wrong = self.wrong.or(Some(name));
    }

    /// Does JavaScript take it for true?
    #[inline(never)]
    pub(super) fn flag(&mut self, name: &'static str, kinds: Kinds) -> bool {
        self.get(name, kinds).is_some_and(is_truthy)
    }

    /// The value of a string.
    #[inline(never)]
    pub(super) fn optional_text(&mut self, name: &'static str, kinds: Kinds) -> Option<String> {
        self.get(name, kinds)?.text()
    }

    /// The value of a string; empty where it is none.
    #[inline(never)]
    pub(super) fn text(&mut self, name: &'static str, kinds: Kinds) -> String {
        self.optional_text(name, kinds).unwrap_or_default()
    }

    /// `String(value)`
    #[inline(never)]
    pub(super) fn string(&mut self, name: &'static str, kinds: Kinds) -> String {
        string(self.get(name, kinds))
    }

    /// An id, or whatever stands in its place.
    #[inline(never)]
    pub(super) fn scalar(&mut self, name: &'static str, kinds: Kinds) -> Scalar {
        Scalar::new(self.get(name, kinds))
    }

    /// `Number(value)`
    #[inline(never)]
    pub(super) fn number(&mut self, name: &'static str, kinds: Kinds) -> f64 {
        self.get(name, kinds).map_or(f64::NAN, value::number)
    }

    /// The type of goals that counts, where something is said of it.
    #[inline(never)]
    pub(super) fn goal_type(&mut self, json: Option<Json<'_>>) -> Option<GoalType> {
        let kind = json?.text().as_deref().and_then(GoalType::parse);
        if kind.is_none() {
            self.refuse("goalTypeToTrack");
        }
        kind
    }
}

/// Is the value of one of these kinds?
fn fits(json: Json<'_>, kinds: Kinds) -> bool {
    let mut fits = kind(json) & kinds != 0;
    if kinds & OF_NUMBERS != 0 {
        for (_, value) in json.entries() {
            fits &= kind(value) == NUMBER;
        }
        for value in json.items() {
            fits &= kind(value) == NUMBER;
        }
    }
    fits
}

fn kind(json: Json<'_>) -> Kinds {
    match json.as_str().as_bytes().first() {
        Some(b'"') => TEXT,
        Some(b'{') => OBJECT,
        Some(b'[') => LIST,
        Some(b't' | b'f') => FLAG,
        Some(b'n') => NULL,
        _ => NUMBER,
    }
}

/// `String(value)`
#[inline(never)]
pub(super) fn string(json: Option<Json<'_>>) -> String {
    match json {
        Some(json) => javascript::text(json).unwrap_or_default(),
        None => "undefined".into(),
    }
}
