//! The core as the JavaScript facade sees it: JSON in, JSON out.
//!
//! It is the same natively and in wasm, so that one test can run in both.
#![allow(dead_code)] // each test file uses its share

use core::fmt::Display;
use serde_json::{Value, json};

use aftercall::json_face as engine;

/// The time of now: 2026-11-20T09:30:00.123Z.
pub const NOW: u64 = 1_795_167_000_123;

/// A code, as users compare it.
pub type Code = String;

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("the core wrote what is no JSON ({error}): {text}"))
}

fn answer(text: &str) -> Result<Value, Code> {
    let answer = parse(text);
    match answer["error"]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(answer),
    }
}

/// The context of a `PageState`, handed on as JavaScript does: the time beside it.
pub fn capture(page: impl Display) -> Value {
    let page = page.to_string();
    let now = serde_json::from_str::<Value>(&page).map_or(Value::Null, |page| page["now"].clone());
    parse(&engine::capture(&format!("{{\"page\":{page},\"now\":{now}}}")))
}

/// The context of a cookie text.
pub fn capture_cookie(cookie: &str) -> Value {
    capture(json!({ "cookie": cookie }))
}

/// The token of a context.
pub fn stash(visitor: impl Display) -> String {
    engine::stash(&visitor.to_string(), 0)
}

/// The token of a context, in parts.
pub fn stash_parts(visitor: impl Display, max_length: usize) -> Vec<String> {
    let parts = engine::stash(&visitor.to_string(), max_length);
    parts.split(' ').filter(|part| !part.is_empty()).map(String::from).collect()
}

/// The context of a token.
pub fn unstash(token: &str) -> Result<Value, Code> {
    answer(&engine::unstash(token))
}

/// The context of the parts of a token.
pub fn unstash_parts(parts: &[String]) -> Result<Value, Code> {
    unstash(&parts.join(" "))
}

/// The plan for a visitor (a context, a token or its parts) that was not captured here.
pub fn plan(visitor: impl Display, conversion: impl Display, accounts: impl Display) -> Result<Value, Code> {
    answer(&engine::conversion_requests(&format!(
        r#"{{"visitor":{visitor},"captured":false,"conversion":{conversion},"accounts":{accounts},"now":{NOW}}}"#
    )))
}

/// The plan for many pairs of a visitor and a conversion, none of them captured here.
pub fn batches(pairs: &[(Value, Value)], accounts: impl Display) -> Value {
    let pair = |(visitor, conversion): &(Value, Value)| json!({ "visitor": visitor, "conversion": conversion });
    let pairs: Vec<Value> = pairs.iter().map(pair).collect();
    parse(&engine::conversion_batches(&format!(r#"{{"pairs":{},"accounts":{accounts},"now":{NOW}}}"#, json!(pairs))))
}

/// The plan for a context that was captured here.
pub fn plan_captured(visitor: impl Display, conversion: impl Display, accounts: impl Display) -> Result<Value, Code> {
    answer(&engine::conversion_requests(&format!(
        r#"{{"visitor":{visitor},"captured":true,"conversion":{conversion},"accounts":{accounts},"now":{NOW}}}"#
    )))
}

/// What is wrong with settings.
pub fn check_settings(accounts: impl Display, conversion: impl Display) -> Value {
    parse(&engine::check_settings(&format!(r#"{{"accounts":{accounts},"conversion":{conversion}}}"#)))
}

/// `platform code` of every problem in a list.
pub fn codes(problems: &Value) -> Vec<String> {
    let text = |problem: &Value, name: &str| problem[name].as_str().unwrap().to_owned();
    let problems = problems.as_array().unwrap();
    problems.iter().map(|problem| format!("{} {}", text(problem, "platform"), text(problem, "code"))).collect()
}

/// The URLs of a plan's requests.
pub fn urls(plan: &Value) -> Vec<String> {
    let requests = plan["requests"].as_array().unwrap();
    requests.iter().map(|request| request["url"].as_str().unwrap().to_owned()).collect()
}
