//! What Optimizely knows of a visitor; what Web Experimentation decided is read in [`web`].
//!
//! ```text
//! optimizelyEndUserId = text                         e.g. oeu1403497108674r0.684978179866448
//! optimizelyBuckets   = { experiment : variation }   variation ids of a multivariate test joined by "_"; "0": ignored
//! optimizelySegments  = { segment : value }          values percent-encoded once more by Optimizely
//! optimizelyPPID      = text                         the site's own user id
//! optimizelyOptOut    = "true"                       exactly
//! ```
//! A site of Web Experimentation may bring ids of its own, so what its script says goes before the cookie; where there is
//! neither, localStorage names the visitor, if it knows one only.
//!
//! All values are percent-encoded as a whole; what cannot be decoded counts as it stands. Of cookies of one name the
//! first counts. Source: Optimizely Classic web client of July 2014; Optimizely's developer documentation of 2016.

use super::web;
use crate::values::{
    decision::Decision,
    fields::{Shape, Walker},
    id::{Id, IdMap, insert_sorted, parse_joined},
    json::Json,
    page::Page,
    percent,
    personal::is_personal,
    problem::{Code, PlatformName, Problem, report},
    request::{Drafts, Refused},
    text_id::{is_text_id, text_id},
};
use alloc::{string::String, vec::Vec};

text_id! {
    /// Optimizely's id of a visitor: `oeu…`, or whatever a site that brings its own ids chose.
    EndUserId, |text| is_text_id(text, 512)
}

/// What Optimizely knows of a visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// `optimizelyEndUserId`, or what Web Experimentation goes by instead.
    pub end_user_id: Option<EndUserId>,
    /// `optimizelyPPID`: where a site sets it, Optimizely counts by it.
    pub user_id: Option<EndUserId>,
    /// The account, as the page names it.
    pub account: Option<Id>,
    /// The project, as the page names it.
    pub project: Option<Id>,
    /// What was seen: experiment → variations, one a section.
    pub experiments: IdMap,
    /// Segment → value as stored, sorted.
    pub segments: Vec<(Id, String)>,
    /// What Optimizely Web Experimentation decided.
    pub decisions: Vec<Decision>,
}

impl Visitor {
    /// The id that Optimizely counts by: a universal user id replaces the anonymous one (JavaScript reference of 2016,
    /// "Universal User ID").
    ///
    /// # Errors
    /// `no-visitor-id` where there is neither.
    pub fn counted_by(&self, drafts: &mut Drafts) -> Result<&EndUserId, Refused> {
        let id = self.user_id.as_ref().or(self.end_user_id.as_ref());
        id.ok_or_else(|| drafts.refuse(Code::NoVisitorId, COOKIE))
    }
}

const PLATFORM: PlatformName = PlatformName::Optimizely;
const COOKIE: &str = "optimizelyEndUserId";
/// "0" in any section: Optimizely ignores the visitor in this experiment.
const IGNORED: u64 = 0;

pub(super) fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Visitor> {
    let cookies = &page.cookies;
    if cookies.first("optimizelyOptOut") == Some("true") {
        report(problems, PLATFORM, Code::OptedOut, "optimizelyOptOut");
        return None;
    }
    let stored = web::stored_visitor(page);
    let (mut raw_id, mut name) = (page.global(PLATFORM, "visitorId").text().unwrap_or_default(), "visitorId");
    if raw_id.is_empty() {
        (raw_id, name) = (cookie(page, COOKIE), COOKIE);
    }
    if raw_id.is_empty() {
        (raw_id, name) = (String::from(stored.unwrap_or_default()), web::STORE);
    }
    let end_user_id = user_id(&raw_id, name, problems);
    let user_id = user_id(&cookie(page, "optimizelyPPID"), "optimizelyPPID", problems);
    let mut experiments = IdMap::default();
    object(page, "optimizelyBuckets", problems, |experiment, value| {
        let Some(variations) = parse_joined(&value, b'_') else { return false };
        experiments.insert(experiment, variations);
        true
    });
    experiments.retain(was_seen);
    let mut segments = Vec::new();
    object(page, "optimizelySegments", problems, |segment, value| {
        insert_sorted(&mut segments, segment, value);
        true
    });
    let decisions = web::decisions(page, &raw_id, problems);
    if end_user_id.is_none() {
        let is_seen = user_id.is_some() || !experiments.is_empty() || !segments.is_empty() || !decisions.is_empty();
        if raw_id.is_empty() && (is_seen || stored.is_some()) {
            report(problems, PLATFORM, Code::NoVisitorId, COOKIE);
        }
        return None;
    }
    Some(Visitor {
        end_user_id,
        user_id,
        account: page.global_id(PLATFORM, "accountId"),
        project: page.global_id(PLATFORM, "projectId"),
        experiments,
        segments,
        decisions,
    })
}

fn was_seen(variations: &[Id]) -> bool {
    variations.iter().all(|id| id.number() != IGNORED)
}

/// The text of a cookie; the empty one where there is none.
fn cookie(page: &Page<'_>, name: &str) -> String {
    percent::decode_or_raw(page.cookies.first(name).unwrap_or_default())
}

/// The id that this is: not where it looks like a person's.
fn user_id(value: &str, name: &'static str, problems: &mut Vec<Problem>) -> Option<EndUserId> {
    if is_personal(value) {
        report(problems, PLATFORM, Code::PersonalId, name);
        return None;
    }
    let id = EndUserId::parse(value);
    if id.is_none() && !value.is_empty() {
        report(problems, PLATFORM, Code::MalformedCookie, name);
    }
    id
}

/// A cookie that holds a JSON object of ids and values. `take` says whether it can use an entry.
fn object(page: &Page<'_>, name: &'static str, problems: &mut Vec<Problem>, mut take: impl FnMut(Id, String) -> bool) {
    let Some(text) = page.cookies.first(name).map(percent::decode_or_raw) else { return };
    let json = Json::parse_or_null(&text);
    let mut usable = json.is_object();
    for (key, value) in json.entries() {
        usable &= match (Id::parse(&key), value.scalar()) {
            (Some(id), Some(value)) => take(id, value),
            _ => false,
        };
    }
    if !usable {
        report(problems, PLATFORM, Code::MalformedCookie, name);
    }
}

pub(super) fn walk(visitor: &mut Visitor, walker: &mut Walker<'_>) {
    EndUserId::walk(&mut visitor.end_user_id, "endUserId", walker);
    EndUserId::walk(&mut visitor.user_id, "userId", walker);
    walker.id("accountId", &mut visitor.account);
    walker.id("projectId", &mut visitor.project);
    walker.map("experiments", Shape::Joined, IGNORED, &mut visitor.experiments);
    walker.texts("segments", &mut visitor.segments);
    walker.decisions("decisions", &mut visitor.decisions);
}
