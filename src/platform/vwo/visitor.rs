//! What VWO knows of a visitor in a browser.
//!
//! ```text
//! _vwo_uuid                     = [ "D" | "J" ] 32hex       else _wingify_uuid, else the first part of _vwo_uuid_v2
//! _vwo_uuid_v2                  = uuid "|" 32hex            the bar raw or encoded
//! _vis_opt_exp_<N>_combi        = variation *( "," variation )
//! _vwo_ds                       = meta "$" start ":" …      start of the first session, in seconds
//! _vwo_sn                       = offset ":" …              start of this session, in seconds after that
//! _vis_opt_out                  = "0" | "1" | "2"           opted out
//! _vwo_global_opt_out           = number, not 0             opted out; _wingify_global_opt_out likewise
//! ```
//! Names count in either case, as in VWO's own reader; the first cookie of a name counts; values may be encoded or not.
//! `…_combi_choose` and `…_split` say what was chosen but not yet shown: they are not read. Names that begin with
//! `debug` belong to previews. Sources: VWO's web library (May 2025), SmartCode 2026, VWO's list of cookies.

use super::WebUuid;
use crate::values::{
    fields::{NO_ID, Shape, Walker},
    id::{Id, IdMap, parse_joined},
    page::Page,
    percent,
    problem::{Code, PlatformName, Problem, report},
    text::{DIGIT, before, cut, eat, split_leading},
};
use alloc::{string::String, vec::Vec};

/// What VWO knows of a visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// The browser's visitor id.
    pub uuid: Option<WebUuid>,
    /// The account, as the page names it.
    pub account: Option<Id>,
    /// What was seen: campaign → variations; several for a multi-experience campaign.
    pub campaigns: IdMap,
    /// Start of the visitor's session, in seconds since the epoch.
    pub session: Option<Id>,
}

const PLATFORM: PlatformName = PlatformName::Vwo;

static OPT_OUTS: [&str; 3] = ["_vis_opt_out", "_vwo_global_opt_out", "_wingify_global_opt_out"];

/// Where the visitor's id stands, in the order in which it counts.
static UUIDS: [&str; 3] = ["_vwo_uuid", "_wingify_uuid", "_vwo_uuid_v2"];

pub(super) fn capture(visitor: &mut Visitor, page: &Page<'_>, problems: &mut Vec<Problem>) -> bool {
    if let Some(name) = opted_out(page) {
        report(problems, PLATFORM, Code::OptedOut, name);
        return false;
    }
    let mut malformed = None;
    for (name, value) in page.cookies.iter() {
        let Some(campaign) = campaign_of(name) else { continue };
        match parse_joined(combination(&percent::decode_or_raw(value)), b',') {
            Some(_) if visitor.campaigns.get(campaign).is_some() => {}
            Some(variations) => visitor.campaigns.insert(campaign, variations),
            None => malformed = Some("_vis_opt_exp_…_combi"),
        }
    }
    for name in &UUIDS {
        let value = first(page, name);
        if value.is_empty() {
            continue;
        }
        visitor.uuid = WebUuid::parse(before(&value, b'|'));
        if visitor.uuid.is_some() {
            break;
        }
        malformed = Some(*name);
    }
    if let Some(name) = malformed {
        report(problems, PLATFORM, Code::MalformedCookie, name);
    }
    if visitor.uuid.is_none() {
        if visitor.campaigns.is_empty() {
            return false;
        }
        report(problems, PLATFORM, Code::NoVisitorId, "_vwo_uuid");
    }
    visitor.account = page.global_id(PLATFORM, "accountId");
    visitor.session = session(page);
    true
}

/// The decoded value of the first cookie of that name, in either case; the empty text where there is none.
fn first(page: &Page<'_>, name: &str) -> String {
    for (key, value) in page.cookies.iter() {
        if key.eq_ignore_ascii_case(name) {
            return percent::decode_or_raw(value);
        }
    }
    String::new()
}

/// The opt-out cookie that is set.
fn opted_out(page: &Page<'_>) -> Option<&'static str> {
    for name in &OPT_OUTS {
        let value = first(page, name);
        let mut value = value.trim_ascii();
        let is_set = if *name == "_vis_opt_out" {
            // 0 keeps the experience, but it is an opt-out from being counted all the same.
            matches!(value.as_bytes(), [b'0'..=b'2'])
        } else {
            // VWO asks parseInt: digits at the start, of which one is not 0.
            let _is_signed = eat(&mut value, b'+') || eat(&mut value, b'-');
            while eat(&mut value, b'0') {}
            !split_leading(value, DIGIT).0.is_empty()
        };
        if is_set {
            return Some(name);
        }
    }
    None
}

/// `_vis_opt_exp_<N>_combi` → N
fn campaign_of(name: &str) -> Option<Id> {
    const START: &str = "_vis_opt_exp_";
    let (start, rest) = name.split_at_checked(START.len())?;
    let (digits, end) = split_leading(rest, DIGIT);
    (start.eq_ignore_ascii_case(START) && end.eq_ignore_ascii_case("_combi")).then(|| Id::parse(digits))?
}

/// Without what VWO's own test forgives at the end: spaces, a comma.
fn combination(value: &str) -> &str {
    let value = value.trim_ascii_end();
    value.strip_suffix(",").unwrap_or(value)
}

fn session(page: &Page<'_>) -> Option<Id> {
    let seconds = |text: &str| Id::parse(before(text, b':'));
    let first_session = seconds(cut(&first(page, "_vwo_ds"), b'$')?.1)?;
    // Two ids are small enough for that.
    let session = first_session.number().wrapping_add(seconds(&first(page, "_vwo_sn"))?.number());
    Id::from_number(session).filter(|session| session.number() <= Id::MAX_SAFE)
}

pub(super) fn walk(visitor: &mut Visitor, walker: &mut Walker<'_>) {
    WebUuid::walk(&mut visitor.uuid, "uuid", walker);
    walker.id("accountId", &mut visitor.account);
    walker.map("campaigns", Shape::Several, NO_ID, &mut visitor.campaigns);
    walker.number("sessionId", &mut visitor.session);
}
