//! `aftercall setup optimizely`.

use super::{
    Terminal, checked,
    common::{self, Folder},
    optimizely_standin::{
        CLASSIC_TOKEN, CLIENT, CLIENT_SECRET, CODE, Optimizely, REDIRECT, TOKEN, event, goal, project,
    },
    run,
    server::{Reply, StandIn},
    settings,
};
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt};

const PERSONAL: &[(&str, &str)] = &[("AFTERCALL_OPTIMIZELY_TOKEN", TOKEN)];
const CLASSIC: &[(&str, &str)] = &[("AFTERCALL_OPTIMIZELY_CLASSIC_TOKEN", CLASSIC_TOKEN)];
const APP: &[(&str, &str)] =
    &[("AFTERCALL_OPTIMIZELY_CLIENT_ID", CLIENT), ("AFTERCALL_OPTIMIZELY_CLIENT_SECRET", CLIENT_SECRET)];
const APP_AND_CODE: &[(&str, &str)] = &[APP[0], APP[1], ("AFTERCALL_OPTIMIZELY_CODE", CODE)];

const SETUP: &[&str] = &["setup", "optimizely", "--json", "--event", "phone_call"];
const OAUTH: &[&str] = &[
    "setup",
    "optimizely",
    "--json",
    "--event",
    "phone_call",
    "--oauth",
    "--redirect-uri",
    REDIRECT,
    "--tokens",
    "tokens.json",
];

fn small(name: &str) -> (Folder, StandIn<Optimizely>) {
    start(name, Optimizely::small())
}

fn start(name: &str, optimizely: Optimizely) -> (Folder, StandIn<Optimizely>) {
    let standin = StandIn::start(optimizely);
    let folder = Folder::new(&format!("setup-optimizely-{name}"));
    folder.write("aftercall.toml", settings(&standin.address));
    (folder, standin)
}

/// How many conversions `plan` would send to Optimizely by the settings as they are now.
#[track_caller]
fn planned(folder: &Folder) -> u64 {
    folder.write("calls.csv", format!("call_id,start_time,token\n1,2026-11-21T10:00:00Z,{}\n", common::token()));
    let settings = String::from_utf8(folder.read("aftercall.toml")).unwrap();
    folder
        .write("plan.toml", format!("[columns]\nid = \"call_id\"\nat = \"start_time\"\ntoken = \"token\"\n{settings}"));
    let plan = folder.json(&["plan", "calls.csv", "--json", "--config", "plan.toml"], 0);
    plan["platforms"]["optimizely"]["conversions"].as_u64().unwrap()
}

#[test]
fn an_event_is_made_once_and_its_ids_are_written() {
    let (folder, standin) = small("once");
    let before =
        format!("# Our job.\n{}\n[optimizely] # the shop\nevent = \"old\" # was a try\n", settings(&standin.address));
    folder.write("aftercall.toml", &before);
    let (first, _) = run(&folder, SETUP, PERSONAL, 0);
    assert_eq!(
        (&first["made"], &first["event"], &first["eventId"]),
        (&json!(true), &json!("phone_call"), &json!("9007199254740993"))
    );
    let after = String::from_utf8(folder.read("aftercall.toml")).unwrap();
    assert_eq!(
        after,
        before.replace("event = \"old\" # was", "event = \"phone_call\" # was")
            + "account_id = \"12001\"\nproject_id = \"111001\"\napi = \"events\"\nevent_id = \"9007199254740993\"\n"
    );
    assert_eq!(
        standin.orders(),
        [
            r#"POST https://api.optimizely.com/v2/projects/111001/custom_events? {"event_type":"custom","key":"phone_call","name":"phone_call"}"#
        ]
    );
    assert_eq!(planned(&folder), 1);

    // Again, and again without naming it: nothing is made, nothing is written.
    let written = fs::metadata(folder.0.join("aftercall.toml")).unwrap().modified().unwrap();
    for arguments in [SETUP, &["setup", "optimizely", "--json"]] {
        let (again, _) = run(&folder, arguments, PERSONAL, 0);
        assert_eq!((&again["made"], &again["changes"]), (&json!(false), &json!([])));
    }
    assert_eq!(standin.orders(), Vec::<String>::new());
    assert_eq!(fs::metadata(folder.0.join("aftercall.toml")).unwrap().modified().unwrap(), written);
}

