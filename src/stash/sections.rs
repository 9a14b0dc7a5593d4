//! What the sections of a token hold: each platform's visitor, in bits.
//!
//! These functions are the format. They write and they read: see [`Bits`]. A field is never taken out or moved; what is
//! new gets a section of its own.

use super::bits::Bits;
use crate::{
    platform::{convert, kameleoon, optimizely, vwo},
    values::id::{Id, IdMap, Variations},
};
use alloc::{string::String, vec::Vec};

/// A map's ids: their count, then the ids.
fn keys<V>(bits: &mut Bits, map: Option<&IdMap<V>>) -> Vec<Id> {
    let ids: Vec<Id> = map.into_iter().flat_map(IdMap::iter).map(|(id, _)| id).collect();
    let count = bits.count(ids.len());
    bits.ids(count, &ids)
}

/// A map whose values are, or can be seen as, lists of ids.
fn map<V>(
    bits: &mut Bits,
    map: Option<&IdMap<V>>,
    list: impl Fn(&V) -> &[Id],
    value: impl Fn(Vec<Id>) -> Option<V>,
) -> Option<IdMap<V>> {
    let keys = keys(bits, map);
    lists(bits, &keys, map, list, value)
}

/// The values of a map whose keys are known.
fn lists<V>(
    bits: &mut Bits,
    keys: &[Id],
    map: Option<&IdMap<V>>,
    list: impl Fn(&V) -> &[Id],
    value: impl Fn(Vec<Id>) -> Option<V>,
) -> Option<IdMap<V>> {
    let given: Vec<&[Id]> = map.into_iter().flat_map(IdMap::iter).map(|(_, value)| list(value)).collect();
    let lists = bits.lists(keys.len(), &given);
    keys.iter().zip(lists).map(|(key, ids)| Some((*key, value(ids)?))).collect()
}

fn one(ids: Vec<Id>) -> Option<Id> {
    match ids.as_slice() {
        [id] => Some(*id),
        _ => None,
    }
}

pub(super) fn optimizely(bits: &mut Bits, given: Option<&optimizely::Visitor>) -> Option<optimizely::Visitor> {
    use optimizely::{EndUserId, Visitor};
    let text = |id: &EndUserId| String::from(id.as_str());
    Some(Visitor {
        end_user_id: EndUserId::parse(&bits.text(&given.map(|v| text(&v.end_user_id)).unwrap_or_default()))?,
        user_id: match bits.optional_text(given.and_then(|v| v.user_id.as_ref()).map(EndUserId::as_str)) {
            Some(text) => Some(EndUserId::parse(&text)?),
            None => None,
        },
        account: bits.optional_id(given.and_then(|v| v.account)),
        project: bits.optional_id(given.and_then(|v| v.project)),
        experiments: map(bits, given.map(|v| &v.experiments), Variations::ids, Variations::new)?,
        segments: {
            let segments = given.map(|v| &v.segments);
            let mut values = segments.into_iter().flat_map(IdMap::iter).map(|(_, value)| value.as_str());
            keys(bits, segments).into_iter().map(|key| (key, bits.text(values.next().unwrap_or("")))).collect()
        },
        decisions: Vec::new(), // a section of their own
    })
}

pub(super) fn decisions(bits: &mut Bits, given: &[optimizely::Decision]) -> Option<Vec<optimizely::Decision>> {
    let count = bits.count(given.len());
    let mut given = given.iter();
    (0..count)
        .map(|_| {
            let given = given.next();
            Some(optimizely::Decision {
                campaign: Id::from_number(bits.number(given.map_or(0, |d| d.campaign.number())))?,
                experiment: bits.optional_id(given.and_then(|d| d.experiment)),
                variation: bits.optional_id(given.and_then(|d| d.variation)),
                holdback: bits.bit(given.is_some_and(|d| d.holdback)),
            })
        })
        .collect()
}

pub(super) fn vwo(bits: &mut Bits, given: Option<&vwo::Visitor>) -> Option<vwo::Visitor> {
    use vwo::{Visitor, WebUuid};
    Some(Visitor {
        uuid: match bits.optional_text(given.and_then(|v| v.uuid.as_ref()).map(WebUuid::as_str)) {
            Some(text) => Some(WebUuid::parse(&text)?),
            None => None,
        },
        account: bits.optional_id(given.and_then(|v| v.account)),
        campaigns: map(bits, given.map(|v| &v.campaigns), Variations::ids, Variations::new)?,
        session: bits.optional(given.and_then(|v| v.session)),
    })
}

pub(super) fn kameleoon(bits: &mut Bits, given: Option<&kameleoon::Visitor>) -> Option<kameleoon::Visitor> {
    use kameleoon::{SiteCode, Visitor, VisitorCode};
    Some(Visitor {
        code: VisitorCode::parse(&bits.text(given.map_or("", |v| v.code.as_str())))?,
        site: match bits.optional_text(given.and_then(|v| v.site.as_ref()).map(SiteCode::as_str)) {
            Some(text) => Some(SiteCode::parse(&text)?),
            None => None,
        },
        experiments: map(bits, given.map(|v| &v.experiments), core::slice::from_ref, one)?,
    })
}

pub(super) fn convert(bits: &mut Bits, given: Option<&convert::Visitor>) -> Option<convert::Visitor> {
    use convert::{Visitor, VisitorId};
    let id = match bits.optional_text(given.and_then(|v| v.id.as_ref()).map(VisitorId::as_str)) {
        Some(text) => Some(VisitorId::parse(&text)?),
        None => None,
    };
    let account = bits.optional_id(given.and_then(|v| v.account));
    let project = bits.optional_id(given.and_then(|v| v.project));
    let experiences = map(bits, given.map(|v| &v.experiences), core::slice::from_ref, one)?;
    // Goals hang on the experiences, as a rule on each of them: then their ids need not be said again.
    let seen: Vec<Id> = experiences.iter().map(|(id, _)| id).collect();
    let goals = given.map(|v| &v.goals);
    let same = bits.bit(goals.is_some_and(|goals| goals.iter().map(|(id, _)| id).eq(seen.iter().copied())));
    let keys = if same { seen } else { keys(bits, goals) };
    Some(Visitor {
        id,
        account,
        project,
        experiences,
        goals: lists(bits, &keys, goals, Vec::as_slice, Some)?,
        segments: {
            let segments = given.map_or(&[][..], |v| v.segments.as_slice());
            let count = bits.count(segments.len());
            bits.ids(count, segments)
        },
    })
}

pub(super) fn call_trackers(bits: &mut Bits, given: &[(String, String)]) -> Vec<(String, String)> {
    let count = bits.count(given.len());
    let mut given = given.iter();
    (0..count)
        .map(|_| {
            let (tracker, id) = given.next().map_or(("", ""), |(tracker, id)| (tracker.as_str(), id.as_str()));
            (bits.text(tracker), bits.text(id))
        })
        .collect()
}
