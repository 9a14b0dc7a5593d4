//! Ids that platforms give out, and maps of them.

use super::json::{Json, Writer};
use alloc::{string::String, vec::Vec};

/// A platform's own id of an account, project, experiment, variation, campaign, goal or segment: a decimal number.
///
/// Written without leading zeros and smaller than 2^63, so that text and number are one and the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u64);

impl Id {
    /// The largest id that a JavaScript number holds exactly.
    pub const MAX_SAFE: u64 = (1 << 53) - 1;

    /// The id that the text spells; nothing for other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || (text.len() > 1 && text.starts_with('0')) {
            return None;
        }
        let mut value = 0u64;
        for c in text.chars() {
            let digit = u64::from(c.to_digit(10)?);
            value = value.checked_mul(10)?.checked_add(digit)?;
        }
        Self::from_number(value)
    }

    /// The id with this number; nothing from 2^63 on.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        (number >> 63 == 0).then_some(Id(number))
    }

    /// The id in a JSON string or number.
    #[must_use]
    pub fn from_json(json: Json<'_>) -> Option<Self> {
        match json.number() {
            Some(number) => Self::parse(number),
            None => Self::parse(&json.text()?),
        }
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    /// Appends the digits.
    pub fn push_to(self, out: &mut String) {
        push_number(out, self.0);
    }

    /// The digits.
    #[must_use]
    pub fn text(self) -> String {
        let mut out = String::new();
        self.push_to(&mut out);
        out
    }
}

/// Appends a number in decimal. (`core::fmt` would cost a page more than all of this file.)
pub fn push_number(out: &mut String, number: u64) {
    if number > 9 {
        push_number(out, number / 10);
    }
    out.push(char::from(b'0'.wrapping_add(u8::try_from(number % 10).unwrap_or(0))));
}

/// Appends the ids with a separator between them.
pub fn push_joined(out: &mut String, ids: &[Id], separator: char) {
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            out.push(separator);
        }
        id.push_to(out);
    }
}

/// What an experiment or campaign shows a visitor: one variation, or one a section of it (multivariate tests, VWO's
/// multi-experience campaigns). Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variations(Vec<Id>);

impl Variations {
    /// The ids, where there is at least one.
    #[must_use]
    pub fn new(ids: Vec<Id>) -> Option<Self> {
        (!ids.is_empty()).then_some(Variations(ids))
    }

    /// Ids with a separator between them.
    #[must_use]
    pub fn parse(text: &str, separator: char) -> Option<Self> {
        text.split(separator).map(Id::parse).collect::<Option<_>>().map(Variations)
    }

    /// The ids, in their order.
    #[must_use]
    pub fn ids(&self) -> &[Id] {
        &self.0
    }
}

/// A map of ids, kept sorted: two maps with the same entries are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdMap<V>(Vec<(Id, V)>);

impl<V> Default for IdMap<V> {
    fn default() -> Self {
        IdMap(Vec::new())
    }
}

impl<V> IdMap<V> {
    /// Puts the value in; of equal ids the last one counts.
    pub fn insert(&mut self, id: Id, value: V) {
        let at = self.0.partition_point(|(key, _)| *key < id);
        match self.0.get_mut(at) {
            Some((key, old)) if *key == id => *old = value,
            _ => self.0.insert(at, (id, value)),
        }
    }

    /// The value of that id.
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&V> {
        self.0.iter().find(|(key, _)| *key == id).map(|(_, value)| value)
    }

    /// The entries, ids ascending.
    pub fn iter(&self) -> impl Iterator<Item = (Id, &V)> {
        self.0.iter().map(|(id, value)| (*id, value))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Is there no entry?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members of a JSON object; what is not an id, or has no value in the eyes of `value`, is left out.
    pub fn from_json(json: Option<Json<'_>>, value: impl Fn(Json<'_>) -> Option<V>) -> Self {
        let mut map = Self::default();
        for (name, json) in json.into_iter().flat_map(Json::entries) {
            if let (Some(id), Some(value)) = (Id::parse(&name), value(json)) {
                map.insert(id, value);
            }
        }
        map
    }
}

impl<V> FromIterator<(Id, V)> for IdMap<V> {
    fn from_iter<I: IntoIterator<Item = (Id, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        for (id, value) in entries {
            map.insert(id, value);
        }
        map
    }
}

/// The ids in a JSON array; what is not an id is left out.
#[must_use]
pub fn ids_from_json(json: Option<Json<'_>>) -> Vec<Id> {
    json.into_iter().flat_map(Json::items).filter_map(Id::from_json).collect()
}

/// Writes a member that is an id, where there is one.
pub fn write_optional(out: &mut Writer, name: &str, id: Option<Id>) {
    if let Some(id) = id {
        out.member(name, &id.text());
    }
}

/// Writes a map as a JSON object.
pub fn write_map<V>(out: &mut Writer, map: &IdMap<V>, value: impl Fn(&mut Writer, &V)) {
    out.open('{');
    for (id, entry) in map.iter() {
        out.name(&id.text());
        value(out, entry);
    }
    out.close('}');
}

/// Writes ids as a JSON array of strings.
pub fn write_ids(out: &mut Writer, ids: &[Id]) {
    out.open('[');
    for id in ids {
        out.text(&id.text());
    }
    out.close(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_digits() {
        for text in ["0", "7", "9223372036854775807"] {
            assert_eq!(Id::parse(text).unwrap().text(), text);
        }
        for text in ["", "-1", "+1", "01", "1.0", " 1", "1e3", "9223372036854775808", "99999999999999999999", "١"] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_map_is_sorted_and_the_last_of_equal_ids_counts() {
        let id = |n| Id::from_number(n).unwrap();
        let map: IdMap<char> = [(id(30), 'a'), (id(4), 'b'), (id(30), 'c')].into_iter().collect();
        assert_eq!(map.iter().collect::<Vec<_>>(), [(id(4), &'b'), (id(30), &'c')]);
    }

    #[test]
    fn variations_are_never_empty() {
        assert_eq!(Variations::parse("", '_'), None);
        assert_eq!(Variations::parse("1_", '_'), None);
        assert_eq!(Variations::parse("1_22", '_').unwrap().ids().len(), 2);
    }
}
