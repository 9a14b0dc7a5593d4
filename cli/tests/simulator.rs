//! The simulator: it takes what the core builds, and refuses what a platform's documents do not allow.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use aftercall::{
    conversion::*,
    stash::unstash,
    values::{json::Json, request::ConversionRequest},
};
use common::{Simulator, token};
use serde_json::json;

const AGENT: (&str, &str) = ("User-Agent", "Example-Shop/1.0");

/// The requests of one conversion for a visitor of all platforms.
fn requests(accounts: serde_json::Value, goals: serde_json::Value) -> Vec<ConversionRequest> {
    let mut conversion = json!({ "id": "call-1", "at": "2026-11-21T10:00:00Z", "revenue": "49.90" });
    conversion.as_object_mut().unwrap().extend(goals.as_object().unwrap().clone());
    let (accounts, conversion) = (accounts.to_string(), conversion.to_string());
    let plan = conversion_requests(
        &unstash([token().as_str()]).unwrap(),
        false,
        &Conversion::from_json(Json::parse(&conversion).unwrap()).unwrap(),
        &Accounts::from_json(Json::parse(&accounts).unwrap()),
    );
    assert!(plan.skipped.is_empty(), "{:?}", plan.skipped);
    plan.requests
}

fn of_every_platform() -> Vec<ConversionRequest> {
    requests(
        json!({
            "optimizely": { "accountId": 12001, "projectId": 111001, "api": "classic" },
            "vwo": { "accountId": 123456, "api": "web-goal" },
            "kameleoon": { "siteCode": "f17c21u1ag", "dataHost": "eu-data.kameleoon.io" },
            "convert": { "accountId": 10022898, "projectId": 10025986, "api": "tracking-request" },
        }),
        json!({
            "optimizely": { "event": "phone call" }, "vwo": { "goalId": 201 }, "kameleoon": { "goalId": 36151 },
            "convert": { "goalIds": [331] },
        }),
    )
}

fn send(simulator: &Simulator, request: &ConversionRequest, url: &str, agent: (&str, &str)) -> (u16, String) {
    let mut headers = vec![("Aftercall-Url", url), agent];
    if let Some((format, _)) = &request.body {
        headers.push(("Content-Type", format.content_type()));
    }
    simulator.request(request.method(), "/", &headers, request.body().unwrap_or_default())
}

#[test]
fn it_takes_what_the_core_builds() {
    let simulator = Simulator::start();
    let requests = of_every_platform();
    assert_eq!(requests.len(), 4);
    for request in &requests {
        let (status, body) = send(&simulator, request, &request.url, AGENT);
        assert!((200..300).contains(&status), "{}: {status} {body}", request.url);
    }
    assert_eq!(simulator.stats()["conversions"], 4);
    assert_eq!(simulator.arrived().len(), 4);
    assert!(simulator.log().iter().all(|entry| entry["outcome"] == "accepted"));
}

#[test]
fn it_refuses_a_request_that_lacks_any_required_parameter() {
    let simulator = Simulator::start();
    let mut mutants = 0;
    for request in of_every_platform() {
        let (head, query) = request.url.split_once('?').unwrap();
        for left_out in query.split('&') {
            let name = left_out.split('=').next().unwrap();
            // These may be missing: what was seen, what it was worth, what is random only against caches.
            if matches!(name, "r" | "v" | "t" | "sId" | "random" | "time") || name.starts_with('x') {
                continue;
            }
            let rest: Vec<&str> = query.split('&').filter(|pair| *pair != left_out).collect();
            let (status, body) = send(&simulator, &request, &format!("{head}?{}", rest.join("&")), AGENT);
            assert!(status >= 400 && !body.is_empty(), "{head} without {name}: {status}");
            mutants += 1;
        }
        // What the web library adds to its hit is documented nowhere as a list.
        if !request.url.contains("c.gif") {
            let (status, _) = send(&simulator, &request, &format!("{}&surprise=1", request.url), AGENT);
            assert_eq!(status, 400, "{} with a surprise", request.url);
        }
    }
    assert!(mutants > 10, "{mutants}");
    assert_eq!(simulator.stats()["conversions"], 0);
}

