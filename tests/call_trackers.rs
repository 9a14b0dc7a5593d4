//! Call trackers' ids of the visitor: read from the cookies that pages have, carried by tokens, and never a person's.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod face;

use serde_json::{Value, json};

fn trackers(cookie: &str) -> Value {
    let context = face::capture_cookie(cookie);
    assert_eq!(context["problems"], json!([]), "{cookie}");
    context["callTrackers"].clone()
}

const COOKIES: &str = "calltrk_referrer=direct; calltrk_landing=https%3A//example.com/; \
    calltrk_session_id=d3a45bc4-5218-48e3-b1ab-d8c1f57c5edc; __ctmid=600bfda70003d18a630086fc; \
    __ctmid=700bfda70003d18a630086fc; ictf_master=vid~413c1c5f-b931-4efa-bdd8-56d34432bb9c; \
    ictf_il928=rlt~1563204646~land~2_6115_direct_87457e7f6dd7e2cd8d6db09457cbcae2; \
    invoca_session=%7B%22ttl%22%3A%222023-05-20T00%3A22%3A16.436Z%22%2C%22session%22%3A%7B%22invoca_id%22%3A%22\
    i-df2226e5-2372-4e8d-aaca-b51e0e49bd96%22%7D%2C%22config%22%3A%7B%22ce%22%3Atrue%2C%22fv%22%3Afalse%7D%7D; \
    adiV=8f21c0d2e4; wc_visitor=78875-73be57c6-bcd2-cd6c-b8d7-445b47bba2c5; kameleoonVisitorCode=l200u3djm8kovq4o";

fn ids() -> Value {
    json!({
        "callrail": "d3a45bc4-5218-48e3-b1ab-d8c1f57c5edc",
        "ctm": "600bfda70003d18a630086fc",
        "infinity": "413c1c5f-b931-4efa-bdd8-56d34432bb9c",
        "invoca": "i-df2226e5-2372-4e8d-aaca-b51e0e49bd96",
        "responsetap": "8f21c0d2e4",
        "whatconverts": "78875-73be57c6-bcd2-cd6c-b8d7-445b47bba2c5",
    })
}

#[test]
fn every_tracker_has_its_id() {
    assert_eq!(trackers(COOKIES), ids());
}

#[test]
fn the_ids_travel_in_the_token() {
    let token = face::stash(face::capture_cookie(COOKIES));
    assert_eq!(face::unstash(&token).unwrap()["callTrackers"], ids());
}

#[test]
fn a_tracker_alone_is_no_visitor_of_a_platform() {
    let context = face::capture_cookie("__ctmid=600bfda70003d18a630086fc");
    assert_eq!(context["callTrackers"], json!({ "ctm": "600bfda70003d18a630086fc" }));
    assert_eq!(face::stash(context), "");
}

#[test]
fn invocas_cookie_comes_encoded_or_not_and_may_hold_no_id_yet() {
    let plain =
        r#"invoca_session={"ttl":"2025-07-20T01:29:13.108Z","session":{"utm_medium":"direct","invoca_id":"i-1"}}"#;
    assert_eq!(trackers(plain), json!({ "invoca": "i-1" }));
    for none in [r#"{"session":{}}"#, r#"{"session":"x"}"#, "{}"] {
        assert_eq!(trackers(&format!("invoca_session={none}")), Value::Null, "{none}");
    }
}

#[test]
fn infinitys_cookie_may_hold_more_behind_the_id() {
    assert_eq!(trackers("ictf_master=vid~24eff988~rlt~1592231284"), json!({ "infinity": "24eff988" }));
}

#[test]
fn without_cookies_there_is_no_member() {
    assert_eq!(trackers("a=b; calltrk_session_id_315820941=x; xadiV=1; adiv=2"), Value::Null);
}

#[test]
fn what_is_no_id_is_left_out_and_named() {
    let long = "a".repeat(65);
    for (cookie, value) in [
        ("__ctmid", "d3a45bc4-5218-48e3-b1ab-d8c1f57c5edc"), // a UUID is somebody else's
        ("__ctmid", "600bfda70003d18a630086f"),
        ("__ctmid", "600bfda70003d18a630086fg"),
        ("calltrk_session_id", ""),
        ("calltrk_session_id", "ada@example.com"),
        ("calltrk_session_id", "ada%40example.com"),
        ("calltrk_session_id", "+4915112345678"),
        ("calltrk_session_id", long.as_str()),
        ("adiV", "a b"),
        ("adiV", "é"),
        ("wc_visitor", "78875|x"),
        ("ictf_master", "413c1c5f-b931-4efa-bdd8-56d34432bb9c"),
        ("ictf_master", "vid~"),
        ("ictf_master", "vid~ada@example.com"),
        ("invoca_session", "[]"),
        ("invoca_session", "%7B%22session%22"),
        ("invoca_session", r#"{"session":{"invoca_id":7}}"#),
        ("invoca_session", r#"{"session":{"invoca_id":"ada@example.com"}}"#),
        ("invoca_session", r#"{"session":{"invoca_id":""}}"#),
    ] {
        let context = face::capture_cookie(&format!("{cookie}={value}; kameleoonVisitorCode=l200u3djm8kovq4o"));
        assert_eq!(context["callTrackers"], Value::Null, "{cookie}={value}");
        assert_eq!(face::codes(&context["problems"]), ["page malformed-cookie"], "{cookie}={value}");
        assert!(context["problems"][0]["message"].as_str().unwrap().starts_with(cookie), "{cookie}={value}");
        assert_eq!(context["kameleoon"]["visitorCode"], "l200u3djm8kovq4o", "{cookie}={value}");
    }
    let huge = face::capture_cookie(&format!("invoca_session={}", "{\"session\":".repeat(100_000)));
    assert_eq!(face::codes(&huge["problems"]), ["page malformed-cookie"]);
}
