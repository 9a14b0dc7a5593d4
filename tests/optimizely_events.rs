//! Optimizely's Event API: which of the two interfaces is told, and exactly what it is told.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;

use serde_json::{Value, json};

const US: &str = "https://logx.optimizely.com/v1/events";
const EU: &str = "https://eu.logx.optimizely.com/v1/events";
const CLASSIC: &str = "https://111001.log.optimizely.com/event";

fn decisions() -> Value {
    json!([
        { "campaignId": "15", "experimentId": "16", "variationId": "9223372036854775807", "isCampaignHoldback": false },
        { "campaignId": "25", "experimentId": null, "variationId": null, "isCampaignHoldback": true },
    ])
}

/// A visitor of Web Experimentation.
fn visitor() -> Value {
    json!({ "optimizely": { "endUserId": "oeu1403497108674r0.684978179866448", "decisions": decisions() } })
}

fn accounts() -> Value {
    json!({ "optimizely": { "accountId": 12001, "projectId": "111001" } })
}

fn conversion() -> Value {
    json!({ "id": "call-17", "at": "2026-11-20T09:30:00Z", "optimizely": { "event": "phone_call", "eventId": "4841578001" } })
}

/// Puts a value at a path; `null` takes away what is there.
fn with(mut json: Value, path: &str, value: Value) -> Value {
    let mut at = &mut json;
    for name in path.split('.') {
        at = &mut at[name];
    }
    *at = value;
    json
}

#[track_caller]
fn request(visitor: &Value, conversion: &Value, accounts: &Value) -> Value {
    let plan = face::plan(visitor, conversion, accounts).unwrap();
    assert_eq!((&plan["skipped"], plan["requests"].as_array().unwrap().len()), (&json!([]), 1));
    plan["requests"][0].clone()
}

#[track_caller]
fn body(visitor: &Value, conversion: &Value, accounts: &Value) -> Value {
    serde_json::from_str(request(visitor, conversion, accounts)["body"].as_str().unwrap()).unwrap()
}

/// The event of a body that has one.
fn event(body: &Value) -> &Value {
    &body["visitors"][0]["snapshots"][0]["events"][0]
}

#[track_caller]
fn refused(visitor: &Value, conversion: &Value, accounts: &Value, code: &str, about: &str) {
    let plan = face::plan(visitor, conversion, accounts).unwrap();
    assert_eq!((&plan["requests"], face::codes(&plan["skipped"])), (&json!([]), vec![format!("optimizely {code}")]));
    let message = plan["skipped"][0]["message"].as_str().unwrap();
    assert!(message.contains(about), "{message}");
}

