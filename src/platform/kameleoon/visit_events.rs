//! Kameleoon's Data API.
//!
//! ```text
//! POST https://<data host>/visit/events?siteCode=<site>&visitorCode=<code>&json=true
//! [{"nonce":<16 hex>,"eventType":"CONVERSION","goalId":<id>[,"revenue":<decimal>][,"negative":<bool>][,"metadata":{…}]}]
//! ```
//! Source: the vendor's document "Kameleoon: Processing offline goal conversions in experiments" and its API reference
//! (send-visitor-events). The document's prose says
//! `goalID`; its example and the SDKs say `goalId`. A nonce is unique to its event; that the server dedupes by it is
//! documented nowhere. There is no field for a time: a conversion counts when it arrives.

use super::{Kameleoon, SiteCode, VisitorCode};
use crate::{
    platform::Told,
    values::{
        host::HostName,
        idempotency::{IdempotencyKey, push_hex},
        json::Writer,
        percent,
        personal::is_personal,
        problem::{Code, PlatformName, Reason},
        request::{Draft, Drafts, Format, Post, PostVisitor, Repeat, Url},
    },
};
use alloc::string::String;

const PLATFORM: PlatformName = PlatformName::Kameleoon;

/// The document speaks of a "`mappingIdentifier` parameter"; the SDKs and older documents send this one.
const MAPPING_PARAMETER: &str = "mappingValue";

/// Without it the body would be read as lines of text.
const JSON: &str = "&json=true";

/// "Body 3 MB", in its API reference.
const LIMIT: usize = 3_000_000;

/// Days within which Kameleoon attributes a conversion to an earlier visit, unless an experiment says otherwise.
const ATTRIBUTION_DAYS: u64 = 7;

pub(super) fn request(
    told: &Told<'_, Kameleoon>,
    site: &SiteCode,
    host: &HostName,
    drafts: &mut Drafts,
) -> Result<(), Reason> {
    let goal = told.goal;
    let refund = told.facts.revenue.is_some_and(|revenue| revenue.is_negative());
    // Kameleoon's amounts are positive and its conversions negative: an amount below zero takes back, it cannot add.
    let negative = match goal.negative {
        Some(false) if refund => return Err(Reason::new(Code::InvalidConversion, "negative")),
        None if refund => Some(true),
        negative => negative,
    };
    let goal_id = goal.goal.ok_or(Reason::new(Code::InvalidConversion, "goalId"))?.text();
    let visitor = goal.mapping_value.as_deref().or(told.visitor.code.as_ref().map(VisitorCode::as_str));
    let visitor = visitor.ok_or(Reason::new(Code::NoVisitorId, "kameleoonVisitorCode"))?;
    let key = IdempotencyKey::new(PLATFORM.name(), site.as_str(), "", &goal_id, &told.facts.id);

    let mut url = Url::new(&["https://", host.as_str(), "/visit/events"]);
    url.text("siteCode", site.as_str());
    let post_visitor = match &goal.mapping_value {
        Some(value) => {
            // It stands for every event of the request: two of them never share one.
            url.text(MAPPING_PARAMETER, value);
            PostVisitor { url: (String::from(JSON), JSON), ..PostVisitor::default() }
        }
        None => by_code(visitor),
    };

    let mut event = Writer::default();
    let mut nonce = String::new();
    push_hex(&mut nonce, &key.nonce(visitor));
    event.open('{');
    event.member("nonce", &nonce);
    event.member("eventType", "CONVERSION");
    event.name("goalId");
    event.raw(&goal_id);
    if let Some(revenue) = told.facts.revenue {
        let mut amount = String::new();
        revenue.abs().push_decimal(&mut amount);
        event.name("revenue");
        event.raw(&amount);
    }
    if let Some(negative) = negative {
        event.flag("negative", negative);
    }
    if let Some(metadata) = &goal.metadata {
        event.name("metadata");
        event.raw(metadata);
    }
    event.close('}');

    if goal.mapping_value.as_deref().is_some_and(is_personal) {
        drafts.warn(PLATFORM, Code::PersonalData, "mappingValue");
    }
    told.facts.warn_counted_at_arrival(PLATFORM, drafts);
    if let (Some(captured), Some(at)) = (told.captured_at, told.facts.at.or(told.facts.now))
        && at.day().saturating_sub(captured.day()) > ATTRIBUTION_DAYS
    {
        drafts.warn(PLATFORM, Code::PastAttributionWindow, "7");
    }
    drafts.requests.push(Draft {
        platform: PLATFORM,
        url: url.finish(),
        post: Some(Post {
            format: Format::Json,
            limit: LIMIT,
            head: String::from("["),
            tail: "]",
            visitor: post_visitor,
            event: event.finish(),
        }),
        key,
        repeat: Repeat::Unproven,
    });
    Ok(())
}

/// How a request names a visitor by its code: in the URL, or, where it is about several, in each event.
fn by_code(code: &str) -> PostVisitor {
    let mut url = String::from("&visitorCode=");
    percent::encode(&mut url, code);
    url.push_str(JSON);
    let mut member = Writer::default();
    member.member("visitorCode", code);
    let mut member = member.finish();
    member.push(',');
    PostVisitor { url: (url, JSON), member, ..PostVisitor::default() }
}
