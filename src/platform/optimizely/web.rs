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
    decision::Decision,
    id::Id,
    json::Json,
    newest::Newest,
    page::Page,
    problem::{Code, PlatformName, Problem, report},
    text::{behind, has},
};
use alloc::vec::Vec;

/// What the keys in localStorage begin with.
pub(super) const STORE: &str = "optimizely_data$$";

const PLATFORM: PlatformName = PlatformName::Optimizely;
const LAYER_STATES: &str = "layer_states";
const VARIATION_MAP: &str = "variation_map";

/// More campaigns than any visitor sees: what goes beyond was not written by Optimizely, and keeps no page busy.
const MOST: usize = 1000;

/// How each source calls campaign, experiment, variation and holdback.
const STATE: [&str; 4] = ["id", "experiment", "variation", "isInCampaignHoldback"];
const LAYER: [&str; 4] = ["layerId", "experimentId", "variationId", "isLayerHoldback"];
const SHORT_LAYER: [&str; 4] = ["i", "x", "v", "h"];

/// Is it the key of an entry that is read here?
#[must_use]
pub fn is_key(key: &str) -> bool {
    key_parts(key).is_some()
}

/// Visitor and namespace of a key, and whether its field is `layer_states`.
#[inline(never)]
fn key_parts(key: &str) -> Option<(&str, &str, bool)> {
    // From the right: a visitor's id may have a `$` of its own, a namespace has none.
    let (rest, field) = cut_last(key.strip_prefix(STORE)?)?;
    let (visitor, namespace) = cut_last(rest)?;
    let has_layers = field == LAYER_STATES;
    if !has_layers && field != VARIATION_MAP {
        return None;
    }
    let is_elsewhere = has(visitor, b':', "//");
    (!is_elsewhere).then_some((visitor, namespace, has_layers))
}

/// What stands before the last `$$`, and what stands behind it.
fn cut_last(text: &str) -> Option<(&str, &str)> {
    let at = text.bytes().rposition(|byte| byte == b'$')?;
    let (before, last) = text.split_at_checked(at)?;
    Some((before.strip_suffix("$")?, behind(last, b'$')?))
}

/// The visitor whom localStorage knows; the empty text where it knows several.
pub(super) fn stored_visitor<'a>(page: &'a Page<'_>) -> Option<&'a str> {
    let mut only = None;
    for (key, _) in &page.storage {
        if let Some((visitor, ..)) = key_parts(key) {
            only = Some(if only.is_none_or(|only| only == visitor) { visitor } else { "" });
        }
    }
    only
}

/// Puts in what was decided for the visitor, campaigns ascending.
#[inline(never)]
pub(super) fn read_decisions(
    decisions: &mut Vec<Decision>,
    page: &Page<'_>,
    visitor: &str,
    problems: &mut Vec<Problem>,
) {
    let mut decided = Decided { decisions, newest: Newest::default() };
    let mut judge = |usable: bool, field| {
        if !usable {
            report(problems, PLATFORM, Code::MalformedCookie, field);
        }
    };
    for (key, value) in &page.storage {
        if let Some((of, namespace, has_layers)) = key_parts(key)
            && of == visitor
            && is_of(page, namespace)
        {
            let json = Json::parse_or_null(value);
            if has_layers {
                judge(decided.add_layers(json), LAYER_STATES);
            } else {
                judge(decided.add_variations(json), VARIATION_MAP);
            }
        }
    }
    let states = page.global(PLATFORM, "campaignStates");
    if !states.is_null() {
        // A page tells them as a text of its own, for what cannot be read of them shall cost nothing else.
        let text = states.text();
        let states = text.as_deref().map_or(states, Json::parse_or_null);
        judge(decided.add_states(states), "campaignStates");
    }
}

/// May this be the namespace of the page's project, or of its account?
fn is_of(page: &Page<'_>, namespace: &str) -> bool {
    let (name, text) = match behind(namespace, b'a') {
        Some(account) => ("accountId", account),
        None => ("projectId", namespace),
    };
    let known = page.global_id(PLATFORM, name);
    known.is_none() || known == Id::parse(text)
}

/// For each campaign the newest decision so far. These functions say whether all that they saw was of use.
struct Decided<'a> {
    decisions: &'a mut Vec<Decision>,
    newest: Newest,
}

impl Decided<'_> {
    /// Of decisions of one time the last one counts.
    fn add(&mut self, time: Id, decision: Option<Decision>) -> bool {
        let Some(decision) = decision else { return false };
        let mut at = 0_usize;
        while self.decisions.get(at).is_some_and(|known| known.campaign < decision.campaign) {
            at = at.wrapping_add(1);
        }
        let is_full = self.decisions.len() >= MOST;
        let known = self.decisions.get_mut(at).filter(|known| known.campaign == decision.campaign);
        if is_full && known.is_none() {
            return false;
        }
        if self.newest.is_newest(decision.campaign, time) {
            match known {
                Some(known) => *known = decision,
                None => self.decisions.insert(at, decision),
            }
        }
        true
    }

    #[inline(never)]
    fn add_layers(&mut self, json: Json<'_>) -> bool {
        let mut usable = json.is_array();
        for layer in json.items() {
            let layer = layer.members();
            let (decision, time) = match layer.get("decision") {
                Some(decision) => (Decision::read(&decision.members(), LAYER), "decisionTimestamp"),
                None => (Decision::read(&layer, SHORT_LAYER), "t"),
            };
            let time = Id::from_json(layer.or_null(time)).unwrap_or_default();
            // Behind what has no time at all.
            let time = Id::from_number(time.number().wrapping_add(1)).unwrap_or(time);
            usable &= self.add(time, decision);
        }
        usable
    }

    #[inline(never)]
    fn add_variations(&mut self, json: Json<'_>) -> bool {
        let mut usable = json.is_object();
        for (campaign, experiments) in json.entries() {
            usable &= experiments.is_object();
            if let Some((experiment, variation)) = experiments.members().only() {
                let variation = variation.scalar().and_then(|text| Id::parse(&text));
                let decision = match (Id::parse(&campaign), Id::parse(experiment), variation) {
                    (Some(campaign), experiment @ Some(_), variation @ Some(_)) => {
                        Some(Decision { campaign, experiment, variation, holdback: false })
                    }
                    _ => None,
                };
                usable &= self.add(Id::default(), decision);
            }
        }
        usable
    }

    #[inline(never)]
    fn add_states(&mut self, json: Json<'_>) -> bool {
        let mut usable = json.is_object();
        for (_, state) in json.entries() {
            let state = state.members();
            let decision = Decision::read(&state, STATE);
            let decided = decision.as_ref().is_none_or(|decision| {
                decision.holdback || decision.experiment.is_some() || decision.variation.is_some()
            });
            if decided || state.or_null("isActive").is_true() {
                usable &= self.add(Id::MAX, decision);
            }
        }
        usable
    }
}
