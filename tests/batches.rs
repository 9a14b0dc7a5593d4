//! Many conversions of many visitors in few requests: nothing lost, nothing twice, nothing over a limit.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;

use proptest::{collection::vec, prelude::*, test_runner::Config};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn accounts() -> Value {
    json!({
        "vwo": { "accountId": 6, "api": "web-goal" },
        "kameleoon": { "siteCode": "f17c21u1ag", "dataHost": "eu-data.kameleoon.io" },
    })
}

fn call(code: &str, id: &str) -> (Value, Value) {
    let visitor = json!({ "kameleoon": { "visitorCode": code } });
    (visitor, json!({ "id": id, "revenue": "9.50", "kameleoon": { "goalId": 36151 } }))
}

fn requests(plan: &Value) -> Vec<Value> {
    plan["requests"].as_array().unwrap().clone()
}

fn body(request: &Value) -> Value {
    serde_json::from_str(request["body"].as_str().unwrap()).unwrap()
}

/// The vendor's document: "To do this, include each event in the request body."
#[test]
fn visitors_share_a_request_and_are_named_in_its_body() {
    let plan = face::batches(&[call("245fc", "1"), call("é&=", "2"), call("245fc", "3")], accounts());
    let [request] = &requests(&plan)[..] else { panic!("{plan}") };
    assert_eq!(request["url"], "https://eu-data.kameleoon.io/visit/events?siteCode=f17c21u1ag&json=true");
    let body = body(request);
    let codes: Vec<_> = body.as_array().unwrap().iter().map(|event| event["visitorCode"].as_str().unwrap()).collect();
    assert_eq!(codes, ["245fc", "é&=", "245fc"]);
    assert_eq!(request["conversionIds"], json!(["1", "2", "3"]), "in the order of the body");
    assert_eq!(request["idempotencyKeys"].as_array().unwrap().len(), 3);
    assert!(plan["skipped"].as_array().unwrap().is_empty());
}

#[test]
fn one_visitor_is_named_in_the_url_alone() {
    let plan = face::batches(&[call("245fc", "1"), call("245fc", "2")], accounts());
    let [request] = &requests(&plan)[..] else { panic!("{plan}") };
    let url = "https://eu-data.kameleoon.io/visit/events?siteCode=f17c21u1ag&visitorCode=245fc&json=true";
    assert_eq!(request["url"], url);
    let body = body(request);
    assert_eq!(body.as_array().unwrap().len(), 2);
    assert!(body.as_array().unwrap().iter().all(|event| event.get("visitorCode").is_none()));
}

#[test]
fn a_batch_of_one_is_the_request_for_it_alone() {
    let (visitor, conversion) = call("245fc", "1");
    let plan = face::batches(&[(visitor.clone(), conversion.clone())], accounts());
    let mut batch = requests(&plan).remove(0);
    let members = batch.as_object_mut().unwrap();
    assert_eq!(members.remove("conversionIds"), Some(json!(["1"])));
    assert_eq!(members.remove("idempotencyKeys"), Some(json!([members["idempotencyKey"]])));
    assert_eq!(batch, face::plan(&visitor, &conversion, accounts()).unwrap()["requests"][0]);
}

#[test]
fn a_mapping_value_stands_for_all_events_of_its_request() {
    let by_value =
        |value: &str, id: &str| (json!({}), json!({ "id": id, "kameleoon": { "goalId": 1, "mappingValue": value } }));
    let pairs = [by_value("a", "1"), by_value("b", "2"), by_value("a", "3"), call("245fc", "4")];
    let plan = face::batches(&pairs, accounts());
    let ids: Vec<_> = requests(&plan).iter().map(|request| request["conversionIds"].clone()).collect();
    assert_eq!(ids, [json!(["1", "3"]), json!(["2"]), json!(["4"])]);
    for request in requests(&plan) {
        let both = ["mappingValue=", "visitorCode="].map(|name| request["url"].as_str().unwrap().matches(name).count());
        assert_eq!(both.iter().sum::<usize>(), 1, "{}", request["url"]);
    }
}

