//! `[vwo_fullstack]`: rows of VWO's users, through FullStack's own decisions to the simulator, each conversion once.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Folder, Simulator, token};
use serde_json::{Value, json};

/// A campaign for everybody, in two variations.
fn campaign(id: u64, key: &str, goals: Value) -> Value {
    json!({
        "id": id, "key": key, "type": "VISUAL_AB", "status": "RUNNING", "percentTraffic": 100, "segments": {},
        "variations": [{ "id": 1, "name": "Control", "weight": 50 }, { "id": 2, "name": "Variation-1", "weight": 50 }],
        "goals": goals,
    })
}

/// Two campaigns with the goal `order`, and one that asks for a country.
fn settings() -> Value {
    let mut german = campaign(232, "DE", json!([{ "id": 220, "identifier": "lead", "type": "CUSTOM_GOAL" }]));
    german["segments"] = json!({ "or": [{ "custom_variable": { "country": "lower(DE)" } }] });
    json!({
        "version": 1, "accountId": 88888888, "sdkKey": "SDKKEY", "campaigns": [
            campaign(230, "AB1", json!([
                { "id": 203, "identifier": "order", "type": "CUSTOM_GOAL" },
                { "id": 204, "identifier": "sale", "type": "REVENUE_TRACKING" },
            ])),
            campaign(231, "AB2", json!([{ "id": 211, "identifier": "order", "type": "CUSTOM_GOAL" }])),
            german,
        ],
    })
}

/// A folder with these settings and these rows, for a simulator.
fn folder(name: &str, simulator: &Simulator, section: &str, settings: &Value, rows: &str) -> Folder {
    let folder = Folder::new(&format!("fullstack-{name}"));
    folder
        .write(
            "aftercall.toml",
            format!(
                "[vwo_fullstack]\nsettings = \"vwo.json\"\n{section}\n\
                 [delivery]\nvia = \"{}\"\nrate = 0\nbackoff = 0.01\nbackoff_limit = 0.05\ntimeout = 1.0\n",
                simulator.address
            ),
        )
        .write("vwo.json", settings.to_string())
        .write("calls.csv", rows);
    folder
}

#[track_caller]
fn vwo(tally: &Value, what: &str) -> u64 {
    tally["platforms"]["vwo"][what].as_u64().unwrap_or_else(|| panic!("{what}: {tally}"))
}

#[track_caller]
fn codes(tally: &Value) -> Vec<(&str, bool, u64)> {
    let reasons = tally["reasons"].as_array().unwrap();
    reasons
        .iter()
        .map(|it| (it["code"].as_str().unwrap(), it["rejected"].as_bool().unwrap(), it["rows"].as_u64().unwrap()))
        .collect()
}

/// What arrived: campaign, variation, goal, visitor and amount of each hit.
fn hits(simulator: &Simulator) -> Vec<String> {
    let parameter = |url: &str, name: &str| {
        let query = url.split_once('?').unwrap().1.to_owned();
        query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap_or("-").to_owned()
    };
    let mut hits: Vec<String> = simulator
        .log()
        .iter()
        .map(|entry| {
            let url = entry["url"].as_str().unwrap();
            ["experiment_id", "combination", "goal_id", "u", "r"].map(|name| parameter(url, name)).join(" ")
        })
        .collect();
    hits.sort();
    hits
}

const CHRIS: &str = "5276291265BF56D1A25E8DC664DA1B27";

