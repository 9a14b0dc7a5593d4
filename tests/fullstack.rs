//! FullStack's `track` against the published vectors: all calls, one after the other on one client as they are written.
//!
//! What is due is what `vwo-node-sdk` did, corrected where the engine means to differ (`docs/vwo-fullstack.md`).
#![cfg(all(feature = "fullstack", not(target_arch = "wasm32")))]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use aftercall::{
    fullstack::{Client, Moment, Reason, Record, Storage, StorageFailed, TrackRequest},
    values::json::{Json, Writer},
};
use proptest::{
    prelude::*,
    sample::{Index, select},
    test_runner::Config,
};
use serde_json::{Map, Value, json};
use std::{collections::HashMap, path::Path};
use url::Url;

/// The moment of all calls, and what it comes to in requests.
const MOMENT: Moment = Moment { ms: 1_700_000_000_500, nonce: 2_522_731_188_582_393 };
const SECONDS: u64 = 1_700_000_001;

/// A site's storage that also keeps count of what it was given.
#[derive(Default)]
struct Memory {
    records: HashMap<(String, String), String>,
    writes: Vec<Value>,
}

impl Memory {
    fn of(records: Json<'_>) -> Self {
        let mut memory = Memory::default();
        for record in records.items() {
            let members = record.members();
            let key = (members.text("userId").unwrap(), members.text("campaignKey").unwrap());
            memory.records.insert(key, record.as_str().to_owned());
        }
        memory
    }
}

impl Storage for Memory {
    fn get(&mut self, user_id: &str, campaign_key: &str) -> Result<Option<String>, StorageFailed> {
        Ok(self.records.get(&(user_id.to_owned(), campaign_key.to_owned())).cloned())
    }

    fn set(&mut self, record: &Record<'_>) -> Result<(), StorageFailed> {
        let json = record.to_json();
        self.writes.push(serde_json::from_str(&json).unwrap());
        self.records.insert((record.user_id.to_owned(), record.campaign_key.to_owned()), json);
        Ok(())
    }
}

fn tree(json: Json<'_>) -> Value {
    serde_json::from_str(json.as_str()).unwrap()
}

/// A request as the vectors write it; what depends on the moment is checked here and left out.
fn shape(request: &TrackRequest) -> Value {
    let mut out = Writer::default();
    request.write(&mut out);
    let written: Value = serde_json::from_str(&out.finish()).unwrap();
    let url = Url::parse(written["url"].as_str().unwrap()).unwrap();
    let mut query: Map<String, Value> = url.query_pairs().map(|(name, value)| (name.into(), json!(value))).collect();
    let times = [
        ("random", "0.2522731188582393".to_owned()),
        ("sId", SECONDS.to_string()),
        ("eTime", MOMENT.ms.to_string()),
        ("sdk", "vwo-node-sdk".to_owned()),
        ("sdk-v", "1.73.0".to_owned()),
    ];
    for (name, due) in times {
        assert_eq!(query.remove(name).unwrap_or(json!(due)), json!(due), "{name}");
    }
    let mut headers = written["headers"].as_object().unwrap().clone();
    headers.remove("Content-Type");
    let mut shape = json!({
        "method": written["method"], "host": url.host_str(), "path": url.path(), "query": query, "headers": headers,
    });
    if let Some(body) = written["body"].as_str() {
        shape["body"] = serde_json::from_str(body).unwrap();
        assert_eq!(written["headers"]["Content-Type"], "application/json");
        take_times(&mut shape["body"]);
    }
    shape
}

fn take_times(body: &mut Value) {
    for event in body.get_mut("ev").and_then(Value::as_array_mut).into_iter().flatten() {
        assert_eq!(event.as_object_mut().unwrap().remove("sId"), Some(json!(SECONDS)));
    }
    if let Some(d) = body.get_mut("d").and_then(Value::as_object_mut) {
        let id = format!("{}-{}", d["visId"].as_str().unwrap(), MOMENT.ms);
        assert_eq!(d.remove("msgId"), Some(json!(id)));
        assert_eq!(d.remove("sessionId"), Some(json!(SECONDS)));
        let event = d["event"].as_object_mut().unwrap();
        assert_eq!(event.remove("time"), Some(json!(MOMENT.ms)));
        let props = event["props"].as_object_mut().unwrap();
        assert_eq!(props.remove("vwo_sdkName"), Some(json!("vwo-node-sdk")));
        assert_eq!(props.remove("vwo_sdkVersion"), Some(json!("1.73.0")));
    }
}

