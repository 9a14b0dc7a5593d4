//! Walking over a visitor, field by field.
//!
//! A platform says once which fields its visitor has ([`Platform::walk`](crate::platform::Platform::walk)). A [`Walker`] is
//! handed each with its name, and reads it from JSON, writes it as JSON, or does either with the bits of a token. So what is
//! read, what is written and what travels cannot drift apart.

use super::{
    bits::Bits,
    decision::Decision,
    id::{Id, IdMap, from_json_array, insert_sorted, parse_joined, push_joined},
    json::{Json, Members, Writer},
    problem::PlatformName,
};
use alloc::{string::String, vec::Vec};

/// How the list of an entry of a map stands in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text: one id, or several with `_` between them.
    Joined,
    /// Text: one id.
    One,
    /// An array of at least one id.
    Several,
    /// An array.
    Any,
}

impl Shape {
    /// Is this a list of that shape, without `never`?
    #[must_use]
    pub fn fits(self, ids: &[Id], never: u64) -> bool {
        for id in ids {
            if id.number() == never {
                return false;
            }
        }
        match self {
            Shape::One => ids.len() == 1,
            Shape::Any => true,
            Shape::Joined | Shape::Several => !ids.is_empty(),
        }
    }
}

/// No id: what a map may hold anything but.
pub const NO_ID: u64 = u64::MAX;

/// Sections of a token, by their tags. None is ever used for anything else.
pub mod tag {
    use super::PlatformName;

    /// The day of capture.
    pub const DAY: u8 = 1;
    /// Optimizely's decisions.
    pub const DECISIONS: u8 = 6;
    /// Call trackers and their ids.
    pub const CALL_TRACKERS: u8 = 7;
    /// A part of a token.
    pub const PART: u8 = 8;

    /// A platform's visitor.
    #[must_use]
    pub fn of(platform: PlatformName) -> u8 {
        match platform {
            PlatformName::Optimizely => 2,
            PlatformName::Vwo => 3,
            PlatformName::Kameleoon => 4,
            PlatformName::Convert => 5,
        }
    }
}

