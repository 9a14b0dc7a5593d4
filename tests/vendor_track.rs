//! The vendor's document "VWO: Track", parameter by parameter: `docs/vendors.md` says which of these tests shows what.
#![cfg(feature = "fullstack")]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use aftercall::{
    fullstack::{Client, Moment, Outcome, Record, Storage, StorageFailed},
    values::json::Json,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A user storage service that keeps what it is given.
#[derive(Default)]
struct Service(BTreeMap<(String, String), Value>);

impl Storage for Service {
    fn get(&mut self, user_id: &str, campaign_key: &str) -> Result<Option<String>, StorageFailed> {
        Ok(self.0.get(&(user_id.into(), campaign_key.into())).map(Value::to_string))
    }

    fn set(&mut self, record: &Record<'_>) -> Result<(), StorageFailed> {
        let kept = serde_json::from_str(&record.to_json()).unwrap();
        self.0.insert((record.user_id.into(), record.campaign_key.into()), kept);
        Ok(())
    }
}

/// Ashley's bucket is the first variation's.
fn campaign(id: u32, key: &str, kind: &str) -> Value {
    json!({
        "id": id, "key": key, "type": kind, "status": "RUNNING", "percentTraffic": 100, "segments": {},
        "variations": [{ "id": 1, "name": "Control", "weight": 50 }, { "id": 2, "name": "Variation-1", "weight": 50 }],
        "goals": [
            { "id": 203, "identifier": "signup", "type": "CUSTOM_GOAL" },
            { "id": 204, "identifier": "order", "type": "REVENUE_TRACKING" },
        ],
    })
}

fn settings(campaigns: &[Value]) -> Value {
    json!({ "version": 1, "accountId": 88888888, "sdkKey": "SDKKEY", "campaigns": campaigns })
}

fn launch(campaigns: &[Value], options: &Value) -> Client {
    let options = options.to_string();
    Client::launch(&settings(campaigns).to_string(), Json::parse(&options).unwrap()).0
}

fn ab(options: &Value) -> Client {
    launch(&[campaign(230, "AB1", "VISUAL_AB")], options)
}

/// `track(campaignKey, userId, goalIdentifier, options)`: the result as JSON, and the URLs.
fn track(client: &Client, call: &Value, service: Option<&mut Service>) -> (Value, Vec<String>) {
    let call = call.to_string();
    let storage = service.map(|service| service as &mut dyn Storage);
    let moment = Moment { ms: 1_700_000_000_500, nonce: 1 };
    let outcome: Outcome = client.track_json(Json::parse(&call).unwrap(), storage, moment);
    let result =
        outcome.result().map(|result| result.into_iter().map(|(key, it)| (key.to_owned(), json!(it))).collect());
    let urls = outcome.request.iter().map(|request| request.url.clone()).collect();
    (result.map_or(Value::Null, Value::Object), urls)
}

fn call(campaign: Value, goal: &str, options: Value) -> Value {
    json!({ "campaignKey": campaign, "userId": "Ashley", "goalIdentifier": goal, "options": options })
}

fn counted(client: &Client, goal: &str, options: Value) -> bool {
    let (result, urls) = track(client, &call(json!("AB1"), goal, options), None);
    assert_eq!(urls.len(), usize::from(result == json!({ "AB1": true })), "{result}: {urls:?}");
    result == json!({ "AB1": true })
}

#[test]
fn a_campaign_key_is_one_key_a_list_or_nothing() {
    let client = launch(&[campaign(230, "AB1", "VISUAL_AB"), campaign(231, "F1", "FEATURE_TEST")], &json!({}));
    for (key, result) in [
        (json!("F1"), json!({ "F1": true })),
        (json!(["AB1", "F1"]), json!({ "AB1": true, "F1": true })),
        (json!(null), json!({ "AB1": true, "F1": true })),
        (json!(["AB1", "gone"]), json!({ "AB1": true, "gone": false })),
        (json!(""), Value::Null),
        (json!(12), Value::Null),
    ] {
        assert_eq!(track(&client, &call(key.clone(), "signup", json!({})), None).0, result, "{key}");
    }
}

