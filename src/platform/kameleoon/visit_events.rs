//! Kameleoon's Data API.
//!
//! ```text
//! POST https://<data host>/visit/events?siteCode=<site>&visitorCode=<code>&json=true
//! [{"nonce":<16 hex>,"eventType":"CONVERSION","goalId":<id>[,"revenue":<decimal>][,"negative":<bool>][,"metadata":{…}]}]
//!
//! POST https://<data host>/visit/events?siteCode=<site>
//! eventType=conversion&goalId=<id>&revenue=<decimal>&negative=<bool>[&metadata={…}]&nonce=<16 hex>&visitorCode=<code>
//! ```
//! Source: the vendor's document "Kameleoon: Processing offline goal conversions in experiments" and its API reference
//! (send-visitor-events). The document's prose says
//! `goalID`; its example and the SDKs say `goalId`. A code in the URL is whose all events are, whatever they say: with
//! several visitors each event names its own, and the URL names none. The second form, a line an event, is what Kameleoon's
//! SDKs send (`@kameleoon/javascript-sdk` 4.17.1). A nonce is unique to its event; that the server dedupes by it is
//! documented nowhere. There is no field for a time: a conversion counts when it arrives.

use super::{Kameleoon, SiteCode, VisitorCode};
use crate::{
    platform::Told,
    values::{
        digits::push_hex,
        host::HostName,
        idempotency::IdempotencyKey,
        money::Cents,
        personal::is_personal,
        problem::{Code, PlatformName, Reason},
        request::{Draft, Drafts, Format, Post, Repeat},
        room,
        template::{
            Value::{Decimal, Flag, Number, Raw, Text},
            filled, maybe,
        },
        text_id::is_text_id,
    },
};

const PLATFORM: PlatformName = PlatformName::Kameleoon;

/// Of several visitors each event names its own. Without `json=true` the body would be read as lines of text.
const JSON: &str = r#"[

{"nonce":"@","eventType":"CONVERSION","goalId":@,"revenue":@,"negative":@,"metadata":@}

]
&visitorCode=@&json=true
&json=true
"visitorCode":@"#;

/// A line always names its visitor.
const TEXT: &str = "

eventType=conversion&goalId=@&revenue=@&negative=@&metadata=@&nonce=@&visitorCode=@";

/// "Body 3 MB", in its API reference.
const LIMIT: usize = 3_000_000;

/// "Limit to 100 characters", in its API reference. Kameleoon's SDKs take 255: which of the two holds is documented nowhere.
const DOCUMENTED_LENGTH: usize = 100;

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

    // The document speaks of a "`mappingIdentifier` parameter"; the SDKs and older documents send `mappingValue`. It stands
    // for every event of the request: two of them never share one.
    let mapping_value = goal.mapping_value.as_deref();
    let code = maybe(mapping_value.is_none().then_some(visitor), Text);
    let url = "https://@/visit/events?siteCode=@&mappingValue=@";
    let url = filled(url, &[Raw(host.as_str()), Text(site.as_str()), maybe(mapping_value, Text)]);
    if mapping_value.is_none() && !is_text_id(visitor, DOCUMENTED_LENGTH) {
        drafts.warn(PLATFORM, Code::IdentityUnverified, "visitorCode");
    }
    let mut nonce = room::text(16);
    push_hex(&mut nonce, &key.nonce(visitor));
    let (goal_id, nonce) = (Raw(&goal_id), Raw(&nonce));
    let revenue = told.facts.revenue.map(Cents::abs);
    let post = if told.account.format == Some(Format::Text) {
        let revenue = revenue.map_or(Number(0), Decimal);
        let metadata = maybe(goal.metadata.as_deref(), Text);
        let line = [goal_id, revenue, Flag(negative == Some(true)), metadata, nonce, code];
        Post::new(Format::Text, LIMIT, filled(TEXT, &line))
    } else {
        let metadata = maybe(goal.metadata.as_deref(), Raw);
        let event = [nonce, goal_id, maybe(revenue, Decimal), maybe(negative, Flag), metadata, code, code];
        Post::new(Format::Json, LIMIT, filled(JSON, &event))
    };

    if goal.mapping_value.as_deref().is_some_and(is_personal) {
        drafts.warn(PLATFORM, Code::PersonalData, "mappingValue");
    }
    told.facts.warn_counted_at_arrival(PLATFORM, drafts);
    if let (Some(captured), Some(at)) = (told.captured_at, told.facts.time())
        && at.day().saturating_sub(captured.day()) > ATTRIBUTION_DAYS
    {
        drafts.warn(PLATFORM, Code::PastAttributionWindow, "7");
    }
    drafts.requests.push(Draft { platform: PLATFORM, url, post: Some(post), key, repeat: Repeat::Unproven });
    Ok(())
}