#[test]
fn one_campaign_several_or_all_and_a_second_run_sends_nothing() {
    let simulator = Simulator::start();
    let rows = "id,user,campaign_key,goal_identifier,custom_variables,revenue,at\n\
        one,Chris,AB1,sale,,49.90,2026-11-21T10:00:00Z\n\
        all,Chris,,order,,,\n\
        two,Ashley,\"AB1, AB2\",order,,,\n\
        in,Chris,DE,lead,country=de; age=30,,\n\
        json,Bill,DE,lead,\"{\"\"country\"\":\"\"De\"\"}\",,\n\
        out,Chris,DE,lead,country=fr,,\n";
    let section = "[columns]\nvwo_user_id = \"user\"";
    let folder = folder("all", &simulator, section, &settings(), rows);
    let plan = folder.json(&["plan", "calls.csv", "--json"], 0);
    assert_eq!((vwo(&plan, "conversions"), vwo(&plan, "countedToday")), (7, 1), "{plan}");
    assert_eq!(simulator.stats()["requests"], 0);

    let tally = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!((vwo(&tally, "delivered"), &tally["requests"]), (7, &json!(7)), "{tally}");
    assert_eq!(codes(&tally), [("not-in-segment", false, 1)]);
    let hits = hits(&simulator);
    let of_chris: Vec<&str> = hits.iter().filter(|hit| hit.contains(CHRIS)).map(String::as_str).collect();
    // The variations of two halves in the old bucketing hang on the user alone: Chris has the second one.
    let due = ["230 2 203 CHRIS -", "230 2 204 CHRIS 49.9", "231 2 211 CHRIS -", "232 2 220 CHRIS -"];
    assert_eq!(of_chris, due.map(|hit| hit.replace("CHRIS", CHRIS)));

    let again = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!((vwo(&again, "delivered"), vwo(&again, "deliveredBefore")), (0, 7), "{again}");
    assert!(simulator.arrived().iter().all(|(times, _)| *times == 1));
    let status = String::from_utf8(folder.run(&["status"]).stdout).unwrap();
    assert!(status.contains("vwo: 200: taken, not validated"), "{status}");
    // Forgotten by the user's id, and still nothing is sent twice.
    assert_eq!(folder.json(&["forget", "Chris", "--json"], 0)["forgotten"], 4);
    assert_eq!(vwo(&folder.json(&["sync", "calls.csv", "--json"], 0), "deliveredBefore"), 7);
}

#[test]
fn a_users_goal_counts_once_unless_the_settings_say_otherwise() {
    let rows = "id,vwo_user_id,revenue\na,Chris,5\nb,Chris,6\nc,Ashley,7\n";
    for (returning, first, second) in [(false, 2, 0), (true, 3, 1)] {
        let simulator = Simulator::start();
        let section = format!("goal = \"sale\"\nshould_track_returning_user = {returning}");
        let folder = folder(&format!("unique-{returning}"), &simulator, &section, &settings(), rows);
        assert_eq!(vwo(&folder.json(&["sync", "calls.csv", "--json"], 0), "delivered"), first);
        // The next night: a row of the same user, which no run has seen.
        folder.write("next.csv", "id,vwo_user_id,revenue\nb,Chris,6\nd,Chris,8\n");
        let next = folder.json(&["sync", "next.csv", "--json"], 0);
        assert_eq!((vwo(&next, "delivered"), vwo(&next, "changed")), (second, 0), "{next}");
        let report = String::from_utf8(folder.run(&["report"]).stdout).unwrap();
        assert_eq!(report.lines().count() as u64, 1 + first + second, "{report}");
    }
}

#[test]
fn a_goal_that_repeats_counts_every_time() {
    let simulator = Simulator::start();
    let mut settings = settings();
    settings["campaigns"][0]["goals"][1]["mca"] = json!(-1);
    let rows = "id,vwo_user_id,revenue\na,Chris,5\nb,Chris,6\n";
    let folder = folder("repeats", &simulator, "goal = \"sale\"", &settings, rows);
    assert_eq!(vwo(&folder.json(&["sync", "calls.csv", "--json"], 0), "delivered"), 2);
}

#[test]
fn event_architecture_tells_of_all_campaigns_at_once() {
    let simulator = Simulator::start();
    let mut settings = settings();
    settings["isEventArchEnabled"] = json!(true);
    let rows = "id,vwo_user_id,campaign_key\na,Chris,\nb,Chris,AB2\n";
    let folder = folder("events", &simulator, "goal = \"order\"", &settings, rows);
    let tally = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!((vwo(&tally, "delivered"), &tally["requests"]), (2, &json!(2)), "{tally}");
    let log = simulator.log();
    assert!(log.iter().all(|entry| entry["endpoint"] == "vwo events"), "{log:?}");
    assert_eq!(vwo(&folder.json(&["sync", "calls.csv", "--json"], 0), "deliveredBefore"), 2);
    assert_eq!(simulator.stats()["requests"], 2);
}

#[test]
fn with_a_user_storage_only_who_was_activated_counts() {
    let simulator = Simulator::start();
    let rows = "id,vwo_user_id\na,Chris\nb,Ashley\nc,Bill\n";
    let section = "goal = \"order\"\ncampaign_keys = [\"AB1\"]\nstorage = \"users.jsonl\"";
    let folder = folder("storage", &simulator, section, &settings(), rows);
    folder.write(
        "users.jsonl",
        // Chris's bucket is the second; what the site gave counts. Bill's conversion was told by the site itself.
        "{\"userId\":\"Chris\",\"campaignKey\":\"AB1\",\"variationName\":\"Control\"}\n\
         {\"userId\":\"Bill\",\"campaignKey\":\"AB1\",\"variationName\":\"Control\",\"goalIdentifier\":\"lead_vwo_order\"}\n",
    );
    let tally = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!(vwo(&tally, "delivered"), 1, "{tally}");
    assert_eq!(codes(&tally), [("already-tracked", false, 1), ("not-activated", false, 1)]);
    assert_eq!(hits(&simulator), [format!("230 1 203 {CHRIS} -")]);
    folder.write("users.jsonl", "{\"userId\":\"Chris\"}\n");
    assert!(folder.complaint(&["plan", "calls.csv"], 3).contains("users.jsonl: line 1 is no"));
}