/// What is due of a request, where the SDK's transport is not to be followed.
fn corrected(mut request: Value, call: &Value) -> Value {
    let request = request.as_object_mut().unwrap();
    // The SDK's statistics about itself.
    request.remove("usage");
    // The SDK puts the address where the browser belongs.
    let of_call = |name: &str| call["options"][name].as_str().unwrap_or_default().to_owned();
    for event in request.get_mut("body").and_then(|body| body.get_mut("ev")?.as_array_mut()).into_iter().flatten() {
        assert_eq!((&event["visitor_ua"], &event["visitor_ip"]), (&json!(of_call("userIpAddress")), &json!("")));
        event["visitor_ua"] = json!(of_call("userAgent"));
        event["visitor_ip"] = json!(of_call("userIpAddress"));
    }
    Value::Object(request.clone())
}

/// The text of the vectors, whose order of properties counts.
fn vectors() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/vwo-track.json");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_call_of_the_vectors_is_decided_as_the_sdk_decides_it() {
    let text = vectors();
    let mut wrong = Vec::new();
    let mut calls = 0;
    for case in Json::parse_deep(&text).unwrap().items() {
        let case = case.members();
        let input = case.get("input").unwrap().members();
        let options = input.get("launchOptions").unwrap_or_else(|| Json::parse("{}").unwrap());
        let (client, _) = Client::launch(input.get("settings").unwrap().as_str(), options);
        let mut memory = input.get("storage").map(Memory::of);
        let due = case.get("expected").unwrap().members().get("calls").unwrap();
        assert_eq!(due.items().count(), input.get("calls").unwrap().items().count());
        for (call, due) in input.get("calls").unwrap().items().zip(due.items()) {
            calls += 1;
            let storage = memory.as_mut().map(|memory| -> &mut dyn Storage { memory });
            let outcome = client.track_json(call, storage, MOMENT);
            let result = outcome.result();
            let due_result = due
                .get("result")
                .map(|due| due.entries().map(|(key, tracked)| (key, tracked.is_true())).collect::<Vec<_>>());
            let requests: Vec<Value> = outcome.request.iter().map(shape).collect();
            let due_requests: Vec<Value> =
                due.get("requests").unwrap().items().map(|due| corrected(tree(due), &tree(call))).collect();
            let writes: Vec<Value> =
                memory.as_mut().map(|memory| std::mem::take(&mut memory.writes)).unwrap_or_default();
            let due_writes = due.get("storageWrites").map_or_else(|| json!([]), tree);
            if (&result, &requests, &json!(writes)) != (&due_result, &due_requests, &due_writes) {
                let name = case.text("name").unwrap();
                wrong.push(format!(
                    "{name}: {}\n  said {result:?} {requests:?} {writes:?}\n  due  {due_result:?} {due_requests:?} {due_writes}\n  {:?}",
                    call.as_str(),
                    outcome.verdicts,
                ));
            }
        }
    }
    println!("{calls} calls");
    assert!(calls > 0);
    assert!(wrong.is_empty(), "{} of {calls} calls are wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_of_reasons_is_complete() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/vwo-fullstack.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, reasons) = text.split_once("\n## Reasons\n").unwrap();
    let rows = reasons.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let documented: Vec<(&str, &str)> = rows.map(|(name, rest)| (name, rest.split(' ').next().unwrap())).collect();
    let there_are: Vec<(&str, &str)> =
        Reason::ALL.iter().map(|reason| (reason.name(), reason.level().name())).collect();
    assert_eq!(documented, there_are);
    // Nor does the table of accidents name what is not there.
    let names = Reason::ALL.iter().map(|reason| reason.name()).collect::<Vec<_>>();
    for name in text
        .lines()
        .filter_map(|line| line.split_once("| kept: `"))
        .flat_map(|(_, rest)| rest.split(" |").next().unwrap().trim_end_matches('`').split("`, `").collect::<Vec<_>>())
    {
        assert!(names.contains(&name), "{name}");
    }
}

