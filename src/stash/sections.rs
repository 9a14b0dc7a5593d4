//! What the sections of a token hold: a visitor's fields, in bits.
//!
//! ```text
//! text      1 bit: is there one? then the text
//! id        optional
//! map       1 bit: are its ids those of the map before it in this section (at first: none)? if not, ids;
//!           then, if there are ids: 1 bit: has every list exactly one id? if not, gamma for each: how many;
//!           then, if there are any: all ids of all lists, as in `ids` but without their count
//! texts     ids, then a text each
//! decisions gamma: how many; then each: number, optional, optional, 1 bit      in a section of their own
//! ```
//! These functions write and they read, see [`Bits`]; the order of the fields is the order of the platform's `walk`. A
//! field is never taken out or moved.

use super::bits::Bits;
use crate::values::{
    fields::{Decision, Fields, Shape},
    id::{Id, IdMap},
    room,
};
use alloc::{string::String, vec::Vec};

/// The walker of a platform's own section.
pub(super) struct Section<'a> {
    pub(super) bits: &'a mut Bits,
    /// The ids of the map before: what a visitor has goals for are, as a rule, the experiences that it saw.
    pub(super) keys: Vec<Id>,
}

impl Fields for Section<'_> {
    fn text(&mut self, _: &'static str, value: &mut Option<String>) {
        *value = self.bits.optional_text(value.as_deref());
    }

    fn id(&mut self, _: &'static str, value: &mut Option<Id>) {
        *value = self.bits.optional(*value);
    }

    fn number(&mut self, _: &'static str, value: &mut Option<Id>) {
        let safe = |number: &Id| number.number() <= Id::MAX_SAFE;
        let given = value.filter(safe);
        *value = self.bits.optional(given).filter(safe);
    }

    fn map(&mut self, _: &'static str, shape: Shape, map: &mut IdMap) {
        let mut given = room::list(map.len());
        let mut lists = room::list(map.len());
        for (id, ids) in map.iter() {
            given.push(id);
            lists.push(ids);
        }
        if !self.bits.bit(given == self.keys) {
            self.keys = self.keys_of(&given);
        }
        let lists = self.bits.lists(self.keys.len(), &lists);
        if !self.bits.made_sense() {
            return;
        }
        let mut out = IdMap::default();
        for (id, list) in self.keys.iter().zip(lists) {
            if shape.fits(list.len()) {
                out.insert(*id, list);
            }
        }
        *map = out;
    }

    fn ids(&mut self, _: &'static str, ids: &mut Vec<Id>) {
        *ids = self.bits.ids(ids);
    }

    fn texts(&mut self, _: &'static str, texts: &mut Vec<(Id, String)>) {
        let mut given = Vec::new();
        for (id, _) in texts.iter() {
            given.push(*id);
        }
        let mut out = Vec::new();
        for (index, id) in self.keys_of(&given).into_iter().enumerate() {
            out.push((id, self.bits.text(texts.get(index).map_or("", |(_, text)| text))));
        }
        *texts = out;
    }
}

impl Section<'_> {
    /// Ids that ascend, as the keys of a map do.
    fn keys_of(&mut self, ids: &[Id]) -> Vec<Id> {
        let ids = self.bits.ids(ids);
        if !ids.is_sorted_by(|one, next| one < next) {
            self.bits.refuse();
        }
        ids
    }
}

/// The walker of the section of decisions, which has nothing else.
pub(super) struct Decisions<'a>(pub(super) &'a mut Bits);

impl Fields for Decisions<'_> {
    fn decisions(&mut self, _: &'static str, decisions: &mut Vec<Decision>) {
        let mut out = Vec::new();
        for index in 0..self.0.count(decisions.len()) {
            let given = decisions.get(index);
            let campaign = self.0.number(given.map_or(0, |given| given.campaign.number()));
            out.push(Decision {
                campaign: Id::from_number(campaign).unwrap_or_default(),
                experiment: self.0.optional(given.and_then(|given| given.experiment)),
                variation: self.0.optional(given.and_then(|given| given.variation)),
                holdback: self.0.bit(given.is_some_and(|given| given.holdback)),
            });
        }
        *decisions = out;
    }
}

/// Call trackers and their ids: gamma: how many; then a text and a text each.
pub(super) fn call_trackers(bits: &mut Bits, given: &[(String, String)]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for index in 0..bits.count(given.len()) {
        let (tracker, id) = given.get(index).map_or(("", ""), |(tracker, id)| (tracker, id));
        let tracker = bits.text(tracker);
        if out.last().is_some_and(|(last, _)| *last >= tracker) {
            bits.refuse();
        }
        out.push((tracker, bits.text(id)));
    }
    out
}
