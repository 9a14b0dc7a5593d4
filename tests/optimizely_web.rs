//! What Optimizely Web Experimentation leaves in a page: read where it is this visitor's, left out where it is not.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;

use serde_json::{Map, Value, json};

const OEU: &str = "oeu1470101898133r0.04568111757824678";

fn decision(campaign: &str, experiment: Option<&str>, variation: Option<&str>, holdback: bool) -> Value {
    json!({ "campaignId": campaign, "experimentId": experiment, "variationId": variation, "isCampaignHoldback": holdback })
}

/// One decision of the usual kind.
fn shown(campaign: &str, experiment: &str, variation: &str) -> Value {
    decision(campaign, Some(experiment), Some(variation), false)
}

/// What `getCampaignStates()` says of a campaign.
fn state(id: &str, experiment: Value, variation: Value, active: bool, holdback: bool) -> Value {
    json!({
        "id": id, "campaignName": null, "experiment": experiment, "allExperiments": [{ "id": "1", "name": null }],
        "variation": variation, "audiences": [], "reason": null, "isActive": active, "visitorRedirected": false,
        "isInCampaignHoldback": holdback,
    })
}

/// A page of the visitor [`OEU`] with these storage entries: namespace, field, value.
fn page(entries: &[(&str, &str, Value)], globals: Value) -> Value {
    let storage: Map<String, Value> = entries
        .iter()
        .map(|(namespace, field, value)| {
            (format!("optimizely_data$${OEU}$${namespace}$${field}"), json!(value.to_string()))
        })
        .collect();
    json!({ "cookie": format!("optimizelyEndUserId={OEU}"), "storage": storage, "globals": { "optimizely": globals } })
}

/// Decisions, ids and problems of a page.
fn seen(page: &Value) -> (Value, Value, Vec<String>) {
    let context = face::capture(page);
    // What was captured travels.
    if context["optimizely"].is_object() {
        let back = face::unstash(&face::stash(&context)).unwrap();
        assert_eq!(back["optimizely"], context["optimizely"]);
    }
    (
        context["optimizely"]["decisions"].clone(),
        context["optimizely"]["endUserId"].clone(),
        face::codes(&context["problems"]),
    )
}

#[track_caller]
fn decides(page: &Value, due: &[Value], problems: usize) {
    let (decisions, _, said) = seen(page);
    let due = if due.is_empty() { Value::Null } else { json!(due) };
    assert_eq!((decisions, said), (due, vec!["optimizely malformed-cookie".to_owned(); problems]), "{page}");
}

#[test]
fn campaign_states() {
    let id = |id: &str| json!({ "id": id, "name": null });
    let states = json!({
        "11": state("11", id("12"), id("9223372036854775807"), true, false),
        "21": state("21", id("22"), id("23"), false, false), // stopped by now, but seen
        "31": state("31", Value::Null, Value::Null, true, false), // a personalisation that shows nothing
        "41": state("41", Value::Null, Value::Null, false, true),
        "51": state("51", Value::Null, Value::Null, false, false), // never decided
    });
    let due = [
        shown("11", "12", "9223372036854775807"),
        shown("21", "22", "23"),
        decision("31", None, None, false),
        decision("41", None, None, true),
    ];
    decides(&page(&[], json!({ "campaignStates": states })), &due, 0);
    // Beyond 2^53 a JavaScript number is not what was meant; in JSON text it is.
    let numbers = r#"{"a":{"id":9007199254740993,"experiment":{"id":1},"variation":{"id":9223372036854775807}}}"#;
    let text = page(&[], json!({ "campaignStates": "STATES" })).to_string().replace("\"STATES\"", numbers);
    let context = face::capture(text);
    assert_eq!(context["optimizely"]["decisions"], json!([shown("9007199254740993", "1", "9223372036854775807")]));
}