#[test]
fn a_conversion_with_everything() {
    let goal = json!({
        "event": "phone call", "eventId": 4_841_578_001_u64, "revision": "42", "anonymizeIp": true,
        "tags": { "value": "1.50", "store": "café", "ok": true, "duration": 39.5 },
        "attributes": [{ "id": 99, "key": "plan", "value": "gold" }],
    });
    let conversion = json!({ "id": "call-17", "at": "2026-11-20T09:30:00Z", "revenue": "49.90", "optimizely": goal });
    let request = request(&visitor(), &conversion, &accounts());
    let event = format!(
        r#"{{"entity_id":"4841578001","key":"phone call","timestamp":1795167000000,"uuid":"{}","tags":{{"duration":39.5,"ok":true,"store":"café","value":"1.50"}},"value":1.50,"revenue":4990}}"#,
        "UUID"
    );
    let decisions = r#"[{"campaign_id":"15","experiment_id":"16","variation_id":"9223372036854775807","is_campaign_holdback":false},{"campaign_id":"25","experiment_id":null,"variation_id":null,"is_campaign_holdback":true}]"#;
    let due = format!(
        r#"{{"account_id":"12001","project_id":"111001","anonymize_ip":true,"client_name":"aftercall/aftercall","client_version":"{}","revision":"42","visitors":[{{"visitor_id":"oeu1403497108674r0.684978179866448","attributes":[{{"entity_id":"99","key":"plan","type":"custom","value":"gold"}}],"snapshots":[{{"decisions":{decisions},"events":[{event}]}}]}}]}}"#,
        env!("CARGO_PKG_VERSION"),
    );
    let said = request["body"].as_str().unwrap();
    let uuid = &said[said.find(r#""uuid":""#).unwrap() + 8..][..36];
    assert_eq!(said, due.replace("UUID", uuid));
    assert_eq!(
        (&request["method"], &request["url"], &request["headers"], &request["repeat"]),
        (&json!("POST"), &json!(US), &json!({ "Content-Type": "application/json" }), &json!("safe"))
    );
}

/// Without decisions of our own Optimizely is asked for those that it recorded; with them, it is not.
#[test]
fn decisions_are_told_or_asked_for() {
    let told = body(&visitor(), &conversion(), &accounts());
    assert_eq!(
        (&told["enrich_decisions"], told["visitors"][0]["snapshots"][0]["decisions"].is_array()),
        (&Value::Null, true)
    );
    let unknown = with(visitor(), "optimizely.decisions", Value::Null);
    let asked = body(&unknown, &conversion(), &accounts());
    assert_eq!(
        (&asked["enrich_decisions"], &asked["visitors"][0]["snapshots"][0]["decisions"]),
        (&json!(true), &Value::Null)
    );
}

/// Classic is told of a visitor of Classic alone; one request, never two.
#[test]
fn the_visitor_decides_on_the_interface() {
    let classic = json!({ "optimizely": { "endUserId": "oeu1", "experiments": { "55": "66" } } });
    let both = with(visitor(), "optimizely.experiments", json!({ "55": "66" }));
    let neither = json!({ "optimizely": { "endUserId": "oeu1", "segments": { "1": "gc" } } });
    for (visitor, api, url) in [
        (&classic, Value::Null, CLASSIC),
        (&visitor(), Value::Null, US),
        (&both, Value::Null, US),
        (&neither, Value::Null, US),
        (&classic, json!("events"), US),
        (&both, json!("classic"), CLASSIC),
        (&neither, json!("classic"), CLASSIC),
    ] {
        let request = request(visitor, &conversion(), &with(accounts(), "optimizely.api", api.clone()));
        assert!(request["url"].as_str().unwrap().starts_with(url), "{visitor} {api}: {request}");
    }
}

#[test]
fn a_region_chooses_the_host_and_nothing_else() {
    for (region, url) in [(Value::Null, US), (json!("us"), US), (json!("eu"), EU)] {
        let accounts = with(accounts(), "optimizely.region", region);
        assert_eq!(request(&visitor(), &conversion(), &accounts)["url"], url);
    }
    // Classic has one host: whoever named a region hears of it.
    let classic = with(accounts(), "optimizely.api", json!("classic"));
    let warnings = |region: &str| {
        let accounts = with(classic.clone(), "optimizely.region", json!(region));
        let conversion = with(conversion(), "optimizely.eventId", Value::Null);
        face::codes(&face::plan(visitor(), conversion, accounts).unwrap()["warnings"])
    };
    assert_eq!(warnings("eu"), ["optimizely unsupported-option"]);
    assert_eq!(warnings("us"), [""; 0]);
}

#[test]
fn the_account_is_needed_and_the_project_is_not() {
    let without = |name: &str| with(accounts(), &format!("optimizely.{name}"), Value::Null);
    let told = body(&visitor(), &conversion(), &without("projectId"));
    assert_eq!((&told["account_id"], told.get("project_id")), (&json!("12001"), None));
    refused(&visitor(), &conversion(), &without("accountId"), "no-account", "accountId");
    assert_eq!(face::check_settings(without("projectId"), conversion()), json!([]));
    let classic = with(without("projectId"), "optimizely.api", json!("classic"));
    refused(&visitor(), &conversion(), &classic, "no-account", "projectId");
    assert_eq!(face::codes(&face::check_settings(classic, "null")), ["optimizely no-account"]);
    // The project of the page is told of a visitor captured in it. A kept one's stays out, but must not contradict.
    let known = with(visitor(), "optimizely.projectId", json!("7"));
    let plan = face::plan_captured(&known, conversion(), without("projectId")).unwrap();
    assert!(plan["requests"][0]["body"].as_str().unwrap().contains(r#""project_id":"7""#));
    assert_eq!(body(&known, &conversion(), &without("projectId")).get("project_id"), None);
    refused(&known, &conversion(), &accounts(), "account-mismatch", "projectId");
}

/// Where a site sets an id of its own, Optimizely counts by it.
#[test]
fn the_id_that_is_counted_by() {
    let known = with(visitor(), "optimizely.userId", json!("4915112345678"));
    assert_eq!(body(&known, &conversion(), &accounts())["visitors"][0]["visitor_id"], "4915112345678");
}

#[test]
fn an_event_without_id_or_time_is_refused() {
    let nameless = with(conversion(), "optimizely.eventId", Value::Null);
    refused(&visitor(), &nameless, &accounts(), "invalid-conversion", "eventId");
    // The time of now stands in for a missing one; `null` is an error of the whole conversion.
    let mut timeless = conversion();
    timeless.as_object_mut().unwrap().remove("at");
    assert_eq!(event(&body(&visitor(), &timeless, &accounts()))["timestamp"], face::NOW);
    let input = json!({ "visitor": visitor(), "conversion": timeless, "accounts": accounts() });
    let plan: Value = serde_json::from_str(&aftercall::json_face::conversion_requests(&input.to_string())).unwrap();
    assert_eq!(plan["skipped"][0]["message"], "at is missing or is not what this platform takes.");
}

#[test]
fn revenue_is_cents_and_may_be_a_refund() {
    let told = |revenue: Value, tags: Value| {
        let conversion = with(with(conversion(), "revenue", revenue), "optimizely.tags", tags);
        let told = body(&visitor(), &conversion, &accounts());
        (event(&told)["revenue"].clone(), event(&told)["value"].clone(), event(&told)["tags"].clone())
    };
    let tags = |tags: &str| -> Value { serde_json::from_str(tags).unwrap() };
    for (revenue, cents) in [(json!("49.90"), 4990), (json!(-12), -1200), (json!("0"), 0), (json!(0.1), 10)] {
        assert_eq!(told(revenue, Value::Null), (json!(cents), Value::Null, Value::Null));
    }
    // The tag counts where nothing else does, and must not contradict.
    let both = tags(r#"{"revenue":2342.9,"value":-1.25}"#);
    let alone = conversion();
    let told_alone = body(&visitor(), &with(alone, "optimizely.tags", both.clone()), &accounts());
    assert_eq!((&event(&told_alone)["revenue"], &event(&told_alone)["value"]), (&json!(2342), &json!(-1.25)));
    assert_eq!(told(json!("23.42"), both.clone()), (json!(2342), json!(-1.25), both.clone()));
    let other = with(with(conversion(), "revenue", json!("23.43")), "optimizely.tags", both);
    refused(&visitor(), &other, &accounts(), "invalid-conversion", "tags");
}

/// A conversion is itself, whatever interface tells it: a changed default counts nothing twice.
#[test]
fn one_conversion_has_one_key_and_one_uuid() {
    let one = request(&visitor(), &conversion(), &accounts());
    assert_eq!(request(&visitor(), &conversion(), &accounts()), one);
    let classic = request(&visitor(), &conversion(), &with(accounts(), "optimizely.api", json!("classic")));
    assert_eq!(classic["idempotencyKey"], one["idempotencyKey"]);
    // Where no project is named it is the account's.
    let of = |account: u64| request(&visitor(), &conversion(), &json!({ "optimizely": { "accountId": account } }));
    assert!(of(1)["idempotencyKey"] != of(2)["idempotencyKey"] && of(1)["idempotencyKey"] != one["idempotencyKey"]);
    let uuid = |visitor: &Value, id: &str| {
        event(&body(visitor, &with(conversion(), "id", json!(id)), &accounts()))["uuid"].as_str().unwrap().to_owned()
    };
    let uuids = [
        uuid(&visitor(), "call-17"),
        uuid(&visitor(), "call-18"),
        uuid(&with(visitor(), "optimizely.endUserId", json!("oeu2")), "call-17"),
    ];
    assert!(uuids[0] != uuids[1] && uuids[0] != uuids[2] && uuids[1] != uuids[2], "{uuids:?}");
}

/// What shares a request: one account, one revision, one way with decisions. Attributes are the visitor's.
#[test]
fn a_batch_has_a_part_for_each_visitor() {
    let two = with(visitor(), "optimizely.endUserId", json!("oeu2"));
    let unknown = with(two.clone(), "optimizely.decisions", Value::Null);
    let id = |id: &str| with(conversion(), "id", json!(id));
    let plan =
        face::batches(&[(visitor(), id("1")), (two, id("2")), (visitor(), id("3")), (unknown, id("4"))], accounts());
    let bodies: Vec<Value> = plan["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| serde_json::from_str(request["body"].as_str().unwrap()).unwrap())
        .collect();
    let parts = |body: &Value| -> Vec<(String, usize)> {
        let visitors = body["visitors"].as_array().unwrap().iter();
        visitors
            .map(|part| (part["visitor_id"].as_str().unwrap().into(), part["snapshots"].as_array().unwrap().len()))
            .collect()
    };
    assert_eq!(bodies.len(), 2, "{plan}");
    assert_eq!(parts(&bodies[0]), [("oeu1403497108674r0.684978179866448".into(), 2), ("oeu2".into(), 1)]);
    assert_eq!(parts(&bodies[1]), [("oeu2".into(), 1)]);
    assert_eq!((&bodies[0]["enrich_decisions"], &bodies[1]["enrich_decisions"]), (&Value::Null, &json!(true)));
}

/// 3.5 MB a body: what does not fit goes into the next one.
#[test]
fn a_batch_stays_below_the_limit() {
    let tags = json!({ "note": "é".repeat(500_000) });
    let pairs: Vec<(Value, Value)> = (0..5)
        .map(|n| (visitor(), with(with(conversion(), "id", json!(n.to_string())), "optimizely.tags", tags.clone())))
        .collect();
    let plan = face::batches(&pairs, accounts());
    let sizes: Vec<usize> =
        plan["requests"].as_array().unwrap().iter().map(|request| request["body"].as_str().unwrap().len()).collect();
    assert_eq!(sizes.len(), 2, "{sizes:?}");
    assert!(sizes.iter().all(|size| *size <= 3_500_000), "{sizes:?}");
}
