//! What Optimizely knows of a visitor.
//!
//! ```text
//! optimizelyEndUserId = text                         e.g. oeu1403497108674r0.684978179866448
//! optimizelyBuckets   = { experiment : variation }   variation ids of a multivariate test joined by "_"; "0": ignored
//! optimizelySegments  = { segment : value }          values percent-encoded once more by Optimizely
//! optimizelyPPID      = text                         the site's own user id
//! optimizelyOptOut    = "true"                       exactly
//! ```
//! All values are percent-encoded as a whole; what cannot be decoded counts as it stands. Of cookies of one name the
//! first counts. Source: Optimizely Classic web client of July 2014; Optimizely's developer documentation of 2016.

use crate::values::{
    id::{self, Id, IdMap, Variations},
    json::{Json, Writer},
    page::Page,
    percent,
    personal::is_personal,
    problem::{Code, PlatformName, Problem},
    text_id::text_id,
};
use alloc::{string::String, vec::Vec};

text_id! {
    /// Optimizely's id of a visitor: `oeu…`, or whatever a site that brings its own ids chose.
    EndUserId, 512
}

/// What Optimizely knows of a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// `optimizelyEndUserId`.
    pub end_user_id: EndUserId,
    /// `optimizelyPPID`: where a site sets it, Optimizely counts by it.
    pub user_id: Option<EndUserId>,
    /// The account, as the page names it.
    pub account: Option<Id>,
    /// The project, as the page names it.
    pub project: Option<Id>,
    /// What was seen: experiment → variations, one a section.
    pub experiments: IdMap<Variations>,
    /// Segment → value as stored.
    pub segments: IdMap<String>,
    /// What Optimizely Web Experimentation decided.
    pub decisions: Vec<Decision>,
}

/// A decision of Optimizely Web Experimentation: carried with the visitor, not captured yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The campaign (layer).
    pub campaign: Id,
    /// The experiment; nothing for a visitor whom a personalisation shows nothing.
    pub experiment: Option<Id>,
    /// The variation; likewise.
    pub variation: Option<Id>,
    /// Was the visitor held back from the campaign?
    pub holdback: bool,
}

const PLATFORM: PlatformName = PlatformName::Optimizely;

pub(super) fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Visitor> {
    let cookies = &page.cookies;
    if cookies.first("optimizelyOptOut") == Some("true") {
        problems.push(Problem::new(PLATFORM, Code::OptedOut, "optimizelyOptOut"));
        return None;
    }
    let before = problems.len();
    let end_user_id = user_id(page, "optimizelyEndUserId", problems);
    let left_out = problems.len() > before;
    let user_id = user_id(page, "optimizelyPPID", problems);
    let experiments = object(page, "optimizelyBuckets", problems, |value| {
        let value = value.scalar()?;
        match Variations::parse(&value, '_') {
            // "0" in any section: Optimizely ignores the visitor.
            Some(variations) if variations.ids().iter().any(|id| id.number() == 0) => Some(None),
            Some(variations) => Some(Some(variations)),
            None => None,
        }
    });
    let segments = object(page, "optimizelySegments", problems, |value| value.scalar().map(Some));
    let Some(end_user_id) = end_user_id else {
        if !left_out && (user_id.is_some() || !experiments.is_empty() || !segments.is_empty()) {
            problems.push(Problem::new(PLATFORM, Code::NoVisitorId, "optimizelyEndUserId"));
        }
        return None;
    };
    Some(Visitor {
        end_user_id,
        user_id,
        account: page.globals.optimizely_account,
        project: page.globals.optimizely_project,
        experiments,
        segments,
        decisions: Vec::new(),
    })
}

/// An id in a cookie: not where it looks like a person's.
fn user_id(page: &Page<'_>, name: &'static str, problems: &mut Vec<Problem>) -> Option<EndUserId> {
    let value = page.cookies.first(name).filter(|value| !value.is_empty())?;
    let value = percent::decode_or_raw(value);
    if is_personal(&value) {
        problems.push(Problem::new(PLATFORM, Code::PersonalId, name));
        return None;
    }
    let id = EndUserId::parse(&value);
    if id.is_none() {
        problems.push(Problem::new(PLATFORM, Code::MalformedCookie, name));
    }
    id
}

/// A cookie that holds a JSON object: id → what `value` makes of it (`Some(None)`: rightly nothing).
fn object<V>(
    page: &Page<'_>,
    name: &'static str,
    problems: &mut Vec<Problem>,
    value: impl Fn(Json<'_>) -> Option<Option<V>>,
) -> IdMap<V> {
    let mut map = IdMap::default();
    let Some(text) = page.cookies.first(name).map(percent::decode_or_raw) else { return map };
    let json = Json::parse(&text).filter(|json| json.is_object());
    let mut malformed = json.is_none();
    for (key, json) in json.into_iter().flat_map(Json::entries) {
        match (Id::parse(&key), value(json)) {
            (Some(id), Some(Some(value))) => map.insert(id, value),
            (Some(_), Some(None)) => {}
            _ => malformed = true,
        }
    }
    if malformed {
        problems.push(Problem::new(PLATFORM, Code::MalformedCookie, name));
    }
    map
}

pub(super) fn read(json: Json<'_>) -> Option<Visitor> {
    let id = |name| json.get(name).and_then(Id::from_json);
    let text_id = |name| json.get(name).and_then(Json::text).and_then(|text| EndUserId::parse(&text));
    Some(Visitor {
        end_user_id: text_id("endUserId")?,
        user_id: text_id("userId"),
        account: id("accountId"),
        project: id("projectId"),
        experiments: IdMap::from_json(json.get("experiments"), |value| Variations::parse(&value.scalar()?, '_')),
        segments: IdMap::from_json(json.get("segments"), |value| value.text()),
        decisions: json
            .get("decisions")
            .into_iter()
            .flat_map(Json::items)
            .filter_map(|decision| {
                let id = |name| decision.get(name).and_then(Id::from_json);
                Some(Decision {
                    campaign: id("campaignId")?,
                    experiment: id("experimentId"),
                    variation: id("variationId"),
                    holdback: decision.get("isCampaignHoldback").is_some_and(Json::is_true),
                })
            })
            .collect(),
    })
}

pub(super) fn write(visitor: &Visitor, out: &mut Writer) {
    out.open('{');
    out.member("endUserId", visitor.end_user_id.as_str());
    if let Some(user_id) = &visitor.user_id {
        out.member("userId", user_id.as_str());
    }
    id::write_optional(out, "accountId", visitor.account);
    id::write_optional(out, "projectId", visitor.project);
    out.name("experiments");
    id::write_map(out, &visitor.experiments, |out, variations| {
        let mut text = String::new();
        id::push_joined(&mut text, variations.ids(), '_');
        out.text(&text);
    });
    out.name("segments");
    id::write_map(out, &visitor.segments, |out, value| out.text(value));
    if !visitor.decisions.is_empty() {
        out.name("decisions");
        out.open('[');
        for decision in &visitor.decisions {
            let nullable = |out: &mut Writer, name, id: Option<Id>| match id {
                Some(id) => out.member(name, &id.text()),
                None => {
                    out.name(name);
                    out.raw("null");
                }
            };
            out.open('{');
            out.member("campaignId", &decision.campaign.text());
            nullable(out, "experimentId", decision.experiment);
            nullable(out, "variationId", decision.variation);
            out.name("isCampaignHoldback");
            out.raw(if decision.holdback { "true" } else { "false" });
            out.close('}');
        }
        out.close(']');
    }
    out.close('}');
}
