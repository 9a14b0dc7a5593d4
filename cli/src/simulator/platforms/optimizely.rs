//! Optimizely: the classic event URL ("Create an offline conversion") and the Event API (its OpenAPI document).

use super::{Check, digits, not_empty, whole};
use serde_json::Value;

/// `GET <project>.log.optimizely.com/event`
pub fn classic(host: &str, check: &mut Check<'_>) -> (u16, String) {
    check.method("GET");
    check.require("a", digits);
    check.require("d", digits);
    check.require("n", not_empty);
    check.require("u", not_empty);
    check.allow("v", whole);
    check.allow("time", super::decimal);
    check.allow("t", digits);
    if let (Some(project), Some(label)) = (check.get("a"), host.split('.').next())
        && project != label
    {
        check.problem("a is the project, as in the host.");
    }
    check.only(|name| {
        matches!(name, "a" | "d" | "n" | "u" | "v" | "g" | "f" | "t" | "time" | "y" | "src" | "wxhr" | "override")
            || name.strip_prefix(['x', 's']).is_some_and(digits)
    });
    let variations: Vec<(String, String)> =
        check.parameters.iter().filter(|(name, _)| name.starts_with('x')).cloned().collect();
    for (name, value) in variations {
        if !value.split('_').all(digits) || value == "0" {
            check.problem(format!("{name} is no variation."));
        }
    }
    check.conversions.push(check.incoming.url.to_owned());
    (200, String::new())
}

/// `POST logx.optimizely.com/v1/events`. It answers 204 to what it has queued; the uuid of an event is counted once.
pub fn events(check: &mut Check<'_>) -> (u16, String) {
    let body = check.json(&["application/json", "text/plain"], 3_500_000);
    check.text(&body, "account_id", digits);
    for visitor in check.list(&body, "visitors") {
        check.text(visitor, "visitor_id", not_empty);
        for attribute in visitor.get("attributes").and_then(Value::as_array).into_iter().flatten() {
            check.text(attribute, "type", not_empty);
        }
        for snapshot in check.list(visitor, "snapshots") {
            for decision in snapshot.get("decisions").and_then(Value::as_array).into_iter().flatten() {
                for name in ["campaign_id", "experiment_id", "variation_id"] {
                    if !decision.get(name).is_some_and(|id| id.is_null() || id.as_str().is_some_and(not_empty)) {
                        check.problem(format!("{name} of a decision is missing or malformed."));
                    }
                }
            }
            for event in check.list(snapshot, "events") {
                self::event(event, check);
            }
        }
    }
    (204, String::new())
}

fn event(event: &Value, check: &mut Check<'_>) {
    // A uuid is five groups of hex digits.
    let uuid = check.text(event, "uuid", |uuid| {
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        lengths == [8, 4, 4, 4, 12] && uuid.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
    });
    if !event
        .get("timestamp")
        .and_then(Value::as_u64)
        .is_some_and(|ms| (1_000_000_000_000..10_000_000_000_000).contains(&ms))
    {
        check.problem("timestamp is a whole number of milliseconds.");
    }
    if event.get("revenue").is_some_and(|revenue| !revenue.is_i64() && !revenue.is_u64()) {
        check.problem("revenue is a whole number of cents.");
    }
    if event.get("entity_id").or(event.get("key")).and_then(Value::as_str).is_none() {
        check.problem("entity_id or key says which event it is.");
    }
    check.conversions.push(format!("optimizely {uuid}"));
}