#[test]
fn layer_states_long_and_short() {
    let long = |layer: &str, experiment: Value, variation: Value, at: u64| {
        json!({
            "layerId": layer, "revision": 42, "pageId": "7", "decisionTicket": { "audienceIds": [] },
            "decision": { "layerId": layer, "experimentId": experiment, "variationId": variation, "isLayerHoldback": false, "reason": null },
            "decisionActivationId": "a", "decisionTimestamp": at, "decisionEventId": "e",
        })
    };
    let states = json!([
        long("11", json!("12"), json!("13"), 1_745_500_000_000),
        { "i": "21", "p": "7", "t": 1_745_500_000_001_u64, "a": [], "x": "22", "v": "23", "h": false },
        // The same layer on two pages: the newest counts, wherever it stands, and in whichever form.
        { "i": "31", "p": "8", "t": 1_745_500_000_009_u64, "a": [], "x": "32", "v": "34", "h": false },
        long("31", json!("32"), json!("33"), 1_745_500_000_008),
        { "i": "41", "p": "7", "t": 1_745_500_000_002_u64, "a": [], "h": true },
        long("51", Value::Null, Value::Null, 1_745_500_000_003),
    ]);
    let due = [
        shown("11", "12", "13"),
        shown("21", "22", "23"),
        shown("31", "32", "34"),
        decision("41", None, None, true),
        decision("51", None, None, false),
    ];
    decides(&page(&[("7001", "layer_states", states)], json!({})), &due, 0);
}

#[test]
fn the_newest_decision_counts() {
    let at = |time: u64, variation: &str| json!({ "i": "11", "x": "12", "v": variation, "t": time });
    for (layers, variation) in [
        (json!([at(1, "13"), at(2, "14")]), "14"),
        (json!([at(2, "13"), at(1, "14")]), "13"),
        (json!([at(1, "13"), at(1, "14")]), "14"), // of one time, the last
    ] {
        let entries = [("7001", "layer_states", layers)];
        decides(&page(&entries, json!({})), &[shown("11", "12", variation)], 0);
        // What the script says is of now.
        let states = json!({ "11": state("11", json!({ "id": "12" }), json!({ "id": "15" }), false, false) });
        decides(&page(&entries, json!({ "campaignStates": states })), &[shown("11", "12", "15")], 0);
    }
}

#[test]
fn a_map_of_variations_serves_where_nothing_else_does() {
    let map = json!({ "11": { "12": "13" }, "21": { "22": "23" }, "31": { "32": "33", "34": "35" }, "41": {} });
    let layers = json!([{ "i": "21", "x": "22", "v": "24" }]);
    // Nobody knows which of two experiments of a campaign was the last.
    decides(
        &page(&[("7001", "variation_map", map.clone())], json!({})),
        &[shown("11", "12", "13"), shown("21", "22", "23")],
        0,
    );
    for entries in [
        [("7001", "variation_map", map.clone()), ("7001", "layer_states", layers.clone())],
        [("7001", "layer_states", layers), ("7001", "variation_map", map)],
    ] {
        decides(&page(&entries, json!({})), &[shown("11", "12", "13"), shown("21", "22", "24")], 0);
        let states = json!({ "11": state("11", json!({ "id": "12" }), json!({ "id": "14" }), true, false) });
        // What the script says goes first.
        decides(
            &page(&entries, json!({ "campaignStates": states })),
            &[shown("11", "12", "14"), shown("21", "22", "24")],
            0,
        );
    }
}

/// Of projects left over from other snippets only the page's counts, as far as the page tells.
#[test]
fn namespaces() {
    let layer = |campaign: u32| json!([{ "i": campaign, "x": 2, "v": 3, "t": 4 }]);
    let entries = [
        ("7001", "layer_states", layer(11)),
        ("7002", "layer_states", layer(21)),
        ("a8001", "layer_states", layer(31)),
        ("a8002", "layer_states", layer(41)),
    ];
    let of = |campaigns: &[&str]| campaigns.iter().map(|campaign| shown(campaign, "2", "3")).collect::<Vec<_>>();
    for (globals, campaigns) in [
        (json!({}), &["11", "21", "31", "41"][..]),
        (json!({ "projectId": "7001" }), &["11", "31", "41"]),
        (json!({ "accountId": "8001" }), &["11", "21", "31"]),
        (json!({ "accountId": 8001, "projectId": 7001 }), &["11", "31"]),
        (json!({ "accountId": 8003, "projectId": 7003 }), &[]),
    ] {
        decides(&page(&entries, globals), &of(campaigns), 0);
    }
}

