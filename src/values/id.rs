//! Ids that platforms give out, and maps of them.

use super::{
    digits::push_number,
    json::Json,
    room,
    text::{append_digit, behind, parts},
};
use alloc::{string::String, vec::Vec};
use core::num::NonZeroU64;

/// A platform's own id of an account, project, experiment, variation, campaign, goal or segment: a decimal number.
///
/// Written without leading zeros and smaller than 2^63, so that text and number are one and the same.
// One more than the number: so there is room for "none", and an `Option<Id>` is as small as an id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(NonZeroU64);

impl core::fmt::Debug for Id {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Id").field(&self.number()).finish()
    }
}

impl Default for Id {
    /// 0.
    fn default() -> Self {
        Id(NonZeroU64::MIN)
    }
}

impl Id {
    /// The largest id that a JavaScript number holds exactly.
    pub const MAX_SAFE: u64 = (1 << 53) - 1;

    /// The largest id there is.
    pub const MAX: Id = Id(NonZeroU64::MIN.saturating_add(u64::MAX >> 1));

    /// The id that the text spells; nothing for other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || behind(text, b'0').is_some_and(|rest| !rest.is_empty()) {
            return None;
        }
        let mut value = 0u64;
        for byte in text.bytes() {
            if !byte.is_ascii_digit() {
                return None;
            }
            value = append_digit(value, byte.wrapping_sub(b'0'))?;
        }
        Self::from_number(value)
    }

    /// The id with this number; nothing from 2^63 on.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        if number >> 63 == 0 { NonZeroU64::new(number.wrapping_add(1)).map(Id) } else { None }
    }

    /// The id in a JSON string, or in a number that JavaScript holds exactly: beyond that it prints another one than was
    /// meant, and a wrong id is worse than none.
    #[must_use]
    pub fn from_json(json: Json<'_>) -> Option<Self> {
        match json.number() {
            Some(number) => Self::parse(number).filter(|id| id.number() <= Self::MAX_SAFE),
            None => Self::parse(&json.text()?),
        }
    }

    /// Can it count something: is it not zero, and small enough for a JavaScript number?
    #[must_use]
    pub fn is_goal(self) -> bool {
        (1..=Self::MAX_SAFE).contains(&self.number())
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0.get().wrapping_sub(1)
    }

    /// Appends the digits.
    pub fn push_to(self, out: &mut String) {
        push_number(out, self.number());
    }

    /// The digits.
    #[must_use]
    pub fn text(self) -> String {
        let mut out = room::text(20);
        self.push_to(&mut out);
        out
    }
}

/// Appends the ids with a separator between them.
pub fn push_joined(out: &mut String, ids: &[Id], separator: &str) {
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            out.push_str(separator);
        }
        id.push_to(out);
    }
}

/// The ids in a text with such a byte between them, where it is nothing else.
#[must_use]
pub fn parse_joined(text: &str, separator: u8) -> Option<Vec<Id>> {
    let mut ids = Vec::new();
    for part in parts(text, separator) {
        ids.push(Id::parse(part)?);
    }
    Some(ids)
}

/// The ids in a JSON array, where it is nothing else.
#[must_use]
pub fn from_json_array(json: Json<'_>) -> Option<Vec<Id>> {
    let mut ids = Vec::new();
    for item in json.items() {
        ids.push(Id::from_json(item)?);
    }
    json.is_array().then_some(ids)
}

/// What a map has for an id: a list of ids. As a rule it is one: natively that takes no memory of its own.
#[cfg(not(target_arch = "wasm32"))]
pub type List = smallvec::SmallVec<[Id; 1]>;
/// What a map has for an id: a list of ids.
#[cfg(target_arch = "wasm32")]
pub type List = Vec<Id>;

/// A map of ids, kept sorted: two maps with the same entries are the same. Its values are lists of ids, for an
/// experiment may show a variation in each of its sections, and a visitor may hit several goals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdMap(Vec<(Id, List)>);

impl IdMap {
    /// A map without entries.
    pub const EMPTY: IdMap = IdMap(Vec::new());

    /// Puts the list in; of equal ids the last one counts.
    pub fn insert(&mut self, id: Id, ids: impl Into<List>) {
        insert_sorted(&mut self.0, id, ids.into());
    }

    /// Puts a list of one in.
    #[inline(never)]
    pub fn insert_one(&mut self, id: Id, only: Id) {
        self.insert(id, [only]);
    }

    /// The list of that id.
    #[must_use]
    pub fn get(&self, id: Id) -> Option<&[Id]> {
        for (key, ids) in self.iter() {
            if key == id {
                return Some(ids);
            }
        }
        None
    }

    /// The entries, ids ascending.
    pub fn iter(&self) -> impl Iterator<Item = (Id, &[Id])> {
        self.0.iter().map(|(id, ids)| (*id, ids.as_slice()))
    }

    /// The entries, for whoever keeps ids ascending.
    pub(super) fn entries(&mut self) -> &mut Vec<(Id, List)> {
        &mut self.0
    }

    /// Keeps the entries whose list is as it should be.
    pub fn retain(&mut self, keep: fn(&[Id]) -> bool) {
        for (id, ids) in core::mem::take(&mut self.0) {
            if keep(&ids) {
                self.0.push((id, ids));
            }
        }
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
}

impl FromIterator<(Id, Vec<Id>)> for IdMap {
    fn from_iter<I: IntoIterator<Item = (Id, Vec<Id>)>>(entries: I) -> Self {
        let mut map = Self::default();
        for (id, ids) in entries {
            map.insert(id, ids);
        }
        map
    }
}

/// Puts an entry where it belongs in a sorted list of them; of equal keys the last one counts.
pub fn insert_sorted<K: Ord, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    // From behind: most come in order.
    let mut at = entries.len();
    while let Some(before) = at.checked_sub(1)
        && entries.get(before).is_some_and(|(other, _)| *other >= key)
    {
        at = before;
    }
    match entries.get_mut(at) {
        Some((other, old)) if *other == key => *old = value,
        _ => entries.insert(at, (key, value)),
    }
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
        let map: IdMap =
            [(30, 1), (4, 2), (30, 3)].map(|(key, value)| (id(key), vec![id(value)])).into_iter().collect();
        assert_eq!(map.iter().collect::<Vec<_>>(), [(id(4), &[id(2)][..]), (id(30), &[id(3)])]);
    }

    #[test]
    fn joined_ids_are_ids_and_nothing_else() {
        assert_eq!(parse_joined("", b'_'), None);
        assert_eq!(parse_joined("1_", b'_'), None);
        assert_eq!(parse_joined("1_22", b'_').unwrap().len(), 2);
    }
}