#[test]
fn an_event_of_that_name_is_reused() {
    let mut optimizely = Optimizely::small();
    optimizely.events.get_mut(&111_001).unwrap().push(event(77, "call_v2", "Phone call", "custom"));
    let (folder, standin) = start("reuse", optimizely);
    let (said, _) = run(&folder, &["setup", "optimizely", "--json", "--event", "Phone call"], PERSONAL, 0);
    assert_eq!((&said["made"], &said["event"], &said["eventId"]), (&json!(false), &json!("call_v2"), &json!("77")));
    assert_eq!(standin.orders(), Vec::<String>::new());
    for (name, code) in
        [("old_call", "name-taken"), ("buy_button", "name-taken"), ("Anruf: heiß", "refused-by-platform")]
    {
        let (_, complaint) = run(&folder, &["setup", "optimizely", "--event", name], PERSONAL, 3);
        assert!(complaint.contains(code), "{name}: {complaint}");
    }
    assert_eq!(standin.orders(), Vec::<String>::new(), "what would be refused is not sent");
}

#[test]
fn settings_that_are_not_there_are_made() {
    let (folder, standin) = small("new-file");
    folder.write("way.toml", settings(&standin.address));
    // The way to the stand-in is in the settings, so they come from a template here; the file itself is new.
    let text = String::from_utf8(folder.read("way.toml")).unwrap();
    fs::remove_file(folder.0.join("aftercall.toml")).unwrap();
    folder.write("new.toml", text);
    run(&folder, &[SETUP, &["--config", "new.toml"]].concat(), PERSONAL, 0);
    assert!(String::from_utf8(folder.read("new.toml")).unwrap().ends_with(
        "\n\n[optimizely]\naccount_id = \"12001\"\nproject_id = \"111001\"\napi = \"events\"\nevent = \"phone_call\"\nevent_id = \"9007199254740993\"\n"
    ));
    let broken = "[optimizely\n";
    folder.write("new.toml", broken);
    let (_, complaint) = run(&folder, &[SETUP, &["--config", "new.toml"]].concat(), PERSONAL, 3);
    assert!(complaint.contains("bad-config"), "{complaint}");
    assert_eq!(folder.read("new.toml"), broken.as_bytes());
}

