//! The rules of `track`, one by one, and what a client does around them. The vectors show that all of it together is the
//! SDK's (`tests/fullstack.rs`).

use super::*;
use alloc::{borrow::Cow, collections::BTreeMap, format, string::ToString};

const MOMENT: Moment = Moment { ms: 1_700_000_000_500, nonce: 2_522_731_188_582_393 };

/// A settings file of these campaigns, with more at its root.
fn settings(root: &str, campaigns: &[String]) -> String {
    format!(r#"{{"version":1,"accountId":88888888,"sdkKey":"SDKKEY",{root}"campaigns":[{}]}}"#, campaigns.join(","))
}

/// A running campaign with two variations and the goals G1, G2 and REV; later members take the place of these.
fn campaign(id: u32, key: &str, more: &str) -> String {
    format!(
        r#"{{"id":{id},"key":"{key}","type":"VISUAL_AB","status":"RUNNING","percentTraffic":100,"segments":{{}},
        "variations":[{{"id":1,"name":"Control","weight":50}},{{"id":2,"name":"Variation-1","weight":50}}],
        "goals":[{{"id":203,"identifier":"G1","type":"CUSTOM_GOAL"}},{{"id":204,"identifier":"G2","type":"CUSTOM_GOAL","mca":-1}},
            {{"id":205,"identifier":"REV","type":"REVENUE_TRACKING","revenueProp":"amt"}}]{}{more}}}"#,
        if more.is_empty() { "" } else { "," }
    )
}

fn client(root: &str, campaigns: &[String]) -> Client {
    Client::new(Settings::parse(&settings(root, campaigns)).unwrap(), Options::default())
}

fn one<'a>(key: &'a str, user: &'a str, goal: &'a str) -> Call<'a> {
    Call::new(Campaigns::One(Cow::Borrowed(key)), user, goal)
}

fn all<'a>(user: &'a str, goal: &'a str) -> Call<'a> {
    Call::new(Campaigns::All, user, goal)
}

fn several<'a>(keys: &[&'a str], user: &'a str, goal: &'a str) -> Call<'a> {
    Call::new(Campaigns::Several(keys.iter().map(|key| Cow::Borrowed(*key).into()).collect()), user, goal)
}

fn options<'a>(mut call: Call<'a>, options: &'a str) -> Call<'a> {
    call.read_options(Json::parse(options).unwrap()).unwrap();
    call
}

fn track<'c>(client: &'c Client, call: &Call<'_>) -> Outcome<'c> {
    client.track(call, None, MOMENT)
}

