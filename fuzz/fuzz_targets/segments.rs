//! Segments of any shape and variables of any kind. Matching ends without a panic, says the same when it is asked again,
//! and keeps to what `not` and `and` mean.
//!
//! The input is the segments, then, behind a line feed, the variables.
#![no_main]

use aftercall::{
    fullstack::segmentation::{Segments, Variables},
    values::json::Json,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let (segments, variables) = input.split_once('\n').unwrap_or((input, "{}"));
    let (Some(json), Some(variables)) = (Json::parse_deep(segments), Json::parse_deep(variables)) else { return };
    let known = Variables::new(variables, None);
    let matches = |text: &str| Json::parse_deep(text).map(|json| Segments::compile(json).matches(&known));
    let answer = Segments::compile(json).matches(&known);
    assert_eq!(matches(segments), Some(answer), "the same when it is asked again");
    if json.is_object() && json.entries().next().is_some() {
        if answer {
            assert_ne!(matches(&format!(r#"{{"not":{segments}}}"#)), Some(true), "not both");
        }
        for operator in ["and", "or"] {
            let wrapped = matches(&format!(r#"{{"{operator}":[{segments}]}}"#));
            assert!(wrapped.is_none_or(|wrapped| wrapped == answer), "{operator} of one is that one");
        }
    }
    // Whoever is whitelisted is a user like any other.
    Segments::compile(json).matches(&Variables::new(variables, Some(segments)));
});
