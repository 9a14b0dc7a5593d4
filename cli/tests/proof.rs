//! The promises of `aftercall sync`, tried out: killed, interrupted, with a full disk, with many rows.
//!
//! Chance has a seed, which is printed; `AFTERCALL_SEED` repeats a run.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Folder, Simulator};
use serde_json::{Value, json};
use std::{
    collections::{HashMap, HashSet},
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const VWO: &str = "[vwo]\naccount_id = 123456\napi = \"track-goal\"\ngoal_id = 201\ncampaign_ids = [14]\n";

fn seed() -> u64 {
    let seed = std::env::var("AFTERCALL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        u64::from(since.subsec_nanos()) ^ since.as_secs()
    });
    println!("AFTERCALL_SEED={seed}");
    seed | 1
}

fn next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

/// Rows whose requests each differ from every other.
fn calls(count: usize) -> String {
    let mut file = String::from("id,vwo_user_id,combination,revenue\n");
    for call in 0..count {
        file.push_str(&format!("call-{call},user-{call},2,49.90\n"));
    }
    file
}

fn folder(name: &str, simulator: &Simulator, delivery: &str, rows: usize) -> Folder {
    let folder = Folder::new(&format!("proof-{name}"));
    folder.write("aftercall.toml", format!("[delivery]\nvia = \"{}\"\nrate = 0\n{delivery}\n{VWO}", simulator.address));
    folder.write("calls.csv", calls(rows));
    folder
}