/// Entries of other visitors and other origins are somebody else's; so are fields that only look alike.
#[test]
fn whose_entries() {
    let layers = r#"[{"i":"11","x":"12","v":"13","t":1}]"#;
    let others = [
        "optimizely_data$$oeu2$$7001$$layer_states",
        "optimizely_data$$https://other.example$$7001$$layer_states",
        &format!("optimizely_data$$https://other.example$${OEU}$$7001$$layer_states"),
        &format!("https://other.example$$optimizely_data$${OEU}$$7001$$layer_states"),
        &format!("optimizely_data$${OEU}x$$7001$$layer_states"),
        &format!("optimizely_data$${OEU}$$7001$$layer_states2"),
        &format!("optimizely_data$${OEU}$$7001$$my_layer_states"),
        &format!("optimizely_data$${OEU}$$7001$layer_states"),
        &format!("optimizely_data$${OEU}$$layer_states"),
        "optimizely_data$$layer_states",
        "optimizely_data$$pending_events",
    ];
    for key in others {
        let page = json!({ "cookie": format!("optimizelyEndUserId={OEU}"), "storage": { key: layers } });
        assert_eq!(seen(&page), (Value::Null, json!(OEU), vec![]), "{key}");
    }
    // Ids that a site brings may hold anything.
    for visitor in ["a$", "$$", "a$$7001$$b", "ü", "a b", "$"] {
        let page = json!({
            "storage": { format!("optimizely_data$${visitor}$$7001$$layer_states"): layers },
            "globals": { "optimizely": { "visitorId": visitor } },
        });
        assert_eq!(seen(&page), (json!([shown("11", "12", "13")]), json!(visitor), vec![]), "{visitor}");
    }
}