#[test]
fn what_is_wrong_with_a_row_has_its_reason() {
    let simulator = Simulator::start();
    let mut settings = settings();
    settings["campaigns"][1]["status"] = json!("PAUSED");
    let rows = "id,vwo_user_id,campaign_key,goal_identifier,custom_variables,revenue\n\
        a,Chris,AB7,order,,\nb,Chris,AB1,ordr,,\nc,Chris,,ordr,,\nd,Chris,AB1,sale,,\ne,Chris,AB2,order,,\n\
        f,Chris,AB1,,,\ng,Chris,AB1,order,country,\nh,Chris,AB1,sale,,-5\ni,,AB1,order,,\n";
    let folder = folder("reasons", &simulator, "", &settings, rows);
    let plan = folder.json(&["plan", "calls.csv", "--json"], 2);
    let due = [
        ("bad-row", true, 1),
        ("bad-row", true, 1),
        ("invalid-conversion", true, 1),
        ("no-campaign", true, 1),
        ("no-revenue", true, 1),
        ("no-token", false, 1),
        ("not-running", false, 1),
        ("unknown-campaign", true, 1),
        ("unknown-goal", true, 1),
    ];
    let mut found = codes(&plan);
    assert_eq!(plan["rejected"], 7, "{plan}");
    found.dedup();
    assert_eq!(found.len(), due.len() - 1, "{found:?}");
    assert!(
        due.iter().all(|(code, rejected, _)| found.iter().any(|it| (it.0, it.1) == (*code, *rejected))),
        "{found:?}"
    );
}

#[test]
fn a_token_beside_the_user_reaches_the_other_platforms() {
    let simulator = Simulator::start();
    let section = "goal = \"order\"\n[kameleoon]\nsite_code = \"f17c21u1ag\"\ndata_host = \"eu-data.kameleoon.io\"\n\
        goal_id = 36151\nmax_age = \"none\"";
    let rows = format!("id,vwo_user_id,aftercall_ctx\na,Chris,{}\nb,Chris,\nc,,{}\n", token(), token());
    let folder = folder("beside", &simulator, section, &settings(), &rows);
    let tally = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!((vwo(&tally, "delivered"), &tally["platforms"]["kameleoon"]["delivered"]), (2, &json!(2)), "{tally}");
    assert_eq!(codes(&tally), []);
}

#[test]
fn settings_that_are_of_no_use_stop_the_run() {
    let simulator = Simulator::start();
    let folder = folder("unusable", &simulator, "goal = \"order\"", &settings(), "id,vwo_user_id\na,Chris\n");
    let complaint = |what: &str| {
        for command in ["plan", "sync"] {
            let complaint = folder.complaint(&[command, "calls.csv"], 3);
            assert!(complaint.contains(what) && complaint.contains("(bad-config)"), "{complaint}");
        }
    };
    let mut wrong = settings();
    wrong["campaigns"][1]["percentTraffic"] = json!("half");
    folder.write("vwo.json", wrong.to_string());
    complaint("\"vwo.json\": The settings file is of no use: campaigns[1].percentTraffic is missing or wrong.");
    folder.write("vwo.json", "<html>");
    complaint("it is no JSON");
    let mut keyless = settings();
    keyless.as_object_mut().unwrap().remove("sdkKey");
    folder.write("vwo.json", keyless.to_string());
    complaint("set AFTERCALL_VWO_SDK_KEY");
    std::fs::remove_file(folder.0.join("vwo.json")).unwrap();
    complaint("No such file");
    folder.write("vwo.json", settings().to_string());
    let other = folder.command(&["plan", "calls.csv"]).env("AFTERCALL_VWO_SDK_KEY", "0ther").output().unwrap();
    let complaint = String::from_utf8(other.stderr).unwrap();
    assert!(complaint.contains("another environment") && !complaint.contains("0ther"), "{complaint}");
}

