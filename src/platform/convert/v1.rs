//! Convert's tracking as its SDKs do it today, `v1`.
//!
//! ```text
//! POST https://metrics.convertexperiments.com/v1/track/<account>/<project>
//!              the SDK key in place of both, where there is one; `https://<domain>/metrics/v1/…` on a site's own domain
//! {"enrichData":<bool>,"accountId":"…","projectId":"…","visitors":[<visitor>…],"source":"aftercall"}
//! visitor = {"visitorId":"…","events":[<event>…][,"segments":{"customSegments":["…"…]}]}
//! event   = {"eventType":"bucketing","data":{"experienceId":"…","variationId":"…"}}
//!         | {"eventType":"conversion","data":{"goalId":"…"[,"goalData":[<pair>…]][,"bucketingData":{"<experience>":"<variation>"…}]}}
//! pair    = {"key":"amount","value":<decimal>} | {"key":"productsCount","value":<number>} | {"key":"transactionId","value":"…"}
//! ```
//! A goal with a transaction is two events: it was hit, and what it was worth. A goal that was hit before has the second
//! alone, as with the SDK's `forceMultipleTransactions`. Ids are text. There is no field for a time: a conversion counts
//! when it arrives.
//!
//! Sources: Convert's OpenAPI document "Convert API for Experiences Serving" 1.1.0; names, order and what stands in which
//! event: npm `@convertcom/js-sdk` 4.4.3 (`ApiManager`, `DataManager.convert`).

use super::{
    Convert, SdkKey, add_new,
    counted::{Booking, Counted},
};
use crate::{
    platform::Told,
    values::{
        host::HostName,
        id::Id,
        idempotency::IdempotencyKey,
        money::Cents,
        problem::{Code, PlatformName},
        request::{Drafts, Endpoint, Format, Refused, Repeat},
        template::Form,
        text::behind,
    },
};
use alloc::{string::String, vec::Vec};

/// Convert documents no limit: this much any server takes.
const LIMIT: usize = 1_000_000;

static ENDPOINT: Endpoint = Endpoint { platform: PlatformName::Convert, format: Some(Format::Json), limit: LIMIT };

const REQUEST: &str = r#"https://@@/v1/track/@
{"enrichData":@,"accountId":@,"projectId":@,"visitors":[
{"visitorId":@,"events":[
@
]"#;

const SEGMENTS: &str = r#","segments":{"customSegments":["@"]}"#;

const END: &str = r#"}
],"source":"aftercall"}"#;

const BUCKETING: &str = r#",{"eventType":"bucketing","data":{"experienceId":@,"variationId":"@"}}"#;

const HIT: &str = r#",{"eventType":"conversion","data":{"goalId":@,"goalData":@,"bucketingData":@}}"#;

const WORTH: &str =
    r#"[{"key":"amount","value":@},{"key":"productsCount","value":@},{"key":"transactionId","value":@}]"#;

pub(super) fn add(
    told: &Told<'_, Convert>,
    counted: &Counted<'_>,
    own_key: &str,
    key: &IdempotencyKey,
    drafts: &mut Drafts,
) -> Result<(), Refused> {
    let (visitor, named) = (told.visitor, told.account);
    let id = visitor.id.as_ref().ok_or_else(|| drafts.refuse(Code::NoVisitorId, "_conv_v"))?;

    let events = events(told, counted);
    let Some(events) = behind(&events, b',') else {
        let code = if counted.again() { Code::AlreadyCounted } else { Code::InvalidConversion };
        return Err(drafts.refuse(code, "goalIds"));
    };
    let (host, folder) = match &named.domain {
        Some(domain) => (HostName::as_str(domain), "/metrics"),
        None => ("metrics.convertexperiments.com", ""),
    };
    let enrich_data = named.enrich_data();
    let mut form = Form::new(REQUEST);
    form.raw(host);
    form.raw(folder);
    form.raw(named.sdk_key.as_ref().map_or(own_key, SdkKey::as_str));
    form.flag(enrich_data);
    form.id(counted.account);
    form.id(counted.project);
    form.text(id.as_str());
    form.raw(events);
    if !visitor.segments.is_empty() {
        form.then(SEGMENTS);
        form.ids(&*visitor.segments, "\",\"");
    }
    form.then(END);
    drafts.add(&ENDPOINT, &mut form, key, if enrich_data { Repeat::Unproven } else { Repeat::CountsTwice });
    Ok(())
}

/// The events of the conversion, each behind a comma.
fn events(told: &Told<'_, Convert>, counted: &Counted<'_>) -> String {
    let mut out = Form::new("");
    let seen = &told.visitor.experiences;
    for id in &told.goal.first_view_of {
        out.then(BUCKETING);
        out.id(*id);
        out.ids(seen.get(*id), "");
    }

    let mut bucketing = Form::new("{");
    let mut pair = r#""@":"@""#;
    for (id, variation) in seen.iter() {
        bucketing.then(pair);
        bucketing.id(id);
        bucketing.ids(variation, "");
        pair = r#","@":"@""#;
    }
    bucketing.then("}");
    let bucketing = bucketing.finish();
    // Where the SDK does not ask Convert to look up more, its own store knows the visitor, and the empty map is sent too.
    let sends_bucketing = !seen.is_empty() || !told.account.enrich_data();
    let bucketing = sends_bucketing.then_some(&*bucketing);

    let mut worth = Form::new(WORTH);
    let mut worth_goals: &[Id] = &[];
    if let Some(Booking { goals, id, amount }) = counted.transaction {
        worth_goals = goals;
        worth.amount(amount, Cents::push_decimal);
        worth.number(told.facts.quantity);
        worth.text(id);
    }
    let worth = worth.finish();
    let mut goals = Vec::new();
    add_new(&mut goals, &told.goal.goals);
    add_new(&mut goals, worth_goals);
    let mut hit = |goal, worth: Option<&str>| {
        out.then(HIT);
        out.id(goal);
        out.raw(worth);
        out.raw(bucketing);
    };
    for goal in goals {
        if counted.hit_now().contains(&goal) {
            hit(goal, None);
        }
        if worth_goals.contains(&goal) {
            hit(goal, Some(&worth));
        }
    }
    out.finish()
}
