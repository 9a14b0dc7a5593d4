//! Kameleoon's Data API: `POST /visit/events` and `GET /visit/visitor` (API reference; "Processing offline goal conversions").

use super::{Check, digits, hex, not_empty};
use crate::simulator::query;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// Conversions that were counted, by site and visitor; of the first that came, for a simulator runs for long.
#[derive(Default)]
pub struct Recorded(HashMap<(String, String), Vec<Counted>>);

const VISITORS: usize = 100_000;

/// A conversion as `visitor` tells of it.
struct Counted {
    /// Ms since the epoch.
    at: u64,
    goal: Value,
    revenue: Value,
    negative: Value,
    metadata: Value,
}

impl Counted {
    fn json(&self) -> Value {
        let Counted { at, goal, revenue, negative, metadata } = self;
        let data = json!({ "goalId": goal, "revenue": revenue, "negative": negative, "metadata": metadata });
        json!({ "itp": false, "time": at, "data": data })
    }
}

impl Recorded {
    fn push(&mut self, site: &str, visitor: &str, event: Counted) {
        if self.0.len() < VISITORS {
            self.0.entry((site.to_owned(), visitor.to_owned())).or_default().push(event);
        }
    }
}

/// `POST /visit/events`
pub fn events(check: &mut Check<'_>, recorded: &mut Recorded) -> (u16, String) {
    check.require("siteCode", not_empty);
    let known = ["siteCode", "visitorCode", "json", "mappingValue", "bodyUa", "sdkName", "sdkVersion"];
    check.only(|name| known.contains(&name));
    if check.is_bot() {
        check.problem("The User-Agent is missing or looks like a bot.");
        return (403, String::new());
    }
    if check.incoming.body.len() > 3_000_000 {
        check.problem("The body is larger than 3 MB.");
        return (413, String::new());
    }
    let in_url = check.get("visitorCode").or(check.get("mappingValue")).map(String::from);
    let mut nonces = HashSet::new();
    let mut counted = Vec::new();
    if check.get("json") == Some("true") {
        let mut body = check.json(&["application/json"], 3_000_000);
        let list = body.as_array_mut().map(std::mem::take).unwrap_or_default();
        if list.is_empty() {
            check.problem("The body is a list of events.");
        }
        for mut event in list {
            let nonce = check.text(&event, "nonce", |nonce| hex(nonce, 16)).to_owned();
            check.text(&event, "eventType", |kind| kind == "CONVERSION");
            let member = event.get("visitorCode").and_then(Value::as_str).map(String::from);
            if !event.get("goalId").is_some_and(Value::is_u64) {
                check.problem("goalId is a number.");
            }
            if event.get("revenue").is_some_and(|revenue| !revenue.is_number()) {
                check.problem("revenue is a number.");
            }
            if event.get("negative").is_some_and(|negative| !negative.is_boolean()) {
                check.problem("negative is true or false.");
            }
            let mut taken = |name: &str| event.get_mut(name).map(Value::take);
            let data = Counted {
                at: check.incoming.now,
                goal: taken("goalId").unwrap_or_default(),
                revenue: taken("revenue").unwrap_or(json!(0)),
                negative: taken("negative").unwrap_or(json!(false)),
                metadata: taken("metadata").unwrap_or(json!({})),
            };
            counted.push((nonce, member, data));
        }
    } else {
        check.method("POST");
        let text = String::from_utf8_lossy(check.incoming.body).into_owned();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let line = query::parse(line);
            let value = |name: &str| query::get(&line, name).map(String::from);
            match value("eventType").as_deref() {
                Some("conversion") => {}
                Some("staticData" | "page" | "experiment" | "customData") => continue,
                _ => {
                    check.problem("A line begins with its eventType; JSON needs json=true.");
                    continue;
                }
            }
            let nonce = value("nonce").unwrap_or_default();
            if !hex(&nonce, 16) {
                check.problem("nonce is 16 hex digits.");
            }
            let goal = value("goalId").unwrap_or_default();
            if !digits(&goal) {
                check.problem("goalId is a number.");
            }
            let revenue = value("revenue").unwrap_or_else(|| "0".into());
            if !super::decimal(&revenue) {
                check.problem("revenue is a decimal.");
            }
            let data = Counted {
                at: check.incoming.now,
                goal: json!(goal.parse::<u64>().unwrap_or(0)),
                revenue: json!(revenue.parse::<f64>().unwrap_or(0.0)),
                negative: json!(value("negative").as_deref() == Some("true")),
                metadata: json!({}),
            };
            counted.push((nonce, value("visitorCode"), data));
        }
    }
    let site = check.get("siteCode").unwrap_or_default().to_owned();
    for (nonce, member, data) in counted {
        match (&in_url, &member) {
            (None, None) => check.problem("visitorCode is missing."),
            (Some(one), Some(other)) if one != other => {
                check.problem("With visitorCode in the URL that of the event is ignored.")
            }
            _ => {}
        }
        if !nonces.insert(nonce.clone()) {
            check.problem("Two events have one nonce.");
        }
        let visitor = in_url.clone().or(member).unwrap_or_default();
        if visitor.chars().count() > 255 {
            check.problem("visitorCode is too long.");
        }
        if check.problems.is_empty() {
            recorded.push(&site, &visitor, data);
        }
        check.conversions.push(format!("kameleoon {site} {visitor} {nonce}"));
    }
    (204, String::new())
}

/// `GET /visit/visitor`
pub fn visitor(check: &mut Check<'_>, recorded: &Recorded) -> (u16, String) {
    check.method("GET");
    check.require("siteCode", not_empty);
    check.require("maxNumberPreviousVisits", |number| {
        number.parse::<u32>().is_ok_and(|number| (1..=25).contains(&number))
    });
    if check.is_bot() {
        check.problem("The User-Agent is missing or looks like a bot.");
        return (403, String::new());
    }
    let site = check.get("siteCode").unwrap_or_default().to_owned();
    let Some(visitor) = check.get("visitorCode").or(check.get("mappingValue")).map(String::from) else {
        check.problem("visitorCode or mappingValue says who.");
        return (400, String::new());
    };
    let visits: Vec<Value> = recorded
        .0
        .get(&(site.clone(), visitor.clone()))
        .map(|events| {
            let started = events.first().map(|event| event.at);
            let events: Vec<Value> = events.iter().map(Counted::json).collect();
            json!({ "siteCode": site, "visitorCode": visitor, "timeStarted": started, "conversionEvents": events })
        })
        .into_iter()
        .collect();
    (200, json!({ "previousVisits": visits }).to_string())
}
