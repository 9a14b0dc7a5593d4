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
    Account, Convert, SdkKey,
    counted::{Booking, Counted},
    unique,
};
use crate::{
    platform::Told,
    values::{
        id::Id,
        json::Writer,
        problem::{Code, Reason},
        request::{Format, Post},
        template::{Value, fill, filled, maybe},
    },
};
use alloc::string::String;

/// Convert documents no limit: this much any server takes.
const LIMIT: usize = 1_000_000;

pub(super) fn url(account: &Account, own_key: &str) -> String {
    let key = Value::Raw(account.sdk_key.as_ref().map_or(own_key, SdkKey::as_str));
    match &account.domain {
        Some(domain) => filled("https://@/metrics/v1/track/@", &[Value::Raw(domain.as_str()), key]),
        None => filled("https://metrics.convertexperiments.com/v1/track/@", &[key]),
    }
}

/// The pieces of a [`Post`], a line each.
const BODY: &str = r#"{"enrichData":@,"accountId":@,"projectId":@,"visitors":[
{"visitorId":@,"events":[
@
]@}
],"source":"aftercall"}"#;

const SEGMENTS: &str = r#","segments":{"customSegments":["@"]}"#;

const BUCKETING: &str = r#"{"eventType":"bucketing","data":{"experienceId":@,"variationId":@}}"#;

const HIT: &str = r#"{"eventType":"conversion","data":{"goalId":@,"goalData":@,"bucketingData":@}}"#;

const WORTH: &str =
    r#"[{"key":"amount","value":@},{"key":"productsCount","value":@},{"key":"transactionId","value":@}]"#;

pub(super) fn post(told: &Told<'_, Convert>, counted: &Counted<'_>, account: Id, project: Id) -> Result<Post, Reason> {
    let visitor = told.visitor;
    let id = visitor.id.as_ref().ok_or(Reason::new(Code::NoVisitorId, "_conv_v"))?;

    let mut segments = String::new();
    if !visitor.segments.is_empty() {
        fill(&mut segments, SEGMENTS, &[Value::Ids(&visitor.segments, "\",\"")]);
    }
    let body = filled(
        BODY,
        &[
            Value::Flag(told.account.enrich_data()),
            Value::Id(account),
            Value::Id(project),
            Value::Text(id.as_str()),
            Value::Raw(&events(told, counted)?),
            Value::Raw(&segments),
        ],
    );
    Ok(Post::new(Format::Json, LIMIT, body))
}

/// The events of the conversion, with commas between them.
fn events(told: &Told<'_, Convert>, counted: &Counted<'_>) -> Result<String, Reason> {
    let mut out = String::new();
    let seen = &told.visitor.experiences;
    for id in &told.goal.first_view_of {
        let variation = seen.get(*id).and_then(<[Id]>::first).copied();
        add(&mut out, BUCKETING, &[Value::Id(*id), maybe(variation, Value::Id)]);
    }

    let mut bucketing = Writer::default();
    bucketing.open('{');
    for (id, variations) in seen.iter() {
        for variation in variations {
            bucketing.member(&id.text(), &variation.text());
        }
    }
    bucketing.close('}');
    let bucketing = bucketing.finish();
    // Where the SDK does not ask Convert to look up more, its own store knows the visitor, and the empty map is sent too.
    let sends_bucketing = !seen.is_empty() || !told.account.enrich_data();
    let bucketing = maybe(sends_bucketing.then_some(bucketing.as_str()), Value::Raw);

    let mut worth = String::new();
    let mut worth_goals: &[Id] = &[];
    if let Some(Booking { goals, id, amount }) = counted.transaction {
        worth_goals = goals;
        let quantity = maybe(told.facts.quantity, Value::Number);
        fill(&mut worth, WORTH, &[Value::Decimal(amount), quantity, maybe(id, Value::Text)]);
    }
    let mut goals = told.goal.goals.clone();
    goals.extend_from_slice(worth_goals);
    for goal in unique(goals) {
        if counted.hit_now().contains(&goal) {
            add(&mut out, HIT, &[Value::Id(goal), Value::Nothing, bucketing]);
        }
        if worth_goals.contains(&goal) {
            add(&mut out, HIT, &[Value::Id(goal), Value::Raw(&worth), bucketing]);
        }
    }
    if out.is_empty() {
        let code = if counted.again { Code::AlreadyCounted } else { Code::InvalidConversion };
        return Err(Reason::new(code, "goalIds"));
    }
    Ok(out)
}

/// Appends an event, behind a comma where it is not the first.
fn add(out: &mut String, template: &str, values: &[Value<'_>]) {
    if !out.is_empty() {
        out.push(',');
    }
    fill(out, template, values);
}