/// What became of the only campaign.
fn reason(outcome: &Outcome<'_>) -> &'static str {
    assert_eq!(outcome.verdicts.len(), 1);
    outcome.verdicts[0].reason.name()
}

fn due(result: &[(&str, bool)]) -> Option<Vec<(String, bool)>> {
    Some(result.iter().map(|(key, tracked)| ((*key).to_owned(), *tracked)).collect())
}

fn failure(outcome: &Outcome<'_>) -> Option<&'static str> {
    outcome.failure.as_ref().map(|line| line.reason.name())
}

#[derive(Default)]
struct Memory {
    records: BTreeMap<(String, String), String>,
    deaf: bool,
    full: bool,
}

impl Memory {
    fn with(user: &str, key: &str, record: &str) -> Self {
        let mut memory = Memory::default();
        memory.records.insert((user.into(), key.into()), record.into());
        memory
    }
}

impl Storage for Memory {
    fn get(&mut self, user_id: &str, campaign_key: &str) -> Result<Option<String>, StorageFailed> {
        if self.deaf {
            Err(StorageFailed)
        } else {
            Ok(self.records.get(&(user_id.into(), campaign_key.into())).cloned())
        }
    }

    fn set(&mut self, record: &Record<'_>) -> Result<(), StorageFailed> {
        if self.full {
            return Err(StorageFailed);
        }
        self.records.insert((record.user_id.into(), record.campaign_key.into()), record.to_json());
        Ok(())
    }
}

const CONTROL: &str = r#"{"userId":"Ashley","campaignKey":"AB1","variationName":"Control"}"#;

#[test]
fn a_client_that_is_of_no_use_answers_null_and_says_why() {
    let good = settings("", &[campaign(230, "AB1", "")]);
    for (text, options, why) in [
        ("", "{}", "The settings file is of no use: it is no JSON."),
        ("null", "{}", "The settings file is of no use: version is missing or wrong."),
        (
            &*good.replace(r#""percentTraffic":100"#, r#""percentTraffic":"100""#),
            "{}",
            "The settings file is of no use: campaigns[0].percentTraffic is missing or wrong.",
        ),
        (
            &*settings("", &[campaign(1, "A", ""), campaign(2, "B", r#""variations":[null]"#)]),
            "{}",
            "The settings file is of no use: campaigns[1].variations is missing or wrong.",
        ),
        (&*good, r#"{"isDevelopmentMode":1}"#, "The launch option isDevelopmentMode is of no use."),
    ] {
        let (client, log) = Client::launch(text, Json::parse(options).unwrap());
        assert_eq!(log.iter().map(Line::message).collect::<Vec<_>>(), [why]);
        for call in [one("AB1", "Ashley", "G1"), several(&["AB1"], "Ashley", "G1"), all("Ashley", "G1")] {
            let outcome = track(&client, &call);
            assert_eq!((outcome.result(), failure(&outcome)), (None, Some("unusable-client")));
            assert!(outcome.request.is_none());
        }
    }
}

#[test]
fn a_call_that_is_wrong_is_null_and_names_the_argument() {
    let client = client("", &[campaign(230, "AB1", "")]);
    for (call, argument) in [
        (r#"{"campaignKey":"","userId":"u","goalIdentifier":"g"}"#, "campaignKey"),
        (r#"{"campaignKey":12,"userId":"u","goalIdentifier":"g"}"#, "campaignKey"),
        (r#"{"userId":[],"goalIdentifier":"g"}"#, "userId"),
        (r#"{"userId":"a\ud800","goalIdentifier":"g"}"#, "userId"),
        (r#"{"userId":"\udc00\ud800","goalIdentifier":"g"}"#, "userId"),
        (r#"{"userId":"\ud83d\ude00"}"#, "goalIdentifier"),
        (r#"{"userId":"u"}"#, "goalIdentifier"),
        (r#"{"userId":"u","goalIdentifier":"g","options":null}"#, "options"),
        (r#"{"userId":"u","goalIdentifier":"g","options":{"customVariables":null}}"#, "customVariables"),
        (r#"{"userId":"u","goalIdentifier":"g","options":{"userStorageData":[]}}"#, "userStorageData"),
        (r#"{"userId":"u","goalIdentifier":"g","options":{"metaData":"m"}}"#, "metaData"),
        (r#"{"userId":"u","goalIdentifier":"g","options":{"goalTypeToTrack":""}}"#, "goalTypeToTrack"),
        (r#"{"userId":"u","goalIdentifier":"g","options":{"shouldTrackReturningUser":1}}"#, "shouldTrackReturningUser"),
    ] {
        let outcome = client.track_json(Json::parse(call).unwrap(), None, MOMENT);
        assert_eq!(outcome.result(), None);
        assert_eq!(outcome.failure, Some(Line::new(Reason::InvalidCall, argument)), "{call}");
    }
}

#[test]
fn clients_know_nothing_of_each_other() {
    // Of ten users, which variation do they have? `-`: none.
    let users = ["Ashley", "Bill", "Chris", "Dominic", "Emma", "Faizan", "Gimmy", "Harry", "Ian", "John"];
    let of_users = |client: &Client| -> String {
        let variation = |user: &&str| {
            let outcome = track(client, &one("AB1", user, "G1"));
            match outcome.verdicts[0].variation {
                Some("Control") => '1',
                Some("Variation-1") => '2',
                _ => '-',
            }
        };
        users.iter().map(variation).collect()
    };
    let with = |root: &str, more: &str| {
        client(root, &[campaign(230, "AB1", &format!(r#""percentTraffic":60,{more}"isOBx":0"#))])
    };
    let clients = [
        (with("", ""), "21--22-121"),
        (with("", r#""isBucketingSeedEnabled":true,"#), "221--1-22-"),
        (with(r#""isNB":true,"#, ""), "112--1-11-"),
        (with(r#""isNB":true,"#, r#""isOB":true,"#), "221--1-22-"),
        (with(r#""isNB":true,"isNBv2":true,"#, r#""isOBv2":true,"#), "112--1-11-"),
    ];
    for (client, due) in &clients {
        assert_eq!(of_users(client), *due);
    }
}

#[test]
fn newer_settings_take_the_place_of_older_ones() {
    let two = settings("", &[campaign(230, "AB1", ""), campaign(231, "AB2", "")]);
    let (mut client, log) = Client::launch(&two, Json::parse(r#"{"goalTypeToTrack":"CUSTOM_GOAL"}"#).unwrap());
    assert_eq!(log, []);
    assert_eq!(track(&client, &all("Ashley", "G1")).result(), due(&[("AB1", true), ("AB2", true)]));

    assert_eq!(client.update_settings("{}")[0].reason, Reason::InvalidSettings);
    assert_eq!(track(&client, &all("Ashley", "G1")).result(), due(&[("AB1", true), ("AB2", true)]));

    let paused = settings("", &[campaign(230, "AB1", r#""status":"PAUSED""#)]);
    let log = client.update_settings(&paused);
    assert_eq!(
        log.iter().map(Line::message).collect::<Vec<_>>(),
        ["AB1", "AB2"]
            .map(|key| format!("{key}: the campaign stopped running, and VWO discards what is tracked for it.")),
    );
    assert!(log.iter().all(|line| line.reason.level() == Level::Warn));
    assert_eq!(track(&client, &all("Ashley", "G1")).result(), due(&[("AB1", false)]));
    // The options stay.
    assert_eq!(failure(&track(&client, &all("Ashley", "REV"))), Some("no-campaign"));

    let (mut client, _) = Client::launch("", Json::parse("{}").unwrap());
    assert_eq!(client.update_settings(&two), []);
    assert_eq!(track(&client, &one("AB2", "Ashley", "G1")).result(), due(&[("AB2", true)]));
}

#[test]
fn every_campaign_says_why() {
    let nobody = r#""segments":{"and":[{"custom_variable":{"a":"b"}}]}"#;
    let whitelist = r#""isForcedVariationEnabled":true,"percentTraffic":0,"variations":[{"id":1,"name":"Control",
        "weight":100,"segments":{"or":[{"user":"Ashley"}]}}]"#;
    let why = |more: &str, user: &str, goal: &str, given: &str| {
        let client = client("", &[campaign(230, "AB1", more)]);
        let call = options(one("AB1", user, goal), given);
        let outcome = track(&client, &call);
        let explained = client.explain(&call, None);
        assert_eq!((explained.verdicts, explained.request), (outcome.verdicts.clone(), None));
        assert_eq!(outcome.verdicts[0].tracked, outcome.request.is_some());
        reason(&outcome)
    };
    assert_eq!(why("", "Ashley", "G1", "{}"), "bucketed");
    assert_eq!(why(whitelist, "Ashley", "G1", "{}"), "whitelisted");
    assert_eq!(why(whitelist, "Bill", "G1", "{}"), "not-in-traffic");
    assert_eq!(why(r#""status":"running""#, "Ashley", "G1", "{}"), "not-running");
    assert_eq!(why(r#""type":"FEATURE_ROLLOUT""#, "Ashley", "G1", "{}"), "rollout");
    assert_eq!(why("", "Ashley", "g1", "{}"), "unknown-goal");
    assert_eq!(why("", "Ashley", "G1", r#"{"goalTypeToTrack":"REVENUE_TRACKING"}"#), "other-goal-type");
    assert_eq!(why("", "Ashley", "REV", r#"{"revenueValue":"","eventProperties":{"amt":1}}"#), "no-revenue");
    assert_eq!(why("", "Ashley", "REV", r#"{"revenueValue":"0"}"#), "bucketed");
    assert_eq!(why(nobody, "Ashley", "G1", "{}"), "not-in-segment");
    assert_eq!(why(nobody, "Ashley", "G1", r#"{"customVariables":{"a":"b"}}"#), "bucketed");
    // In the traffic, but above the last range: 10001 of 10000.
    assert_eq!(why(r#""percentTraffic":50"#, "user_14610", "G1", "{}"), "no-variation");
    let empty = client("", &[]);
    let unknown = track(&empty, &one("AB1", "Ashley", "G1"));
    assert_eq!((reason(&unknown), unknown.result()), ("unknown-campaign", due(&[("AB1", false)])));
}

#[test]
fn what_makes_the_sdk_throw_makes_the_whole_call_null() {
    let why = |root: &str, more: &str, goal: &str, given: &str| {
        let client = client(root, &[campaign(230, "AB1", ""), campaign(231, "AB2", more)]);
        let outcome = track(&client, &options(several(&["AB1", "AB2", "AB1"], "Ashley", goal), given));
        assert_eq!((outcome.result(), outcome.request.is_none(), outcome.verdicts.len()), (None, true, 3));
        assert!(outcome.verdicts.iter().all(|verdict| !verdict.tracked));
        failure(&outcome).unwrap()
    };
    let events = r#""isEventArchEnabled":true,"#;
    assert_eq!(why(r#""campaignGroups":{"231":4},"#, "", "G1", "{}"), "unknown-group");
    assert_eq!(why(r#""campaignGroups":{"231":4},"groups":{"4":{"name":"g"}},"#, "", "G1", "{}"), "unknown-group");
    assert_eq!(
        why("", r#""goals":[{"id":1,"identifier":"G2","type":"CUSTOM_GOAL"},null]"#, "G1", "{}"),
        "broken-settings"
    );
    assert_eq!(why("", r#""variations":{"a":1}"#, "G1", "{}"), "broken-settings");
    assert_eq!(why(events, "", "G1", r#"{"eventProperties":null}"#), "broken-event-properties");
    assert_eq!(why(events, "", "REV", r#"{"eventProperties":null}"#), "broken-event-properties");
    let nameless = client(r#""accountId":"","#, &[campaign(230, "AB1", "")]);
    assert_eq!(failure(&track(&nameless, &one("AB1", "Ashley", "G1"))), Some("broken-settings"));
}

#[test]
fn a_goal_of_a_revenue_counts_by_its_property_in_event_architecture() {
    let why = |more: &str, given: &str| {
        let goal = format!(r#""goals":[{{"id":1,"identifier":"REV","type":"REVENUE_TRACKING"{more}}}]"#);
        let client = client(r#""isEventArchEnabled":true,"#, &[campaign(230, "AB1", &goal)]);
        reason(&track(&client, &options(one("AB1", "Ashley", "REV"), given)))
    };
    assert_eq!(why(r#","revenueProp":"amt""#, r#"{"eventProperties":{"amt":null}}"#), "bucketed");
    assert_eq!(why(r#","revenueProp":"amt""#, r#"{"eventProperties":{"x":1}}"#), "no-revenue");
    assert_eq!(why(r#","revenueProp":"amt","mca":-1"#, "{}"), "no-revenue");
    assert_eq!(why("", "{}"), "no-revenue");
    assert_eq!(why(r#","mca":-1"#, "{}"), "bucketed");
    assert_eq!(why(r#","mca":"-1""#, "{}"), "no-revenue");
    // A property without a value is there all the same.
    let unset = r#"{"eventProperties":{"x":1},"unset":["amt"]}"#;
    assert_eq!(why(r#","revenueProp":"amt""#, unset), "bucketed");
    assert_eq!(why(r#","revenueProp":"sum""#, unset), "no-revenue");
}

#[test]
fn with_a_storage_a_user_counts_once_and_only_when_activated() {
    let client = client("", &[campaign(230, "AB1", "")]);
    let mut memory = Memory::default();
    let told = |memory: &mut Memory, goal, given| {
        reason(&client.track(&options(one("AB1", "Ashley", goal), given), Some(memory), MOMENT))
    };
    assert_eq!(told(&mut memory, "G1", "{}"), "not-activated");
    let laid_over = r#"{"userStorageData":{"campaignKey":"else","variationName":"Control"}}"#;
    assert_eq!(told(&mut memory, "G1", laid_over), "stored");
    assert_eq!(told(&mut memory, "G1", "{}"), "already-tracked");
    assert_eq!(told(&mut memory, "G1", r#"{"shouldTrackReturningUser":true}"#), "stored");
    assert_eq!(told(&mut memory, "G1", "{}"), "already-tracked");
    // Every conversion of this goal counts (`mca`), and the SDK remembers the last goal only.
    assert_eq!(told(&mut memory, "G2", "{}"), "stored");
    assert_eq!(told(&mut memory, "G2", "{}"), "stored");
    assert_eq!(told(&mut memory, "G1", "{}"), "stored");
    let kept = r#"{"userId":"Ashley","variationName":"Control","campaignKey":"AB1","goalIdentifier":"G1"}"#;
    assert_eq!(memory.records.into_values().collect::<Vec<_>>(), [kept]);
}

#[test]
fn a_stored_variation_that_is_gone_is_bucketed_anew() {
    let client = client("", &[campaign(230, "AB1", "")]);
    let mut memory = Memory::with("Ashley", "AB1", &CONTROL.replace("Control", "Old"));
    let outcome = client.track(&one("AB1", "Ashley", "G1"), Some(&mut memory), MOMENT);
    assert_eq!((reason(&outcome), outcome.verdicts[0].variation), ("bucketed", Some("Control")));
}

#[test]
fn a_storage_that_fails_costs_no_more_than_the_sdk() {
    let client = client("", &[campaign(230, "AB1", "")]);
    let call = one("AB1", "Ashley", "G1");
    let outcome = client.track(&call, Some(&mut Memory { deaf: true, ..Memory::default() }), MOMENT);
    assert_eq!((outcome.result(), failure(&outcome)), (None, Some("storage-failed")));
    let mut broken = Memory::with("Ashley", "AB1", "no JSON");
    assert_eq!(failure(&client.track(&call, Some(&mut broken), MOMENT)), Some("storage-failed"));

    // Goals that are no text are stumbled over after the decision; those of another campaign are not looked at.
    let record = r#"{"campaignKey":"AB1","variationName":"Control","goalIdentifier":5}"#;
    let heard =
        Client::launch(&settings("", &[campaign(230, "AB1", "")]), Json::parse(r#"{"integrations":{}}"#).unwrap()).0;
    let outcome = heard.track(&call, Some(&mut Memory::with("Ashley", "AB1", record)), MOMENT);
    assert_eq!((failure(&outcome), outcome.decisions.len()), (Some("storage-failed"), 1));

    let mut full = Memory { full: true, ..Memory::with("Ashley", "AB1", CONTROL) };
    let outcome = client.track(&call, Some(&mut full), MOMENT);
    assert_eq!(outcome.result(), due(&[("AB1", true)]));
    assert_eq!(outcome.log().iter().map(|line| line.reason).collect::<Vec<_>>(), [Reason::StorageNotWritten]);
}

#[test]
fn an_explanation_stores_nothing() {
    let client = client("", &[campaign(230, "AB1", "")]);
    let mut memory = Memory::with("Ashley", "AB1", CONTROL);
    for _ in 0..2 {
        assert_eq!(reason(&client.explain(&one("AB1", "Ashley", "G1"), Some(&mut memory))), "stored");
    }
    assert_eq!(memory.records.into_values().collect::<Vec<_>>(), [CONTROL]);
    let mut out = Writer::default();
    client.explain(&one("AB1", "Ashley", "G1"), None).write_verdicts(&mut out);
    assert_eq!(out.finish(), r#"[{"campaignKey":"AB1","tracked":true,"variation":"Control","reason":"bucketed"}]"#);
}

#[test]
fn counting_again_and_again_is_warned_of() {
    let client = client("", &[campaign(230, "AB1", "")]);
    let log = |given| {
        let outcome = track(&client, &options(one("AB1", "Ashley", "G1"), given));
        outcome.log().iter().map(|line| (line.reason, line.reason.level())).collect::<Vec<_>>()
    };
    assert_eq!(log("{}"), [(Reason::RepeatsUnguarded, Level::Warn)]);
    assert_eq!(log(r#"{"shouldTrackReturningUser":true}"#), []);
}

#[test]
fn results_come_in_javascripts_order() {
    let client = client("", &["Z", "7", "B"].map(|key| campaign(7, key, "")));
    let keys = |call| -> Vec<String> {
        track(&client, &call).result().unwrap().into_iter().map(|(key, _)| key.to_string()).collect()
    };
    assert_eq!(keys(all("Ashley", "G1")), ["7", "Z", "B"]);
    assert_eq!(keys(several(&["B", "7", "B", "no"], "Ashley", "G1")), ["7", "B", "no"]);
    // A result has no such property, and one that has no other is empty.
    assert_eq!(keys(several(&["__proto__", "B"], "Ashley", "G1")), ["B"]);
    assert_eq!(failure(&track(&client, &one("__proto__", "Ashley", "G1"))), Some("no-campaign"));
}

#[test]
fn a_number_serves_as_a_variations_name() {
    let named =
        |name| client("", &[campaign(230, "AB1", &format!(r#""variations":[{{"id":1,"name":{name},"weight":100}}]"#))]);
    assert_eq!(track(&named("5"), &one("AB1", "Ashley", "G1")).verdicts[0].variation, Some("5"));
    for nameless in ["\"\"", "0", "null", "false"] {
        assert_eq!(reason(&track(&named(nameless), &one("AB1", "Ashley", "G1"))), "no-variation");
    }
}

#[test]
fn a_bandit_needs_a_storage() {
    let client = client("", &[campaign(230, "AB1", r#""isMAB":true"#)]);
    let call = one("AB1", "Ashley", "G1");
    assert_eq!(failure(&track(&client, &call)), Some("no-storage-for-mab"));
    let mut memory = Memory::with("Ashley", "AB1", CONTROL);
    assert_eq!(reason(&client.track(&call, Some(&mut memory), MOMENT)), "stored");
    // The SDK looks only where one campaign is named.
    let outcome = track(&client, &all("Ashley", "G1"));
    assert_eq!(outcome.result(), due(&[("AB1", true)]));
    assert!(outcome.log().iter().any(|line| line.reason == Reason::MabUnchecked));
}

mod groups {
    use super::*;

    fn group(ids: &[u32], more: &str) -> (String, Vec<String>) {
        let links: Vec<String> = ids.iter().map(|id| format!(r#""{id}":9"#)).collect();
        let root = format!(
            r#""campaignGroups":{{{}}},"groups":{{"9":{{"name":"g","campaigns":{ids:?}{more}}}}},"#,
            links.join(",")
        );
        (root, ids.iter().map(|id| campaign(*id, &format!("C{id}"), "")).collect())
    }

    fn winners(client: &Client, user: &str) -> Vec<String> {
        let outcome = track(client, &all(user, "G1"));
        outcome
            .verdicts
            .iter()
            .filter(|verdict| verdict.tracked)
            .map(|verdict| verdict.campaign_key.to_string())
            .collect()
    }

    #[test]
    fn one_campaign_wins() {
        let (root, campaigns) = group(&[1, 2], "");
        let client = client(&root, &campaigns);
        for user in ["Ashley", "Bill", "Chris", "Dominic"] {
            assert_eq!(winners(&client, user).len(), 1, "{user}");
        }
    }

    #[test]
    fn three_leave_a_gap() {
        let (root, campaigns) = group(&[1, 2, 3], "");
        let client = client(&root, &campaigns);
        for user in ["u2", "u57", "u186", "u329", "u538"] {
            assert_eq!(failure(&track(&client, &one("C1", user, "G1"))), Some("group-gap"), "{user}");
        }
    }

    #[test]
    fn by_priority_and_by_weight() {
        let (root, campaigns) = group(&[1, 2, 3], r#","et":2,"p":[7,"1",2]"#);
        assert_eq!(winners(&client(&root, &campaigns), "Ashley"), ["C2"]);
        let (root, campaigns) = group(&[1, 2, 3], r#","et":2,"wt":{"3":100}"#);
        assert_eq!(winners(&client(&root, &campaigns), "u2"), ["C3"]);
        // A text is no 1.
        let (root, campaigns) = group(&[1, 2, 3], r#","et":"1""#);
        let nobody = client(&root, &campaigns);
        assert_eq!(reason(&track(&nobody, &one("C1", "u2", "G1"))), "other-of-group");
    }

    #[test]
    fn who_is_whitelisted_elsewhere_belongs_there() {
        let (root, mut campaigns) = group(&[1, 2], "");
        campaigns[1] = campaign(
            2,
            "C2",
            r#""status":"PAUSED","isForcedVariationEnabled":true,"variations":[{"id":1,"name":"Control","weight":100,
                "segments":{"or":[{"user":"Ashley"}]}}]"#,
        );
        let client = client(&root, &campaigns);
        assert_eq!(reason(&track(&client, &one("C1", "Ashley", "G1"))), "other-of-group");
    }
}

mod requests {
    use super::*;

    fn samples(root: &str) -> Client {
        let ab2 = r#""percentTraffic":50,"goals":[{"id":211,"identifier":"G1","type":"CUSTOM_GOAL"}]"#;
        client(root, &[campaign(230, "AB1", ""), campaign(231, "AB2", ab2)])
    }

    /// The only request.
    fn request<'c>(client: &'c Client, call: &Call<'_>) -> TrackRequest<'c> {
        track(client, call).request.unwrap()
    }

    #[test]
    fn of_one_campaign() {
        let given = r#"{"revenueValue":"12 &","userAgent":"Moz/5 (X)","userIpAddress":"1.2.3.4"}"#;
        let client = samples(r#""collectionPrefix":"eu01","#);
        let request = request(&client, &options(one("AB1", "Ashley", "REV"), given));
        assert_eq!(
            request.url,
            "https://dev.visualwebsiteoptimizer.com/eu01/server-side/track-goal?experiment_id=230&combination=1\
             &sId=1700000001&u=5FBBE143B5B0584297909594993D7902&sdk=vwo-node-sdk&sdk-v=1.73.0&env=SDKKEY\
             &account_id=88888888&random=0.2522731188582393&ap=server&visitor_ua=Moz%2F5%20(X)&visitor_ip=1.2.3.4\
             &goal_id=205&r=12%20%26",
        );
        assert_eq!(
            request.headers,
            [("X-Device-User-Agent", "Moz%2F5%20(X)".to_string()), ("VWO-X-Forwarded-For", "1.2.3.4".to_string())]
        );
        assert_eq!(request.body, None);
    }

    #[test]
    fn of_several() {
        let call = options(several(&["AB1", "AB2", "NOPE"], "Ashley", "G1"), r#"{"userIpAddress":"1.2.3.4"}"#);
        let client = samples("");
        let request = request(&client, &call);
        assert_eq!(
            request.url,
            "https://dev.visualwebsiteoptimizer.com/server-side/batch-events?a=88888888&sdk=vwo-node-sdk&sdk-v=1.73.0\
             &env=SDKKEY",
        );
        assert_eq!(request.headers, [("Authorization", "SDKKEY".to_string())]);
        let event = |ids: [u32; 3]| {
            let [campaign, variation, goal] = ids;
            format!(
                r#"{{"e":{campaign},"c":{variation},"sId":1700000001,"u":"5FBBE143B5B0584297909594993D7902","eT":2,"visitor_ua":"","visitor_ip":"1.2.3.4","g":{goal}}}"#
            )
        };
        assert_eq!(request.body, Some(format!(r#"{{"ev":[{},{}]}}"#, event([230, 1, 203]), event([231, 2, 211]))));
    }

    #[test]
    fn of_an_event() {
        let call = options(
            all("Ashley", "REV"),
            r#"{"revenueValue":5.0,"eventProperties":{"vwo_sdkName":"x","amt":3,"2":"b"},"unset":["vwo_sdkVersion"]}"#,
        );
        let client = samples(r#""isEventArchEnabled":true,"#);
        let request = request(&client, &call);
        assert_eq!(
            request.url,
            "https://dev.visualwebsiteoptimizer.com/events/t?en=REV&a=88888888&env=SDKKEY&eTime=1700000000500\
             &random=0.2522731188582393&p=FS&visitor_ua=&visitor_ip=",
        );
        assert_eq!(
            request.body.as_deref(),
            Some(concat!(
                r#"{"d":{"msgId":"5FBBE143B5B0584297909594993D7902-1700000000500","visId":"5FBBE143B5B0584297909594993D7902","#,
                r#""sessionId":1700000001,"event":{"props":{"2":"b","vwo_sdkName":"x","#,
                r#""vwo_envKey":"SDKKEY","vwoMeta":{"metric":{"id_230":["g_205"]},"amt":5},"isCustomEvent":true,"amt":3},"#,
                r#""name":"REV","time":1700000000500},"visitor":{"props":{"vwo_fs_environment":"SDKKEY"}}}}"#
            )),
        );
    }

    #[test]
    fn have_a_key_of_their_call() {
        let client = samples("");
        let key = |call: &Call<'_>, moment| client.track(call, None, moment).request.unwrap().into_request().key;
        let call = one("AB1", "Ashley", "G1");
        assert_eq!(key(&call, MOMENT), key(&call, MOMENT));
        assert_ne!(key(&call, MOMENT), key(&call, Moment { nonce: 1, ..MOMENT }));
        assert_ne!(key(&call, MOMENT), key(&call, Moment { ms: 1, ..MOMENT }));
        assert_ne!(key(&call, MOMENT), key(&one("AB1", "Ashley", "G2"), MOMENT));
    }

    #[test]
    fn are_not_built_in_development() {
        let text = settings("", &[campaign(230, "AB1", "")]);
        let (client, _) = Client::launch(&text, Json::parse(r#"{"isDevelopmentMode":true}"#).unwrap());
        let outcome = track(&client, &one("AB1", "Ashley", "G1"));
        assert_eq!(outcome.result(), due(&[("AB1", true), ("isDevelopmentMode", true)]));
        assert_eq!(outcome.request, None);
    }
}

#[test]
fn integrations_hear_of_decisions() {
    let text = settings("", &[campaign(230, "AB1", r#""name":"Home""#)]);
    let (client, _) = Client::launch(&text, Json::parse(r#"{"integrations":{}}"#).unwrap());
    let outcome = track(&client, &options(one("AB1", "Ashley", "G1"), r#"{"customVariables":{"a":1}}"#));
    assert_eq!(
        outcome.decisions,
        [concat!(
            r#"{"fromUserStorageService":false,"isUserWhitelisted":false,"variationName":"Control","variationId":1,"#,
            r#""campaignId":230,"campaignKey":"AB1","campaignType":"VISUAL_AB","campaignName":"Home","customVariables":{"a":1},"#,
            r#""event":"CAMPAIGN_DECISION","goalIdentifier":"G1","sdkVersion":"1.73.0","#,
            r#""source":"track","userId":"Ashley","variationTargetingVariables":{},"vwoUserId":"5FBBE143B5B0584297909594993D7902"}"#
        )]
    );
    // Of a group that lists a rollout in place of the called campaign.
    let root = r#""campaignGroups":{"230":9},"groups":{"9":{"name":"g","campaigns":[231]}},"#;
    let rollout = campaign(231, "R", r#""type":"FEATURE_ROLLOUT""#);
    let text = settings(root, &[campaign(230, "AB1", ""), rollout]);
    let (grouped, _) = Client::launch(&text, Json::parse(r#"{"integrations":{}}"#).unwrap());
    let told = track(&grouped, &one("AB1", "Ashley", "G1")).decisions.remove(0);
    assert!(told.contains(r#""isFeatureEnabled":true,"campaignId":230"#), "{told}");
    assert!(!told.contains("variationName"), "{told}");
    let mut out = Writer::default();
    outcome.write(&mut out, true);
    let text = out.finish();
    assert!(
        text.starts_with(r#"{"result":{"AB1":true},"requests":[{"platform":"vwo","method":"GET","url":"https://dev."#),
        "{text}"
    );
    assert!(text.ends_with(r#""log":[["warn","Without a user storage service every conversion of a user counts: name one, or set shouldTrackReturningUser."]]}"#), "{text}");
}