/// It is "the same that was given to activate": the same id has the same variation and the same `u`, every time.
#[test]
fn a_user_id_decides_variation_and_visitor() {
    let client = ab(&json!({}));
    let url = |user: &str| {
        let call = json!({ "campaignKey": "AB1", "userId": user, "goalIdentifier": "signup" });
        track(&client, &call, None).1.remove(0)
    };
    assert!(url("Ashley").contains("&combination=1&"), "{}", url("Ashley"));
    assert!(url("Ashley").contains("&u=5FBBE143B5B0584297909594993D7902&"));
    assert_eq!(url("Ashley"), url("Ashley"));
    assert_ne!(url("Ashley"), url("Bill"));
    for user in [json!(""), json!(null), json!(7)] {
        let call = json!({ "campaignKey": "AB1", "userId": user, "goalIdentifier": "signup" });
        assert_eq!(track(&client, &call, None).0, Value::Null);
    }
}

#[test]
fn a_goal_identifier_names_a_goal_of_the_campaign() {
    let client = ab(&json!({}));
    assert!(counted(&client, "signup", json!({})));
    assert!(!counted(&client, "other", json!({})));
    assert_eq!(track(&client, &call(json!("AB1"), "", json!({})), None).0, Value::Null);
}

#[test]
fn custom_variables_are_matched_against_the_segments() {
    let mut ours = campaign(230, "AB1", "VISUAL_AB");
    ours["segments"] = json!({ "and": [{ "custom_variable": { "plan": "gold" } }] });
    let client = launch(&[ours], &json!({}));
    assert!(counted(&client, "signup", json!({ "customVariables": { "plan": "gold" } })));
    assert!(!counted(&client, "signup", json!({ "customVariables": { "plan": "tin" } })));
    assert!(!counted(&client, "signup", json!({})));
}

#[test]
fn variation_targeting_variables_force_a_variation() {
    let mut ours = campaign(230, "AB1", "VISUAL_AB");
    ours["isForcedVariationEnabled"] = json!(true);
    ours["variations"][1]["segments"] = json!({ "or": [{ "custom_variable": { "tester": "yes" } }] });
    let client = launch(&[ours], &json!({}));
    let variation = |options: Value| track(&client, &call(json!("AB1"), "signup", options), None).1.remove(0);
    assert!(variation(json!({ "variationTargetingVariables": { "tester": "yes" } })).contains("&combination=2&"));
    assert!(variation(json!({ "variationTargetingVariables": { "tester": "no" } })).contains("&combination=1&"));
}

#[test]
fn a_revenue_goal_needs_its_revenue() {
    let client = ab(&json!({}));
    for revenue in [json!(12.5), json!("12.5"), json!(7)] {
        let (_, urls) = track(&client, &call(json!("AB1"), "order", json!({ "revenueValue": revenue })), None);
        let amount = revenue.as_str().map_or(revenue.to_string(), str::to_owned);
        assert!(urls[0].ends_with(&format!("&r={amount}")), "{}", urls[0]);
    }
    assert!(!counted(&client, "order", json!({})));
}

/// "The call's value has priority over launch's."
#[test]
fn the_goal_type_of_the_call_comes_before_that_of_the_launch() {
    let client = ab(&json!({ "goalTypeToTrack": "REVENUE_TRACKING" }));
    assert!(!counted(&client, "signup", json!({})));
    assert!(counted(&client, "signup", json!({ "goalTypeToTrack": "CUSTOM_GOAL" })));
    assert!(counted(&client, "signup", json!({ "goalTypeToTrack": "ALL" })));
    assert_eq!(
        track(&client, &call(json!("AB1"), "signup", json!({ "goalTypeToTrack": "CUSTOM" })), None).0,
        Value::Null
    );
    assert_eq!(
        track(&ab(&json!({ "goalTypeToTrack": "CUSTOM" })), &call(json!("AB1"), "signup", json!({})), None).0,
        Value::Null
    );
}

