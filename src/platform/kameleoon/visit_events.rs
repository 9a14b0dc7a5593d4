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

use super::{Kameleoon, VisitorCode};
use crate::{
    platform::Told,
    values::{
        digits::push_hex,
        idempotency::IdempotencyKey,
        money::Cents,
        personal::is_personal,
        problem::{Code, PlatformName},
        request::{Drafts, Endpoint, Format, Refused, Repeat},
        room,
        template::Form,
        text_id::is_text_id,
    },
};

const PLATFORM: PlatformName = PlatformName::Kameleoon;

/// "Body 3 MB", in its API reference.
const LIMIT: usize = 3_000_000;

static JSON: Endpoint = Endpoint { platform: PLATFORM, format: Some(Format::Json), limit: LIMIT };

/// Of several visitors each event names its own. Without `json=true` the body would be read as lines of text.
const EVENT: &str = r#"https://@/visit/events?siteCode=@&mappingValue=@
[

{"nonce":"@","eventType":"CONVERSION","goalId":@,"revenue":@,"negative":@,"metadata":@}

]
&visitorCode=@&json=true
&json=true
"visitorCode":@"#;

static TEXT: Endpoint = Endpoint { platform: PLATFORM, format: Some(Format::Text), limit: LIMIT };

/// A line always names its visitor.
const LINE: &str = "https://@/visit/events?siteCode=@&mappingValue=@


eventType=conversion&goalId=@&revenue=@&negative=@&metadata=@&nonce=@&visitorCode=@";

/// "Limit to 100 characters", in its API reference. Kameleoon's SDKs take 255: which of the two holds is documented nowhere.
const DOCUMENTED_LENGTH: usize = 100;

/// Days within which Kameleoon attributes a conversion to an earlier visit, unless an experiment says otherwise.
const ATTRIBUTION_DAYS: u64 = 7;

pub(super) fn request(told: &Told<'_, Kameleoon>, site: &str, host: &str, drafts: &mut Drafts) -> Result<(), Refused> {
    let goal = told.goal;
    let mut revenue = told.facts.revenue;
    let mut negative = goal.negative;
    // Kameleoon's amounts are positive and its conversions negative: an amount below zero takes back, it cannot add.
    if let Some(refund) = revenue.filter(|revenue| revenue.is_negative()) {
        if negative == Some(false) {
            return Err(drafts.refuse_invalid("negative"));
        }
        revenue = Some(refund.abs());
        negative = Some(true);
    }
    let goal_id = goal.goal.ok_or_else(|| drafts.refuse_invalid("goalId"))?.text();
    let mapping_value = goal.mapping_value.as_deref();
    let visitor = mapping_value.or(told.visitor.code.as_ref().map(VisitorCode::as_str));
    let visitor = visitor.ok_or_else(|| drafts.refuse(Code::NoVisitorId, "kameleoonVisitorCode"))?;
    let key = IdempotencyKey::new(PLATFORM.name(), site, "", &goal_id, &told.facts.id);
    let mut nonce = room::text(16);
    push_hex(&mut nonce, &key.nonce(visitor));

    let is_text = told.account.format == Some(Format::Text);
    let (endpoint, template) = if is_text { (&TEXT, LINE) } else { (&JSON, EVENT) };
    let mut form = Form::new(template);
    form.raw(host);
    form.text(site);
    // The document speaks of a "`mappingIdentifier` parameter"; the SDKs and older documents send `mappingValue`. It stands
    // for every event of the request: two of them never share one.
    form.text(mapping_value);
    let mut code = None;
    if let Some(value) = mapping_value {
        if is_personal(value) {
            drafts.warn(Code::PersonalData, "mappingValue");
        }
    } else {
        code = Some(visitor);
        if !is_text_id(visitor, DOCUMENTED_LENGTH) {
            drafts.warn(Code::IdentityUnverified, "visitorCode");
        }
    }
    if is_text {
        form.raw(&*goal_id);
        form.amount(revenue.or(Cents::from_number(0)), Cents::push_decimal);
        form.flag(negative == Some(true));
        form.text(goal.metadata.as_deref());
        form.raw(&*nonce);
    } else {
        form.raw(&*nonce);
        form.raw(&*goal_id);
        form.amount(revenue, Cents::push_decimal);
        form.flag(negative);
        form.raw(goal.metadata.as_deref());
        form.text(code);
    }
    form.text(code);
    drafts.add(endpoint, &mut form, &key, Repeat::Unproven);

    told.facts.warn_counted_at_arrival(drafts);
    if let (Some(captured), Some(at)) = (told.captured_at, told.facts.time())
        && at.day().saturating_sub(captured.day()) > ATTRIBUTION_DAYS
    {
        drafts.warn(Code::PastAttributionWindow, "7");
    }
    Ok(())
}
