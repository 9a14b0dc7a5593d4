//! Golden tokens: they never change. Each context gives its token, and each token its context, for ever.
//!
//! `tokens.json` is an array of `{name, context, token, parts?}`; `parts` are of 80 characters. New cases may be added
//! (`cargo test --test tokens -- --ignored --nocapture` prints their tokens); none may be altered or taken out.

use crate::face;
use serde_json::{Value, json};

pub const PART_LENGTH: usize = 80;

pub fn cases() -> Vec<Value> {
    let cases: Vec<Value> = serde_json::from_str(include_str!("tokens.json")).unwrap();
    assert!(cases.len() >= 10, "golden tokens were taken out");
    cases
}

#[track_caller]
pub fn check(case: &Value) {
    let mut context = case["context"].clone();
    context["problems"] = json!([]);
    let token = case["token"].as_str().unwrap();
    assert_eq!(face::stash(&context), token, "{case}");
    assert_eq!(face::unstash(token), Ok(context.clone()), "{case}");
    if let Some(parts) = case["parts"].as_array() {
        let mut parts: Vec<String> = parts.iter().map(|part| part.as_str().unwrap().to_owned()).collect();
        assert_eq!(face::stash_parts(&context, PART_LENGTH), parts, "{case}");
        parts.reverse();
        assert_eq!(face::unstash_parts(&parts), Ok(context), "{case}");
    }
}
