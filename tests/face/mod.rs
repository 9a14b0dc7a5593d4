//! The core as the JavaScript facade sees it: JSON in, JSON out.
//!
//! Natively this goes through the crate's public functions, in wasm through its bindings, so that one test can run in
//! both.
#![allow(dead_code)] // each test file uses its share

use core::fmt::Display;
use serde_json::{Value, json};

#[cfg(target_arch = "wasm32")]
use aftercall::bindings::lean as engine;

/// The same six functions as `bindings::lean`, over the crate alone.
#[cfg(not(target_arch = "wasm32"))]
mod engine {
    use aftercall::{
        capture, conversion, stash,
        values::{
            cookies::Cookies,
            id::Id,
            json::{Json, Writer},
            page::{Globals, Page},
            problem::{Error, Problem},
            time::Time,
        },
        visitor::VisitorContext,
    };
    use serde_json::json;

    fn object(text: &str) -> Json<'_> {
        Json::parse(text).unwrap_or_default()
    }

    pub fn capture(page: &str) -> String {
        let page = object(page);
        let text = |name| page.get(name).and_then(Json::text).unwrap_or_default();
        let global = |platform: &str, name: &str| page.get("globals")?.get(platform)?.get(name);
        let id = |platform, name| global(platform, name).and_then(Id::from_json);
        let (cookie, url) = (text("cookie"), text("url"));
        let storage = page.get("storage").into_iter().flat_map(Json::entries);
        capture::capture(&Page {
            cookies: Cookies::parse(&cookie),
            storage: storage.filter_map(|(key, value)| Some((key, value.text()?))).collect(),
            url: &url,
            globals: Globals {
                optimizely_account: id("optimizely", "accountId"),
                optimizely_project: id("optimizely", "projectId"),
                vwo_account: id("vwo", "accountId"),
                kameleoon_site: global("kameleoon", "siteCode").and_then(Json::text),
                convert_account: id("convert", "accountId"),
                convert_project: id("convert", "projectId"),
            },
            now: page.get("now").and_then(Time::from_json).unwrap_or_default(),
        })
        .to_json()
    }

    pub fn stash(visitor: &str, max_length: usize) -> String {
        let context = VisitorContext::from_json(object(visitor));
        if max_length == 0 { stash::stash(&context) } else { stash::stash_parts(&context, max_length).join(" ") }
    }

    pub fn unstash(tokens: &str) -> String {
        stash::unstash(tokens.split(' ')).map_or_else(failure, |context| context.to_json())
    }

    pub fn conversion_requests(input: &str) -> String {
        plan(object(input)).unwrap_or_else(failure)
    }

    fn plan(input: Json<'_>) -> Result<String, Error> {
        let visitor = input.get("visitor").unwrap_or_default();
        let context = if visitor.is_object() {
            VisitorContext::from_json(visitor)
        } else {
            let tokens: Vec<String> =
                visitor.text().into_iter().chain(visitor.items().filter_map(Json::text)).collect();
            stash::unstash(tokens.iter().map(String::as_str))?
        };
        let conversion = conversion::Conversion::from_json(input.get("conversion").unwrap_or_default())?;
        let accounts = conversion::Accounts::from_json(input.get("accounts").unwrap_or_default());
        let captured_here = visitor.is_object() && input.get("captured").is_some_and(Json::is_true);
        let mut out = Writer::default();
        conversion::conversion_requests(&context, captured_here, &conversion, &accounts).write(&mut out);
        Ok(out.finish())
    }

    pub fn check_settings(input: &str) -> String {
        let input = object(input);
        let mut out = Writer::default();
        let accounts = input.get("accounts").unwrap_or_default();
        Problem::write_all(&conversion::check_settings(accounts, input.get("conversion")), &mut out);
        out.finish()
    }

    fn failure(error: Error) -> String {
        json!({ "error": { "code": error.code().name(), "message": error.message() } }).to_string()
    }
}

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

/// The context of a `PageState`.
pub fn capture(page: impl Display) -> Value {
    parse(&engine::capture(&page.to_string()))
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
        r#"{{"visitor":{visitor},"captured":false,"conversion":{conversion},"accounts":{accounts}}}"#
    )))
}

/// The plan for a context that was captured here.
pub fn plan_captured(visitor: impl Display, conversion: impl Display, accounts: impl Display) -> Result<Value, Code> {
    answer(&engine::conversion_requests(&format!(
        r#"{{"visitor":{visitor},"captured":true,"conversion":{conversion},"accounts":{accounts}}}"#
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
