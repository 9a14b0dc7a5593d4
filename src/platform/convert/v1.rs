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

use super::{Account, Convert, SdkKey, VisitorId, counted::Counted, unique};
use crate::{
    platform::Told,
    values::{
        id::Id,
        json::Writer,
        problem::{Code, Reason},
        request::{Format, Post, PostVisitor, Url},
    },
};
use alloc::string::String;

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
    id_member(&mut head, "accountId", account);
    id_member(&mut head, "projectId", project);
    head.raw(r#""visitors":["#);

    Ok(Post {
        format: Format::Json,
        limit: LIMIT,
        head: head.finish(),
        tail: r#"],"source":"aftercall"}"#,
        visitor: PostVisitor {
            head: visitor_head(id),
            tail: visitor_tail(&visitor.segments),
            url: (String::new(), ""),
            member: String::new(),
        },
        event: events(told, counted)?,
    })
}

fn visitor_head(id: &VisitorId) -> String {
    let mut out = Writer::default();
    out.open('{');
    out.member("visitorId", id.as_str());
    out.raw(r#""events":["#);
    out.finish()
}

fn visitor_tail(segments: &[Id]) -> String {
    let mut out = Writer::default();
    out.close(']');
    if !segments.is_empty() {
        out.raw(r#""segments":{"customSegments":["#);
        for id in segments {
            out.text(&id.text());
        }
        out.close(']');
        out.close('}');
    }
    out.close('}');
    out.finish()
}

/// The events of the conversion, with commas between them.
fn events(told: &Told<'_, Convert>, counted: &Counted<'_>) -> Result<String, Reason> {
    let mut out = Writer::default();
    let seen = &told.visitor.experiences;
    for id in &told.goal.first_view_of {
        out.raw(r#"{"eventType":"bucketing","data":{"#);
        id_member(&mut out, "experienceId", *id);
        for variation in seen.get(*id).unwrap_or(&[]) {
            id_member(&mut out, "variationId", *variation);
        }
        close(&mut out);
    }

    let mut bucketing = Writer::default();
    bucketing.open('{');
    for (id, variations) in seen.iter() {
        for variation in variations {
            id_member(&mut bucketing, &id.text(), *variation);
        }
    }
    bucketing.close('}');
    // With a store of its own, which is when it does not ask Convert to look up more, the SDK sends the empty map too.
    let bucketing = (!seen.is_empty() || !told.account.enrich_data()).then(|| bucketing.finish());

    let transaction = counted.transaction;
    let worth: &[Id] = transaction.map_or(&[], |transaction| transaction.goals);
    let mut goals = told.goal.goals.clone();
    goals.extend(worth);
    for goal in unique(goals) {
        for data in [false, true] {
            if !(if data { worth } else { counted.hit_now() }).contains(&goal) {
                continue;
            }
            out.raw(r#"{"eventType":"conversion","data":{"#);
            id_member(&mut out, "goalId", goal);
            if let Some(transaction) = transaction.filter(|_| data) {
                let mut amount = String::new();
                transaction.amount.push_decimal(&mut amount);
                out.raw(r#""goalData":[{"key":"amount","value":"#);
                out.raw(&amount);
                out.close('}');
                if let Some(quantity) = told.facts.quantity {
                    out.raw(r#"{"key":"productsCount""#);
                    out.number("value", quantity);
                    out.close('}');
                }
                if let Some(id) = transaction.id {
                    out.raw(r#"{"key":"transactionId""#);
                    out.member("value", id);
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
    if out.is_empty() {
        let code = if counted.again { Code::AlreadyCounted } else { Code::InvalidConversion };
        return Err(Reason::new(code, "goalIds"));
    }
    Ok(out)
}

/// A member that is an id: text, as all ids are here.
fn id_member(out: &mut Writer, name: &str, id: Id) {
    out.member(name, &id.text());
}

/// The end of an event and of its data.
fn close(out: &mut Writer) {
    out.close('}');
    out.close('}');
}