/// A line always names its visitor: the URL never does.
#[test]
fn lines_of_text_share_a_request_whoever_they_are_about() {
    let mut accounts = accounts();
    accounts["kameleoon"]["format"] = json!("text");
    let (visitor, mut conversion) = call("é&=\u{2028}", "2");
    conversion["kameleoon"]["metadata"] = json!({ "3": ["a\nb"] });
    let plan = face::batches(&[call("245fc", "1"), (visitor, conversion), call("245fc", "3")], &accounts);
    let [request] = &requests(&plan)[..] else { panic!("{plan}") };
    assert_eq!(request["url"], "https://eu-data.kameleoon.io/visit/events?siteCode=f17c21u1ag");
    assert_eq!(request["headers"], json!({ "Content-Type": "text/plain" }));
    assert_eq!(request["conversionIds"], json!(["1", "2", "3"]), "in the order in which they came");
    let without_nonce = |line: &str| {
        let (before, nonce) = line.split_once("&nonce=").unwrap();
        format!("{before}{}", &nonce[16..])
    };
    let lines: Vec<_> = request["body"].as_str().unwrap().split('\n').map(without_nonce).collect();
    let start = "eventType=conversion&goalId=36151&revenue=9.5&negative=false";
    assert_eq!(
        lines,
        [
            format!("{start}&visitorCode=245fc"),
            // A line break in a value is written as JSON has it, and then encoded.
            format!("{start}&metadata=%7B%223%22%3A%5B%22a%5Cnb%22%5D%7D&visitorCode=%C3%A9%26%3D%E2%80%A8"),
            format!("{start}&visitorCode=245fc"),
        ]
    );
    // One visitor or several, the URL is the same.
    let alone = face::batches(&[call("245fc", "1")], &accounts);
    assert_eq!(requests(&alone)[0]["url"], request["url"]);
}

/// VWO's endpoint for events takes one a request.
#[test]
fn vwo_events_share_nothing() {
    let event = |id: &str| {
        let visitor = json!({ "vwo": { "uuid": "D11BD6ED27A63F845ADFCBA2D9AA7835C" } });
        (visitor, json!({ "id": id, "at": "2026-11-20T09:30:00Z", "vwo": { "event": "call" } }))
    };
    let plan = face::batches(&["1", "2", "1"].map(event), json!({ "vwo": { "accountId": 6 } }));
    let ids: Vec<_> = requests(&plan).iter().map(|request| request["conversionIds"].clone()).collect();
    assert_eq!(ids, [json!(["1"]), json!(["2"])]);
    assert_eq!(face::codes(&plan["skipped"]), ["vwo duplicate-conversion"]);
}