#[test]
fn goals_are_of_three_types_to_track() {
    let client = ab(&json!({}));
    let revenue = |kind: &str| json!({ "goalTypeToTrack": kind, "revenueValue": 5 });
    for (kind, signup, order) in [("CUSTOM_GOAL", true, false), ("REVENUE_TRACKING", false, true), ("ALL", true, true)]
    {
        assert_eq!(counted(&client, "signup", revenue(kind)), signup, "{kind}");
        assert_eq!(counted(&client, "order", revenue(kind)), order, "{kind}");
    }
}

/// The record that `activate` left.
fn activated() -> Service {
    let record = json!({ "userId": "Ashley", "campaignKey": "AB1", "variationName": "Variation-1" });
    Service(BTreeMap::from([(("Ashley".into(), "AB1".into()), record)]))
}

#[test]
fn a_conversion_is_unique_with_a_user_storage_service() {
    let client = ab(&json!({}));
    let mut service = activated();
    let signup = call(json!("AB1"), "signup", json!({}));
    assert_eq!(track(&client, &signup, Some(&mut service)).0, json!({ "AB1": true }));
    assert_eq!(service.0[&("Ashley".into(), "AB1".into())]["goalIdentifier"], "signup");
    assert_eq!(track(&client, &signup, Some(&mut service)).0, json!({ "AB1": false }));
    // Without a service nobody remembers.
    assert!(counted(&client, "signup", json!({})) && counted(&client, "signup", json!({})));
}

/// The document's table says the opposite of its own section on unique conversions, and of the SDK.
#[test]
fn should_track_returning_user_counts_again() {
    let again = call(json!("AB1"), "signup", json!({ "shouldTrackReturningUser": true }));
    let once = call(json!("AB1"), "signup", json!({ "shouldTrackReturningUser": false }));
    let (client, mut service) = (ab(&json!({})), activated());
    for _ in 0..2 {
        assert_eq!(track(&client, &again, Some(&mut service)).0, json!({ "AB1": true }));
    }
    let (client, mut service) = (ab(&json!({ "shouldTrackReturningUser": true })), activated());
    for _ in 0..2 {
        assert_eq!(
            track(&client, &call(json!("AB1"), "signup", json!({})), Some(&mut service)).0,
            json!({ "AB1": true })
        );
    }
    assert_eq!(track(&client, &once, Some(&mut service)).0, json!({ "AB1": false }), "the call comes first");
}

#[test]
fn user_storage_data_stands_in_for_get() {
    let data =
        json!({ "userStorageData": { "userId": "Ashley", "campaignKey": "AB1", "variationName": "Variation-1" } });
    let (_, urls) = track(&ab(&json!({})), &call(json!("AB1"), "signup", data), Some(&mut Service::default()));
    assert!(urls[0].contains("&combination=2&"), "{}", urls[0]);
}

#[test]
fn meta_data_reaches_set() {
    let mut service = activated();
    let meta = json!({ "browser": "Firefox", "os": { "name": "Linux" } });
    track(&ab(&json!({})), &call(json!("AB1"), "signup", json!({ "metaData": meta })), Some(&mut service));
    assert_eq!(service.0[&("Ashley".into(), "AB1".into())]["metaData"], meta);
}

/// "If the server uses an old version of settings": VWO discards what it sends until they are fetched anew.
#[test]
fn a_campaign_that_was_paused_is_no_longer_tracked() {
    let mut client = ab(&json!({}));
    let mut paused = campaign(230, "AB1", "VISUAL_AB");
    paused["status"] = json!("PAUSED");
    let log = client.update_settings(&settings(&[paused]).to_string());
    assert_eq!(log.len(), 1, "one line says so");
    assert!(!counted(&client, "signup", json!({})));
}

/// The document's example: one call for the goal of three A/B and four feature tests.
#[test]
fn one_call_tracks_a_goal_in_all_campaigns() {
    let campaigns: Vec<_> =
        (1..=7).map(|id| campaign(id, &format!("C{id}"), if id <= 3 { "VISUAL_AB" } else { "FEATURE_TEST" })).collect();
    let client = launch(&campaigns, &json!({}));
    let (result, urls) = track(&client, &call(json!(null), "signup", json!({})), None);
    assert_eq!(result.as_object().unwrap().values().filter(|it| **it == json!(true)).count(), 7, "{result}");
    assert_eq!(urls.len(), 1, "one batch");
}
