//! `aftercall sync` against the simulator: what is delivered, what is not, and what the ledger says of it.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{ACCOUNTS, Folder, Simulator, token, token_of};
use serde_json::{Value, json};

/// A folder with settings that lead to a simulator.
fn folder(name: &str, simulator: &Simulator, settings: &str) -> Folder {
    let folder = Folder::new(&format!("sync-{name}"));
    let delivery = format!(
        "[delivery]\nvia = \"{}\"\nrate = 0\nbackoff = 0.01\nbackoff_limit = 0.05\ntimeout = 1.0\n",
        simulator.address
    );
    folder.write(
        "aftercall.toml",
        if settings.contains("[delivery]") {
            settings.replace("[delivery]\n", &delivery)
        } else {
            format!("{delivery}{settings}")
        },
    );
    folder
}

/// A CSV of that many conversions.
fn calls(count: usize) -> String {
    let mut file = String::from("id,aftercall_ctx,revenue\n");
    for call in 0..count {
        file.push_str(&format!("call-{call},{},49.90\n", token_of(call)));
    }
    file
}

#[track_caller]
fn sum(tally: &Value, what: &str) -> u64 {
    tally["platforms"].as_object().unwrap().values().map(|count| count[what].as_u64().unwrap()).sum()
}

const VWO: &str = "[vwo]\naccount_id = 123456\napi = \"web-goal\"\ngoal_id = 201\n";
const KAMELEOON: &str = "[kameleoon]\nsite_code = \"f17c21u1ag\"\ndata_host = \"eu-data.kameleoon.io\"\ngoal_id = 36151\nmax_age = \"none\"\n";
const EVENTS: &str = "[optimizely]\naccount_id = 12001\nproject_id = 111001\napi = \"events\"\nevent = \"phone call\"\nevent_id = 111095\n";

#[test]
fn a_second_run_sends_only_what_is_new() {
    let simulator = Simulator::start();
    let folder = folder("twice", &simulator, ACCOUNTS);
    folder.write("calls.csv", calls(30));
    let first = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!((sum(&first, "delivered"), simulator.stats()["conversions"].as_u64()), (120, Some(120)), "{first}");
    // Kameleoon's thirty travelled together.
    assert_eq!(first["requests"], 91);
    folder.write("calls.csv", calls(40));
    let second = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!((sum(&second, "delivered"), sum(&second, "deliveredBefore")), (40, 120), "{second}");
    assert!(simulator.arrived().iter().all(|(times, _)| *times == 1));
    let status = folder.json(&["status", "--json"], 0);
    assert!(
        status.as_array().unwrap().iter().all(|row| row["state"] == "delivered" && row["requests"] == 40),
        "{status}"
    );
}