#[test]
fn the_visitor_is_who_optimizely_says() {
    let stored = |visitors: &[&str]| -> Value {
        let entries = visitors.iter().map(|visitor| {
            (format!("optimizely_data$${visitor}$$7001$$layer_states"), json!(r#"[{"i":"11","x":"12","v":"13"}]"#))
        });
        Value::Object(entries.collect())
    };
    let captured = |cookie: &str, visitor: Value, storage: Value| {
        seen(&json!({ "cookie": cookie, "storage": storage, "globals": { "optimizely": { "visitorId": visitor } } }))
    };
    let known = || json!([shown("11", "12", "13")]);
    let nothing = |code: &str| {
        (Value::Null, Value::Null, if code.is_empty() { vec![] } else { vec![format!("optimizely {code}")] })
    };
    // A site's own ids go before the cookie, which an older snippet may have left.
    assert_eq!(
        captured("optimizelyEndUserId=oeu1", json!("own-7"), stored(&["oeu1", "own-7"])),
        (known(), json!("own-7"), vec![])
    );
    assert_eq!(captured("optimizelyEndUserId=oeu1", json!(""), stored(&["oeu1"])), (known(), json!("oeu1"), vec![]));
    assert_eq!(
        captured("optimizelyEndUserId=oeu%241", json!(7), stored(&["oeu$1"])),
        (known(), json!("oeu$1"), vec![])
    );
    // Neither cookie nor script: localStorage, where it knows one visitor only.
    assert_eq!(captured("", Value::Null, stored(&["oeu1"])), (known(), json!("oeu1"), vec![]));
    assert_eq!(captured("", Value::Null, stored(&["oeu1", "oeu2"])), nothing("no-visitor-id"));
    assert_eq!(captured("", Value::Null, stored(&["https://other.example"])), nothing(""));
    // What looks personal is left out, and nobody else's id takes its place.
    for personal in ["hello@world.com", "+4915112345678"] {
        let cookie = "optimizelyEndUserId=oeu1";
        assert_eq!(captured(cookie, json!(personal), stored(&["oeu1"])), nothing("personal-id"), "{personal}");
        assert_eq!(captured("", Value::Null, stored(&[personal])), nothing("personal-id"), "{personal}");
    }
    assert_eq!(captured("", json!("a\nb"), stored(&["oeu1"])), nothing("malformed-cookie"));
    // Nothing is read where the visitor opted out.
    assert_eq!(captured("optimizelyOptOut=true", json!("own-7"), stored(&["own-7"])), nothing("opted-out"));
    // Decisions without anybody whose they are.
    let states = json!({ "11": state("11", json!({ "id": "12" }), json!({ "id": "13" }), true, false) });
    let page = json!({ "globals": { "optimizely": { "campaignStates": states } } });
    assert_eq!(seen(&page), nothing("no-visitor-id"));
    assert_eq!(seen(&json!({ "globals": { "optimizely": { "campaignStates": {} } } })), nothing(""));
}

/// What is no decision is left out with one problem, and costs the others nothing.
#[test]
fn hostile_values() {
    let good = json!({ "i": "11", "x": "12", "v": "13", "t": 1 });
    let bad = [
        json!({}),
        json!(null),
        json!(7),
        json!([]),
        json!({ "i": "1x", "x": "2", "v": "3" }),
        json!({ "i": null, "x": "2", "v": "3" }),
        json!({ "i": "21", "x": "-2", "v": "3" }),
        json!({ "i": "21", "x": "2", "v": "" }),
        json!({ "i": "21", "x": "2", "v": 0.5 }),
        json!({ "i": "21", "x": { "id": "y" }, "v": "3" }),
        json!({ "i": "21", "x": ["2"], "v": "3" }),
        json!({ "i": "9223372036854775808", "x": "2", "v": "3" }),
        json!({ "i": "__proto__", "x": "2", "v": "3" }),
        json!({ "decision": { "layerId": "21", "experimentId": true, "variationId": "3" } }),
        json!({ "decision": null, "layerId": "21" }),
    ];
    for bad in bad {
        decides(&page(&[("7001", "layer_states", json!([bad, good, bad]))], json!({})), &[shown("11", "12", "13")], 1);
    }
    for (field, values) in [
        ("layer_states", &["", "nul", "{}", "7", "[{\"i\":\"11\"", "null", "[[[["][..]),
        (
            "variation_map",
            &["", "[]", "null", "{\"1\":2}", "{\"x\":{\"2\":\"3\"}}", "{\"1\":{\"x\":\"3\"}}", "{\"1\":{\"2\":null}}"],
        ),
    ] {
        for value in values {
            let key = format!("optimizely_data$${OEU}$$7001$${field}");
            let page = json!({ "cookie": format!("optimizelyEndUserId={OEU}"), "storage": { key: value } });
            let context = face::capture(&page);
            assert_eq!(context["optimizely"]["decisions"], Value::Null, "{value}");
            let problems = context["problems"].as_array().unwrap();
            assert!(
                problems.len() == 1 && problems[0]["message"].as_str().unwrap().starts_with(field),
                "{value}: {problems:?}"
            );
            assert!(!problems[0].to_string().contains(OEU));
        }
    }
    for states in [
        json!([]),
        json!("x"),
        json!(7),
        json!({ "11": 7 }),
        json!({ "11": {} }),
        json!({ "11": { "id": "x", "isActive": true } }),
        json!(true),
    ] {
        decides(&page(&[], json!({ "campaignStates": states })), &[], 1);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    decides(&page(&[("7001", "layer_states", json!(0))], json!({ "campaignStates": deep })), &[], 2);
}

/// Who fills the storage costs the page no more than its reading.
#[test]
fn storage_full_of_decisions() {
    let layers: Vec<String> = (1..=50_000).rev().map(|campaign| format!(r#"{{"i":{campaign},"x":2,"v":3}}"#)).collect();
    let page = json!({
        "cookie": format!("optimizelyEndUserId={OEU}"),
        "storage": { format!("optimizely_data$${OEU}$$7001$$layer_states"): format!("[{}]", layers.join(",")) },
    });
    let (decisions, _, problems) = seen(&page);
    assert_eq!((decisions.as_array().unwrap().len(), problems), (1000, vec!["optimizely malformed-cookie".to_owned()]));
}

/// A page of both products: one context, and one request.
#[test]
fn classic_and_web_on_one_page() {
    let states = json!({ "11": state("11", json!({ "id": "12" }), json!({ "id": "13" }), true, false) });
    let mut page = page(&[], json!({ "accountId": 8001, "projectId": 7001, "campaignStates": states }));
    page["cookie"] = json!(format!("optimizelyEndUserId={OEU}; optimizelyBuckets=%7B%2255%22%3A%2266%22%7D"));
    let visitor = face::capture(&page);
    assert_eq!(visitor["optimizely"]["experiments"], json!({ "55": "66" }));
    let conversion = json!({ "id": "1", "at": 1_795_167_000_000_u64, "optimizely": { "event": "call", "eventId": 5 } });
    let plan = face::plan_captured(&visitor, conversion, json!({})).unwrap();
    assert_eq!(face::urls(&plan), ["https://logx.optimizely.com/v1/events"]);
}
