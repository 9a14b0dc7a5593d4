//! The published vectors, natively: each case that this release can be asked must give exactly what is expected.
//!
//! `node/vectors.test.mjs` puts the same questions to the two builds for JavaScript. What a vector's fields mean is
//! written in `vectors/NOTICE.md`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;

use aftercall::{
    platform::{
        kameleoon::obfuscated,
        vwo::{Md5UserId, UuidV5},
    },
    values::{id::Id, json::Json},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, path::Path};
use url::Url;

const AT: &str = "2026-11-20T09:30:00Z";
const AT_SECONDS: u64 = 1_795_167_000;

/// What became of a case: what the core says and what is due, or why it was left out.
enum Asked {
    Answer(Value, Value),
    LeftOut(&'static str),
}

/// Puts every case of a file; at least `floor` of them must have been answered.
#[track_caller]
fn run(file: &str, floor: usize, ask: impl Fn(&Value, &Value) -> Asked) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
    let mut answered = 0;
    let mut wrong = Vec::new();
    for case in &cases {
        match ask(&case["input"], &case["expected"]) {
            Asked::LeftOut(why) => *left_out.entry(why).or_default() += 1,
            Asked::Answer(said, due) => {
                answered += 1;
                if said != due {
                    wrong.push(format!("{}\n  said {said}\n  due  {due}", case["name"]));
                }
            }
        }
    }
    println!("{file}: {answered} of {} cases", cases.len());
    for (why, count) in &left_out {
        println!("{file}: left out {count}: {why}");
    }
    assert!(wrong.is_empty(), "{file}: {} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(answered >= floor, "{file}: only {answered} cases were run, {floor} are due");
}

/// The request for one platform, from a visitor that nobody captured: accounts come from the caller alone. Where there
/// is none, the code that says why.
fn request(platform: &str, visitor: &Value, mut conversion: Value, account: Value) -> Value {
    conversion["id"] = json!("call-1");
    conversion["at"] = json!(AT);
    let plan = face::plan(json!({ platform: visitor }), conversion, json!({ platform: account })).unwrap();
    assert!(plan["requests"].as_array().unwrap().len() <= 1, "one request a platform");
    match &plan["requests"][0] {
        Value::Null => plan["skipped"][0]["code"].clone(),
        request => request.clone(),
    }
}

/// An id that looks personal is left out of a context, where the vectors tell what the cookie says.
fn unless_personal(id: &Value) -> Value {
    let personal = id.as_str().is_some_and(|id| {
        id.contains('@') || id.strip_prefix('+').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    if personal { Value::Null } else { id.clone() }
}

/// Where a visitor opted out: nothing of the platform, and the problem that says so.
fn opted_out(context: &Value, platform: &str) -> Asked {
    let said = face::codes(&context["problems"]).contains(&format!("{platform} opted-out"));
    Asked::Answer(json!([context[platform], said]), json!([null, true]))
}

fn sorted(list: &Value) -> Value {
    let mut texts: Vec<String> = list.as_array().into_iter().flatten().map(|v| v.as_str().unwrap().into()).collect();
    texts.sort_unstable();
    json!(texts)
}

fn or_empty(value: &Value) -> Value {
    if value.is_null() { json!({}) } else { value.clone() }
}

fn parse_url(request: &Value) -> Url {
    Url::parse(request["url"].as_str().unwrap_or_else(|| panic!("no request: {request}"))).unwrap()
}

fn query(url: &Url) -> Value {
    url.query_pairs().map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect()
}

/// Is it given? Then a member of that name.
fn put(object: &mut Value, name: &str, value: &Value) {
    if !value.is_null() {
        object[name] = value.clone();
    }
}

#[test]
fn optimizely_classic() {
    run("optimizely-classic.json", 140, |input, expected| {
        let context = face::capture_cookie(input["cookie"].as_str().unwrap());
        if expected["optedOut"] == true {
            return opted_out(&context, "optimizely");
        }
        let visitor = &context["optimizely"];
        let mut conversion = json!({ "optimizely": { "event": input["event"] } });
        if let Some(cents) = input["revenueCents"].as_u64() {
            conversion["revenue"] = json!(format!("{}.{:02}", cents / 100, cents % 100));
        }
        let account = json!({ "projectId": input["projectId"], "accountId": input["accountId"], "api": "classic" });
        let end_user_id = unless_personal(&expected["endUserId"]);
        // Without its id a visitor cannot be told of: whatever else the cookies say has nowhere to go.
        if end_user_id.as_str().is_none_or(str::is_empty) {
            return Asked::Answer(request("optimizely", visitor, conversion, account), json!("no-visitor-id"));
        }
        let request = request("optimizely", visitor, conversion, account);
        let text = request["url"].as_str().unwrap_or_else(|| panic!("no request: {request}"));
        let url = parse_url(&request);
        let unspecified: Vec<&str> =
            expected["unspecifiedParams"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect();
        let mut params = Map::new();
        // As they stand in the URL. The time is ours in addition: the vectors book at arrival.
        let mut time = Value::Null;
        for (name, value) in text.split_once('?').unwrap().1.split('&').map(|pair| pair.split_once('=').unwrap()) {
            if name == "time" {
                time = value.into();
            } else if !unspecified.contains(&name) {
                assert_eq!(params.insert(name.into(), value.into()), None, "{name} stands twice in {text}");
            }
        }
        let said = json!({
            "endUserId": visitor["endUserId"],
            "experiments": visitor["experiments"],
            "segments": visitor["segments"],
            "malformed": face::codes(&context["problems"]).len(),
            "request": [request["method"], url.scheme(), url.host_str(), url.path(), request["body"]],
            "printable": text.bytes().all(|byte| byte.is_ascii_graphic()),
            "params": params,
            "time": time,
        });
        let due = json!({
            "endUserId": end_user_id,
            "experiments": expected["experiments"],
            "segments": expected["segments"],
            "malformed": expected["malformed"].as_array().map_or(0, Vec::len),
            "request": ["GET", "https", format!("{}.log.optimizely.com", input["projectId"].as_str().unwrap()), "/event", null],
            "printable": true,
            "params": expected["params"],
            "time": AT_SECONDS.to_string(),
        });
        Asked::Answer(said, due)
    });
}

#[test]
fn optimizely_events() {
    run("optimizely-events.json", 80, |input, expected| {
        let due = match &expected["request"] {
            // The SDK looks the event up in its data file. Here whoever asks knows the id, or has nobody to ask.
            Value::Null => return Asked::Answer(optimizely_event(input), json!("invalid-conversion")),
            due => due,
        };
        let request = optimizely_event(input);
        let mut body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
        // What the vectors have placeholders for.
        for member in ["client_name", "client_version"] {
            assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
            body[member] = json!(format!("<{member}>"));
        }
        let event = &mut body["visitors"][0]["snapshots"][0]["events"][0];
        assert_eq!(event["timestamp"], json!(AT_SECONDS * 1000));
        event["timestamp"] = json!("<ms>");
        assert!(event["uuid"].as_str().is_some_and(|uuid| uuid.len() == 36 && uuid.as_bytes()[14] == b'4'), "{event}");
        event["uuid"] = json!("<uuid v4>");
        // The order of the vector's attributes is lost where it is read: it carries nothing.
        let by_id = |mut body: Value| {
            let attributes = body["visitors"][0]["attributes"].as_array_mut().unwrap();
            attributes.sort_by_key(|attribute| attribute["entity_id"].to_string());
            body
        };
        Asked::Answer(
            json!([request["method"], request["url"], request["headers"], by_id(body)]),
            json!([due["method"], due["url"], { "Content-Type": "application/json" }, by_id(due["body"].clone())]),
        )
    });
}

/// The SDK's `track` as a conversion: the names of events and attributes become ids here, as its data file has them.
fn optimizely_event(input: &Value) -> Value {
    let id_of = |list: &str, key: &str| {
        let entries = input[list].as_array().unwrap();
        entries.iter().find(|each| each["key"] == key).map(|each| each["id"].clone())
    };
    let mut attributes: Vec<Value> = input["userAttributes"]
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(key, value)| Some(json!({ "id": id_of("attributes", key)?, "key": key, "value": value })))
        .collect();
    if let Some(filtering) = input["botFiltering"].as_bool() {
        let name = "$opt_bot_filtering";
        attributes.push(json!({ "id": name, "key": name, "value": filtering }));
    }
    let event = input["eventKey"].as_str().unwrap();
    let mut goal = json!({
        "event": event, "attributes": attributes, "revision": input["revision"], "anonymizeIp": input["anonymizeIP"],
    });
    put(&mut goal, "eventId", &id_of("events", event).unwrap_or_default());
    put(&mut goal, "tags", &input["eventTags"]);
    let mut account = json!({ "accountId": input["accountId"], "projectId": input["projectId"] });
    if let Some(region) = input["region"].as_str() {
        account["region"] = json!(region.to_lowercase());
    }
    request("optimizely", &json!({ "endUserId": input["visitorId"] }), json!({ "optimizely": goal }), account)
}

#[test]
fn vwo_web() {
    run("vwo-web.json", 120, |input, expected| {
        let context = face::capture_cookie(input["cookie"].as_str().unwrap());
        if expected["optedOut"] == true {
            return opted_out(&context, "vwo");
        }
        let visitor = &context["vwo"];
        Asked::Answer(
            json!([visitor["uuid"], or_empty(&visitor["campaigns"])]),
            json!([expected["uuid"], expected["campaigns"]]),
        )
    });
}

#[test]
fn vwo_identity() {
    run("vwo-identity.json", 124, |input, expected| {
        let user_id = input["userId"].as_str();
        match input["kind"].as_str().unwrap() {
            // An empty user id has a hash, but is nobody's id.
            "md5" => {
                let due = if user_id == Some("") { &Value::Null } else { &expected["md5"] };
                Asked::Answer(json!(Md5UserId::new(user_id.unwrap()).map(|id| id.as_str().to_owned())), due.clone())
            }
            "uuid" => {
                let account = Id::parse(input["accountId"].to_string().trim_matches('"')).unwrap();
                let due = if user_id == Some("") { &Value::Null } else { &expected["uuid"] };
                Asked::Answer(
                    json!(UuidV5::new(account, user_id.unwrap()).map(|id| id.as_str().to_owned())),
                    due.clone(),
                )
            }
            "murmur" => Asked::LeftOut("the hash of FullStack's bucketing"),
            "bucket" => Asked::LeftOut("FullStack's buckets"),
            other => panic!("{other}"),
        }
    });
}

#[test]
fn kameleoon() {
    run("kameleoon.json", 90, |input, expected| match input["kind"].as_str().unwrap() {
        "cookie" => {
            let context = face::capture_cookie(input["cookie"].as_str().unwrap());
            Asked::Answer(context["kameleoon"]["visitorCode"].clone(), unless_personal(&expected["visitorCode"]))
        }
        "conversion" => Asked::Answer(
            json!([kameleoon_request(input, "json"), kameleoon_request(input, "text")]),
            json!([kameleoon_due(&expected["json"]), kameleoon_due(&expected["text"])]),
        ),
        "obfuscated" => {
            let value = input["value"].to_string();
            Asked::Answer(json!(obfuscated::reveal(Json::parse(&value).unwrap())), expected["text"].clone())
        }
        other => panic!("{other}"),
    });
}

/// The one request for all conversions of a case.
fn kameleoon_request(input: &Value, format: &str) -> Value {
    let conversions = input["conversions"].as_array().unwrap().iter().enumerate();
    let pairs: Vec<(Value, Value)> = conversions
        .map(|(index, each)| {
            let mut goal = json!({ "goalId": each["goalId"] });
            put(&mut goal, "negative", &each["negative"]);
            if let Some(metadata) = each["metadata"].as_array() {
                // The first entry of an index wins: an object has one.
                let entries = metadata.iter().rev().map(|entry| (entry["index"].to_string(), entry["values"].clone()));
                goal["metadata"] = Value::Object(entries.collect());
            }
            let mut conversion = json!({ "id": format!("call-{index}"), "kameleoon": goal });
            put(&mut conversion, "revenue", &each["revenue"]);
            (json!({ "kameleoon": { "visitorCode": each["visitorCode"] } }), conversion)
        })
        .collect();
    let account = json!({ "siteCode": input["siteCode"], "dataHost": input["host"], "format": format });
    let plan = face::batches(&pairs, json!({ "kameleoon": account }));
    assert_eq!((&plan["skipped"], plan["requests"].as_array().unwrap().len()), (&json!([]), 1));
    let request = &plan["requests"][0];
    let url = parse_url(request);
    let body = request["body"].as_str().unwrap();
    let (kind, body) = match format {
        "json" => ("application/json", serde_json::from_str(body).unwrap()),
        _ => ("text/plain", json!(body)),
    };
    assert_eq!(request["headers"]["Content-Type"], kind);
    kameleoon_due(&json!({
        "method": request["method"], "host": url.host_str(), "path": url.path(), "query": query(&url), "body": body,
    }))
}

/// A request with a mark in the place of each nonce: what the vectors have there is random.
fn kameleoon_due(request: &Value) -> Value {
    let mut request = request.clone();
    let is_nonce = |nonce: &str| nonce.len() == 16 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit());
    match &mut request["body"] {
        Value::Array(events) => {
            for event in events {
                assert!(is_nonce(event["nonce"].as_str().unwrap()), "{event}");
                event["nonce"] = json!("nonce");
                *event = plain_numbers(event.take());
            }
        }
        body => {
            let line = |line: &str| {
                let (before, after) = line.split_once("&nonce=").unwrap();
                assert!(is_nonce(&after[..16]), "{line}");
                format!("{before}&nonce=nonce{}", &after[16..])
            };
            *body = json!(body.as_str().unwrap().split('\n').map(line).collect::<Vec<_>>().join("\n"));
        }
    }
    request
}

/// `10` and `10.0` are one number in JavaScript.
fn plain_numbers(mut event: Value) -> Value {
    if let Some(revenue) = event.get("revenue").and_then(Value::as_f64) {
        event["revenue"] = revenue.into();
    }
    event
}

#[test]
fn convert() {
    run("convert.json", 140, |input, expected| match input["kind"].as_str().unwrap() {
        "cookie" => convert_cookie(input, expected),
        "legacyGet" => convert_tracking_request(input, expected),
        "v1" => convert_v1(input, expected),
        other => panic!("{other}"),
    });
}

fn convert_cookie(input: &Value, expected: &Value) -> Asked {
    let context = face::capture_cookie(input["cookie"].as_str().unwrap());
    if expected["optedOut"] == true {
        return opted_out(&context, "convert");
    }
    let hit = |goals: &Value| -> Value {
        let lists = goals.as_object().into_iter().flatten().filter(|(_, list)| list != &&json!([]));
        Value::Object(lists.map(|(experience, list)| (experience.clone(), sorted(list))).collect())
    };
    let visitor = &context["convert"];
    Asked::Answer(
        json!([
            visitor["visitorId"],
            or_empty(&visitor["experiences"]),
            hit(&visitor["goals"]),
            sorted(&visitor["segments"])
        ]),
        json!([
            unless_personal(&expected["visitorId"]),
            expected["experiences"],
            hit(&expected["goals"]),
            sorted(&expected["segments"]),
        ]),
    )
}

fn convert_tracking_request(input: &Value, expected: &Value) -> Asked {
    let list = |name: &str| input[name].as_array().cloned().unwrap_or_default();
    let map = |value: &str| -> Value {
        let entries = list("experiences").into_iter().map(|each| {
            let value = if each[value].is_null() { json!([]) } else { each[value].clone() };
            (each["experienceId"].as_str().unwrap().to_owned(), value)
        });
        Value::Object(entries.collect())
    };
    let ids = |name: &str, id: &str, new: bool| -> Value {
        list(name).iter().filter(|each| each["new"] == new).map(|each| each[id].clone()).collect()
    };
    let visitor = json!({
        "visitorId": "1753000000000-0.5",
        "experiences": map("variationId"),
        "goals": map("goals"),
    });
    let mut conversion = json!({
        "convert": {
            "goalIds": ids("goals", "goalId", true),
            "pastGoalIds": ids("goals", "goalId", false),
            // The vectors count a goal as new although an experience has seen it before.
            "repeat": true,
            "firstViewOf": ids("experiences", "experienceId", true),
        }
    });
    let transaction = &input["transaction"];
    if transaction.is_object() {
        put(&mut conversion, "revenue", &transaction["value"]);
        put(&mut conversion, "quantity", &transaction["products"]);
        conversion["convert"]["transaction"] =
            json!({ "id": transaction["transactionId"], "goalIds": transaction["goalIds"] });
    }
    let account =
        json!({ "accountId": input["customerId"], "projectId": input["projectId"], "api": "tracking-request" });
    let built = request("convert", &visitor, conversion, account);
    let url = parse_url(&built);
    let said = json!({
        "method": built["method"],
        "host": url.host_str(),
        "path": url.path(),
        "params": triplets_in_order(query(&url)),
    });
    let due = json!({
        "method": expected["method"],
        "host": expected["host"],
        "path": expected["path"],
        "params": triplets_in_order(expected["params"].clone()),
    });
    Asked::Answer(said, due)
}

/// The new triplets lead in the order given; the order of the rest, and of the goals in a triplet, carries nothing.
fn triplets_in_order(mut params: Value) -> Value {
    let Some(e) = params["e"].as_str() else { return params };
    let mut triplets: Vec<Vec<String>> = e
        .split(',')
        .map(|triplet| {
            let mut parts: Vec<String> = triplet.splitn(3, '-').map(String::from).collect();
            if let Some(goals) = parts.get_mut(2) {
                let mut sorted: Vec<&str> = goals.split('.').collect();
                sorted.sort_unstable();
                *goals = sorted.join(".");
            }
            parts
        })
        .collect();
    let fresh: usize = params["ea"].as_str().unwrap().parse().unwrap();
    triplets[fresh..].sort_unstable();
    params["e"] = json!(triplets);
    params
}

/// Every conversion of a vector, and what it expects of each, in one request.
///
/// Three things have no place in a conversion here and are left out of question and answer: custom dimensions, the
/// segments that Convert works out by itself, and the name of the sender. One thing it always has is put into both where it
/// is missing: the amount of a transaction.
fn convert_v1(input: &Value, expected: &Value) -> Asked {
    const AMOUNT: &str = "amount";
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let account = json!({
        "accountId": input["accountId"], "projectId": input["projectId"], "enrichData": input["enrichData"],
    });
    let mut pairs = Vec::new();
    for (who, visitor) in list(&input["visitors"]).iter().enumerate() {
        let new = list(&visitor["newBucketing"]);
        let experiences: Map<String, Value> = list(&visitor["storedBucketing"])
            .iter()
            .chain(&new)
            .map(|each| (each["experienceId"].as_str().unwrap().to_owned(), each["variationId"].clone()))
            .collect();
        let context = json!({ "convert": {
            "visitorId": visitor["visitorId"], "experiences": experiences,
            "segments": list(&visitor["segments"]["customSegments"]),
        } });
        let first_views: Vec<&Value> = new.iter().map(|each| &each["experienceId"]).collect();
        let mut conversions = list(&visitor["conversions"]);
        if conversions.is_empty() {
            conversions.push(Value::Null);
        }
        for (which, each) in conversions.iter().enumerate() {
            let goals: Vec<&Value> = Some(&each["goalId"]).filter(|goal| !goal.is_null()).into_iter().collect();
            let first_views: &[&Value] = if which == 0 { &first_views } else { &[] };
            let mut conversion = json!({
                "id": format!("{who}-{which}"), "convert": { "goalIds": goals, "firstViewOf": first_views },
            });
            if let Some(data) = each["goalData"].as_array() {
                let given = |key: &str| {
                    data.iter().find(|pair| pair["key"] == key).map_or(Value::Null, |pair| pair["value"].clone())
                };
                conversion["revenue"] = if given(AMOUNT).is_null() { json!(0) } else { given(AMOUNT) };
                put(&mut conversion, "quantity", &given("productsCount"));
                let id = given("transactionId");
                conversion["convert"]["transaction"] =
                    if id.is_null() { json!({ "parts": 3 }) } else { json!({ "id": id }) };
            }
            pairs.push((context.clone(), conversion));
        }
    }
    let plan = face::batches(&pairs, json!({ "convert": account }));
    assert_eq!((&plan["skipped"], &plan["warnings"]), (&json!([]), &json!([])));
    let [request] = &plan["requests"].as_array().unwrap()[..] else { panic!("one request is due: {plan}") };
    let mut body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["source"].take(), "aftercall");
    let said = json!({
        "method": request["method"],
        "path": parse_url(request).path(),
        "contentType": request["headers"]["Content-Type"],
        "body": pairs_in_order(body),
    });
    let mut due = expected.clone();
    due["body"]["source"].take();
    for visitor in due["body"]["visitors"].as_array_mut().unwrap() {
        let own = visitor["segments"]["customSegments"].take();
        let visitor = visitor.as_object_mut().unwrap();
        visitor.remove("segments");
        if !own.is_null() {
            visitor.insert("segments".into(), json!({ "customSegments": own }));
        }
        for event in visitor["events"].as_array_mut().unwrap() {
            if let Some(pairs) = event["data"].get_mut("goalData").and_then(Value::as_array_mut) {
                pairs.retain(|pair| !pair["key"].as_str().unwrap().starts_with("customDimension"));
                if pairs.iter().all(|pair| pair["key"] != AMOUNT) {
                    pairs.push(json!({ "key": AMOUNT, "value": 0 }));
                }
            }
        }
    }
    due["body"] = pairs_in_order(due["body"].take());
    Asked::Answer(said, due)
}

/// The order of the pairs of goal data is that of whoever calls the SDK.
fn pairs_in_order(mut body: Value) -> Value {
    for visitor in body["visitors"].as_array_mut().unwrap() {
        for event in visitor["events"].as_array_mut().unwrap() {
            if let Some(pairs) = event["data"].get_mut("goalData").and_then(Value::as_array_mut) {
                pairs.sort_unstable_by_key(|pair| pair["key"].as_str().unwrap().to_owned());
            }
        }
    }
    body
}
