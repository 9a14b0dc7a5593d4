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
const BUCKETS: &str = "optimizelyBuckets";
/// "0" in any section: Optimizely ignores the visitor in this experiment.
const IGNORED: u64 = 0;

pub(super) fn capture(visitor: &mut Visitor, page: &Page<'_>, problems: &mut Vec<Problem>) -> bool {
    if page.cookies.first("optimizelyOptOut") == Some("true") {
        report(problems, PLATFORM, Code::OptedOut, "optimizelyOptOut");
        return false;
    }
    let stored = web::stored_visitor(page);
    let told = page.global_text(PLATFORM, "visitorId");
    let cookie = page.cookie(COOKIE);
    let (raw_id, name) = if !told.is_empty() {
        (told.as_str(), "visitorId")
    } else if !cookie.is_empty() {
        (cookie.as_str(), COOKIE)
    } else {
        (stored.unwrap_or_default(), web::STORE)
    };
    read_id(&mut visitor.end_user_id, raw_id, name, problems);
    read_id(&mut visitor.user_id, &page.cookie("optimizelyPPID"), "optimizelyPPID", problems);
    read_object(visitor, page, BUCKETS, problems);
    read_object(visitor, page, "optimizelySegments", problems);
    visitor.experiments.retain(was_seen);
    web::read_decisions(&mut visitor.decisions, page, raw_id, problems);
    if visitor.end_user_id.is_some() {
        visitor.account = page.global_id(PLATFORM, "accountId");
        visitor.project = page.global_id(PLATFORM, "projectId");
        return true;
    }
    let is_seen = visitor.user_id.is_some()
        || !visitor.experiments.is_empty()
        || !visitor.segments.is_empty()
        || !visitor.decisions.is_empty();
    if raw_id.is_empty() && (is_seen || stored.is_some()) {
        report(problems, PLATFORM, Code::NoVisitorId, COOKIE);
    }
    false
}

fn was_seen(variations: &[Id]) -> bool {
    variations.iter().all(|id| id.number() != IGNORED)
}

/// The id that this is: not where it looks like a person's.
#[inline(never)]
fn read_id(id: &mut Option<EndUserId>, value: &str, name: &'static str, problems: &mut Vec<Problem>) {
    let code = if is_personal(value) {
        Code::PersonalId
    } else {
        *id = EndUserId::parse(value);
        if id.is_some() || value.is_empty() {
            return;
        }
        Code::MalformedCookie
    };
    report(problems, PLATFORM, code, name);
}

/// A cookie that holds a JSON object of ids and values: variations of experiments, or segments.
#[inline(never)]
fn read_object(visitor: &mut Visitor, page: &Page<'_>, name: &'static str, problems: &mut Vec<Problem>) {
    let Some(text) = page.cookies.first(name) else { return };
    let text = percent::decode_or_raw(text);
    let json = Json::parse_or_null(&text);
    let mut usable = json.is_object();
    for (key, value) in json.entries() {
        match (Id::parse(&key), value.scalar()) {
            (Some(id), Some(value)) if name != BUCKETS => insert_sorted(&mut visitor.segments, id, value),
            (Some(id), Some(value)) => match parse_joined(&value, b'_') {
                Some(variations) => visitor.experiments.insert(id, variations),
                None => usable = false,
            },
            _ => usable = false,
        }
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