#[test]
fn a_dry_run_changes_nothing() {
    let (folder, standin) = small("dry");
    let before = folder.read("aftercall.toml");
    let (said, _) = run(&folder, &[SETUP, &["--dry-run"]].concat(), PERSONAL, 0);
    assert_eq!((&said["made"], &said["eventId"], &said["dryRun"]), (&json!(true), &json!(null), &json!(true)));
    assert_eq!(said["changes"][0], json!({ "key": "optimizely.account_id", "from": null, "to": "12001" }));
    assert_eq!(standin.orders(), Vec::<String>::new());
    assert_eq!(folder.read("aftercall.toml"), before);
    let output = super::command(&folder, &["setup", "optimizely", "--event", "phone_call", "--dry-run"], PERSONAL)
        .output()
        .unwrap();
    let (said, _) = checked(&folder, &output, 0);
    for line in [
        "would be made",
        "aftercall.toml would change:",
        "  optimizely.event = \"phone_call\"",
        "Last step, by hand: In Optimizely, open the experiment",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn lists_are_read_to_their_end() {
    let mut optimizely = Optimizely::small();
    optimizely.projects = (0..250).map(|number| project(200_000 + number, &format!("P{number}"))).collect();
    optimizely
        .events
        .insert(200_249, (0..200).map(|number| event(1 + number, &format!("e{number}"), "E", "custom")).collect());
    let (folder, standin) = start("pages", optimizely);
    let (said, _) =
        run(&folder, &["setup", "optimizely", "--json", "--project", "200249", "--event", "e199"], PERSONAL, 0);
    assert_eq!((&said["made"], &said["eventId"]), (&json!(false), &json!("200")));
    let pages: Vec<String> = standin
        .log()
        .iter()
        .map(|line| line.split("page=").nth(1).unwrap().split('&').next().unwrap().to_owned())
        .collect();
    assert_eq!(pages, ["1", "2", "3", "1", "2", "3"], "a full last page is followed by an empty one");
    let (said, _) = run(&folder, &["setup", "optimizely", "--json", "--list"], PERSONAL, 0);
    assert_eq!(said["projects"].as_array().unwrap().len(), 250);
    let (said, _) = run(&folder, &["setup", "optimizely", "--json", "--list", "--project", "200249"], PERSONAL, 0);
    assert_eq!(said["events"][199]["key"], "e199");
    assert_eq!(standin.orders(), Vec::<String>::new());
}

#[test]
fn where_there_is_a_choice_it_is_asked_for() {
    let mut optimizely = Optimizely::small();
    optimizely.projects.push(project(111_002, "Blog"));
    optimizely.projects.push(json!({ "id": 111_003, "account_id": 12_001, "name": "Old", "status": "archived" }));
    let (folder, standin) = start("choice", optimizely);
    let (_, complaint) = run(&folder, SETUP, PERSONAL, 3);
    assert!(complaint.contains("--project: 111001 “Shop”, 111002 “Blog”. (choice-needed)"), "{complaint}");
    let (_, complaint) = run(&folder, &["setup", "optimizely", "--project", "111001"], PERSONAL, 3);
    assert!(complaint.contains("--event") && complaint.contains("choice-needed"), "{complaint}");
    let (_, complaint) = run(&folder, &["setup", "optimizely", "--project", "5", "--event", "a"], PERSONAL, 3);
    assert!(complaint.contains("no project 5") && complaint.contains("not-there"), "{complaint}");
    // The settings' own project needs no choice.
    folder.write("aftercall.toml", format!("{}[optimizely]\nproject_id = 111001\n", settings(&standin.address)));
    run(&folder, SETUP, PERSONAL, 0);
    assert!(
        String::from_utf8(folder.read("aftercall.toml")).unwrap().contains("project_id = 111001\n"),
        "a number stays a number"
    );
}

#[test]
fn a_person_at_a_terminal_is_asked() {
    let mut optimizely = Optimizely::small();
    optimizely.projects.push(project(111_002, "Blog"));
    optimizely.events.insert(111_002, vec![event(88, "call", "Call", "custom")]);
    let (folder, standin) = start("terminal", optimizely);
    // The token, typed unseen; a wrong number, the second project; a new event with the usual name.
    let output = Terminal::open(&folder, &["setup", "optimizely"], &[])
        .answer("a personal access token of Optimizely (it is not shown)", TOKEN)
        .answer("Which project", "9")
        .answer("Which project", "2")
        .answer("Which event", "2")
        .answer("Its name", "")
        .end();
    let (said, _) = checked(&folder, &output, 0);
    for line in
        ["111002  Blog", "A number from 1 to 2", "call  Call", "make a new event", "“phone_call_conversion” was made"]
    {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert_eq!(standin.orders().len(), 1);
    // An event of the settings that is not there is made after a yes alone.
    folder.write(
        "aftercall.toml",
        format!("{}[optimizely]\nproject_id = 111001\nevent = \"phone call\"\n", settings(&standin.address)),
    );
    let output = Terminal::open(&folder, &["setup", "optimizely"], PERSONAL).answer("[y/N]", "n").end();
    let (said, _) = checked(&folder, &output, 3);
    assert!(said.contains("Make the event “phone call” in “Shop”?"), "{said}");
    let output = Terminal::open(&folder, &["setup", "optimizely", "--no-input"], &[]).end();
    assert!(checked(&folder, &output, 3).0.contains("no-login"));
    assert_eq!(standin.orders(), Vec::<String>::new());
}

#[test]
fn goals_of_classic_are_made_and_reused() {
    let mut optimizely = Optimizely::small();
    optimizely.projects[0]["is_classic"] = json!(true);
    for (name, environment) in [("classic-token", CLASSIC), ("classic-personal", PERSONAL)] {
        let (folder, standin) =
            start(name, Optimizely { projects: optimizely.projects.clone(), ..Optimizely::small() });
        let arguments = ["setup", "optimizely", "--json", "--event", "Anruf: heiß"];
        let (said, _) = run(&folder, &arguments, environment, 0);
        assert_eq!((&said["api"], &said["made"]), (&json!("classic"), &json!(true)));
        assert_eq!(
            standin.orders(),
            [
                r#"POST https://www.optimizelyapis.com/experiment/v1/projects/111001/goals/? {"event":"Anruf: heiß","goal_type":1,"title":"Anruf: heiß"}"#
            ]
        );
        let text = String::from_utf8(folder.read("aftercall.toml")).unwrap();
        assert!(text.ends_with("[optimizely]\naccount_id = \"12001\"\nproject_id = \"111001\"\napi = \"classic\"\nevent = \"Anruf: heiß\"\n"), "{text}");
        assert_eq!(planned(&folder), 1);
        let (said, _) = run(&folder, &arguments, environment, 0);
        assert_eq!((&said["made"], &said["changes"]), (&json!(false), &json!([])));
        // A goal that people call so, and that counts another event.
        standin.state().vendor.goals.get_mut(&111_001).unwrap().push(goal(9, "Calls", "phone_rings", 1));
        let (said, _) = run(&folder, &["setup", "optimizely", "--json", "--event", "Calls"], environment, 0);
        assert_eq!((&said["made"], &said["event"]), (&json!(false), &json!("phone_rings")));
        assert_eq!(standin.orders(), Vec::<String>::new());
        let (_, complaint) = run(&folder, &["setup", "optimizely", "--api", "events", "--event", "a"], environment, 3);
        assert!(complaint.contains("--api classic"), "{complaint}");
    }
}

#[test]
fn oauth_takes_the_code_and_keeps_the_tokens_where_told() {
    let (folder, standin) = small("oauth");
    // Nobody there, no code yet: the address is shown, and how to go on.
    let (_, complaint) = run(&folder, OAUTH, APP, 3);
    let address = "https://app.optimizely.com/oauth2/authorize?client_id=98765&redirect_uri=https%3A%2F%2Fshop.example%2Fback%3Ffrom%3Doptimizely&response_type=code&scopes=all&state=";
    assert!(complaint.contains(address) && complaint.contains("AFTERCALL_OPTIMIZELY_CODE"), "{complaint}");
    run(&folder, OAUTH, APP_AND_CODE, 0);
    let file = folder.0.join("tokens.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&fs::read(&file).unwrap()).unwrap(),
        json!({ "access_token": "access-token-1", "refresh_token": "refresh-token-1" })
    );
    assert_eq!(standin.orders().len(), 2, "the exchange, and the event");

    // The kept tokens need neither code nor browser.
    run(&folder, OAUTH, APP, 0);
    assert_eq!(standin.orders(), Vec::<String>::new());
    // Without --tokens nothing is kept: the code is spent, and the next run needs a new one.
    fs::remove_file(&file).unwrap();
    standin.state().vendor.code = Some(CODE);
    run(&folder, &OAUTH[..8], APP_AND_CODE, 0);
    assert!(!file.exists());
    let (_, complaint) = run(&folder, &OAUTH[..8], APP_AND_CODE, 3);
    assert!(
        complaint.contains("bad-login") && complaint.contains("fetch a new one") && complaint.contains("no code …"),
        "{complaint}"
    );
}

#[test]
fn an_access_token_that_ended_is_renewed_once() {
    for (status, rotates) in [(401, false), (403, true)] {
        let (folder, standin) = small(&format!("renew-{status}"));
        standin.state().vendor.rotates = rotates;
        run(&folder, OAUTH, APP_AND_CODE, 0);
        standin.log();
        standin.state().vendor.access_ended = Some(status);
        run(&folder, OAUTH, APP, 0);
        assert_eq!(standin.orders().len(), 1, "the renewal");
        let refresh = if rotates { "refresh-token-2" } else { "refresh-token-1" };
        let kept: serde_json::Value = serde_json::from_slice(&folder.read("tokens.json")).unwrap();
        assert_eq!(kept, json!({ "access_token": "access-token-2", "refresh_token": refresh }));
        // Revoked: one renewal is tried, and the vendor's words are shown without the token in them.
        standin.state().vendor.access_ended = Some(status);
        standin.state().vendor.revoked = true;
        let (_, complaint) = run(&folder, OAUTH, APP, 3);
        assert!(complaint.contains("bad-login") && complaint.contains("… was revoked"), "{complaint}");
        assert_eq!(standin.orders().len(), 1);
    }
}

#[test]
fn at_a_terminal_the_whole_address_may_be_pasted() {
    let (folder, standin) = small("paste");
    let arguments =
        ["setup", "optimizely", "--event", "phone_call", "--oauth", "--redirect-uri", "https://shop.example/back"];
    let question = "Paste that whole address";
    for (address, said) in [
        ("https://shop.example/back?code=abc&state=forged", "its state differs"),
        ("https://shop.example/back?error=access_denied", "its state differs"),
        ("two words", "is one word"),
        ("", "AFTERCALL_OPTIMIZELY_CODE"),
    ] {
        let output = Terminal::open(&folder, &arguments, APP).answer(question, address).end();
        let (shown, _) = checked(&folder, &output, 3);
        assert!(shown.contains(said), "{shown}");
    }
    assert_eq!(standin.log(), Vec::<String>::new());

    // What a browser comes back with: the state of the address that was opened, and a code.
    let redirect = REDIRECT.split('?').next().unwrap();
    standin.state().vendor.redirect_uri = redirect;
    let mut terminal = Terminal::open(&folder, &arguments, APP);
    let shown = terminal.until(question);
    let (_, state) = shown.split_once("&state=").unwrap();
    let state: String = state.chars().take_while(char::is_ascii_hexdigit).collect();
    assert_eq!(state.len(), 32);
    let output = terminal.answer(question, &format!("{redirect}?code={CODE}&state={state}")).end();
    let (said, _) = checked(&folder, &output, 0);
    assert!(said.contains("“phone_call” was made"), "{said}");
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let projects = "GET https://api.optimizely.com/v2/projects";
    let create = "POST https://api.optimizely.com/v2/projects";
    let (folder, standin) = small("wrong");
    let before = folder.read("aftercall.toml");
    let (_, complaint) = run(&folder, SETUP, &[("AFTERCALL_OPTIMIZELY_TOKEN", "2:unknown")], 3);
    assert!(
        complaint.contains(
            "does not accept this login (listing the projects: 401). It says: Invalid credentials (bad-login)"
        ),
        "{complaint}"
    );
    let (_, complaint) = run(&folder, SETUP, &[("AFTERCALL_OPTIMIZELY_TOKEN", "two words")], 3);
    assert!(complaint.contains("bad-login") && !complaint.contains("two words"), "{complaint}");
    for (of, status, code) in [
        (projects, 403, "not-allowed"),
        (projects, 404, "not-there"),
        (projects, 302, "bad-answer"),
        (create, 403, "not-allowed"),
        (create, 400, "refused-by-platform"),
    ] {
        standin.plan(of, Reply::Json(status, json!({ "message": format!("it is {status}, says {TOKEN}\u{1b}[2J") })));
        let (_, complaint) = run(&folder, SETUP, PERSONAL, 3);
        assert!(complaint.contains(code) && complaint.contains("It says: it is"), "{status}: {complaint}");
        assert!(!complaint.contains('\u{1b}'), "{complaint:?}");
    }
    standin.plan(projects, Reply::Text(200, "<html>Log in</html>"));
    assert!(run(&folder, SETUP, PERSONAL, 3).1.contains("bad-answer"));
    standin.plan(projects, Reply::Json(200, json!([{ "id": "no number" }])));
    assert!(run(&folder, SETUP, PERSONAL, 3).1.contains("bad-answer"));
    for reply in [429, 500] {
        for _ in 0..3 {
            standin.plan(projects, Reply::Json(reply, json!({})));
        }
        let code = if reply == 429 { "too-many-requests" } else { "vendor-unreachable" };
        assert!(run(&folder, SETUP, PERSONAL, 3).1.contains(code));
    }
    assert_eq!(folder.read("aftercall.toml"), before, "nothing is half done");
    folder.write("gone.toml", settings("http://127.0.0.1:1"));
    let (_, complaint) = run(&folder, &[SETUP, &["--config", "gone.toml"]].concat(), PERSONAL, 3);
    assert!(complaint.contains("cannot be reached (listing the projects). (vendor-unreachable)"), "{complaint}");
}

#[test]
fn what_passes_is_waited_for() {
    let (folder, standin) = small("passes");
    standin.plan("GET https://api.optimizely.com/v2/projects", Reply::Wait(429, 1));
    standin.plan("GET https://api.optimizely.com/v2/projects", Reply::Json(503, json!({})));
    standin.plan("GET https://api.optimizely.com/v2/events", Reply::Reset);
    standin.plan("POST https://api.optimizely.com/v2/projects", Reply::Wait(429, 1));
    let began = std::time::Instant::now();
    run(&folder, SETUP, PERSONAL, 0);
    assert!(began.elapsed().as_millis() >= 2_000, "Retry-After is obeyed");
    assert_eq!(standin.orders().len(), 2, "one was refused by 429, and one was obeyed");
}

#[test]
fn an_order_without_an_answer_is_looked_for_not_repeated() {
    let create = "POST https://api.optimizely.com/v2/projects";
    let (folder, standin) = small("lost");
    standin.plan_lost_answer(create);
    let (said, _) = run(&folder, SETUP, PERSONAL, 0);
    assert_eq!((&said["made"], &said["eventId"]), (&json!(true), &json!("9007199254740993")));
    assert_eq!(standin.orders().len(), 1);

    // A fault that was not obeyed, a hang: looked for, missed, and made then.
    for reply in [Reply::Json(500, json!({})), Reply::Hang] {
        standin.state().vendor.events.get_mut(&111_001).unwrap().truncate(2);
        standin.plan(create, reply);
        run(&folder, SETUP, PERSONAL, 0);
        assert_eq!(standin.state().vendor.events[&111_001].len(), 3);
        assert_eq!(standin.orders().len(), 2);
    }
}

#[test]
fn what_somebody_else_makes_meanwhile_is_reused() {
    let (folder, standin) = small("meanwhile");
    standin.state().vendor.made_by_another = Some(event(88, "phone_call", "Theirs", "custom"));
    let (said, _) = run(&folder, SETUP, PERSONAL, 0);
    assert_eq!(said["eventId"], "88");
    assert_eq!(standin.state().vendor.events[&111_001].len(), 3);
}

#[test]
fn settings_that_somebody_else_writes_meanwhile_are_not_overwritten() {
    let (folder, standin) = small("file-meanwhile");
    standin.plan("POST https://api.optimizely.com/v2/projects", Reply::Wait(429, 1));
    let child = super::command(&folder, SETUP, PERSONAL)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while !standin.state().log.iter().any(|line| line.starts_with("POST")) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let theirs = format!("# theirs\n{}", settings(&standin.address));
    folder.write("aftercall.toml", &theirs);
    let (_, complaint) = checked(&folder, &child.wait_with_output().unwrap(), 3);
    assert!(complaint.contains("changed-meanwhile"), "{complaint}");
    assert_eq!(folder.read("aftercall.toml"), theirs.as_bytes());
    // Run again: the event is there, and is written down.
    assert_eq!(run(&folder, SETUP, PERSONAL, 0).0["made"], false);
}
