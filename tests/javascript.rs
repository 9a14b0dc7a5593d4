//! What JavaScript makes of numbers, texts and patterns: each answer of `vectors/javascript.mjs` must come out here too,
//! natively and in wasm; and natively what is made up must hold together.
#![cfg(feature = "fullstack")]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use aftercall::fullstack::{
    javascript::{lower, number_text, parse_float},
    regex::Pattern,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The double in hex digits. JavaScript has one NaN.
fn bits(number: f64) -> String {
    let number = if number.is_nan() { f64::NAN } else { number };
    format!("{:016x}", number.to_bits())
}

fn answer(kind: &str, input: &Value, due: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match kind {
        "parseFloat" => json!(bits(parse_float(&text(input)))),
        "String" => json!(number_text(f64::from_bits(u64::from_str_radix(&text(input), 16).unwrap()))),
        "toLowerCase" => json!(lower(&text(input))),
        "RegExp" => {
            let pattern = Pattern::new(&text(&input[0]));
            let found: Vec<bool> = input[1].as_array().unwrap().iter().map(|each| pattern.is_in(&text(each))).collect();
            // What is no pattern is found nowhere.
            if due.is_null() && !found.contains(&true) { Value::Null } else { json!(found) }
        }
        _ => json!("an unknown kind"),
    }
}

#[test]
fn answers_as_javascript_does() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("vectors/javascript.json")).unwrap();
    let mut answered = BTreeMap::new();
    for case in &cases {
        let kind = case["input"]["kind"].as_str().unwrap();
        assert_eq!(answer(kind, &case["input"]["of"], &case["expected"]), case["expected"], "{case}");
        *answered.entry(kind).or_insert(0) += 1;
    }
    println!("{answered:?}");
    assert_eq!(answered.keys().copied().collect::<Vec<_>>(), ["RegExp", "String", "parseFloat", "toLowerCase"]);
}

#[cfg(not(target_arch = "wasm32"))]
mod made_up {
    use super::*;
    use aftercall::fullstack::javascript::{ceil, floor};
    use proptest::{prelude::*, test_runner::Config};

    fn double() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<u64>().prop_map(f64::from_bits),
            any::<i32>().prop_map(f64::from),
            -1e22..1e22_f64,
            -1e-5..1e-5_f64
        ]
    }

    proptest! {
        #![proptest_config(Config { cases: 1024, failure_persistence: None, ..Config::default() })]

        /// The text of a number reads back as that number, and says nothing twice.
        #[test]
        fn numbers_come_back(number in double()) {
            let text = number_text(number);
            let read = parse_float(&text);
            prop_assert!(read == number || (read.is_nan() && number.is_nan()), "{number:e} {text} {read:e}");
            prop_assert_eq!(number_text(read), text);
        }

        /// What follows a number does not change it, unless it could belong to it.
        #[test]
        fn numbers_end(number in double(), rest in "[^0-9.eExX][^\u{0}]{0,10}") {
            prop_assume!(number.is_finite());
            let text = number_text(number);
            prop_assert_eq!(bits(parse_float(&(text.clone() + &rest))), bits(parse_float(&text)));
        }

        #[test]
        fn any_text_is_some_number(text in any::<String>()) {
            let number = parse_float(&text);
            prop_assert!(number.is_nan() || parse_float(&number_text(number)) == number);
        }

        #[test]
        fn rounds_as_the_standard_library(number in double()) {
            prop_assert!(floor(number) == number.floor() || number.is_nan());
            prop_assert!(ceil(number) == number.ceil() || number.is_nan());
        }

        /// Any pattern on any text: an answer, and no panic. A literal is found where it is.
        #[test]
        fn any_pattern_is_searched(pattern in "[a-c1(){}\\[\\]?*+|.^$\\\\<=!:ndsw,-]{0,12}", text in "[a-c1\n😀é]{0,12}") {
            let _ = Pattern::new(&pattern).is_in(&text);
            let literal: String = text.chars().flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec())
                .map(|unit| format!("\\u{unit:04x}")).collect();
            prop_assert!(Pattern::new(&literal).is_in(&text));
            let whole = format!("^(?:{literal})$");
            prop_assert!(Pattern::new(&whole).is_in(&text));
            let doubled = format!("{text}x");
            prop_assert!(!Pattern::new(&whole).is_in(&doubled));
        }
    }
}
