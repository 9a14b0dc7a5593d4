//! Convert: its document "Tracking Request Structure (Advanced Integrations)", and the JSON interface of today (OpenAPI).

use super::{Check, digits, not_empty};
use serde_json::Value;

/// `GET <project>.track.convertexperiments.com/track/`
pub fn tracking_request(host: &str, check: &mut Check<'_>) -> (u16, String) {
    check.method("GET");
    check.require("c", digits);
    check.require("p", digits);
    check.only(|name| matches!(name, "c" | "p" | "e" | "ea" | "g" | "ga" | "t"));
    if let (Some(project), Some(label)) = (check.get("p"), host.split('.').next())
        && project != label
    {
        check.problem("p is the project, as in the host.");
    }
    for (list, count) in [("e", "ea"), ("g", "ga")] {
        match (check.get(list), check.get(count).map(str::parse::<usize>)) {
            (None, None) => {}
            (Some(items), Some(Ok(new))) if new <= items.split(',').count() => {}
            _ => check.problem(format!("{list} and {count} belong together, and {count} counts the first of {list}.")),
        }
    }
    if let Some(goals) = check.get("g").map(String::from)
        && !goals.split(',').all(digits)
    {
        check.problem("g is a list of goals.");
    }
    if let Some(experiments) = check.get("e").map(String::from) {
        let sound = experiments.split(',').all(|triplet| {
            let mut parts = triplet.split('-');
            parts.next().is_some_and(digits)
                && parts.next().is_some_and(digits)
                && parts.next().is_none_or(|goals| goals.is_empty() || goals.split('.').all(digits))
                && parts.next().is_none()
        });
        if !sound {
            check.problem("e is a list of experiment-variation-goals.");
        }
    }
    if let Some(transaction) = check.get("t").map(String::from) {
        let parts: Vec<&str> = transaction.split('|').collect();
        let (value, products) = match parts[..] {
            [_, _, value, products] | [_, value, products] => (value, products),
            _ => ("", ""),
        };
        let two_decimals = value.rsplit_once('.').is_some_and(|(_, cents)| cents.len() == 2) && super::decimal(value);
        if !two_decimals || !digits(products) || !parts.first().is_some_and(|goals| goals.split('.').all(digits)) {
            check.problem("t is goals|transaction|value with two decimals|products.");
        }
    }
    check.conversions.push(check.incoming.url.to_owned());
    (200, String::new())
}

/// `POST metrics.convertexperiments.com/v1/track/<account>/<project>`. What looks like a bot is answered and dropped.
pub fn v1(path: &str, check: &mut Check<'_>) -> (u16, String) {
    let body = check.json(&["application/json", "text/plain"], 3_000_000);
    let account = check.text(&body, "accountId", digits).to_owned();
    let project = check.text(&body, "projectId", digits).to_owned();
    let rest = path.split("/track/").nth(1).unwrap_or_default().trim_end_matches('/');
    if rest.contains('/') && rest != format!("{account}/{project}") {
        check.problem("The path names another account or project than the body.");
    }
    if body.get("enrichData").is_some_and(|enrich| !enrich.is_boolean()) {
        check.problem("enrichData is true or false.");
    }
    for visitor in check.list(&body, "visitors") {
        let id = check.text(visitor, "visitorId", |id| not_empty(id) && id != "1").to_owned();
        let mut hits = Vec::new();
        for event in check.list(visitor, "events") {
            let data = event.get("data").cloned().unwrap_or_default();
            match event.get("eventType").and_then(Value::as_str) {
                Some("bucketing") => {
                    check.text(&data, "experienceId", digits);
                    check.text(&data, "variationId", digits);
                }
                Some("conversion") => {
                    let goal = check.text(&data, "goalId", digits).to_owned();
                    goal_data(&data, check);
                    hits.push((goal, data.get("goalData").cloned()));
                }
                _ => check.problem("eventType is bucketing or conversion."),
            }
        }
        // A goal and its transaction come as two events, and are one conversion.
        let worth: Vec<String> = hits.iter().filter(|(_, data)| data.is_some()).map(|(goal, _)| goal.clone()).collect();
        hits.retain(|(goal, data)| data.is_some() || !worth.contains(goal));
        let said = hits.into_iter().map(|(goal, data)| format!("convert {id} {goal} {}", data.unwrap_or_default()));
        check.conversions.extend(said);
    }
    check.dropped = check.is_bot();
    (200, String::from("{}"))
}

fn goal_data(data: &Value, check: &mut Check<'_>) {
    for pair in data.get("goalData").and_then(Value::as_array).into_iter().flatten() {
        let key = pair.get("key").and_then(Value::as_str).unwrap_or_default();
        let dimension =
            key.strip_prefix("customDimension").is_some_and(|number| ["1", "2", "3", "4", "5"].contains(&number));
        let sound = match key {
            "amount" | "productsCount" => pair.get("value").is_some_and(Value::is_number),
            "transactionId" => pair.get("value").is_some_and(Value::is_string),
            _ => dimension,
        };
        if !sound {
            check.problem("goalData has amount, productsCount, transactionId and customDimension1 to 5.");
        }
    }
    for (experience, variation) in data.get("bucketingData").and_then(Value::as_object).into_iter().flatten() {
        if !digits(experience) || !variation.as_str().is_some_and(digits) {
            check.problem("bucketingData maps experiences to variations, both as text.");
        }
    }
}
