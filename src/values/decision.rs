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
        let id = |name| match json.get(name) {
            Some(json) => Id::parse(&json.get("id").unwrap_or(json).scalar()?).map(Some),
            None => Some(None),
        };
        Some(Decision {
            campaign: id(campaign)??,
            experiment: id(experiment)?,
            variation: id(variation)?,
            holdback: json.or_null(holdback).is_true(),
        })
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

/// A member that is an id, or `null`.
fn write_id(out: &mut Writer, name: &str, id: Option<Id>) {
    out.name(name);
    match id {
        Some(id) => out.text(&id.text()),
        None => out.raw("null"),
    }
}