#[test]
fn what_cannot_be_read_costs_its_own_pair_alone() {
    let pairs = [
        (json!("zzzz"), json!({ "id": "1", "kameleoon": { "goalId": 1 } })),
        (json!({ "kameleoon": { "visitorCode": "a" } }), json!({ "kameleoon": { "goalId": 1 } })),
        (json!(null), json!({ "id": "3", "kameleoon": { "goalId": 1 } })),
        call("245fc", "4"),
        (json!({}), json!({ "id": "5", "at": "yesterday" })),
    ];
    let plan = face::batches(&pairs, accounts());
    let skipped: Vec<_> = plan["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["pair"].clone(), it["conversionId"].clone(), it["code"].clone()))
        .collect();
    let expected = [
        (0, "1", "malformed-stash"),
        (1, "", "invalid-conversion"),
        (2, "3", "malformed-stash"),
        (4, "5", "invalid-conversion"),
    ];
    assert_eq!(skipped, expected.map(|(pair, id, code)| (json!(pair), json!(id), json!(code))));
    assert_eq!(requests(&plan).len(), 1);
}

#[test]
fn the_same_conversion_is_told_once() {
    let plan = face::batches(&[call("a", "1"), call("b", "1"), call("a", "2")], accounts());
    assert_eq!(requests(&plan)[0]["conversionIds"], json!(["1", "2"]));
    assert_eq!(face::codes(&plan["skipped"]), ["kameleoon duplicate-conversion"]);
}

#[test]
fn a_body_never_grows_beyond_the_limit() {
    let metadata = json!({ "1": ["x".repeat(1_000_000)] });
    let big = |id: &str| {
        let (visitor, mut conversion) = call(id, id);
        conversion["kameleoon"]["metadata"] = metadata.clone();
        (visitor, conversion)
    };
    let plan = face::batches(&["1", "2", "3", "4", "5"].map(big), accounts());
    let requests = requests(&plan);
    assert_eq!(requests.iter().map(|it| it["conversionIds"].as_array().unwrap().len()).collect::<Vec<_>>(), [2, 2, 1]);
    assert!(requests.iter().all(|request| request["body"].as_str().unwrap().len() <= 3_000_000));
}

/// Whose it is, is told once for several events: a request takes as many as fit.
#[test]
fn a_visitor_who_is_told_once_takes_room_once() {
    let key = "x".repeat(1_000_000);
    let convert =
        json!({ "convert": { "accountId": 2, "projectId": 1 }, "optimizely": { "accountId": 1, "api": "events" } });
    let call = |id: &str| {
        let attributes = json!([{ "id": 1, "key": key, "value": 1 }]);
        let goal = json!({ "event": "call", "eventId": 7, "attributes": attributes });
        (json!({ "optimizely": { "endUserId": "oeu1" } }), json!({ "id": id, "optimizely": goal }))
    };
    let plan = face::batches(&["1", "2", "3", "4", "5"].map(call), convert);
    let [request] = &requests(&plan)[..] else { panic!("{plan}") };
    assert_eq!(request["conversionIds"], json!(["1", "2", "3", "4", "5"]));
    assert_eq!(body(request)["visitors"].as_array().unwrap().len(), 1);
}

/// Those of a visitor with a part of the body stand together, the others where they came.
#[test]
fn a_visitor_has_one_part_of_the_body() {
    let accounts = json!({ "convert": { "accountId": 2, "projectId": 1 } });
    let call = |(id, visitor, segment): (&str, &str, u8)| {
        let visitor = json!({ "convert": { "visitorId": visitor, "segments": [segment] } });
        (visitor, json!({ "id": id, "convert": { "goalIds": [1] } }))
    };
    let calls = [("1", "a", 5), ("2", "b", 5), ("3", "a", 5), ("4", "a", 6), ("5", "b", 5), ("6", "a", 5)];
    let plan = face::batches(&calls.map(call), accounts);
    let [request] = &requests(&plan)[..] else { panic!("{plan}") };
    assert_eq!(request["conversionIds"], json!(["1", "3", "6", "2", "5", "4"]));
    let body = body(request);
    let parts: Vec<_> = body["visitors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["visitorId"], it["events"].as_array().unwrap().len()))
        .collect();
    assert_eq!(parts, [(&json!("a"), 3), (&json!("b"), 2), (&json!("a"), 1)]);
}

/// A request that no platform takes is no request.
#[test]
fn a_conversion_that_is_too_large_even_alone_is_refused() {
    let (visitor, mut conversion) = call("245fc", "1");
    for (length, requests) in [(2_999_000, 1), (3_000_000, 0)] {
        conversion["kameleoon"]["metadata"] = json!({ "1": ["x".repeat(length)] });
        let alone = face::plan(&visitor, &conversion, accounts()).unwrap();
        let batch = face::batches(&[(visitor.clone(), conversion.clone())], accounts());
        for plan in [alone, batch] {
            assert_eq!(plan["requests"].as_array().unwrap().len(), requests);
            assert_eq!(face::codes(&plan["skipped"]), ["kameleoon invalid-conversion"][requests..]);
        }
    }
}

/// One value that is too deep to be looked into makes the whole argument unreadable: that must not look like nothing to do.
#[test]
fn an_argument_that_cannot_be_read_is_no_empty_one() {
    use aftercall::json_face;
    let deep = (0..40).fold(json!("x"), |inner, _| json!([inner]));
    let (visitor, mut conversion) = call("245fc", "1");
    conversion["deep"] = deep.clone();
    let pairs =
        json!({ "pairs": [{ "visitor": visitor, "conversion": conversion }], "accounts": accounts() }).to_string();
    let plan = json!({ "visitor": visitor, "conversion": conversion, "accounts": accounts() }).to_string();
    for answer in [json_face::conversion_batches(&pairs), json_face::conversion_requests(&plan)] {
        assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["error"]["code"], "invalid-conversion");
    }
    let problems = json_face::check_settings(&json!({ "accounts": deep }).to_string());
    assert_eq!(face::codes(&serde_json::from_str(&problems).unwrap()), ["page invalid-conversion"]);
    let page = face::capture(json!({ "cookie": "kameleoonVisitorCode=245fc", "globals": deep }));
    assert_eq!(face::codes(&page["problems"]), ["page no-page"]);
}

proptest! {
    #![proptest_config(Config { cases: 200, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_conversion_is_told_once_or_skipped(pairs in vec((0..4_u8, 0..12_u8, any::<bool>(), any::<bool>()), 0..40)) {
        let pairs: Vec<_> = pairs.iter().map(|(visitor, id, web, kameleoon)| {
            let context = json!({
                "vwo": { "uuid": format!("D{visitor:032X}"), "campaigns": { "8": ["2"] } },
                "kameleoon": { "visitorCode": format!("visitor{visitor}") },
            });
            let mut conversion = json!({ "id": format!("call-{id}") });
            if *web {
                conversion["vwo"] = json!({ "goalId": 1 });
            }
            if *kameleoon {
                conversion["kameleoon"] = json!({ "goalId": 1 });
            }
            (context, conversion)
        }).collect();
        let plan = face::batches(&pairs, accounts());
        let mut keys = BTreeSet::new();
        let mut carried = 0;
        for request in requests(&plan) {
            let own: Vec<_> = request["idempotencyKeys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect();
            prop_assert_eq!(own.len(), request["conversionIds"].as_array().unwrap().len());
            if request["method"] == "POST" {
                prop_assert_eq!(body(&request).as_array().unwrap().len(), own.len());
            }
            carried += own.len();
            keys.extend(own);
        }
        prop_assert_eq!(keys.len(), carried, "no key twice");
        let named: usize = pairs.iter().map(|(_, conversion)| conversion.as_object().unwrap().len() - 1).sum();
        prop_assert_eq!(carried + plan["skipped"].as_array().unwrap().len(), named);
        let posts = requests(&plan).iter().filter(|request| request["method"] == "POST").count();
        prop_assert!(posts <= 1, "one project, few events: one request");
    }
}