#[test]
fn the_settings_key_is_a_secret_too() {
    let simulator = Simulator::start();
    let folder = folder("secret", &simulator, "goal = \"order\"", &settings(), "id,vwo_user_id\na,Chris\n");
    simulator.faults(json!([{ "kind": "status", "status": 500 }]));
    let tally = folder.json(&["sync", "calls.csv", "--json"], 2);
    assert_eq!(vwo(&tally, "dead"), 2, "{tally}");
    let kept = ["aftercall.db", "aftercall.db-wal"]
        .map(|name| std::fs::read(folder.0.join(name)).unwrap_or_default())
        .concat();
    assert!(!kept.windows(6).any(|part| part == b"SDKKEY"), "the key is in the ledger");
    simulator.faults(json!([]));
    assert_eq!(vwo(&folder.json(&["retry", "--json"], 0), "delivered"), 2);
    assert!(simulator.log().iter().all(|entry| entry["url"].as_str().unwrap().contains("env=SDKKEY")));
}

#[test]
fn the_simulator_refuses_what_vwos_sdk_would_not_send() {
    let simulator = Simulator::start();
    let get = |url: &str| simulator.request("GET", "/", &[("Aftercall-Url", url), ("User-Agent", "Shop/1.0")], "").0;
    let good = format!(
        "https://dev.visualwebsiteoptimizer.com/server-side/track-goal?experiment_id=230&combination=2&sId=1700000001\
         &u={CHRIS}&sdk=vwo-node-sdk&sdk-v=1.73.0&env=SDKKEY&account_id=88888888&random=0.2522731188582393&ap=server\
         &visitor_ua=&visitor_ip=&goal_id=203"
    );
    assert_eq!(get(&good), 200);
    for (part, other) in [
        ("env=SDKKEY", "env=undefined"),
        (CHRIS, "D11BD6ED27A63F845ADFCBA2D9AA7835C"),
        ("random=0.25", "random=25"),
        ("&goal_id=203", "&goal_id=203&goal_id=204"),
        ("ap=server", "ap=server&utm=1"),
    ] {
        assert_eq!(get(&good.replace(part, other)), 400, "{other}");
    }
    let post = |body: &Value| {
        let url = "https://dev.visualwebsiteoptimizer.com/events/t?en=order&a=88888888&env=SDKKEY&eTime=1700000000500\
            &random=0.25227311885823933&p=FS&visitor_ua=&visitor_ip=";
        let headers = [("Aftercall-Url", url), ("User-Agent", "Shop/1.0"), ("Content-Type", "application/json")];
        simulator.request("POST", "/", &headers, &body.to_string()).0
    };
    let event = json!({ "d": {
        "msgId": format!("{CHRIS}-1700000000500"), "visId": CHRIS, "sessionId": 1_700_000_001,
        "event": { "name": "order", "time": 1_700_000_000_500_u64, "props": {
            "vwo_sdkName": "vwo-node-sdk", "vwo_sdkVersion": "1.73.0", "vwo_envKey": "SDKKEY", "isCustomEvent": true,
            "vwoMeta": { "metric": { "id_230": ["g_203"] } },
        } },
        "visitor": { "props": { "vwo_fs_environment": "SDKKEY" } },
    } });
    assert_eq!(post(&event), 200);
    for (path, other) in [
        ("/d/event/props/vwoMeta/metric", json!({})),
        ("/d/event/props/vwoMeta/metric", json!({ "230": ["203"] })),
        ("/d/visitor/props/vwo_fs_environment", json!("OTHER")),
        ("/d/event/time", json!(1_700_000_000_501_u64)),
        ("/d/visId", json!("Chris")),
    ] {
        let mut wrong = event.clone();
        *wrong.pointer_mut(path).unwrap() = other;
        assert_eq!(post(&wrong), 400, "{path}");
    }
}

#[test]
fn the_documents_example_runs() {
    let document = include_str!("../../docs/vwo-fullstack.md");
    let block = |name: &str| {
        let (_, rest) = document.split_once(&format!("<!-- {name} -->\n```")).unwrap();
        let (_, text) = rest.split_once('\n').unwrap();
        text.split_once("```").unwrap().0
    };
    let folder = Folder::new("fullstack-document");
    folder
        .write("aftercall.toml", block("settings"))
        .write("vwo-settings.json", settings().to_string())
        .write("orders.csv", block("rows"));
    let plan = folder.json(&["plan", "orders.csv", "--json"], 0);
    assert_eq!((vwo(&plan, "conversions"), codes(&plan)), (5, vec![]), "{plan}");
}
