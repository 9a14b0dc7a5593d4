//! "Your nightly job in five minutes", done as it says.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Folder, Simulator};
use serde_json::json;

const DOCUMENT: &str = include_str!("../../docs/nightly-job.md");

/// What stands in the code block of that name.
#[track_caller]
fn passage(name: &str) -> String {
    let (_, rest) = DOCUMENT.split_once(&format!("<!-- {name} -->\n```")).unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\n```\n").unwrap().0.to_owned() + "\n"
}

#[test]
fn the_first_five_minutes() {
    let folder = Folder::new("docs");
    // The example's calls are of one week; the day on which this test runs is not.
    let settings = passage("settings") + "max_age = \"none\"\n";
    folder.write("aftercall.toml", &settings).write("calls.csv", passage("calls"));
    let plan = folder.json(&["plan", "calls.csv", "--json"], 2);
    assert_eq!(plan["platforms"], json!({ "kameleoon": { "conversions": 1, "countedToday": 1 } }));
    let reasons: Vec<(&str, bool)> = plan["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| (reason["code"].as_str().unwrap(), reason["rejected"].as_bool().unwrap()))
        .collect();
    assert_eq!(reasons, [("ambiguous-amount", true), ("filtered", false), ("no-token", false)]);
    assert_eq!(plan["firstRejected"][0]["line"], 4);

    let simulator = Simulator::start();
    folder
        .write("trial.toml", format!("ledger = \"trial.db\"\n{settings}[delivery]\nvia = \"{}\"\n", simulator.address));
    let tally = folder.json(&["sync", "calls.csv", "--config", "trial.toml", "--json"], 2);
    assert_eq!(tally["platforms"]["kameleoon"]["delivered"], 1);
    assert_eq!(simulator.log().len(), 1);
    assert!(!folder.0.join("aftercall.db").exists(), "the trial has a ledger of its own");
}

#[test]
fn every_command_of_the_document_is_one() {
    let help = String::from_utf8(Folder::new("docs-help").run(&["--help"]).stdout).unwrap();
    let mut commands = 0;
    for rest in DOCUMENT.split("aftercall ").skip(1) {
        let command: String = rest.chars().take_while(|c| c.is_ascii_lowercase()).collect();
        if DOCUMENT.contains(&format!("`aftercall {command}")) || DOCUMENT.contains(&format!("\naftercall {command}")) {
            assert!(help.contains(&format!("\n  {command} ")), "{command}");
            commands += 1;
        }
    }
    assert!(commands >= 8, "{commands}");
}
