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
        host::HostName,
        idempotency::{IdempotencyKey, push_hex},
        json::Writer,
        money::Cents,
        percent,
        personal::is_personal,
        problem::{Code, PlatformName, Reason},
        request::{Draft, Drafts, Format, Post, PostVisitor, Repeat, Url},
        text_id::is_text_id,
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

    let mut url = Url::new(&["https://", host.as_str(), "/visit/events"]);
    url.text("siteCode", site.as_str());
    if let Some(value) = &goal.mapping_value {
        // It stands for every event of the request: two of them never share one.
        url.text(MAPPING_PARAMETER, value);
    } else if !is_text_id(visitor, DOCUMENTED_LENGTH) {
        drafts.warn(PLATFORM, Code::IdentityUnverified, "visitorCode");
    }
    let event = Event {
        nonce: key.nonce(visitor),
        goal: &goal_id,
        revenue: told.facts.revenue.map(Cents::abs),
        negative,
        metadata: goal.metadata.as_deref(),
        code: goal.mapping_value.is_none().then_some(visitor),
    };
    let post = if told.account.format == Some(Format::Text) { event.text() } else { event.json() };

    if goal.mapping_value.as_deref().is_some_and(is_personal) {
        drafts.warn(PLATFORM, Code::PersonalData, "mappingValue");
    }
    told.facts.warn_counted_at_arrival(PLATFORM, drafts);
    if let (Some(captured), Some(at)) = (told.captured_at, told.facts.time())
        && at.day().saturating_sub(captured.day()) > ATTRIBUTION_DAYS
    {
        drafts.warn(PLATFORM, Code::PastAttributionWindow, "7");
    }
    drafts.requests.push(Draft {
        platform: PLATFORM,
        url: url.finish(),
        post: Some(post),
        key,
        repeat: Repeat::Unproven,
    });
    Ok(())
}

/// A conversion as the body has it.
struct Event<'a> {
    nonce: [u8; 8],
    goal: &'a str,
    revenue: Option<Cents>,
    negative: Option<bool>,
    metadata: Option<&'a str>,
    /// Whose it is, unless the URL says so by another name.
    code: Option<&'a str>,
}

impl Event<'_> {
    fn nonce(&self) -> String {
        let mut nonce = String::new();
        push_hex(&mut nonce, &self.nonce);
        nonce
    }

    fn revenue(&self) -> Option<String> {
        let mut amount = String::new();
        self.revenue?.push_decimal(&mut amount);
        Some(amount)
    }

    /// One element of an array. The code stands in the URL, or, where the request is about several visitors, in each event.
    fn json(&self) -> Post {
        let mut event = Writer::default();
        event.open('{');
        event.member("nonce", &self.nonce());
        event.member("eventType", "CONVERSION");
        event.name("goalId");
        event.raw(self.goal);
        if let Some(amount) = self.revenue() {
            event.name("revenue");
            event.raw(&amount);
        }
        if let Some(negative) = self.negative {
            event.flag("negative", negative);
        }
        if let Some(metadata) = self.metadata {
            event.name("metadata");
            event.raw(metadata);
        }
        event.close('}');
        let (mut url, mut member) = (String::new(), String::new());
        if let Some(code) = self.code {
            url.push_str("&visitorCode=");
            percent::encode(&mut url, code);
            let mut out = Writer::default();
            out.member("visitorCode", code);
            member = out.finish();
            member.push(',');
        }
        url.push_str(JSON);
        Post {
            format: Format::Json,
            limit: LIMIT,
            head: String::from("["),
            tail: "]",
            visitor: PostVisitor { url: (url, JSON), member, ..PostVisitor::default() },
            event: event.finish(),
        }
    }

    /// One line, which always names its visitor.
    fn text(&self) -> Post {
        let mut line = String::from("eventType=conversion");
        let mut add = |name: &str, value: &str| {
            line.push_str(name);
            percent::encode(&mut line, value);
        };
        add("&goalId=", self.goal);
        add("&revenue=", self.revenue().as_deref().unwrap_or("0"));
        add("&negative=", if self.negative == Some(true) { "true" } else { "false" });
        if let Some(metadata) = self.metadata {
            add("&metadata=", metadata);
        }
        add("&nonce=", &self.nonce());
        if let Some(code) = self.code {
            add("&visitorCode=", code);
        }
        Post {
            format: Format::Text,
            limit: LIMIT,
            head: String::new(),
            tail: "",
            visitor: PostVisitor::default(),
            event: line,
        }
    }
}
