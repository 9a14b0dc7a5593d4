//! The crate in wasm: in Node, or wherever the test runner is told to run it.
//!
//! `face` calls what the export calls that JavaScript asks, so the golden tokens and the examples here must come out as they do
//! natively.
#![cfg(all(target_arch = "wasm32", feature = "bindings"))]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;
mod golden;

use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

/// Every so many cases of a file; all of them run natively and through the packages.
fn some_vectors(text: &str) -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    assert!(cases.len() >= 100);
    cases.into_iter().step_by(5).collect()
}

#[wasm_bindgen_test]
fn golden_tokens_never_change() {
    golden::cases().iter().for_each(golden::check);
}

#[wasm_bindgen_test]
fn cookies_of_vwo_are_read_as_natively() {
    for case in some_vectors(include_str!("vectors/vwo-web.json")) {
        let context = face::capture_cookie(case["input"]["cookie"].as_str().unwrap());
        if case["expected"]["optedOut"] == true {
            assert_eq!(face::codes(&context["problems"]), ["vwo opted-out"], "{case}");
        } else {
            assert_eq!(context["vwo"]["uuid"], case["expected"]["uuid"], "{case}");
            let campaigns = context["vwo"]["campaigns"].as_object().cloned().unwrap_or_default();
            assert_eq!(Value::Object(campaigns), case["expected"]["campaigns"], "{case}");
        }
    }
}

#[wasm_bindgen_test]
fn cookies_of_optimizely_are_read_as_natively() {
    for case in some_vectors(include_str!("vectors/optimizely-classic.json")) {
        let (expected, id) = (&case["expected"], case["expected"]["endUserId"].as_str().unwrap_or(""));
        let context = face::capture_cookie(case["input"]["cookie"].as_str().unwrap());
        if expected["optedOut"] == true || id.is_empty() || id.contains('@') || id.starts_with('+') {
            assert_eq!(context["optimizely"], Value::Null, "{case}");
        } else {
            assert_eq!(context["optimizely"]["endUserId"], id, "{case}");
            assert_eq!(context["optimizely"]["experiments"], expected["experiments"], "{case}");
            assert_eq!(context["optimizely"]["segments"], expected["segments"], "{case}");
        }
    }
}

#[wasm_bindgen_test]
fn a_token_and_a_conversion_become_four_requests() {
    let token = golden::cases().into_iter().find(|case| case["parts"].is_array()).unwrap()["token"].clone();
    let conversion = json!({
        "id": "call-1", "revenue": 1599.99, "optimizely": { "event": "phone_call" }, "vwo": { "goalId": 201 },
        "kameleoon": { "goalId": 36151 }, "convert": { "goalIds": [35] },
    });
    let accounts = json!({
        "optimizely": { "accountId": 12001, "projectId": 111001, "api": "classic" }, "vwo": { "accountId": 6, "api": "web-goal" },
        "kameleoon": { "siteCode": "tdz2z7s27z", "dataHost": "eu-data.kameleoon.io" },
        "convert": { "accountId": 2, "projectId": 1, "api": "tracking-request" },
    });
    let plan = face::plan(&token, &conversion, &accounts).unwrap();
    assert_eq!((&plan["skipped"], &plan["warnings"]), (&json!([]), &json!([])));
    assert_eq!(
        face::urls(&plan),
        [
            "https://111001.log.optimizely.com/event?a=111001&d=12001&n=phone_call&u=oeu1616187660398r0.020344619322813617\
                &x298349752=298343790&x298349753=298343791&s1227392893=search&v=159999",
            "https://dev.visualwebsiteoptimizer.com/c.gif?account_id=6&experiment_id=302&goal_id=201&combination=10\
                &u=D11BD6ED27A63F845ADFCBA2D9AA7835C&r=1599.99&sId=1795130000",
            "https://eu-data.kameleoon.io/visit/events?siteCode=tdz2z7s27z&visitorCode=_js_6rrhknrmlm7fw3df&json=true",
            "https://1.track.convertexperiments.com/track/?c=2&p=1&e=100013987-100080463-7&ea=0&g=35,7&ga=1\
                &t=35|call-1|1599.99|1",
        ]
    );
    assert_eq!(face::plan(&token, "{}", &accounts), Err("invalid-conversion".into()));
    assert_eq!(face::check_settings(&accounts, &conversion), json!([]));
}

/// JavaScript's strings may hold half a character; Rust's may not. What arrives is U+FFFD, and nothing traps.
#[wasm_bindgen_test]
fn what_is_no_json_is_an_empty_answer_or_an_error() {
    use aftercall::json_face;
    let codes = |text: &str| face::codes(&serde_json::from_str(text).unwrap());
    for (text, readable) in [
        ("", false),
        ("null", true),
        ("7", true),
        ("\"\\ud800\"", true),
        ("{\"cookie\":\"\u{FFFD}\"}", true),
        ("[[[[", false),
        ("\u{0}", false),
    ] {
        let no_page: &[&str] = if readable { &[] } else { &["page no-page"] };
        assert_eq!(face::codes(&face::capture(text)["problems"]), no_page, "{text}");
        assert_eq!(json_face::stash(text, 0), "", "{text}");
        assert_eq!(codes(&json_face::check_settings(text)).is_empty(), readable, "{text}");
        let expected = if readable { "malformed-stash" } else { "invalid-conversion" };
        for (answer, code) in
            [(json_face::unstash(text), "malformed-stash"), (json_face::conversion_requests(text), expected)]
        {
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(answer["error"]["code"], code, "{text}");
            assert!(answer["error"]["message"].as_str().unwrap().ends_with('.'), "{text}");
        }
    }
}
