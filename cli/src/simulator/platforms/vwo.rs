//! VWO: its document "Offline Conversions" (mobile campaigns), the web library's hit, FullStack's endpoint and `events/t`.

use super::{Check, decimal, digits, hex, not_empty};
use serde_json::Value;

/// What these hits share.
fn goal(check: &mut Check<'_>) {
    check.method("GET");
    for name in ["account_id", "experiment_id", "goal_id"] {
        check.require(name, digits);
    }
    check.allow("r", decimal);
    check.allow("sId", digits);
    check.conversions.push(check.incoming.url.to_owned());
}

fn fraction(text: &str) -> bool {
    decimal(text) && text.starts_with("0.")
}

/// `GET dacdn.visualwebsiteoptimizer.com/track-goal`
pub fn track_goal(check: &mut Check<'_>) -> (u16, String) {
    goal(check);
    check.require("combination", digits);
    check.require("random", fraction);
    match (check.get("u"), check.get("user_id")) {
        (None, None) => check.problem("u or user_id says whose conversion it is."),
        (Some(_), Some(_)) => check.problem("With user_id the server ignores u."),
        (Some(u), None) if !hex(u, 32) || u != u.to_lowercase() => check.problem("u is an MD5 in lower case."),
        _ => {}
    }
    check.only(|name| {
        let documented = ["account_id", "experiment_id", "u", "user_id", "combination", "goal_id", "random", "r"];
        documented.contains(&name) || ["sId", "s", "ed", "av"].contains(&name)
    });
    (200, String::new())
}

/// `GET dev.visualwebsiteoptimizer.com/c.gif`
pub fn web_goal(check: &mut Check<'_>) -> (u16, String) {
    goal(check);
    check.require("combination", |text| text.split(',').all(digits));
    check.require("u", |u| hex(u, 32) || u.strip_prefix(['D', 'J']).is_some_and(|rest| hex(rest, 32)));
    (200, String::new())
}

/// `GET dev.visualwebsiteoptimizer.com/server-side/track-goal`
pub fn server_side(check: &mut Check<'_>) -> (u16, String) {
    goal(check);
    check.require("combination", digits);
    check.require("u", |u| hex(u, 32) && u == u.to_uppercase());
    check.require("sId", digits);
    check.require("env", not_empty);
    check.require("random", decimal);
    check.require("ap", |ap| ap == "server");
    (200, String::new())
}

/// `POST dev.visualwebsiteoptimizer.com/events/t`
pub fn events(check: &mut Check<'_>) -> (u16, String) {
    check.require("en", not_empty);
    check.require("a", digits);
    let body = check.json(&["application/json", "text/plain"], 3_000_000);
    let data = body.get("d").cloned().unwrap_or_default();
    let message = check.text(&data, "msgId", not_empty).to_owned();
    check.text(&data, "visId", not_empty);
    if !data.get("sessionId").is_some_and(Value::is_u64) {
        check.problem("sessionId is a number of seconds.");
    }
    let event = data.get("event").cloned().unwrap_or_default();
    let name = check.text(&event, "name", not_empty).to_owned();
    if check.get("en").is_some_and(|en| en != name) {
        check.problem("en is the event's name.");
    }
    if !event.get("time").is_some_and(Value::is_u64) {
        check.problem("time is a whole number of milliseconds.");
    }
    if !event.get("props").is_some_and(Value::is_object) {
        check.problem("props is an object.");
    }
    check.conversions.push(format!("vwo {message} {name} {}", event.get("props").unwrap_or(&Value::Null)));
    (200, String::new())
}

/// `POST dev.visualwebsiteoptimizer.com/server-side/batch-events`
pub fn batch_events(check: &mut Check<'_>) -> (u16, String) {
    let body = check.json(&["application/json", "text/plain"], 3_000_000);
    for event in check.list(&body, "ev") {
        check.text(event, "u", |u| hex(u, 32));
        check.conversions.push(format!("vwo {event}"));
    }
    (200, String::new())
}