fn state(folder: &Folder, state: &str) -> Vec<Value> {
    let output = folder.run(&["report", "--format", "jsonl", "--state", state]);
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What the URL says of whose conversion it is.
fn user(url: &str) -> String {
    url.split(['?', '&']).find_map(|pair| pair.strip_prefix("u=")).unwrap().to_owned()
}

#[test]
fn killed_at_fifty_moments_nothing_is_lost_and_nothing_counted_twice() {
    const ROWS: usize = 20_000;
    const KILLS: u64 = 50;
    const CONCURRENCY: u64 = 16;
    let mut random = seed();
    let simulator = Simulator::start();
    let folder = folder("kill", &simulator, &format!("concurrency = {CONCURRENCY}"), ROWS);
    let mut kills = 0;
    while kills < KILLS {
        let before = simulator.stats()["requests"].as_u64().unwrap();
        let mut child = folder.command(&["sync", "calls.csv", "--quiet"]).stdout(Stdio::null()).spawn().unwrap();
        // A moment at which requests are on their way: so many, and so many more microseconds, after the first.
        let wanted = before + next(&mut random) % 250;
        let began = Instant::now();
        while simulator.stats()["requests"].as_u64().unwrap() <= wanted && began.elapsed() < Duration::from_secs(20) {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        std::thread::sleep(Duration::from_micros(next(&mut random) % 3000));
        assert!(child.try_wait().unwrap().is_none(), "all was sent after {kills} kills: the test needs more rows");
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    }
    let end = folder.json(&["sync", "calls.csv", "--json"], if state(&folder, "in-doubt").is_empty() { 0 } else { 2 });
    let arrived: HashMap<String, u64> =
        simulator.arrived().into_iter().map(|(times, url)| (user(&url), times)).collect();
    assert!(arrived.values().all(|times| *times == 1), "nothing was counted twice");
    let doubtful = state(&folder, "in-doubt");
    assert!(doubtful.len() as u64 <= KILLS * CONCURRENCY, "{} in doubt", doubtful.len());
    let mut all: HashSet<String> = arrived.keys().cloned().collect();
    all.extend(doubtful.iter().map(md5_of));
    assert_eq!(all.len(), ROWS, "arrived or in doubt: every row; {end}");
    println!("{kills} kills, {} in doubt, {} arrived", doubtful.len(), arrived.len());
}

/// What the simulator counted, by VWO's user and by Optimizely's event, with how often.
fn counted(simulator: &Simulator) -> (HashMap<String, u64>, HashMap<String, u64>) {
    let (vwo, optimizely): (Vec<_>, Vec<_>) =
        simulator.arrived().into_iter().partition(|(_, what)| what.starts_with("https"));
    let vwo = vwo.into_iter().map(|(times, url)| (user(&url), times)).collect();
    (vwo, optimizely.into_iter().map(|(times, what)| (what, times)).collect())
}

/// VWO's name of the user of a conversion.
fn md5_of(line: &Value) -> String {
    let user = line["conversion"].as_str().unwrap().replace("call-", "user-");
    aftercall::values::md5::md5(user.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn with_errors_refusals_resets_and_hangs_all_is_delivered_or_has_a_reason() {
    const ROWS: u64 = 5000;
    let simulator = Simulator::start();
    let folder = Folder::new("proof-faults");
    let optimizely = "[optimizely]\naccount_id = 12001\nproject_id = 111001\napi = \"events\"\nevent = \"call\"\nevent_id = 111095\n";
    let delivery = format!(
        "[delivery]\nvia = \"{}\"\nrate = 0\nconcurrency = 32\ntimeout = 0.5\nattempts = 4\nbackoff = 0.01\nbatch = 5\n",
        simulator.address
    );
    folder.write("aftercall.toml", format!("{delivery}{VWO}{optimizely}"));
    let mut file = String::from("id,vwo_user_id,combination,optimizely_user,optimizely_variations,revenue\n");
    for call in 0..ROWS {
        file.push_str(&format!("call-{call},user-{call},2,oeu{call}r0.5,11:12,49.90\n"));
    }
    folder.write("calls.csv", file);
    let faults = json!([
        { "kind": "status", "status": 500, "share": 0.1 },
        { "kind": "status", "status": 429, "retryAfter": 1, "times": 2 },
        { "kind": "status", "status": 429, "share": 0.1 },
        { "kind": "reset", "share": 0.03 },
        { "kind": "reset", "counted": true, "share": 0.03 },
        { "kind": "hang", "share": 0.01, "times": 40 },
        { "kind": "hang", "counted": true, "share": 0.01, "times": 40 },
    ]);
    simulator.faults(faults.clone());
    let first = folder.json(&["sync", "calls.csv", "--json"], 2);
    for platform in ["vwo", "optimizely"] {
        let count = |what: &str| first["platforms"][platform][what].as_u64().unwrap();
        assert_eq!(count("delivered") + count("dead") + count("inDoubt"), ROWS, "{platform}: {first}");
        assert!(count("delivered") > ROWS * 3 / 4, "{platform}: {first}");
    }
    assert_eq!(first["platforms"]["optimizely"]["inDoubt"], 0, "what is safe is repeated: {first}");
    let (dead, doubtful) = (state(&folder, "dead"), state(&folder, "in-doubt"));
    assert!(!dead.is_empty() && !doubtful.is_empty(), "the faults were too few: {first}");
    assert!(dead.iter().all(|line| line["reason"] == "gave-up" && line["attempts"] == 4), "{:?}", dead[0]);
    assert!(doubtful.iter().all(|line| line["reason"] == "unknown-outcome"), "{:?}", doubtful[0]);
    let (vwo, _) = counted(&simulator);
    let dead_users: HashSet<String> = dead.iter().filter(|line| line["platform"] == "vwo").map(md5_of).collect();
    assert!(dead_users.iter().all(|user| !vwo.contains_key(user)), "what is dead was not counted");
    let doubtful_users: HashSet<String> = doubtful.iter().map(md5_of).collect();
    let all: HashSet<String> = vwo.keys().cloned().chain(dead_users).chain(doubtful_users).collect();
    assert_eq!(all.len() as u64, ROWS, "arrived, dead or in doubt: every row");

    // The faults go on; what is dead is sent until nothing is.
    for _ in 0..10 {
        simulator.faults(faults.clone());
        folder.run(&["retry", "--quiet"]);
        if state(&folder, "dead").is_empty() {
            break;
        }
    }
    simulator.faults(json!([]));
    let end = folder.json(&["sync", "calls.csv", "--json"], 2);
    assert_eq!(end["platforms"]["optimizely"]["deliveredBefore"], ROWS, "{end}");
    let (vwo, optimizely) = counted(&simulator);
    assert_eq!(optimizely.len() as u64, ROWS);
    assert!(vwo.values().chain(optimizely.values()).all(|times| *times == 1), "nothing was counted twice");
    let doubtful = state(&folder, "in-doubt");
    let all: HashSet<String> = vwo.keys().cloned().chain(doubtful.iter().map(md5_of)).collect();
    assert_eq!(all.len() as u64, ROWS);
    println!("{} dead at first, {} in doubt in the end: {}", dead.len(), doubtful.len(), first["platforms"]);
}

#[test]
fn a_host_that_asks_to_wait_is_waited_for_or_left_alone() {
    let simulator = Simulator::start();
    // The first conversion's only attempt fails; the second waits as long as it was asked.
    let folder = folder("wait", &simulator, "concurrency = 1\nattempts = 1", 3);
    simulator.faults(json!([{ "kind": "status", "status": 429, "retryAfter": 1, "times": 1 }]));
    let began = Instant::now();
    let tally = folder.json(&["sync", "calls.csv", "--json"], 2);
    assert_eq!((&tally["platforms"]["vwo"]["dead"], &tally["platforms"]["vwo"]["delivered"]), (&json!(1), &json!(2)));
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    // An hour is longer than a run waits: what has not left stays pending, for the next run.
    folder
        .write("aftercall.toml", String::from_utf8(folder.read("aftercall.toml")).unwrap().replace("attempts = 1", ""));
    folder.write("calls.csv", calls(300));
    simulator.faults(json!([{ "kind": "status", "status": 503, "retryAfter": 3600 }]));
    let before = simulator.stats()["requests"].as_u64().unwrap();
    let tally = folder.json(&["sync", "calls.csv", "--json"], 2);
    assert_eq!(simulator.stats()["requests"].as_u64().unwrap(), before + 1, "{tally}");
    assert_eq!(tally["platforms"]["vwo"]["pending"], 296, "{tally}");
    simulator.faults(json!([]));
    assert_eq!(folder.json(&["retry", "--json"], 0)["platforms"]["vwo"]["delivered"], 298);
    assert!(simulator.arrived().len() == 300 && simulator.arrived().iter().all(|(times, _)| *times == 1));
}

#[test]
fn verbose_tells_of_requests_and_of_nobody() {
    let simulator = Simulator::start();
    let folder = Folder::new("proof-verbose");
    let settings = "[vwo]\naccount_id = 123456\napi = \"server-side\"\ngoal_id = 201\ncampaign_ids = [14]\n\
        [convert]\naccount_id = 10022898\nproject_id = 10025986\napi = \"v1\"\ngoal_ids = [331]\n";
    folder.write("aftercall.toml", format!("[delivery]\nvia = \"{}\"\nbackoff = 0.01\n{settings}", simulator.address));
    folder.write(
        "calls.csv",
        "id,vwo_user_id,combination,convert_visitor,convert_experiences\ncall-1,user-1,2,visitor-1,11:12\n",
    );
    simulator.faults(json!([{ "kind": "status", "status": 503, "times": 1 }]));
    let run = |arguments: &[&str]| {
        let mut command = folder.command(arguments);
        command.env("AFTERCALL_VWO_SDK_KEY", "s3cr3tkey").env("AFTERCALL_CONVERT_SDK_KEY_SECRET", "s3cr3tsecret");
        command.output().unwrap()
    };
    let output = run(&["sync", "calls.csv", "--verbose", "--json"]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{words}");
    for expected in ["dev.visualwebsiteoptimizer.com", "status: 503", "status: 200", "platform=\"convert\"", "waits"] {
        assert!(words.contains(expected), "{expected} is missing: {words}");
    }
    // What left holds all of these; what is told holds none.
    let left = simulator.log().iter().map(Value::to_string).collect::<String>();
    assert!(left.contains("s3cr3tkey") && left.contains("visitor-1"), "{left}");
    for secret in ["s3cr3t", "visitor-1", "user-1", "call-1", "goal_id", "https://", "{\""] {
        assert!(!words.contains(secret), "{secret} is told: {words}");
    }
    let quiet = run(&["sync", "calls.csv", "--json"]);
    assert!(quiet.stderr.is_empty(), "nothing is told unasked");
}

#[test]
fn an_interrupt_finishes_what_is_in_flight_and_says_how_to_go_on() {
    let simulator = Simulator::start();
    let folder = folder("interrupt", &simulator, "", 5000);
    simulator.faults(json!([{ "kind": "latency", "ms": 20 }]));
    for signal in ["-INT", "-TERM"] {
        let child =
            folder.command(&["sync", "calls.csv"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let before = simulator.stats()["requests"].as_u64().unwrap();
        while simulator.stats()["requests"].as_u64().unwrap() < before + 50 {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(words.contains("Run the same command again"), "{words}");
    }
    assert_eq!(state(&folder, "in-flight").len() + state(&folder, "in-doubt").len(), 0, "all answers were awaited");
    simulator.faults(json!([]));
    folder.json(&["sync", "calls.csv", "--json"], 0);
    let arrived = simulator.arrived();
    assert!(arrived.len() == 5000 && arrived.iter().all(|(times, _)| *times == 1));
}

#[test]
fn the_second_of_two_runs_refuses_or_waits() {
    let simulator = Simulator::start();
    let folder = folder("two", &simulator, "", 400);
    simulator.faults(json!([{ "kind": "latency", "ms": 30 }]));
    let mut first = folder.command(&["sync", "calls.csv", "--quiet"]).spawn().unwrap();
    while simulator.stats()["requests"].as_u64().unwrap() == 0 {
        std::thread::sleep(Duration::from_millis(2));
    }
    let complaint = folder.complaint(&["sync", "calls.csv"], 3);
    assert!(complaint.contains("(ledger-busy)") && complaint.contains("--wait"), "{complaint}");
    assert_eq!(folder.run(&["status"]).status.code(), Some(0), "looking is allowed");
    let waited = folder.json(&["sync", "calls.csv", "--wait", "--json"], 0);
    assert!(first.wait().unwrap().success());
    assert_eq!(waited["platforms"]["vwo"]["deliveredBefore"], 400, "{waited}");
    assert!(simulator.arrived().iter().all(|(times, _)| *times == 1));
}

#[test]
fn a_full_disk_stops_the_run_and_loses_nothing() {
    let simulator = Simulator::start();
    let folder = folder("full", &simulator, "", 20_000);
    // Without the right to mount a small disk: no file may grow beyond so many blocks, which the system answers like a disk
    // that is full (the signal that it also sends is ignored).
    let script =
        format!("trap '' XFSZ; ulimit -f 1024; exec '{}' sync calls.csv --quiet", env!("CARGO_BIN_EXE_aftercall"));
    let output = Command::new("sh").args(["-c", &script]).current_dir(&folder.0).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(
        words.contains("(ledger-unusable)") && words.contains("othing is lost") || words.contains("is written down"),
        "{words}"
    );
    let arrived = simulator.arrived().len();
    assert!(0 < arrived && arrived < 20_000, "{arrived}: the limit came too early or too late");
    let end = folder.run(&["sync", "calls.csv", "--quiet"]);
    let doubtful = state(&folder, "in-doubt").len();
    assert_eq!(end.status.code(), Some(if doubtful == 0 { 0 } else { 2 }));
    assert!(doubtful <= 16, "{doubtful}");
    let arrived = simulator.arrived();
    assert!(arrived.iter().all(|(times, _)| *times == 1));
    assert!(arrived.len() + doubtful >= 20_000);
}

#[test]
fn a_full_file_system_does_the_same() {
    let simulator = Simulator::start();
    let folder = folder("tmpfs", &simulator, "", 20_000);
    let disk = folder.0.join("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&disk).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("skipped: no small file system can be mounted here; the test above limits the size of files instead");
        return;
    }
    let settings = String::from_utf8(folder.read("aftercall.toml")).unwrap();
    folder.write("aftercall.toml", format!("ledger = \"disk/aftercall.db\"\n{settings}"));
    let complaint = folder.complaint(&["sync", "calls.csv", "--quiet"], 3);
    let roomy = Command::new("mount").args(["-o", "remount,size=64m"]).arg(&disk).status().unwrap().success();
    let end = folder.run(&["sync", "calls.csv", "--quiet"]).status.code();
    let doubtful = state(&folder, "in-doubt").len();
    let _ = Command::new("umount").arg(&disk).status();
    assert!(complaint.contains("(ledger-unusable)"), "{complaint}");
    assert!(roomy && doubtful <= 16, "{doubtful}");
    assert_eq!(end, Some(if doubtful == 0 { 0 } else { 2 }));
    let arrived = simulator.arrived();
    assert!(arrived.len() + doubtful >= 20_000 && arrived.iter().all(|(times, _)| *times == 1));
}

#[test]
fn a_ledger_that_cannot_be_written_sends_nothing() {
    let simulator = Simulator::start();
    let folder = folder("read-only", &simulator, "", 10);
    folder.json(&["sync", "calls.csv", "--json"], 0);
    let sent = simulator.stats()["requests"].clone();
    folder.write("calls.csv", calls(20));
    // Rights do not stop an administrator; SQLite's own mode does.
    let settings = String::from_utf8(folder.read("aftercall.toml")).unwrap();
    folder.write("aftercall.toml", format!("ledger = \"file:aftercall.db?mode=ro\"\n{settings}"));
    assert!(folder.complaint(&["sync", "calls.csv"], 3).contains("(ledger-unusable)"));
    folder.write("aftercall.toml", format!("ledger = \"nowhere/aftercall.db\"\n{settings}"));
    assert!(folder.complaint(&["sync", "calls.csv"], 3).contains("(ledger-unusable)"));
    assert_eq!(simulator.stats()["requests"], sent);
}

/// The most memory that a run held, in MB. The conversions travel in batches, which hold more than single requests do.
fn peak(folder: &Folder, rows: usize) -> u64 {
    let mut file = String::from("id,kameleoonVisitorCode,revenue\n");
    for call in 0..rows {
        file.push_str(&format!("call-{call},visitor{call},49.90\n"));
    }
    folder.write("calls.csv", file);
    let mut child = folder.command(&["sync", "calls.csv", "--quiet"]).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        if let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            peak = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0).max(peak);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(child.wait().unwrap().success());
    peak / 1024
}

#[test]
fn memory_does_not_grow_with_the_rows() {
    if !fs::exists("/proc/self/status").unwrap() {
        println!("skipped: this system does not say how much memory a process holds");
        return;
    }
    let simulator = Simulator::start_keeping(0);
    let folder = Folder::new("proof-memory");
    let kameleoon = "[kameleoon]\nsite_code = \"f17c21u1ag\"\ndata_host = \"eu-data.kameleoon.io\"\ngoal_id = 36151\n";
    folder.write("aftercall.toml", format!("[delivery]\nvia = \"{}\"\nrate = 0\n{kameleoon}", simulator.address));
    let few = peak(&folder, 50_000);
    fs::remove_file(folder.0.join("aftercall.db")).unwrap();
    let many = peak(&folder, 500_000);
    println!("50,000 rows: {few} MB; 500,000 rows: {many} MB");
    assert!(many < 150, "{many} MB");
    assert!(many <= few + 24, "{few} MB, then {many} MB");
}
