//! Files as people have them, through `aftercall plan`.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{ACCOUNTS, Folder, token};
use serde_json::{Value, json};

/// A plan for one file with the accounts of all platforms.
#[track_caller]
fn plan(name: &str, settings: &str, file: impl AsRef<[u8]>, more: &[&str], exit: i32) -> Value {
    let folder = Folder::new(&format!("plan-{name}"));
    folder.write("aftercall.toml", format!("{settings}\n{ACCOUNTS}")).write("calls", file);
    folder.json(&[&["plan", "calls", "--json"], more].concat(), exit)
}

fn conversions(plan: &Value) -> u64 {
    plan["platforms"].as_object().unwrap().values().map(|count| count["conversions"].as_u64().unwrap()).sum()
}

#[track_caller]
fn codes(plan: &Value) -> Vec<(&str, u64)> {
    plan["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["code"].as_str().unwrap(), it["rows"].as_u64().unwrap()))
        .collect()
}

#[test]
fn one_token_reaches_four_platforms() {
    let file = format!("id,aftercall_ctx,at,revenue\ncall-1,{},2026-11-21T10:00:00Z,49.90\n", token());
    let plan = plan("four", "", file, &[], 0);
    assert_eq!((&plan["rows"], &plan["covered"], &plan["rejected"]), (&json!(1), &json!(1), &json!(0)));
    for platform in ["optimizely", "vwo", "kameleoon", "convert"] {
        assert_eq!(plan["platforms"][platform]["conversions"], 1, "{platform}: {plan}");
    }
    // Optimizely books by time; the others count today what happened the day before.
    assert_eq!(plan["platforms"]["optimizely"]["countedToday"], 0);
    assert_eq!(plan["platforms"]["vwo"]["countedToday"], 1);
}

#[test]
fn csv_in_every_dress() {
    let token = token();
    for (name, file) in [
        ("bom", format!("\u{feff}ID,Aftercall_CTX\ncall-1,{token}\n")),
        ("semicolon", format!("Id;AFTERCALL_CTX;note\r\ncall-1;{token};\"a; b\"\r\n")),
        ("tab", format!("call id\taftercall_ctx\ncall-1\t{token}\n")),
        ("newline", format!("note,id,aftercall_ctx\n\"two\nlines, \"\"quoted\"\"\",call-1,{token}\n")),
        ("short", format!("id,aftercall_ctx,revenue,empty\ncall-1,{token}\n\n")),
    ] {
        let plan = plan(name, "", file, &[], 0);
        assert_eq!((conversions(&plan), &plan["rows"]), (4, &json!(1)), "{name}: {plan}");
    }
}

#[test]
fn a_rejected_row_has_its_line() {
    let token = token();
    let file = format!(
        "id,aftercall_ctx,at,revenue,note\na,{token},2026-11-21T10:00:00Z,5,\"two\nlines\"\nb,{token},2026-11-21 10:00,5,\n\
         c,{token},,\"1,200\",\nd,{token},,n/a,\n,{token},,,\ne,Abroken,,,\nf,,,,\n"
    );
    let plan = plan("lines", "", file, &[], 2);
    let first: Vec<(u64, &str)> = plan["firstRejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["line"].as_u64().unwrap(), row["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        first,
        [(4, "ambiguous-time"), (5, "ambiguous-amount"), (6, "bad-amount"), (7, "missing-id"), (8, "malformed-stash")]
    );
    assert!(codes(&plan).contains(&("no-token", 1)), "{plan}");
    assert_eq!(plan["rejected"], 5);
}

#[test]
fn a_token_in_parts() {
    use aftercall::stash::{stash_parts, unstash};
    let parts = stash_parts(&unstash([token().as_str()]).unwrap(), 60);
    assert!(parts.len() > 1);
    let headers: Vec<String> =
        (1..=parts.len()).map(|n| if n == 1 { "aftercall_ctx".into() } else { format!("aftercall_ctx{n}") }).collect();
    let file = format!("id,{}\ncall-1,{}\n", headers.join(","), parts.join(","));
    assert_eq!(conversions(&plan("parts", "", file, &[], 0)), 4);
}

#[test]
fn ids_instead_of_a_token() {
    let file = "id,_vwo_uuid,experiment_id,combination,kameleoonVisitorCode,optimizelyEndUserId,optimizely_variations,convert_visitor,convert_experiences\n\
        call-1,D11BD6ED27A63F845ADFCBA2D9AA7835C,12,2,l200u3djm8kovq4o,oeu1r0.5,876543210:2222222,1512924188976-0.53,11:12 21:22\n";
    assert_eq!(conversions(&plan("ids", "", file, &[], 0)), 4);
}

#[test]
fn vwos_own_job_with_its_detailed_report() {
    let settings = "[vwo]\naccount_id = 123456\napi = \"track-goal\"\ngoal_id = 201\ncampaign_ids = [14]\n";
    let folder = Folder::new("plan-report");
    folder
        .write("aftercall.toml", settings)
        .write("report.csv", "User ID,Variation\nvwo-user-123,Variation-1\n")
        .write("calls.csv", "id,vwo_user_id,revenue\na,vwo-user-123,5\nb,vwo-user-124,5\n");
    let plan = folder.json(&["plan", "calls.csv", "--vwo-report", "report.csv", "--json"], 0);
    assert_eq!(conversions(&plan), 1, "{plan}");
    assert_eq!(codes(&plan), [("no-campaign", 1)]);
    // A user in two variations is nobody's to decide; the same line twice is nothing.
    folder.write(
        "report.csv",
        "\u{feff}user id;combination\nvwo-user-123;2\nvwo-user-124;1\nvwo-user-123;2\nvwo-user-124;2\n",
    );
    let plan = folder.json(&["plan", "calls.csv", "--vwo-report", "report.csv", "--json"], 2);
    assert_eq!((conversions(&plan), codes(&plan)), (1, vec![("bad-ids", 1)]), "{plan}");
}

#[test]
fn a_call_trackers_visitor_id_leads_to_the_token() {
    let folder = Folder::new("plan-contexts");
    folder
        .write("aftercall.toml", ACCOUNTS)
        .write("contexts.jsonl", format!("{{\"id\":\"s-1\",\"token\":\"{}\"}}\n", token()))
        .write(
            "calls.jsonl",
            "{\"id\":1,\"session_uuid\":\"s-1\",\"custom\":\"\"}\n{\"id\":2,\"session_uuid\":\"s-2\"}\n",
        );
    let plan = folder.json(&["plan", "calls.jsonl", "--from", "callrail", "--contexts", "contexts.jsonl", "--json"], 0);
    assert_eq!((conversions(&plan), &plan["covered"]), (4, &json!(1)), "{plan}");
}

#[test]
fn a_token_knows_its_call_trackers_itself() {
    let cookies = "kameleoonVisitorCode=l200u3djm8kovq4o; calltrk_session_id=s-1; __ctmid=600bfda70003d18a630086fc";
    let page = aftercall::values::page::Page {
        cookies: aftercall::values::cookies::Cookies::parse(cookies),
        ..aftercall::values::page::Page::default()
    };
    let token = aftercall::stash::stash(&aftercall::capture::capture(&page));
    let folder = Folder::new("plan-contexts-alone");
    folder
        .write("aftercall.toml", ACCOUNTS)
        .write("contexts.jsonl", format!("{{\"token\":\"{token}\"}}\n"))
        .write("callrail.jsonl", "{\"id\":1,\"session_uuid\":\"s-1\"}\n{\"id\":2,\"session_uuid\":\"s-2\"}\n")
        .write("ctm.jsonl", "{\"id\":1,\"visitor_sid\":\"600bfda70003d18a630086fc\"}\n")
        .write("broken.jsonl", "{\"token\":\"AAQ\"}\n");
    for from in ["callrail", "ctm"] {
        let calls = format!("{from}.jsonl");
        let plan = folder.json(&["plan", &calls, "--from", from, "--contexts", "contexts.jsonl", "--json"], 0);
        assert_eq!((conversions(&plan), &plan["covered"]), (1, &json!(1)), "{plan}");
    }
    let complaint = folder.complaint(&["plan", "ctm.jsonl", "--contexts", "broken.jsonl"], 3);
    assert!(complaint.contains("broken.jsonl: line 1 is no"), "{complaint}");
}

#[test]
fn a_token_that_was_cut_off_is_found_by_the_trackers_id() {
    let folder = Folder::new("plan-cut-off");
    let token = token();
    let cut = token.get(..token.len() - 4).unwrap();
    folder
        .write("aftercall.toml", ACCOUNTS)
        .write("contexts.jsonl", format!("{{\"id\":71,\"token\":\"{token}\"}}\n"))
        .write("calls.csv", format!("id,aftercall_ctx,tracker_id\na,{cut},71\nb,{cut},72\n"));
    let plan = folder.json(&["plan", "calls.csv", "--contexts", "contexts.jsonl", "--json"], 2);
    assert_eq!((conversions(&plan), codes(&plan)), (4, vec![("truncated-stash", 1)]));
}

#[test]
fn what_is_wrong_with_the_settings_has_the_settings_names() {
    let folder = Folder::new("plan-names");
    folder.write("calls.csv", "id\na\n");
    for (settings, message) in [
        ("[kameleoon]\nsite_code = \"a\"\ngoal_id = 3", "[kameleoon] data_host is needed"),
        (
            "[vwo]\naccount_id = 1\napi = \"server-side\"\ngoal_id = 3",
            "[vwo] AFTERCALL_VWO_SDK_KEY (in the environment) is needed",
        ),
        ("[columns]\nid = 5", "line 2: a column is a name"),
        ("[vwo]\ngoal_id = true", "line 2: an id is a number"),
    ] {
        folder.write("aftercall.toml", settings);
        let complaint = folder.complaint(&["plan", "calls.csv"], 3);
        assert!(complaint.contains(message), "{complaint}");
    }
}

#[test]
fn every_tracker_by_its_own_names() {
    let token = token();
    for (from, file) in [
        (
            "callrail",
            format!(
                "{{\"resource_id\":\"CAL1\",\"custom\":{{\"aftercall_ctx\":\"{token}\"}},\"start_time\":\"2026-11-21T10:00:00.000-05:00\"}}"
            ),
        ),
        ("ctm", format!("{{\"id\":7,\"custom_fields\":{{\"aftercall_ctx\":\"{token}\"}}}}")),
        (
            "invoca",
            format!(
                "{{\"complete_call_id\":\"C\",\"custom_data\":[{{\"name\":\"aftercall_ctx\",\"value\":\"{token}\"}}]}}"
            ),
        ),
        ("infinity", format!("callRef;c_aftercall_ctx\nR1;{token}\n")),
        ("ringba", format!("inboundCallId,User:aftercall_ctx\nR1,{token}\n")),
        (
            "ctm",
            format!(
                "[\n{{\n\"id\": 7,\n\"called_at\": \"2026-11-20 04:10 PM -04:00\",\n\"custom_fields\": {{\"aftercall_ctx\": \"{token}\"}}\n}}\n]\n"
            ),
        ),
        ("whatconverts", format!("{{\"lead_id\":5,\"additional_fields\":{{\"aftercall_ctx\":\"{token}\"}}}}")),
        (
            "google",
            format!(
                "Parameters:TimeZone=America/New_York\nGoogle Click ID,Conversion Name,Conversion Time,Conversion Value,Conversion Currency,Order ID,aftercall_ctx\n,call,2026-11-21 10:00:00,\"1,200.00\",USD,O-1,{token}\n"
            ),
        ),
    ] {
        let plan = plan(&format!("from-{from}"), "", file, &["--from", from], 0);
        assert_eq!(conversions(&plan), 4, "{from}: {plan}");
    }
}

#[test]
fn filters_skip_and_fail_nothing() {
    let token = token();
    let file =
        format!("id,aftercall_ctx,duration,status\na,{token},95,answered\nb,{token},5,answered\nc,{token},95,missed\n");
    let plan = plan("where", "[where]\nmin_duration = 30\nstatus = [\"answered\"]", file, &[], 0);
    assert_eq!((conversions(&plan), codes(&plan)), (4, vec![("filtered", 1), ("filtered", 1)]));
    // Each condition is counted for itself.
    let why: Vec<&str> = plan["reasons"].as_array().unwrap().iter().map(|it| it["message"].as_str().unwrap()).collect();
    assert!(why[0].contains("min_duration") && why[1].contains("status"), "{why:?}");
}

#[test]
fn what_is_too_old_for_a_platform_is_skipped() {
    let folder = Folder::new("plan-old");
    folder
        .write(
            "aftercall.toml",
            "[kameleoon]\nsite_code = \"f17c21u1ag\"\ndata_host = \"eu-data.kameleoon.io\"\ngoal_id = 1\n",
        )
        .write("calls.csv", format!("id,aftercall_ctx,at\na,{},2026-01-01T10:00:00Z\n", token()));
    let plan = folder.json(&["plan", "calls.csv", "--json"], 0);
    assert_eq!((conversions(&plan), codes(&plan)), (0, vec![("too-old", 1)]));
}

#[test]
fn coverage_is_counted_by_source() {
    let token = token();
    let file = format!("id,aftercall_ctx,source\na,{token},radio\nb,,radio\nc,{token},web\n");
    let plan = plan("sources", "", file, &[], 0);
    assert_eq!(
        plan["sources"],
        json!([{ "source": "radio", "rows": 2, "covered": 1 }, { "source": "web", "rows": 1, "covered": 1 }])
    );
}

#[test]
fn what_cannot_be_used_stops_the_run() {
    let folder = Folder::new("plan-unusable");
    folder.write("aftercall.toml", ACCOUNTS).write("array.json", "[{\"id\":1}, 7]").write("empty.csv", "");
    folder.write("no-id.csv", "name,phone\na,b\n").write("utf16.csv", [0xff, 0xfe, b'i', 0, b'd', 0, b'\n', 0]);
    folder.write("calls.csv.gz", [0x1f, 0x8b, 8, 0]);
    for (file, words) in [
        ("array.json", "From line 1 on"),
        ("calls.csv.gz", "gunzip -c"),
        ("empty.csv", "empty"),
        ("no-id.csv", "\"name\", \"phone\""),
        ("utf16.csv", "UTF-8"),
        ("missing.csv", "missing.csv"),
    ] {
        let complaint = folder.complaint(&["plan", file], 3);
        assert!(complaint.contains(words) && complaint.contains("(bad-input)"), "{file}: {complaint}");
    }
    for (settings, words) in
        [("", "No platform"), ("[kameleoon]\ngoal_id = 1", "site_code"), ("[optimizly]", "did you mean `optimizely`")]
    {
        folder.write("aftercall.toml", settings).write("calls.csv", "id\na\n");
        let complaint = folder.complaint(&["plan", "calls.csv"], 3);
        assert!(complaint.contains(words) && complaint.contains("(bad-config)"), "{settings}: {complaint}");
    }
    assert_eq!(folder.run(&["plan"]).status.code(), Some(3), "a wrong command line");
    assert_eq!(folder.run(&["--help"]).status.code(), Some(0));
}

#[test]
fn a_file_without_a_header_shows_no_visitors_data() {
    let folder = Folder::new("plan-headerless");
    folder.write("aftercall.toml", ACCOUNTS).write("calls.csv", "CAL1,Jane Doe,+49 151 1234567,jane@example.com\n");
    let complaint = folder.complaint(&["plan", "calls.csv"], 3);
    assert!(complaint.contains("looks like a row") && !complaint.contains("Jane"), "{complaint}");
    let complaint = folder.complaint(&["plan", "calls.csv", "--vwo-report", "calls.csv"], 3);
    assert!(complaint.contains("looks like a row") && !complaint.contains("Jane"), "{complaint}");
}

#[test]
fn a_bad_row_costs_itself_only() {
    let mut file = format!("id,aftercall_ctx\na,{}\n", token()).into_bytes();
    file.extend_from_slice(b"b,\xff\xfe\n");
    file.extend_from_slice(format!("c,{}\n", token()).as_bytes());
    let plan = plan("utf8", "", file, &[], 2);
    assert_eq!((conversions(&plan), codes(&plan)), (8, vec![("bad-row", 1)]));
}

#[test]
fn inspect_shows_a_token_and_nothing_that_moves_the_cursor() {
    let folder = Folder::new("inspect");
    let context = folder.json(&["inspect", &token(), "--json"], 0);
    assert_eq!(context["kameleoon"]["visitorCode"], "l200u3djm8kovq4o");
    let table = String::from_utf8(folder.run(&["inspect", &token()]).stdout).unwrap();
    assert!(table.contains("l200u3djm8kovq4o") && table.contains("2026-11-20"), "{table}");
    assert!(folder.complaint(&["inspect", "Abc"], 3).contains("stash"), "a stable code");
}

#[test]
fn a_quotation_mark_that_is_never_closed_swallows_nothing_in_silence() {
    let token = token();
    let folder = Folder::new("plan-unclosed");
    let file = format!("id,aftercall_ctx,note\na,{token},x\nb,{token},\"oh\nc,{token},x\n");
    folder.write("aftercall.toml", ACCOUNTS).write("calls.csv", &file);
    let complaint = folder.complaint(&["plan", "calls.csv"], 3);
    assert!(complaint.contains("row of line 3") && complaint.contains("(bad-input)"), "{complaint}");
    // However long the rest is, it is not held in memory.
    folder.write("calls.csv", file + &"d,e,f\n".repeat(4 << 20));
    let complaint = folder.complaint(&["plan", "calls.csv"], 3);
    assert!(complaint.contains("From line 3 on") && complaint.contains("16 MB"), "{complaint}");
    // One that is closed may hold a long text.
    folder.write("calls.csv", format!("id,aftercall_ctx,note\na,{token},\"{}\"", "x\n".repeat(5 << 20)));
    assert_eq!(folder.json(&["plan", "calls.csv", "--json"], 0)["rows"], 1);
}

#[test]
fn a_value_too_many_is_a_column_that_slipped() {
    let token = token();
    let file = format!("id,aftercall_ctx,revenue\na,{token},1,200.00\nb,{token},5,,\n");
    let plan = plan("slipped", "", file, &[], 2);
    assert_eq!(
        (conversions(&plan), codes(&plan), &plan["firstRejected"][0]["line"]),
        (4, vec![("bad-row", 1)], &json!(2))
    );
}

#[test]
fn two_columns_of_one_name_are_not_chosen_from() {
    let folder = Folder::new("plan-twice");
    folder.write("aftercall.toml", ACCOUNTS).write("ids.csv", "id,note,ID,note\na,,b,\n");
    let complaint = folder.complaint(&["plan", "ids.csv"], 3);
    assert!(complaint.contains("Two columns are called \"id\""), "{complaint}");
    let file = format!("id,aftercall_ctx,note,note\na,{},x,y\n", token());
    assert_eq!(conversions(&plan("twice-unused", "", file, &[], 0)), 4);
}

#[test]
fn a_json_number_has_one_reading() {
    let token = token();
    let rows: String = ["12.5", "1.234", "\"1,234\"", "1200", "3.3000000000000003"]
        .iter()
        .enumerate()
        .map(|(id, revenue)| format!("{{\"id\":{id},\"aftercall_ctx\":\"{token}\",\"revenue\":{revenue}}}\n"))
        .collect();
    // A comma is the decimal sign of texts; of numbers it is never.
    let plan = plan("number", "decimal = \",\"", rows, &[], 2);
    assert_eq!((conversions(&plan), codes(&plan)), (12, vec![("bad-amount", 2)]));
}

#[test]
fn who_reads_along_may_go() {
    use std::{io::Read, process::Stdio};
    let folder = Folder::new("plan-pipe");
    let mut file = String::from("id,source\n");
    for row in 0..900 {
        file.push_str(&format!("{row},source-{row}-{}\n", "x".repeat(200)));
    }
    folder.write("aftercall.toml", ACCOUNTS).write("calls.csv", file);
    let mut child =
        folder.command(&["plan", "calls.csv"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