/// What is done with each field.
// Its kind stands in a byte of its own: it is asked for at each field.
#[repr(u8)]
#[derive(Debug)]
pub enum Walker<'a> {
    /// It is filled from a JSON object; what is not usable there is left out.
    FromJson {
        /// The context.
        context: &'a Members<'a>,
        /// The visitor of the platform that is walked over.
        visitor: Members<'a>,
    },
    /// It is written as a member of a JSON object.
    ToJson(&'a mut Writer),
    /// It is written or read as bits.
    Token(&'a mut Bits),
}

impl Walker<'_> {
    /// A visitor begins; false where nothing is to be done with it.
    pub fn begin(&mut self, platform: PlatformName, there: bool) -> bool {
        match self {
            Walker::FromJson { context, visitor } => {
                let json = context.or_null(platform.name());
                *visitor = json.members();
                json.is_object()
            }
            Walker::ToJson(out) => {
                if there {
                    out.name(platform.name());
                    out.open('{');
                }
                there
            }
            Walker::Token(bits) => bits.open(tag::of(platform), there),
        }
    }

    /// The visitor ends. A token holds none that is nobody.
    pub fn end(&mut self, is_somebody: bool) {
        match self {
            Walker::FromJson { .. } => {}
            Walker::ToJson(out) => out.close('}'),
            Walker::Token(bits) => {
                bits.close();
                bits.refuse_unless(is_somebody);
            }
        }
    }

    /// A text that fits.
    pub fn text(&mut self, name: &str, value: &mut Option<String>, fits: fn(&str) -> bool) {
        match self {
            Walker::FromJson { visitor, .. } => *value = visitor.text(name).filter(|text| fits(text)),
            Walker::ToJson(out) => {
                if let Some(text) = value {
                    out.member(name, text);
                }
            }
            Walker::Token(bits) => bits.optional_text(value, fits),
        }
    }

    /// An id.
    pub fn id(&mut self, name: &str, value: &mut Option<Id>) {
        self.id_or_number(name, value, false);
    }

    /// A number that JavaScript holds exactly.
    pub fn number(&mut self, name: &str, value: &mut Option<Id>) {
        self.id_or_number(name, value, true);
    }

    #[inline(never)]
    fn id_or_number(&mut self, name: &str, value: &mut Option<Id>, is_number: bool) {
        match self {
            Walker::FromJson { visitor, .. } => *value = visitor.get(name).and_then(Id::from_json),
            Walker::ToJson(out) => {
                if let Some(id) = value {
                    if is_number {
                        out.number(name, id.number());
                    } else {
                        out.member(name, &id.text());
                    }
                }
            }
            Walker::Token(bits) => {
                let is_unsafe = |value: &Option<Id>| is_number && value.is_some_and(|id| id.number() > Id::MAX_SAFE);
                if is_unsafe(value) {
                    *value = None;
                }
                bits.optional(value);
                bits.refuse_unless(!is_unsafe(value));
            }
        }
    }

    /// Ids → lists of ids, in none of which is `never`.
    pub fn map(&mut self, name: &str, shape: Shape, never: u64, map: &mut IdMap) {
        match self {
            Walker::FromJson { visitor, .. } => read_map(visitor.or_null(name), shape, never, map),
            Walker::ToJson(out) => {
                out.name(name);
                out.open('{');
                for (id, ids) in map.iter() {
                    out.name(&id.text());
                    if matches!(shape, Shape::Several | Shape::Any) {
                        write_list(out, ids);
                    } else {
                        let mut text = String::new();
                        push_joined(&mut text, ids, "_");
                        out.text(&text);
                    }
                }
                out.close('}');
            }
            Walker::Token(bits) => {
                bits.map(map);
                for (_, ids) in map.iter() {
                    bits.refuse_unless(shape.fits(ids, never));
                }
            }
        }
    }

    /// A list of ids.
    pub fn ids(&mut self, name: &str, ids: &mut Vec<Id>) {
        match self {
            Walker::FromJson { visitor, .. } => {
                for json in visitor.or_null(name).items() {
                    if let Some(id) = Id::from_json(json) {
                        ids.push(id);
                    }
                }
            }
            Walker::ToJson(out) => {
                out.name(name);
                write_list(out, ids);
            }
            Walker::Token(bits) => bits.ids(ids),
        }
    }

    /// Ids → texts.
    pub fn texts(&mut self, name: &str, texts: &mut Vec<(Id, String)>) {
        match self {
            Walker::FromJson { visitor, .. } => {
                for (key, json) in visitor.or_null(name).entries() {
                    if let (Some(id), Some(text)) = (Id::parse(&key), json.text()) {
                        insert_sorted(texts, id, text);
                    }
                }
            }
            Walker::ToJson(out) => {
                out.name(name);
                out.open('{');
                for (id, text) in texts {
                    out.member(&id.text(), text);
                }
                out.close('}');
            }
            Walker::Token(bits) => bits.texts(texts),
        }
    }

    /// Decisions. A token has them in a section of their own.
    pub fn decisions(&mut self, name: &str, decisions: &mut Vec<Decision>) {
        match self {
            Walker::FromJson { visitor, .. } => {
                for json in visitor.or_null(name).items() {
                    if let Some(decision) = Decision::read(&json.members(), Decision::NAMES) {
                        decisions.push(decision);
                    }
                }
            }
            Walker::ToJson(out) => {
                if !decisions.is_empty() {
                    out.name(name);
                    Decision::write_all(decisions, Decision::NAMES, out);
                }
            }
            Walker::Token(_) => {}
        }
    }
}

/// The entries of a JSON object that are ids and lists of that shape, without `never`.
fn read_map(json: Json<'_>, shape: Shape, never: u64, map: &mut IdMap) {
    for (key, value) in json.entries() {
        let ids = match shape {
            Shape::Joined | Shape::One => value.scalar().and_then(|text| parse_joined(&text, b'_')),
            Shape::Several | Shape::Any => from_json_array(value),
        };
        match (Id::parse(&key), ids) {
            (Some(id), Some(ids)) if shape.fits(&ids, never) => map.insert(id, ids),
            _ => {}
        }
    }
}

fn write_list(out: &mut Writer, ids: &[Id]) {
    out.open('[');
    for id in ids {
        out.text(&id.text());
    }
    out.close(']');
}