#[test]
fn kameleoon_refuses_bots_and_shows_what_it_recorded() {
    let simulator = Simulator::start();
    let requests = of_every_platform();
    let request = requests.iter().find(|request| request.url.contains("kameleoon")).unwrap();
    for agent in ["node", "curl/8.5", "Mozilla/5.0 (compatible; Examplebot/2.1)", ""] {
        assert_eq!(send(&simulator, request, &request.url, ("User-Agent", agent)).0, 403, "{agent}");
    }
    let query = "https://eu-data.kameleoon.io/visit/visitor?siteCode=f17c21u1ag&visitorCode=l200u3djm8kovq4o&maxNumberPreviousVisits=5&conversion=true";
    let visits = || {
        serde_json::from_str::<serde_json::Value>(
            &simulator.request("GET", "/", &[AGENT, ("Aftercall-Url", query)], "").1,
        )
        .unwrap()
    };
    assert_eq!(visits()["previousVisits"], json!([]));
    assert_eq!(send(&simulator, request, &request.url, AGENT).0, 204);
    assert_eq!(visits()["previousVisits"][0]["conversionEvents"][0]["data"]["goalId"], 36151);
}

#[test]
fn what_comes_again_is_seen() {
    let simulator = Simulator::start();
    let requests = requests(
        json!({
            "optimizely": { "accountId": 12001, "projectId": 111001, "api": "events" },
            "vwo": { "accountId": 123456, "api": "web-goal" },
            "convert": { "accountId": 10022898, "projectId": 10025986, "api": "v1" },
        }),
        json!({
            "optimizely": { "event": "phone call", "eventId": 111095 }, "vwo": { "goalId": 201 },
            "convert": { "goalIds": [331] },
        }),
    );
    for request in requests.iter().chain(&requests) {
        assert!(send(&simulator, request, &request.url, AGENT).0 < 300);
    }
    let log = simulator.log();
    let of = |name: &str| log.iter().map(|entry| entry[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("repeats"), [0, 0, 0, 1, 1, 1]);
    assert_eq!(of("counted"), [1, 1, 1, 0, 1, 1], "Optimizely drops the double, the others count it");
    assert_eq!(simulator.stats()["deduplicated"], 1);
}

#[test]
fn faults_come_to_order() {
    let simulator = Simulator::start();
    let requests = of_every_platform();
    let request = &requests[0];
    simulator.faults(json!([{ "kind": "status", "status": 429, "retryAfter": 3, "times": 1 }, { "kind": "reset", "times": 1, "counted": true }, { "kind": "drop", "times": 1 }]));
    assert_eq!(send(&simulator, request, &request.url, AGENT).0, 429);
    assert_eq!(send(&simulator, request, &request.url, AGENT).0, 0, "no answer");
    assert_eq!(simulator.stats()["conversions"], 1, "counted all the same");
    assert_eq!(send(&simulator, request, &request.url, AGENT).0, 200);
    assert_eq!(simulator.stats()["conversions"], 1, "dropped");
    assert_eq!(send(&simulator, request, &request.url, AGENT).0, 200);
    assert_eq!(simulator.arrived()[0].0, 2, "a repeat counts twice");
    assert_eq!(simulator.request("POST", "/_faults", &[], "{\"rules\":[{\"kind\":\"fire\"}]}").0, 400);
    assert_eq!(simulator.request("POST", "/_reset", &[], "").0, 200);
    assert_eq!(simulator.stats()["requests"], 0);
}

#[test]
fn pages_may_call_it() {
    let simulator = Simulator::start();
    assert_eq!(simulator.request("OPTIONS", "/visit/events", &[("Origin", "http://localhost:5173")], "").0, 204);
    // Without the header the documented URL stands in the path: that is all that an image can say.
    let gif = "/dev.visualwebsiteoptimizer.com/c.gif?account_id=1&experiment_id=2&goal_id=3&u=D11BD6ED27A63F845ADFCBA2D9AA7835C&combination=2";
    assert_eq!(simulator.request("GET", gif, &[], "").0, 200);
    assert_eq!(simulator.log()[0]["endpoint"], "vwo web-goal");
}
