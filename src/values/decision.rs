//! Decisions of experimentation tools that decide per campaign.

use super::{
    id::Id,
    json::{Members, Writer},
};

/// A decision of an experimentation tool that decides per campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    pub const NAMES: [&str; 4] = ["campaignId", "experimentId", "variationId", "isCampaignHoldback"];

    /// The decision in members of these names. Experiment and variation may be missing or `null`; where they, or the
    /// campaign, are no ids, this is nothing. An object counts as its `id`.
    #[must_use]
    pub fn read(json: &Members<'_>, [campaign, experiment, variation, holdback]: [&str; 4]) -> Option<Self> {
        let mut decision = Decision { holdback: json.or_null(holdback).is_true(), ..Decision::default() };
        let mut id = None;
        let is_whole = read_id(&mut id, json, campaign)
            && read_id(&mut decision.experiment, json, experiment)
            && read_id(&mut decision.variation, json, variation);
        decision.campaign = id?;
        is_whole.then_some(decision)
    }

    /// A list of decisions, with members of these names.
    pub fn write_all(decisions: &[Self], [campaign, experiment, variation, holdback]: [&str; 4], out: &mut Writer) {
        out.open('[');
        for decision in decisions {
            out.open('{');
            write_id(out, campaign, Some(decision.campaign));
            write_id(out, experiment, decision.experiment);
            write_id(out, variation, decision.variation);
            out.flag(holdback, decision.holdback);
            out.close('}');
        }
        out.close(']');
    }
}

/// Reads the id in that member, if there is one. Is it one?
fn read_id(id: &mut Option<Id>, json: &Members<'_>, name: &str) -> bool {
    let Some(json) = json.get(name) else { return true };
    *id = json.get("id").unwrap_or(json).scalar().and_then(|text| Id::parse(&text));
    id.is_some()
}

/// A member that is an id, or `null`.
fn write_id(out: &mut Writer, name: &str, id: Option<Id>) {
    out.name(name);
    match id {
        Some(id) => out.text(&id.text()),
        None => out.raw("null"),
    }
}