/// What stands in a settings file or a call where something else belongs.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => select(vec![json!(null), json!(true), json!(0), json!(-1), json!(1e300), json!("")]),
        1 => select(vec![json!("9e999"), json!("_vwo_"), json!("0"), json!([]), json!({}), json!([null]), json!([[1]])]),
        1 => select(vec![json!({"hasOwnProperty": 1}), json!({"toString": 1}), json!({"0": {"name": "x"}}), json!("\u{FFFD}é😀")]),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => "\\PC{0,12}".prop_map(Value::String),
    ]
}

/// Puts something odd in one place of a tree, or takes that place away.
fn spoil(value: &mut Value, path: &[Index], odd: Option<&Value>) {
    let Some((step, rest)) = path.split_first() else {
        *value = odd.cloned().unwrap_or_default();
        return;
    };
    match value {
        Value::Array(items) if !items.is_empty() => {
            let at = step.index(items.len());
            if rest.is_empty() && odd.is_none() {
                items.remove(at);
            } else {
                spoil(&mut items[at], rest, odd);
            }
        }
        Value::Object(members) if !members.is_empty() => {
            let name = members.keys().nth(step.index(members.len())).unwrap().clone();
            if rest.is_empty() && odd.is_none() {
                members.remove(&name);
            } else {
                spoil(&mut members[&name], rest, odd);
            }
        }
        _ => *value = odd.cloned().unwrap_or_default(),
    }
}

proptest! {
    #![proptest_config(Config { cases: 3000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_that_is_passed_in_does_harm(
        case in any::<Index>(),
        spoils in prop::collection::vec((prop::collection::vec(any::<Index>(), 1..8), prop::option::weighted(0.8, odd())), 0..4),
    ) {
        thread_local! {
            static CASES: Vec<Value> = serde_json::from_str(&vectors()).unwrap();
        }
        let mut input = CASES.with(|cases| cases[case.index(cases.len())]["input"].clone());
        for (path, odd) in &spoils {
            spoil(&mut input, path, odd.as_ref());
        }
        let text = |value: &Value| value.to_string();
        let (settings, options) = (text(&input["settings"]), text(&input["launchOptions"]));
        let (mut client, _) = Client::launch(&settings, Json::parse_deep(&options).unwrap());
        let storage = text(&input["storage"]);
        let mut memory = Memory::default();
        for record in Json::parse_deep(&storage).unwrap().items() {
            let members = record.members();
            let name = |name| members.text(name).unwrap_or_default();
            memory.records.insert((name("userId"), name("campaignKey")), record.as_str().to_owned());
        }
        for call in input["calls"].as_array().into_iter().flatten() {
            let call = text(call);
            let call = Json::parse_deep(&call).unwrap();
            let outcome = client.track_json(call, None, MOMENT);
            let explained = client.explain_json(call, None);
            prop_assert_eq!(&explained.verdicts, &outcome.verdicts);
            prop_assert_eq!(outcome.result(), explained.result());
            prop_assert!(outcome.result().is_some() || outcome.request.is_none());
            prop_assert!(outcome.result().is_some() || !outcome.log().is_empty());
            for request in outcome.request.iter().chain(&client.track_json(call, Some(&mut memory), MOMENT).request) {
                let url = Url::parse(&request.url).unwrap();
                // A URL's reader encodes the one character that `encodeURIComponent` leaves alone.
                prop_assert_eq!(url.as_str().replace("%27", "'"), request.url.replace("%27", "'"));
                prop_assert_eq!((url.scheme(), url.host_str()), ("https", Some("dev.visualwebsiteoptimizer.com")));
                prop_assert!(request.body.as_ref().is_none_or(|body| serde_json::from_str::<Value>(body).is_ok()));
                prop_assert!(request.headers.iter().all(|(_, value)| value.is_ascii()));
            }
            let mut out = Writer::default();
            outcome.write(&mut out, true);
            prop_assert!(serde_json::from_str::<Value>(&out.finish()).is_ok());
        }
        client.update_settings(&settings);
    }
}
