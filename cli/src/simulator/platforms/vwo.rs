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
    check.require("u", is_uuid);
    check.require("sId", digits);
    check.require("env", is_key);
    check.require("random", fraction);
    check.require("ap", |ap| ap == "server");
    check.only(|name| {
        let offline = ["experiment_id", "combination", "sId", "u", "env", "account_id", "random", "ap", "goal_id", "r"];
        offline.contains(&name) || ["sdk", "sdk-v", "visitor_ua", "visitor_ip"].contains(&name)
    });
    (200, String::new())
}

/// A visitor of FullStack.
fn is_uuid(text: &str) -> bool {
    hex(text, 32) && text == text.to_uppercase()
}

/// An SDK without a key writes `undefined`: VWO takes that, and its reports by environment miss the conversion.
fn is_key(text: &str) -> bool {
    not_empty(text) && text != "undefined"
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
    if check.get("p") == Some("FS") {
        of_fullstack(&data, check);
    }
    check.conversions.push(format!("vwo {message} {name} {}", event.get("props").unwrap_or(&Value::Null)));
    (200, String::new())
}

/// What the SDK adds on behalf of FullStack.
fn of_fullstack(data: &Value, check: &mut Check<'_>) {
    check.require("env", is_key);
    check.require("eTime", digits);
    check.require("random", fraction);
    check.only(|name| ["en", "a", "env", "eTime", "random", "p", "visitor_ua", "visitor_ip"].contains(&name));
    let visitor = check.text(data, "visId", is_uuid).to_owned();
    let at = |path: &str| data.pointer(path).unwrap_or(&Value::Null);
    let time = at("/event/time").as_u64().unwrap_or_default().to_string();
    if at("/msgId").as_str() != Some(&format!("{visitor}-{time}")) {
        check.problem("msgId is visId and time.");
    }
    if check.get("eTime") != Some(&time) {
        check.problem("eTime is the event's time.");
    }
    if at("/visitor/props/vwo_fs_environment").as_str() != check.get("env") {
        check.problem("vwo_fs_environment is the key of env.");
    }
    for name in ["vwo_sdkName", "vwo_sdkVersion", "vwo_envKey"] {
        check.text(at("/event/props"), name, not_empty);
    }
    let is_goal = |goal: &Value| goal.as_str().and_then(|goal| goal.strip_prefix("g_")).is_some_and(digits);
    let metric = at("/event/props/vwoMeta/metric").as_object();
    let is_sound = metric.is_some_and(|metric| {
        !metric.is_empty()
            && metric.iter().all(|(campaign, goals)| {
                campaign.strip_prefix("id_").is_some_and(digits)
                    && goals.as_array().is_some_and(|goals| !goals.is_empty() && goals.iter().all(is_goal))
            })
    });
    if !is_sound {
        check.problem("metric is {\"id_<campaign>\": [\"g_<goal>\"]}.");
    }
}

/// `POST dev.visualwebsiteoptimizer.com/server-side/batch-events`
pub fn batch_events(check: &mut Check<'_>) -> (u16, String) {
    check.require("a", digits);
    check.require("env", is_key);
    let body = check.json(&["application/json", "text/plain"], 3_000_000);
    for event in check.list(&body, "ev") {
        check.text(event, "u", is_uuid);
        for name in ["e", "c", "g", "sId"] {
            if !event.get(name).is_some_and(Value::is_u64) {
                check.problem(format!("{name} is a whole number."));
            }
        }
        if event.get("eT").and_then(Value::as_u64) != Some(2) {
            check.problem("eT is 2: a goal.");
        }
        check.conversions.push(format!("vwo {event}"));
    }
    (200, String::new())
}
