//! `aftercall setup callrail`.

use super::{
    Terminal,
    callrail_standin::{CallRail, KEY, capture, company},
    checked,
    common::Folder,
    run,
    server::{Reply, StandIn},
    settings,
};
use serde_json::{Value, json};

const LOGIN: &[(&str, &str)] = &[("AFTERCALL_CALLRAIL_KEY", KEY)];
const SETUP: &[&str] = &["setup", "callrail", "--json"];

fn start(name: &str, callrail: CallRail) -> (Folder, StandIn<CallRail>) {
    let standin = StandIn::start(callrail);
    let folder = Folder::new(&format!("setup-callrail-{name}"));
    folder.write("aftercall.toml", settings(&standin.address));
    (folder, standin)
}

#[test]
fn our_cookie_is_added_and_the_customers_stay() {
    let (folder, standin) = start("added", CallRail::small());
    let (said, _) = run(&folder, SETUP, LOGIN, 0);
    assert_eq!(
        said,
        json!({ "tracker": "callrail", "account": "ACC1", "dryRun": false, "companies": [
            { "id": "COM1", "name": "Dentist", "result": "added", "added": ["aftercall_ctx", "aftercall_ctx2"], "kept": ["_ga", "mine"] }
        ] })
    );
    assert_eq!(
        standin.orders(),
        [
            r#"PUT https://api.callrail.com/v3/a/ACC1/integrations/71.json? {"config":{"grab_cookies":["_ga","mine","aftercall_ctx","aftercall_ctx2"],"other":"stays"},"state":"active"}"#
        ]
    );
    // Run twice, it changes nothing; another cookie is added to the first.
    let (said, _) = run(&folder, SETUP, LOGIN, 0);
    assert_eq!(said["companies"][0]["result"], "unchanged");
    assert_eq!(standin.orders(), Vec::<String>::new());
    run(&folder, &[SETUP, &["--cookie", "shop", "--parts", "1"]].concat(), LOGIN, 0);
    assert_eq!(standin.state().vendor.cookies("COM1"), ["_ga", "mine", "aftercall_ctx", "aftercall_ctx2", "shop"]);
    assert_eq!(
        standin.state().vendor.integrations[0]["config"],
        json!({ "post_call_webhook": ["https://shop.example/hook"] })
    );
}

#[test]
fn the_capture_is_made_where_there_is_none() {
    let (folder, standin) = start("created", CallRail { integrations: vec![], ..CallRail::small() });
    let (said, _) = run(&folder, SETUP, LOGIN, 0);
    assert_eq!(said["companies"][0]["result"], "created");
    assert_eq!(
        standin.orders(),
        [
            r#"POST https://api.callrail.com/v3/a/ACC1/integrations.json? {"company_id":"COM1","config":{"grab_cookies":["aftercall_ctx","aftercall_ctx2"]},"type":"Custom"}"#
        ]
    );
}

#[test]
fn several_companies_each_for_itself() {
    let mut callrail = CallRail::small();
    callrail.companies = (1..=260).map(|number| company(&format!("COM{number}"), "C")).collect();
    callrail.companies[4]["status"] = json!("disabled");
    callrail.integrations.push(capture(72, "COM2", "active", &["aftercall_ctx2", "aftercall_ctx"]));
    callrail.integrations.push(capture(73, "COM3", "disabled", &["theirs"]));
    let (folder, standin) = start("several", callrail);
    let (_, complaint) = run(&folder, SETUP, LOGIN, 3);
    assert!(complaint.contains("--company, or take --all-companies") && complaint.contains("COM1 “C”"), "{complaint}");
    let some = [SETUP, &["--company", "COM1", "--company", "COM2", "--company", "COM3", "--company", "COM1"]].concat();
    let (said, _) = run(&folder, &some, LOGIN, 2);
    let results: Vec<&Value> = said["companies"].as_array().unwrap().iter().map(|company| &company["result"]).collect();
    assert_eq!(results, ["added", "unchanged", "failed"]);
    assert_eq!(said["companies"][2]["code"], "capture-off");
    assert_eq!(standin.state().vendor.cookies("COM3"), ["theirs"], "what is switched off stays as it is");
    run(&folder, &[SETUP, &["--company", "COM3", "--activate"]].concat(), LOGIN, 0);
    assert_eq!(standin.state().vendor.cookies("COM3"), ["theirs", "aftercall_ctx", "aftercall_ctx2"]);
    assert_eq!(standin.state().vendor.integrations[3]["state"], "active");
    let (_, complaint) = run(&folder, &[SETUP, &["--company", "COM999"]].concat(), LOGIN, 3);
    assert!(complaint.contains("no company COM999") && complaint.contains("not-there"), "{complaint}");

    standin.log();
    let (said, _) = run(&folder, &[SETUP, &["--all-companies", "--dry-run"]].concat(), LOGIN, 0);
    assert_eq!(said["companies"].as_array().unwrap().len(), 259, "both pages, without the disabled one");
    assert_eq!(standin.orders(), Vec::<String>::new());
}

