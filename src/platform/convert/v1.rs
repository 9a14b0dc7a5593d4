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
    Account, Convert, SdkKey, VisitorId,
    counted::{Counted, invalid},
    unique,
};
use crate::{
    platform::Told,
    values::{
        id::Id,
        json::Writer,
        problem::{Code, Reason},
        request::{Format, Post, PostVisitor, Url},
    },
};
use alloc::{string::String, vec::Vec};

/// Convert documents no limit: this much any server takes.
const LIMIT: usize = 1_000_000;

pub(super) fn url(account: &Account, own_key: &str) -> String {
    let (host, path) = match &account.domain {
        Some(domain) => (domain.as_str(), "/metrics"),
        None => ("metrics.convertexperiments.com", ""),
    };
    let key = account.sdk_key.as_ref().map_or(own_key, SdkKey::as_str);
    Url::new(&["https://", host, path, "/v1/track/", key]).finish()
}

pub(super) fn post(told: &Told<'_, Convert>, counted: &Counted<'_>, account: Id, project: Id) -> Result<Post, Reason> {
    let visitor = told.visitor;
    let id = visitor.id.as_ref().ok_or(Reason::new(Code::NoVisitorId, "_conv_v"))?;

    let mut head = Writer::default();
    head.open('{');
    head.flag("enrichData", told.account.enrich_data());
    head.member("accountId", &account.text());
    head.member("projectId", &project.text());
    head.name("visitors");
    head.open('[');

    Ok(Post {
        format: Format::Json,
        limit: LIMIT,
        head: head.finish(),
        tail: r#"],"source":"aftercall"}"#,
        visitor: PostVisitor {
            head: visitor_head(id),
            tail: visitor_tail(&visitor.segments),
            ..PostVisitor::default()
        },
        event: events(told, counted)?,
    })
}

fn visitor_head(id: &VisitorId) -> String {
    let mut out = Writer::default();
    out.open('{');
    out.member("visitorId", id.as_str());
    out.name("events");
    out.open('[');
    out.finish()
}

fn visitor_tail(segments: &[Id]) -> String {
    let mut out = Writer::default();
    out.close(']');
    if !segments.is_empty() {
        out.name("segments");
        out.open('{');
        let segments: Vec<String> = segments.iter().map(|id| id.text()).collect();
        out.texts("customSegments", segments.iter().map(String::as_str));
        out.close('}');
    }
    out.close('}');
    out.finish()
}

/// The events of the conversion, with commas between them.
fn events(told: &Told<'_, Convert>, counted: &Counted<'_>) -> Result<String, Reason> {
    let mut out = Writer::default();
    let seen = &told.visitor.experiences;
    for (id, variations) in told.goal.first_view_of.iter().filter_map(|id| Some((id, seen.get(*id)?))) {
        open(&mut out, "bucketing");
        out.member("experienceId", &id.text());
        for variation in variations {
            out.member("variationId", &variation.text());
        }
        close(&mut out);
    }

    let mut bucketing = Writer::default();
    bucketing.open('{');
    for (id, variations) in seen.iter() {
        for variation in variations {
            bucketing.member(&id.text(), &variation.text());
        }
    }
    bucketing.close('}');
    // With a store of its own, which is when it does not ask Convert to look up more, the SDK sends the empty map too.
    let bucketing = (!seen.is_empty() || !told.account.enrich_data()).then(|| bucketing.finish());

    let transaction = counted.transaction.as_ref();
    let worth: &[Id] = transaction.map_or(&[], |transaction| transaction.goals);
    let mut goals = told.goal.goals.clone();
    goals.extend(worth);
    for goal in unique(goals) {
        for data in [false, true] {
            if !(if data { worth } else { &counted.goals }).contains(&goal) {
                continue;
            }
            open(&mut out, "conversion");
            out.member("goalId", &goal.text());
            if let Some(transaction) = transaction.filter(|_| data) {
                out.name("goalData");
                out.open('[');
                let mut amount = String::new();
                transaction.amount.push_decimal(&mut amount);
                pair(&mut out, "amount");
                out.name("value");
                out.raw(&amount);
                out.close('}');
                if let Some(quantity) = told.facts.quantity {
                    pair(&mut out, "productsCount");
                    out.number("value", quantity);
                    out.close('}');
                }
                if let Some(id) = &transaction.id {
                    pair(&mut out, "transactionId");
                    out.member("value", id.as_str());
                    out.close('}');
                }
                out.close(']');
            }
            if let Some(bucketing) = &bucketing {
                out.name("bucketingData");
                out.raw(bucketing);
            }
            close(&mut out);
        }
    }
    let out = out.finish();
    match (out.is_empty(), counted.again.is_empty()) {
        (false, _) => Ok(out),
        (true, false) => Err(Reason::new(Code::AlreadyCounted, "goalIds")),
        (true, true) => Err(invalid("goalIds")),
    }
}

/// An event up to its data.
fn open(out: &mut Writer, event_type: &str) {
    out.open('{');
    out.member("eventType", event_type);
    out.name("data");
    out.open('{');
}

fn close(out: &mut Writer) {
    out.close('}');
    out.close('}');
}

/// A pair of goal data up to its value.
fn pair(out: &mut Writer, key: &str) {
    out.open('{');
    out.member("key", key);
}
