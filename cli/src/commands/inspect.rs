//! `aftercall inspect TOKEN…`: the context in a token.

use crate::{args::Arguments, exit::Exit, fault::Fault, table};
use aftercall::stash::unstash;
use serde_json::Value;

/// Prints the context, as a table or as JSON.
///
/// # Errors
/// The token cannot be read.
pub fn run(arguments: &Arguments, tokens: &[String]) -> Result<Exit, Fault> {
    let tokens = tokens.iter().flat_map(|token| token.split_whitespace());
    let context = unstash(tokens).map_err(|error| Fault { code: error.code().name(), message: error.message() })?;
    let json = context.into_json();
    if arguments.json {
        println!("{json}");
        return Ok(Exit::Done);
    }
    let mut rows = Vec::new();
    let value: Value = serde_json::from_str(&json).unwrap_or_default();
    for (name, value) in value.as_object().into_iter().flatten() {
        match (name.as_str(), value) {
            ("capturedAt", Value::Number(ms)) => {
                let day = ms.as_i64().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
                let day = day.map(|day| day.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
                rows.push(vec!["captured".into(), "day (UTC)".into(), day]);
            }
            (_, Value::Object(members)) => {
                for (key, value) in members {
                    rows.extend(
                        cells(value).into_iter().map(|cell| vec![name.clone(), key.clone(), table::plain(&cell)]),
                    );
                }
            }
            (_, Value::Array(problems)) => {
                for problem in problems {
                    let text = |key: &str| problem.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                    rows.push(vec!["problem".into(), text("code"), text("message")]);
                }
            }
            _ => {}
        }
    }
    table::print(&["platform", "what", "value"], &rows);
    Ok(Exit::Done)
}

/// A value in the lines that it takes.
fn cells(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all
            .iter()
            .map(|one| one.as_str().map_or_else(|| one.to_string(), String::from))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    match value {
        Value::Object(members) if members.is_empty() => vec![],
        Value::Object(members) => members.iter().map(|(key, value)| format!("{key} → {}", text(value))).collect(),
        Value::Array(all) if all.iter().any(Value::is_object) => all.iter().map(Value::to_string).collect(),
        other => vec![text(other)],
    }
}