#[test]
fn a_limit_that_is_reached_ends_the_run_and_the_next_goes_on() {
    let mut callrail = CallRail::small();
    callrail.companies = (1..=4).map(|number| company(&format!("COM{number}"), "C")).collect();
    let (folder, standin) = start("limit", callrail);
    let all = [SETUP, &["--all-companies"]].concat();
    for _ in 0..3 {
        standin.plan("POST https://api.callrail.com/v3/a/ACC1/integrations.json", Reply::Json(429, json!({})));
    }
    let (said, _) = run(&folder, &all, LOGIN, 2);
    let results = |said: &Value| {
        said["companies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|company| company["result"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(results(&said), ["added", "failed", "not-tried", "not-tried"]);
    assert_eq!(said["companies"][1]["code"], "too-many-requests");
    let (said, _) = run(&folder, &all, LOGIN, 0);
    assert_eq!(results(&said), ["unchanged", "created", "created", "created"]);
}

#[test]
fn an_order_without_an_answer_is_looked_for_not_repeated() {
    let put = "PUT https://api.callrail.com/v3/a/ACC1/integrations/71.json";
    let (folder, standin) = start("lost", CallRail::small());
    standin.plan_lost_answer(put);
    let (said, _) = run(&folder, SETUP, LOGIN, 0);
    assert_eq!(said["companies"][0]["added"], json!(["aftercall_ctx", "aftercall_ctx2"]));
    assert_eq!(standin.orders().len(), 1);
    // A fault that was not obeyed: looked for, missed, and ordered again.
    standin.state().vendor.integrations[1] = capture(71, "COM1", "active", &["_ga"]);
    standin.plan(put, Reply::Json(500, json!({})));
    let (said, _) = run(&folder, SETUP, LOGIN, 0);
    assert_eq!(said["companies"][0]["added"], json!(["aftercall_ctx", "aftercall_ctx2"]));
    assert_eq!(standin.orders().len(), 2);
}

#[test]
fn somebody_elses_change_is_merged_with() {
    // Somebody else's page writes its list right after ours, without ours.
    let (folder, standin) = start("merged", CallRail::small());
    standin.state().vendor.after_order =
        vec![|all| all[1]["config"]["grab_cookies"] = json!(["_ga", "mine", "theirs"])];
    let (said, _) = run(&folder, SETUP, LOGIN, 0);
    assert_eq!(said["companies"][0]["kept"], json!(["_ga", "mine", "theirs"]));
    assert_eq!(standin.state().vendor.cookies("COM1"), ["_ga", "mine", "theirs", "aftercall_ctx", "aftercall_ctx2"]);

    // Somebody else makes the integration first.
    let (folder, standin) = start("first", CallRail { integrations: vec![], ..CallRail::small() });
    standin.state().vendor.before_order = Some(|all| all.push(capture(90, "COM1", "active", &["theirs"])));
    run(&folder, SETUP, LOGIN, 0);
    assert_eq!(standin.state().vendor.cookies("COM1"), ["theirs", "aftercall_ctx", "aftercall_ctx2"]);

    // Somebody else undoes it each time: that is said, not fought over for ever.
    let (folder, standin) = start("fight", CallRail::small());
    standin.state().vendor.after_order = vec![|all| all[1]["config"]["grab_cookies"] = json!(["theirs"]); 5];
    let (said, _) = run(&folder, SETUP, LOGIN, 2);
    assert_eq!(said["companies"][0]["code"], "changed-meanwhile");
    assert_eq!(standin.orders().len(), 3);
    assert_eq!(standin.state().vendor.cookies("COM1"), ["theirs"]);
}

#[test]
fn a_list_that_cannot_be_read_is_not_written() {
    let mut callrail = CallRail::small();
    callrail.integrations[1]["config"]["grab_cookies"] = json!("_ga,mine");
    let (folder, standin) = start("unread", callrail);
    let (said, _) = run(&folder, SETUP, LOGIN, 2);
    assert_eq!(said["companies"][0]["code"], "bad-answer");
    standin.state().vendor.integrations[1] = capture(71, "COM1", "failed", &["_ga"]);
    let (said, _) = run(&folder, &[SETUP, &["--activate"]].concat(), LOGIN, 2);
    assert_eq!(said["companies"][0]["code"], "capture-off");
    assert_eq!(standin.orders(), Vec::<String>::new());
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let (folder, standin) = start("wrong", CallRail::small());
    let (_, complaint) = run(&folder, SETUP, &[("AFTERCALL_CALLRAIL_KEY", "unknown")], 3);
    assert!(complaint.contains("HTTP Token: Access denied. (bad-login)"), "{complaint}");
    assert!(run(&folder, SETUP, &[], 3).1.contains("AFTERCALL_CALLRAIL_KEY"));
    assert!(run(&folder, &[SETUP, &["--cookie", "a;b"]].concat(), LOGIN, 3).1.contains("no name of a cookie"));
    assert!(run(&folder, &[SETUP, &["--account", "../b"]].concat(), LOGIN, 3).1.contains("not-there"));
    assert!(run(&folder, &[SETUP, &["--account", "ACC9"]].concat(), LOGIN, 3).1.contains("not-there"));
    for (status, code) in [(403, "not-allowed"), (422, "refused-by-platform")] {
        standin.plan("PUT ", Reply::Json(status, json!({ "error": "No." })));
        let (said, _) = run(&folder, SETUP, LOGIN, 2);
        assert_eq!(said["companies"][0]["code"], code);
        assert!(said["companies"][0]["message"].as_str().unwrap().contains("It says: No."), "{said}");
    }
    assert_eq!(standin.state().vendor.cookies("COM1"), ["_ga", "mine"]);
}

#[test]
fn a_person_at_a_terminal_is_asked() {
    let mut callrail = CallRail::small();
    callrail.companies.push(company("COM2", "Baker"));
    let (folder, standin) = start("terminal", callrail);
    let output = Terminal::open(&folder, &["setup", "callrail"], &[])
        .answer("an API v3 key of CallRail (it is not shown)", KEY)
        .answer("Which company", "2")
        .end();
    let (said, _) = checked(&folder, &output, 0);
    assert!(said.contains("COM2     Baker  created  aftercall_ctx, aftercall_ctx2"), "{said}");
    assert_eq!(standin.state().vendor.cookies("COM2"), ["aftercall_ctx", "aftercall_ctx2"]);
    assert_eq!(standin.state().vendor.cookies("COM1"), ["_ga", "mine"]);
}
