//! What the documents say of the crate is what the crate does.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use aftercall::{stash, values::problem::Code};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::PathBuf};

fn read(path: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), path].iter().collect();
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text between a heading and the next one.
#[track_caller]
fn chapter<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}

#[test]
fn the_table_of_codes_is_complete() {
    let codes = read("docs/codes.md");
    let rows = chapter(&codes, "Of the core").lines().filter_map(|line| line.strip_prefix("| `"));
    let documented: Vec<&str> = rows.map(|row| row.split('`').next().unwrap()).collect();
    let there_are: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(documented.iter().collect::<BTreeSet<_>>(), there_are.iter().collect::<BTreeSet<_>>());
    assert_eq!(documented.len(), there_are.len(), "each code has one row");
}

/// The passage between the two comments of that name.
#[track_caller]
fn passage<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("<!-- {name} -->\n")).unwrap();
    rest.split_once(&format!("<!-- /{name} -->")).unwrap().0
}

/// The code block of that language.
#[track_caller]
fn block<'a>(text: &'a str, language: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n```{language}\n")).unwrap();
    rest.split("\n```").next().unwrap()
}

#[test]
fn golden_tokens_of_the_document_are_the_tests_own() {
    let text = read("docs/token.md");
    let cases = |text: &str| -> Vec<Value> { serde_json::from_str(text).unwrap() };
    let shown = cases(block(passage(&text, "golden"), "json"));
    let all = cases(&read("tests/golden/tokens.json"));
    assert!(shown.len() >= 4);
    for case in shown {
        let same = |other: &&Value| ["name", "context", "token"].iter().all(|member| other[member] == case[member]);
        assert!(all.iter().any(|other| same(&other)), "{case}");
    }
}

#[test]
fn refused_tokens_of_the_document_are_refused_natively() {
    let text = read("docs/token.md");
    let refused: Vec<Value> = serde_json::from_str(block(&format!("\n{}", passage(&text, "refused")), "json")).unwrap();
    assert!(refused.len() >= 10);
    for case in refused {
        let token = &case["token"];
        let parts = token.as_array().map_or(vec![token], |parts| parts.iter().collect());
        let error = stash::unstash(parts.iter().map(|part| part.as_str().unwrap())).unwrap_err();
        assert_eq!(error.code().name(), case["code"], "{case}");
    }
}

#[test]
fn the_example_of_the_readme_is_the_one_below() {
    let body = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty() && !line.starts_with("let token =")).collect()
    };
    let here = read("tests/docs.rs");
    let (_, example) = here.split_once("// From here:\n").unwrap();
    let example = example.split("// To here.").next().unwrap();
    assert_eq!(body(block(&read("README.md"), "rust")), body(example));
}

#[test]
fn the_example_of_the_readme_works() {
    let readme = read("README.md");
    let (_, token) = block(&readme, "rust").split_once("let token = \"").unwrap();
    let token = token.split('"').next().unwrap();

    // From here:
    use aftercall::{conversion::*, stash::unstash, values::json::Json};

    let conversion = r#"{"id":"call-4711","revenue":"49.90","kameleoon":{"goalId":36151}}"#;
    let accounts = r#"{"kameleoon":{"siteCode":"f17c21u1ag","dataHost":"eu-data.kameleoon.io"}}"#;

    let visitor = unstash([token]).unwrap();
    let conversion = Conversion::from_json(Json::parse(conversion).unwrap()).unwrap();
    let accounts = Accounts::from_json(Json::parse(accounts).unwrap());
    let plan = conversion_requests(&visitor, false, &conversion, &accounts);
    assert_eq!(plan.requests[0].method(), "POST");
    // To here.
    assert_eq!(plan.skipped, []);
}