#[test]
fn standard_input_is_a_file_too() {
    use std::io::Write;
    let simulator = Simulator::start();
    let folder = folder("stdin", &simulator, VWO);
    let mut child = folder
        .command(&["sync", "-", "--json"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(calls(5).as_bytes()).unwrap();
    let tally: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(sum(&tally, "delivered"), 5);
}

#[test]
fn another_revenue_is_changed_and_corrected_only_where_that_is_possible() {
    let simulator = Simulator::start();
    let folder = folder("changed", &simulator, &format!("{VWO}{KAMELEOON}correct = true\n"));
    folder.write("calls.csv", calls(2));
    folder.json(&["sync", "calls.csv", "--json"], 0);
    folder.write("calls.csv", calls(2).replace("49.90", "60.00"));
    let tally = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!(
        (&tally["platforms"]["vwo"]["changed"], &tally["platforms"]["vwo"]["delivered"]),
        (&json!(2), &json!(0))
    );
    let kameleoon = &tally["platforms"]["kameleoon"];
    assert_eq!(
        (&kameleoon["changed"], &kameleoon["corrected"], &kameleoon["delivered"]),
        (&json!(2), &json!(2), &json!(4))
    );
    let body = simulator.log().iter().rfind(|entry| entry["endpoint"] == "kameleoon events").unwrap()["body"].clone();
    let events: Value = serde_json::from_str(body.as_str().unwrap()).unwrap();
    let told: Vec<(&Value, &Value)> =
        events.as_array().unwrap().iter().map(|e| (&e["revenue"], &e["negative"])).collect();
    assert_eq!(
        told,
        [
            (&json!(49.9), &json!(true)),
            (&json!(60), &Value::Null),
            (&json!(49.9), &json!(true)),
            (&json!(60), &Value::Null)
        ]
    );
    // Told once is enough.
    let third = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!((sum(&third, "changed"), sum(&third, "delivered")), (0, 0), "{third}");
    let changed = String::from_utf8(folder.run(&["report", "--state", "changed", "--format", "jsonl"]).stdout).unwrap();
    assert_eq!(changed.lines().count(), 4, "{changed}");
}

#[test]
fn exports_from_before_a_change_change_nothing_back() {
    let simulator = Simulator::start();
    let folder = folder("before", &simulator, &format!("{KAMELEOON}correct = true\n"));
    let files = ["first.csv", "second.csv", "third.csv"];
    for (file, revenue) in files.iter().zip(["49.90", "60.00", "70.00"]) {
        folder.write(file, calls(1).replace("49.90", revenue));
    }
    let sync = || {
        let tally = folder.json(&["sync", "first.csv", "second.csv", "third.csv", "--json"], 0);
        ["delivered", "changed", "corrected"].map(|what| sum(&tally, what))
    };
    // What is still on its way is not taken back; the next run does that, once for each amount.
    assert_eq!(sync(), [1, 2, 0]);
    assert_eq!(sync(), [4, 2, 2]);
    assert_eq!(sync(), [0, 0, 0]);
    let mut sum = 0.0;
    for entry in simulator.log() {
        let events: Vec<Value> = serde_json::from_str(entry["body"].as_str().unwrap()).unwrap();
        for event in events {
            let revenue = event["revenue"].as_f64().unwrap();
            sum += if event["negative"] == true { -revenue } else { revenue };
        }
    }
    assert!((sum - 70.0_f64).abs() < 1e-6, "{sum}");
}

#[test]
fn a_bad_conversion_is_found_in_its_batch() {
    let simulator = Simulator::start();
    let folder = folder("bisect", &simulator, EVENTS);
    // The simulator knows no year beyond 2286; the core does.
    let file = calls(100)
        .replace("id,aftercall_ctx,revenue", "id,aftercall_ctx,revenue,at")
        .lines()
        .enumerate()
        .map(|(n, line)| match n {
            0 => format!("{line}\n"),
            38 => format!("{line},2300-01-01T00:00:00Z\n"),
            _ => format!("{line},2026-11-21T10:00:00Z\n"),
        })
        .collect::<String>();
    folder.write("calls.csv", file);
    let tally = folder.json(&["sync", "calls.csv", "--json"], 2);
    assert_eq!((sum(&tally, "delivered"), sum(&tally, "rejected")), (99, 1), "{tally}");
    let report = folder.run(&["report", "--state", "rejected", "--format", "jsonl"]).stdout;
    let rejected: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!((&rejected["conversion"], &rejected["reason"]), (&json!("call-37"), &json!("refused-by-platform")));
    assert!(tally["requests"].as_u64().unwrap() < 20, "{tally}");
}

#[test]
fn many_bad_conversions_are_found_in_their_batches() {
    let simulator = Simulator::start();
    let folder = folder("bisect-many", &simulator, &format!("{EVENTS}[delivery]\nbatch = 500\n"));
    folder.write("calls.csv", calls(1000));
    // Visitors 1, 10 to 19 and 100 to 199, more than are in a row before an account is in doubt; and 35 and 350 to 359.
    let refused =
        |part: &str| json!({ "kind": "status", "status": 400, "body": format!("oeu1403497108674r0.68{part}") });
    simulator.faults(json!([refused("1"), refused("35")]));
    let tally = folder.json(&["sync", "calls.csv", "--json"], 2);
    assert_eq!((sum(&tally, "delivered"), sum(&tally, "rejected"), sum(&tally, "dead")), (878, 122, 0), "{tally}");
    let report = String::from_utf8(folder.run(&["report", "--state", "rejected", "--format", "jsonl"]).stdout).unwrap();
    for line in report.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let call = line["conversion"].as_str().unwrap();
        assert!(call.starts_with("call-1") || call.starts_with("call-35"), "{line}");
    }
    assert_eq!(simulator.arrived().len(), 878);
    assert!(tally["requests"].as_u64().unwrap() < 500, "{tally}");
}

#[test]
fn faults_that_pass_are_overcome() {
    let simulator = Simulator::start();
    let folder = folder("faults", &simulator, &format!("{VWO}[delivery]\nattempts = 12\n"));
    folder.write("calls.csv", calls(300));
    simulator.faults(json!([
        { "kind": "status", "status": 500, "share": 0.1 },
        { "kind": "status", "status": 429, "share": 0.1 },
        { "kind": "status", "status": 429, "retryAfter": 1, "times": 2 },
    ]));
    let tally = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!(sum(&tally, "delivered"), 300, "{tally}");
    assert!(simulator.arrived().iter().all(|(times, _)| *times == 1));
}

#[test]
fn resets_and_hangs_leave_doubt_only_where_a_repeat_could_count_twice() {
    let simulator = Simulator::start();
    let folder = folder("doubt", &simulator, &format!("{VWO}{EVENTS}[delivery]\nattempts = 12\nbatch = 1\n"));
    folder.write("calls.csv", calls(60));
    simulator.faults(json!([
        { "kind": "reset", "share": 0.05 },
        { "kind": "reset", "counted": true, "share": 0.05 },
        { "kind": "hang", "counted": true, "times": 2 },
    ]));
    let tally = folder.json(&["sync", "calls.csv", "--json"], 2);
    let (vwo, optimizely) = (&tally["platforms"]["vwo"], &tally["platforms"]["optimizely"]);
    assert_eq!(optimizely["delivered"], 60, "{tally}");
    assert!(vwo["inDoubt"].as_u64().unwrap() > 0, "{tally}");
    assert_eq!(vwo["inDoubt"].as_u64().unwrap() + vwo["delivered"].as_u64().unwrap(), 60);
    assert!(simulator.arrived().iter().all(|(times, _)| *times == 1), "nothing was counted twice");
    // The same run again leaves them in doubt, and says so; on the user's word they leave again.
    simulator.faults(json!([]));
    let again = folder.json(&["sync", "calls.csv", "--json"], 2);
    assert_eq!(again["platforms"]["vwo"]["inDoubt"], vwo["inDoubt"]);
    let retried = folder.json(&["retry", "--in-doubt", "--json"], 0);
    assert_eq!(retried["platforms"]["vwo"]["delivered"], vwo["inDoubt"]);
}

#[test]
fn what_an_account_is_refused_can_be_retried_once_it_is_corrected() {
    let simulator = Simulator::start();
    let folder = folder("refused", &simulator, &format!("{KAMELEOON}[delivery]\nuser_agent = \"curl/8.5\"\n"));
    folder.write("calls.csv", calls(3));
    let tally = folder.json(&["sync", "calls.csv", "--json"], 2);
    assert_eq!(sum(&tally, "dead"), 3, "{tally}");
    let settings = String::from_utf8(folder.read("aftercall.toml")).unwrap();
    folder.write("aftercall.toml", settings.replace("curl/8.5", "Example-Shop/1.0"));
    assert_eq!(sum(&folder.json(&["retry", "--json"], 0), "delivered"), 3);
}

#[test]
fn a_platform_that_is_not_there_loses_nothing() {
    let folder = Folder::new("sync-absent");
    // Nobody listens on port 9.
    folder.write(
        "aftercall.toml",
        format!("{VWO}[delivery]\nvia = \"http://127.0.0.1:9\"\nattempts = 2\nbackoff = 0.01\n"),
    );
    folder.write("calls.csv", calls(3));
    assert_eq!(sum(&folder.json(&["sync", "calls.csv", "--json"], 2), "dead"), 3);
    let simulator = Simulator::start();
    folder.write("aftercall.toml", format!("{VWO}[delivery]\nvia = \"{}\"\n", simulator.address));
    assert_eq!(sum(&folder.json(&["retry", "--json"], 0), "delivered"), 3);
}

#[test]
fn a_platform_that_is_down_is_left_alone_and_the_others_are_not() {
    let simulator = Simulator::start();
    let folder = folder("down", &simulator, &format!("{VWO}{EVENTS}[delivery]\nattempts = 2\n"));
    folder.write("calls.csv", calls(500));
    simulator.faults(json!([{ "kind": "status", "status": 503, "host": "visualwebsiteoptimizer" }]));
    let tally = folder.json(&["sync", "calls.csv", "--json"], 2);
    assert_eq!(tally["platforms"]["optimizely"]["delivered"], 500, "{tally}");
    let vwo = |what: &str| tally["platforms"]["vwo"][what].as_u64().unwrap();
    assert_eq!((vwo("delivered"), vwo("dead") + vwo("pending")), (0, 500), "{tally}");
    assert!((32..=64).contains(&vwo("dead")), "{tally}");
    simulator.faults(json!([]));
    assert_eq!(folder.json(&["retry", "--json"], 0)["platforms"]["vwo"]["delivered"], 500);
}

#[test]
fn limits_of_coverage_and_rejection() {
    let simulator = Simulator::start();
    let folder = folder("limits", &simulator, VWO);
    folder.write("calls.csv", format!("{}x,,1\ny,{},broken\n", calls(8), token()));
    folder.json(&["sync", "calls.csv", "--json"], 2);
    folder.json(&["sync", "calls.csv", "--json", "--max-reject", "10%"], 0);
    folder.json(&["sync", "calls.csv", "--json", "--max-reject", "5%"], 2);
    folder.json(&["sync", "calls.csv", "--json", "--max-reject", "10%", "--min-coverage", "95%"], 2);
}

#[test]
fn every_row_that_is_left_out_has_a_line() {
    let simulator = Simulator::start();
    let folder = folder("left-out", &simulator, &format!("{VWO}{KAMELEOON}"));
    folder.write("calls.csv", format!("id,aftercall_ctx,revenue\na,{},5\nb,,5\nc,{},n/a\n", token(), token()));
    folder.json(&["sync", "calls.csv", "--json", "--left-out", "left-out.jsonl"], 2);
    let text = String::from_utf8(folder.read("left-out.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<Vec<&Value>> =
        lines.iter().map(|it| vec![&it["line"], &it["conversion"], &it["outcome"], &it["code"]]).collect();
    assert_eq!(json!(told), json!([[3, "b", "skipped", "no-token"], [4, "c", "rejected", "bad-amount"]]));
}

#[test]
fn the_ledger_keeps_no_bodies_and_forgets_on_request() {
    let simulator = Simulator::start();
    let folder = folder("forget", &simulator, VWO);
    folder.write("calls.csv", calls(2));
    folder.json(&["sync", "calls.csv", "--json"], 0);
    let holds = |text: &str| {
        ["aftercall.db", "aftercall.db-wal"].iter().any(|name| {
            std::fs::read(folder.0.join(name))
                .is_ok_and(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
        })
    };
    folder.json(&["prune", "--json"], 0);
    assert!(holds("call-1") && !holds("D11BD6ED27A63F845ADFCBA2D9AA7835C"), "the visitor's id is gone with the body");
    assert_eq!(folder.json(&["forget", "call-1", "--json"], 0)["forgotten"], 1);
    assert!(!holds("call-1"));
    // By the token of the other one, and still nothing is sent twice.
    assert_eq!(folder.json(&["forget", &token(), "--json"], 0)["forgotten"], 1);
    let again = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!((sum(&again, "delivered"), sum(&again, "deliveredBefore"), sum(&again, "changed")), (0, 2, 0));
}

#[test]
fn secrets_stay_out_of_the_ledger_and_the_report() {
    let folder = Folder::new("sync-secret");
    let settings = "[vwo]\naccount_id = 123456\napi = \"server-side\"\ngoal_id = 201\ncampaign_ids = [14]\n\
        [delivery]\nvia = \"http://127.0.0.1:9\"\nattempts = 1\n";
    folder.write("aftercall.toml", settings).write("calls.csv", "id,vwo_user_id,combination\na,user-1,2\n");
    let run =
        |arguments: &[&str]| folder.command(arguments).env("AFTERCALL_VWO_SDK_KEY", "s3cr3tkey").output().unwrap();
    let output = run(&["sync", "calls.csv", "--json"]);
    let tally: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(sum(&tally, "dead"), 1, "{tally}");
    let mut all = output.stdout;
    all.extend([output.stderr, run(&["report"]).stdout, folder.read("aftercall.db")].concat());
    all.extend(std::fs::read(folder.0.join("aftercall.db-wal")).unwrap_or_default());
    assert!(!all.windows(9).any(|part| part == b"s3cr3tkey"));
    let simulator = Simulator::start();
    folder.write("aftercall.toml", settings.replace("127.0.0.1:9", simulator.address.strip_prefix("http://").unwrap()));
    assert_eq!(run(&["retry"]).status.code(), Some(0));
    assert!(simulator.log()[0]["url"].as_str().unwrap().contains("env=s3cr3tkey"), "it leaves with the request");
}

#[test]
fn the_report_is_safe_in_a_spreadsheet() {
    let simulator = Simulator::start();
    let folder = folder("formula", &simulator, VWO);
    folder.write("calls.csv", format!("id,aftercall_ctx\n\"=HYPERLINK(\"\"http://evil\"\")\",{}\n", token()));
    folder.json(&["sync", "calls.csv", "--json"], 0);
    let report = String::from_utf8(folder.run(&["report"]).stdout).unwrap();
    assert!(report.contains("\"'=HYPERLINK("), "{report}");
}

#[test]
fn a_host_that_the_settings_no_longer_name_is_never_called() {
    let folder = Folder::new("sync-host");
    folder.write("aftercall.toml", format!("{KAMELEOON}[delivery]\nvia = \"http://127.0.0.1:9\"\nattempts = 1\n"));
    folder.write("calls.csv", calls(1));
    folder.json(&["sync", "calls.csv", "--json"], 2);
    let simulator = Simulator::start();
    let moved = KAMELEOON.replace("eu-data", "na-data");
    folder.write("aftercall.toml", format!("{moved}[delivery]\nvia = \"{}\"\n", simulator.address));
    assert_eq!(sum(&folder.json(&["retry", "--json"], 2), "dead"), 1);
    assert_eq!(simulator.stats()["requests"], 0);
}

#[test]
fn a_ledger_of_a_newer_release_is_left_alone() {
    let folder = Folder::new("sync-version");
    folder
        .write("aftercall.toml", VWO)
        .write("calls.csv", calls(1))
        .write("aftercall.db", "this is no ledger, but long enough to be taken for a file of some kind by everyone");
    assert!(folder.complaint(&["sync", "calls.csv"], 3).contains("(ledger-unusable)"));
    assert!(folder.complaint(&["status", "--config", "missing.toml"], 3).contains("(bad-config)"));
}

#[test]
fn kameleoon_is_asked_for_what_it_recorded() {
    let simulator = Simulator::start();
    let folder = folder("verify", &simulator, KAMELEOON);
    folder.write("calls.csv", calls(3));
    simulator.faults(json!([{ "kind": "drop", "times": 1 }]));
    folder.json(&["sync", "calls.csv", "--json"], 0);
    // Accepted is not recorded; and who asks at once is told to wait.
    assert_eq!(folder.json(&["verify", "calls.csv", "--json"], 0)["states"], json!({ "not-yet": 3 }));
    std::fs::remove_file(folder.0.join("aftercall.db")).unwrap();
    folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!(folder.json(&["verify", "calls.csv", "--json"], 0)["states"], json!({ "recorded": 3 }));
    // As lines of text, and what was taken back.
    std::fs::remove_file(folder.0.join("aftercall.db")).unwrap();
    let settings = String::from_utf8(folder.read("aftercall.toml")).unwrap();
    folder.write("aftercall.toml", settings.replace("[kameleoon]\n", "[kameleoon]\nformat = \"text\"\n"));
    folder.write("calls.csv", format!("id,aftercall_ctx,revenue\nt-1,{},12.50\nt-2,{},-12.50\n", token(), token()));
    folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!(folder.json(&["verify", "calls.csv", "--json"], 0)["states"], json!({ "recorded": 2 }));
    drop(simulator);
    assert_eq!(folder.json(&["verify", "calls.csv", "--json"], 2)["states"], json!({ "unreachable": 2 }));
}

#[test]
fn vwos_cron_job_at_the_end_of_the_day() {
    let simulator = Simulator::start();
    let settings = "[vwo]\naccount_id = 123456\napi = \"track-goal\"\ngoal_id = 201\ncampaign_ids = [14]\n";
    let folder = folder("cron", &simulator, settings);
    folder
        .write("report.csv", "User ID,Combination\nuser-1,2\nuser-2,1\n")
        .write("calls.csv", "id,vwo_user_id,revenue\na,user-1,49.90\nb,user-2,\nc,stranger,\n");
    for (delivered, before) in [(2, 0), (0, 2)] {
        let tally = folder.json(&["sync", "calls.csv", "--vwo-report", "report.csv", "--json"], 0);
        assert_eq!((sum(&tally, "delivered"), sum(&tally, "deliveredBefore")), (delivered, before), "{tally}");
        assert_eq!(tally["skippedRows"], 1);
    }
    let log = simulator.log();
    let urls: Vec<&str> = log.iter().map(|entry| entry["url"].as_str().unwrap()).collect();
    assert_eq!(urls.len(), 2);
    for part in ["https://dacdn.visualwebsiteoptimizer.com/track-goal?", "experiment_id=14", "combination=2", "r=49.9"]
    {
        assert!(urls.iter().any(|url| url.contains(part)), "{part}: {urls:?}");
    }
}

#[test]
fn a_file_that_breaks_off_fails_the_run_and_what_came_before_is_delivered() {
    let simulator = Simulator::start();
    let folder = folder("broken", &simulator, VWO);
    folder.write("calls.csv", calls(300) + "x,\"never closed\n" + &calls(3));
    let complaint = folder.complaint(&["sync", "calls.csv", "--max-reject", "100%"], 3);
    assert!(complaint.contains("row of line 302") && complaint.contains("run the same command again"), "{complaint}");
    let before = simulator.stats()["conversions"].as_u64().unwrap();
    folder.write("calls.csv", calls(303));
    let tally = folder.json(&["sync", "calls.csv", "--json"], 0);
    assert_eq!(sum(&tally, "delivered") + before, 303, "{tally}");
    assert!(simulator.arrived().iter().all(|(times, _)| *times == 1));
}

#[test]
fn who_forgets_or_retries_means_a_ledger_that_is_there() {
    let folder = Folder::new("sync-no-ledger");
    folder.write("aftercall.toml", VWO);
    for command in [&["forget", "a"][..], &["prune"], &["retry"]] {
        assert!(folder.complaint(command, 3).contains("There is no ledger at aftercall.db."));
    }
    assert!(!folder.0.join("aftercall.db").exists());
}

#[test]
fn a_platform_that_refuses_everything_is_left_alone_soon_and_nothing_of_it_is_lost() {
    let simulator = Simulator::start();
    // Batches, single requests, and a rate that makes them queue.
    for (name, settings, most) in [
        ("batches", format!("{EVENTS}[delivery]\nbatch = 200\n"), 150),
        ("rate", format!("{EVENTS}[delivery]\nbatch = 200\nrate = 400\n"), 150),
        ("single", VWO.to_owned(), 64),
    ] {
        let folder = folder(&format!("refused-{name}"), &simulator, &settings.replace("rate = 400", ""));
        if name == "rate" {
            let settings = String::from_utf8(folder.read("aftercall.toml")).unwrap();
            folder.write("aftercall.toml", settings.replace("rate = 0", "rate = 400"));
        }
        folder.write("calls.csv", calls(2000));
        simulator.faults(json!([{ "kind": "status", "status": 400 }]));
        let output = folder.run(&["sync", "calls.csv", "--json"]);
        let (words, tally) = (String::from_utf8(output.stderr).unwrap(), String::from_utf8(output.stdout).unwrap());
        let tally: Value = serde_json::from_str(&tally).unwrap();
        assert_eq!((output.status.code(), sum(&tally, "dead"), sum(&tally, "rejected")), (Some(2), 2000, 0), "{tally}");
        assert!(tally["requests"].as_u64().unwrap() <= most, "{name}: {tally}");
        assert!(
            words.contains("32 conversions in a row with status 400") && words.contains("aftercall retry"),
            "{words}"
        );
        simulator.faults(json!([]));
        // By itself nothing goes out again: it would be refused again, and stand in the way of what is new.
        let second = folder.json(&["sync", "calls.csv", "--json"], 2);
        assert_eq!((sum(&second, "delivered"), sum(&second, "dead")), (0, 2000), "{second}");
        assert_eq!(sum(&folder.json(&["retry", "--json"], 0), "delivered"), 2000);
    }
    assert!(simulator.arrived().iter().all(|(times, _)| *times == 1));
}

#[test]
fn what_a_wrong_account_left_behind_does_not_hold_up_the_right_one() {
    let simulator = Simulator::start();
    let folder = folder("wrong-account", &simulator, &EVENTS.replace("12001", "99999"));
    folder.write("calls.csv", calls(100));
    simulator.faults(json!([{ "kind": "status", "status": 400, "body": "99999" }]));
    assert_eq!(sum(&folder.json(&["sync", "calls.csv", "--json"], 2), "dead"), 100);
    let settings = String::from_utf8(folder.read("aftercall.toml")).unwrap();
    folder.write("aftercall.toml", settings.replace("99999", "12001"));
    // For the right account all of it is new, and the next nights have nothing to say.
    for (delivered, before) in [(100, 0), (0, 100)] {
        let tally = folder.json(&["sync", "calls.csv", "--json"], 0);
        assert_eq!((sum(&tally, "delivered"), sum(&tally, "deliveredBefore")), (delivered, before), "{tally}");
    }
    let tally = folder.json(&["retry", "--json"], 2);
    assert_eq!((sum(&tally, "delivered"), sum(&tally, "dead")), (0, 100), "its requests name it still: {tally}");
}

#[test]
fn a_refused_row_is_rejected_where_others_are_taken_and_at_the_end() {
    let simulator = Simulator::start();
    let folder = folder("refused-row", &simulator, &format!("{VWO}[delivery]\nconcurrency = 1\n"));
    for (rows, delivered) in [(1_u64, 0), (41, 10)] {
        folder.write("calls.csv", calls(usize::try_from(rows).unwrap()));
        simulator.faults(json!([{ "kind": "status", "status": 400, "times": rows.min(30) }]));
        let tally = folder.json(&["sync", "calls.csv", "--json"], 2);
        assert_eq!((sum(&tally, "delivered"), sum(&tally, "dead")), (delivered, 0), "{tally}");
        assert_eq!(sum(&tally, "rejected"), rows - delivered, "{tally}");
    }
    let report = String::from_utf8(folder.run(&["report", "--state", "rejected", "--format", "jsonl"]).stdout).unwrap();
    assert!(
        report.lines().count() == 31 && report.lines().all(|line| line.contains("refused-by-platform")),
        "{report}"
    );
}

#[test]
fn a_host_that_asks_for_a_long_wait_holds_no_other_back() {
    let simulator = Simulator::start();
    let folder = folder("pause", &simulator, &format!("{VWO}{EVENTS}[delivery]\nbatch = 10\n"));
    folder.write("calls.csv", calls(1000));
    let wait = 6;
    simulator.faults(json!([
        { "kind": "status", "status": 429, "retryAfter": wait, "times": 1, "host": "visualwebsiteoptimizer" }
    ]));
    let began = std::time::Instant::now();
    let child = folder.command(&["sync", "calls.csv", "--json"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let arrived = |platform: &str| simulator.arrived().iter().filter(|(_, what)| what.contains(platform)).count();
    while arrived("optimizely") < 1000 {
        assert!(began.elapsed().as_secs() < wait, "Optimizely has {} of 1000", arrived("optimizely"));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let before = arrived("vwo");
    assert!(before < 500, "{before} went to a host that wanted to be left alone");
    let output = child.wait_with_output().unwrap();
    let tally: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), sum(&tally, "delivered"), sum(&tally, "pending")), (Some(0), 2000, 0), "{tally}");
    assert!(began.elapsed().as_secs() >= wait, "{:?}", began.elapsed());
    assert!(simulator.arrived().iter().all(|(times, _)| *times == 1));
}

#[test]
fn what_people_read() {
    let simulator = Simulator::start();
    let folder = folder("words", &simulator, VWO);
    folder.write("calls.csv", format!("{}x,{},1.200\n", calls(2), token()));
    let said = |arguments: &[&str], exit: i32| {
        let output = folder.run(arguments);
        assert_eq!(output.status.code(), Some(exit));
        String::from_utf8(output.stdout).unwrap()
    };
    let summary = said(&["sync", "calls.csv"], 2);
    assert!(
        summary.starts_with("3 rows: 0 skipped, 1 rejected. 2 conversions delivered with 2 requests in "),
        "{summary}"
    );
    assert!(
        summary.contains("rejected\n\nThe first rejected rows:\n  calls.csv:4: The amount has two readings"),
        "{summary}"
    );
    assert_eq!(said(&["retry"], 0), "Nothing is pending or dead: there is nothing to send again.\n");
    simulator.faults(json!([{ "kind": "reset", "times": 1 }]));
    folder.write("calls.csv", format!("id,aftercall_ctx\ny,{}\n", token()));
    said(&["sync", "calls.csv"], 2);
    assert!(said(&["retry"], 0).contains("\nSome are in doubt: `aftercall retry --in-doubt`"));
    let summary = said(&["retry", "--in-doubt"], 0);
    assert!(summary.starts_with("1 conversion delivered with 1 request in "), "{summary}");
    // Somebody listens there already.
    let port = simulator.address.rsplit(':').next().unwrap();
    let complaint = folder.complaint(&["simulate", "--port", port], 3);
    assert!(complaint.contains("--port 0 takes any free one") && complaint.contains("port-unusable"), "{complaint}");
}
