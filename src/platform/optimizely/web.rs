//! What Optimizely Web Experimentation decided for a visitor.
//!
//! ```text
//! get("state").getCampaignStates()  { campaign : { id, experiment { id } | null, variation { id } | null, isActive,
//!                                     isInCampaignHoldback, … } }
//! localStorage   optimizely_data$$<visitor>$$<namespace>$$<field>     namespace: project, or "a" account
//!   layer_states   [ { decision { layerId, experimentId, variationId, isLayerHoldback }, decisionTimestamp, … } ]
//!                  or shorter [ { i, x, v, h, t } ]: what is null may be missing
//!   variation_map  { layer : { experiment : variation } }
//! ```
//! A layer is a campaign. Of several decisions for one campaign the newest counts: what the script says before what was
//! stored, `variation_map`, which has no time, last; and not where it has several experiments of a campaign, for nobody
//! knows which of them was the last. A campaign without experiment and variation was decided where it is active (a
//! personalisation that shows the visitor nothing) or holds the visitor back. Keys of other visitors, projects and origins
//! are somebody else's. Source: Optimizely's web client, two builds; pages that run it.

use crate::values::{
    fields::Decision,
    id::{Id, insert_sorted},
    json::Json,
    page::{Globals, Page},
    problem::{Code, PlatformName, Problem},
    text::parts,
};
use alloc::vec::Vec;

/// What the keys in localStorage begin with.
pub(super) const STORE: &str = "optimizely_data$$";

const LAYER_STATES: &str = "layer_states";
const VARIATION_MAP: &str = "variation_map";

/// How each source calls campaign, experiment, variation and holdback.
const STATE: [&str; 4] = ["id", "experiment", "variation", "isInCampaignHoldback"];
const LAYER: [&str; 4] = ["layerId", "experimentId", "variationId", "isLayerHoldback"];
const SHORT_LAYER: [&str; 4] = ["i", "x", "v", "h"];

/// An entry of localStorage.
#[derive(Debug)]
pub(super) struct Stored<'a> {
    pub(super) visitor: &'a str,
    namespace: &'a str,
    field: &'static str,
    value: &'a str,
}

/// Is it the key of an entry that is read here?
#[must_use]
pub fn is_key(key: &str) -> bool {
    stored(key, "").is_some()
}

fn stored<'a>(key: &'a str, value: &'a str) -> Option<Stored<'a>> {
    let rest = key.strip_prefix(STORE)?;
    let read = |field| rest.strip_suffix(field)?.strip_suffix("$$").map(|rest| (rest, field));
    let (rest, field) = read(LAYER_STATES).or_else(|| read(VARIATION_MAP))?;
    // From the right: a visitor's id may have a `$` of its own, a namespace has none.
    let at = rest.bytes().rposition(|byte| byte == b'$')?;
    let visitor = rest.get(..at)?.strip_suffix('$')?;
    let namespace = rest.get(at..)?.strip_prefix('$')?;
    let is_elsewhere = parts(visitor, b':').skip(1).any(|part| part.starts_with("//"));
    (!is_elsewhere).then_some(Stored { visitor, namespace, field, value })
}

/// What localStorage holds, of whomever.
pub(super) fn stored_by<'a>(page: &'a Page<'_>) -> Vec<Stored<'a>> {
    page.storage.iter().filter_map(|(key, value)| stored(key, value)).collect()
}

/// The visitor of all these entries, if there is exactly one.
pub(super) fn only_visitor<'a>(stored: &[Stored<'a>]) -> Option<&'a str> {
    let visitor = stored.first()?.visitor;
    stored.iter().all(|item| item.visitor == visitor).then_some(visitor)
}

/// What was decided for the visitor, campaigns ascending.
pub(super) fn decisions(
    globals: &Globals,
    stored: &[Stored<'_>],
    visitor: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Decision> {
    let mut decided = Decided::default();
    for item in stored {
        if item.visitor != visitor || !is_of(globals, item.namespace) {
            continue;
        }
        let json = Json::parse(item.value).unwrap_or_default();
        let usable = if item.field == LAYER_STATES { decided.add_layers(json) } else { decided.add_variations(json) };
        if !usable {
            Problem::new(PlatformName::Optimizely, Code::MalformedCookie, item.field).report(problems);
        }
    }
    if let Some(states) = &globals.optimizely_states
        && !decided.add_states(Json::parse(states).unwrap_or_default())
    {
        Problem::new(PlatformName::Optimizely, Code::MalformedCookie, "campaignStates").report(problems);
    }
    decided.0.into_iter().map(|(_, (_, decision))| decision).collect()
}

/// May this be the namespace of the page's project, or of its account?
fn is_of(globals: &Globals, namespace: &str) -> bool {
    let (known, text) = match namespace.strip_prefix('a') {
        Some(account) => (globals.optimizely_account, account),
        None => (globals.optimizely_project, namespace),
    };
    known.is_none() || known == Id::parse(text)
}

/// Campaigns, each with the newest decision so far and its time. These functions say whether all that they saw was of use.
#[derive(Default)]
struct Decided(Vec<(Id, (u64, Decision))>);

impl Decided {
    /// Of decisions of one time the last one counts.
    fn add(&mut self, time: u64, decision: Option<Decision>) -> bool {
        let Some(decision) = decision else { return false };
        let campaign = decision.campaign;
        if !self.0.iter().any(|(other, (known, _))| *other == campaign && *known > time) {
            insert_sorted(&mut self.0, campaign, (time, decision));
        }
        true
    }

    fn add_layers(&mut self, json: Json<'_>) -> bool {
        let mut usable = json.is_array();
        for layer in json.items() {
            let layer = layer.members();
            let (decision, time) = match layer.get("decision") {
                Some(decision) => (Decision::read(&decision.members(), LAYER), "decisionTimestamp"),
                None => (Decision::read(&layer, SHORT_LAYER), "t"),
            };
            let time = layer.get(time).and_then(Id::from_json).unwrap_or_default();
            // Behind what has no time at all.
            usable &= self.add(time.number().saturating_add(1), decision);
        }
        usable
    }

    fn add_variations(&mut self, json: Json<'_>) -> bool {
        let mut usable = json.is_object();
        for (campaign, experiments) in json.entries() {
            usable &= experiments.is_object();
            let mut entries = experiments.entries();
            if let (Some((experiment, variation)), None) = (entries.next(), entries.next()) {
                let decision = match (Id::parse(&campaign), Id::parse(&experiment), Id::from_json(variation)) {
                    (Some(campaign), experiment @ Some(_), variation @ Some(_)) => {
                        Some(Decision { campaign, experiment, variation, holdback: false })
                    }
                    _ => None,
                };
                usable &= self.add(0, decision);
            }
        }
        usable
    }

    fn add_states(&mut self, json: Json<'_>) -> bool {
        let mut usable = json.is_object();
        for (_, state) in json.entries() {
            let state = state.members();
            let decision = Decision::read(&state, STATE);
            let decided = decision.as_ref().is_none_or(|decision| {
                decision.holdback || decision.experiment.is_some() || decision.variation.is_some()
            });
            if decided || state.get("isActive").is_some_and(Json::is_true) {
                usable &= self.add(u64::MAX, decision);
            }
        }
        usable
    }
}
