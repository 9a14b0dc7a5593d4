//! Kameleoon's Data API.
//!
//! ```text
//! POST https://<data host>/visit/events?siteCode=<site>&visitorCode=<code>&json=true
//! [{"nonce":<16 hex>,"eventType":"CONVERSION","goalId":<id>[,"revenue":<decimal>][,"negative":<bool>][,"metadata":{…}]}]
//! ```
//! Source: the vendor's document "Kameleoon: Processing offline goal conversions in experiments" and its API reference
//! (send-visitor-events). Without `json=true` the body would be read as lines of text. The document's prose says
//! `goalID`; its example and the SDKs say `goalId`. A nonce is unique to its event; that the server dedupes by it is
//! documented nowhere. There is no field for a time: a conversion counts when it arrives.

use super::{HostName, Kameleoon, SiteCode, VisitorCode};
use crate::{
    platform::Told,
    values::{
        idempotency::{IdempotencyKey, push_hex},
        json::Writer,
        personal::is_personal,
        problem::{Code, PlatformName, Reason},
        request::{ConversionPlan, ConversionRequest, Repeat, Url},
    },
};
use alloc::string::String;

const PLATFORM: PlatformName = PlatformName::Kameleoon;

/// The document speaks of a "`mappingIdentifier` parameter"; the SDKs and older documents send this one.
const MAPPING_PARAMETER: &str = "mappingValue";

/// Days within which Kameleoon attributes a conversion to an earlier visit, unless an experiment says otherwise.
const ATTRIBUTION_DAYS: u64 = 7;

pub(super) fn request(
    told: &Told<'_, Kameleoon>,
    site: &SiteCode,
    host: &HostName,
    plan: &mut ConversionPlan,
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
    url.text(if goal.mapping_value.is_some() { MAPPING_PARAMETER } else { "visitorCode" }, visitor);
    url.text("json", "true");

    let mut body = Writer::default();
    let mut nonce = String::new();
    push_hex(&mut nonce, &key.nonce(visitor));
    body.open('[');
    body.open('{');
    body.member("nonce", &nonce);
    body.member("eventType", "CONVERSION");
    body.name("goalId");
    body.raw(&goal_id);
    if let Some(revenue) = told.facts.revenue {
        let mut amount = String::new();
        revenue.abs().push_decimal(&mut amount);
        body.name("revenue");
        body.raw(&amount);
    }
    if let Some(negative) = negative {
        body.flag("negative", negative);
    }
    if let Some(metadata) = &goal.metadata {
        body.name("metadata");
        body.raw(metadata);
    }
    body.close('}');
    body.close(']');

    if goal.mapping_value.as_deref().is_some_and(is_personal) {
        plan.warn(PLATFORM, Code::PersonalData, "mappingValue");
    }
    told.facts.warn_counted_at_arrival(PLATFORM, plan);
    if let (Some(captured), Some(at)) = (told.captured_at, told.facts.at.or(told.facts.now))
        && at.day().saturating_sub(captured.day()) > ATTRIBUTION_DAYS
    {
        plan.warn(PLATFORM, Code::PastAttributionWindow, "7");
    }
    plan.requests.push(ConversionRequest {
        platform: PLATFORM,
        url: url.finish(),
        body: Some(body.finish()),
        key,
        repeat: Repeat::Unproven,
    });
    Ok(())
}
