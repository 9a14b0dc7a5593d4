//! Walking over a visitor, field by field.
//!
//! A platform says once which fields its visitor has ([`Platform::walk`](crate::platform::Platform::walk)). Whoever wants
//! to do something with all of them is a walker: [`FromJson`] and [`ToJson`] here, the token's bits in `stash`. So what
//! is read, what is written and what travels cannot drift apart.

use super::{
    id::{Id, IdMap, from_json_array, insert_sorted, parse_joined, push_joined},
    json::{Json, Members, Writer},
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
    /// May a list of this shape have so many ids?
    #[must_use]
    pub fn fits(self, count: usize) -> bool {
        match self {
            Shape::One => count == 1,
            Shape::Any => true,
            Shape::Joined | Shape::Several => count > 0,
        }
    }
}

/// A decision of an experimentation tool that decides per campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The campaign.
    pub campaign: Id,
    /// The experiment; nothing for a visitor whom a personalisation shows nothing.
    pub experiment: Option<Id>,
    /// The variation; likewise.
    pub variation: Option<Id>,
    /// Was the visitor held back from the campaign?
    pub holdback: bool,
}

impl Decision {
    /// How the public contract calls campaign, experiment, variation and holdback.
    const NAMES: [&str; 4] = ["campaignId", "experimentId", "variationId", "isCampaignHoldback"];

    /// The decision in members of these names. Experiment and variation may be missing or `null`; where they, or the
    /// campaign, are no ids, this is nothing. An object counts as its `id`.
    #[must_use]
    pub fn read(json: &Members<'_>, [campaign, experiment, variation, holdback]: [&str; 4]) -> Option<Self> {
        let id = |name| match json.get(name) {
            Some(json) => Id::parse(&json.get("id").unwrap_or(json).scalar()?).map(Some),
            None => Some(None),
        };
        Some(Decision {
            campaign: id(campaign)??,
            experiment: id(experiment)?,
            variation: id(variation)?,
            holdback: json.get(holdback).is_some_and(Json::is_true),
        })
    }

    /// A list of decisions, with members of these names.
    pub fn write_all(decisions: &[Self], [campaign, experiment, variation, holdback]: [&str; 4], out: &mut Writer) {
        out.open('[');
        for decision in decisions {
            out.open('{');
            let ids = [Some(decision.campaign), decision.experiment, decision.variation];
            for (name, id) in [campaign, experiment, variation].into_iter().zip(ids) {
                match id {
                    Some(id) => out.member(name, &id.text()),
                    None => {
                        out.name(name);
                        out.raw("null");
                    }
                }
            }
            out.flag(holdback, decision.holdback);
            out.close('}');
        }
        out.close(']');
    }
}

/// A walker: it is handed each field with its name, to read it or to fill it. A field that it does not care for stays.
#[allow(unused_variables)]
pub trait Fields {
    /// A text.
    fn text(&mut self, name: &'static str, value: &mut Option<String>) {}
    /// An id.
    fn id(&mut self, name: &'static str, value: &mut Option<Id>) {}
    /// A number that JavaScript holds exactly.
    fn number(&mut self, name: &'static str, value: &mut Option<Id>) {}
    /// Ids → lists of ids.
    fn map(&mut self, name: &'static str, shape: Shape, map: &mut IdMap) {}
    /// A list of ids.
    fn ids(&mut self, name: &'static str, ids: &mut Vec<Id>) {}
    /// Ids → texts.
    fn texts(&mut self, name: &'static str, texts: &mut Vec<(Id, String)>) {}
    /// Decisions.
    fn decisions(&mut self, name: &'static str, decisions: &mut Vec<Decision>) {}
}

/// Fills a visitor from a JSON object; what is not usable in it is left out.
#[derive(Debug)]
pub struct FromJson<'a>(pub Members<'a>);

impl Fields for FromJson<'_> {
    fn text(&mut self, name: &'static str, value: &mut Option<String>) {
        *value = self.0.text(name);
    }

    fn id(&mut self, name: &'static str, value: &mut Option<Id>) {
        *value = self.0.get(name).and_then(Id::from_json);
    }

    fn number(&mut self, name: &'static str, value: &mut Option<Id>) {
        self.id(name, value);
    }

    fn map(&mut self, name: &'static str, shape: Shape, map: &mut IdMap) {
        read_map(self.0.get(name).unwrap_or_default(), shape, map);
    }

    fn ids(&mut self, name: &'static str, ids: &mut Vec<Id>) {
        ids.extend(self.0.get(name).unwrap_or_default().items().filter_map(Id::from_json));
    }

    fn texts(&mut self, name: &'static str, texts: &mut Vec<(Id, String)>) {
        for (key, json) in self.0.get(name).unwrap_or_default().entries() {
            if let (Some(id), Some(text)) = (Id::parse(&key), json.text()) {
                insert_sorted(texts, id, text);
            }
        }
    }

    fn decisions(&mut self, name: &'static str, decisions: &mut Vec<Decision>) {
        for json in self.0.get(name).unwrap_or_default().items() {
            decisions.extend(Decision::read(&json.members(), Decision::NAMES));
        }
    }
}

/// The entries of a JSON object that are ids and lists of that shape.
pub fn read_map(json: Json<'_>, shape: Shape, map: &mut IdMap) {
    for (key, value) in json.entries() {
        let ids = match shape {
            Shape::Joined | Shape::One => value.scalar().and_then(|text| parse_joined(&text, b'_')),
            Shape::Several | Shape::Any => from_json_array(value),
        };
        match (Id::parse(&key), ids) {
            (Some(id), Some(ids)) if shape.fits(ids.len()) => map.insert(id, ids),
            _ => {}
        }
    }
}

/// Writes a visitor's fields as members of a JSON object.
#[derive(Debug)]
pub struct ToJson<'a>(pub &'a mut Writer);

impl Fields for ToJson<'_> {
    fn text(&mut self, name: &'static str, value: &mut Option<String>) {
        if let Some(text) = value {
            self.0.member(name, text);
        }
    }

    fn id(&mut self, name: &'static str, value: &mut Option<Id>) {
        if let Some(id) = value {
            self.0.member(name, &id.text());
        }
    }

    fn number(&mut self, name: &'static str, value: &mut Option<Id>) {
        if let Some(number) = value {
            self.0.name(name);
            self.0.raw(&number.text());
        }
    }

    fn map(&mut self, name: &'static str, shape: Shape, map: &mut IdMap) {
        self.0.name(name);
        self.0.open('{');
        for (id, ids) in map.iter() {
            self.0.name(&id.text());
            if matches!(shape, Shape::Several | Shape::Any) {
                self.list(ids);
            } else {
                let mut text = String::new();
                push_joined(&mut text, ids, "_");
                self.0.text(&text);
            }
        }
        self.0.close('}');
    }

    fn ids(&mut self, name: &'static str, ids: &mut Vec<Id>) {
        self.0.name(name);
        self.list(ids);
    }

    fn texts(&mut self, name: &'static str, texts: &mut Vec<(Id, String)>) {
        self.0.name(name);
        self.0.open('{');
        for (id, text) in texts {
            self.0.member(&id.text(), text);
        }
        self.0.close('}');
    }

    fn decisions(&mut self, name: &'static str, decisions: &mut Vec<Decision>) {
        if !decisions.is_empty() {
            self.0.name(name);
            Decision::write_all(decisions, Decision::NAMES, self.0);
        }
    }
}

impl ToJson<'_> {
    fn list(&mut self, ids: &[Id]) {
        self.0.open('[');
        for id in ids {
            self.0.text(&id.text());
        }
        self.0.close(']');
    }
}
