//! FullStack's segments, hashes and buckets against the published vectors: every case must give what is expected.
#![cfg(all(feature = "fullstack", not(target_arch = "wasm32")))]
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use aftercall::{
    fullstack::{
        murmur::{bucket, hash},
        segmentation::{Segments, Variables},
    },
    values::json::Json,
};
use serde_json::Value;
use std::path::Path;

fn cases(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The text of JSON as it stands in a file. The order of properties counts, so no tree comes in between.
fn raw(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    Json::parse(&text).unwrap().items().map(|case| case.as_str().to_owned()).collect()
}

#[test]
fn segments() {
    let cases = raw("vwo-segmentation.json");
    assert!(!cases.is_empty());
    for case in cases {
        let case = Json::parse(&case).unwrap();
        let get = |path: [&str; 2]| case.get(path[0]).unwrap().members().get_or_null(path[1]).unwrap();
        let variables = Variables::new(get(["input", "customVariables"]), None);
        let segments = Segments::compile(get(["input", "dsl"]));
        assert_eq!(segments.matches(&variables), get(["expected", "result"]).is_true(), "{}", case.as_str());
    }
}

#[test]
fn hashes_and_buckets() {
    let (mut hashes, mut buckets) = (0, 0);
    for case in cases("vwo-identity.json") {
        let (input, expected) = (&case["input"], &case["expected"]);
        match input["kind"].as_str() {
            Some("murmur") => {
                let text = input["text"].as_str().unwrap();
                let hash = hash(&[text]);
                assert_eq!(Some(u64::from(hash)), expected["hash"].as_u64(), "{case}");
                assert_eq!(Some(bucket(hash, 100.0, 1.0)), expected["bucket100"].as_f64(), "{case}");
                assert_eq!(Some(bucket(hash, 10_000.0, 1.0)), expected["bucket10000"].as_f64(), "{case}");
                hashes += 1;
            }
            Some("bucket") => {
                let hash = u32::try_from(input["hash"].as_u64().unwrap()).unwrap();
                let value = bucket(hash, input["max"].as_f64().unwrap(), input["multiplier"].as_f64().unwrap());
                assert_eq!(Some(value), expected["value"].as_f64(), "{case}");
                buckets += 1;
            }
            _ => {}
        }
    }
    assert!(hashes > 0 && buckets > 0, "{hashes} {buckets}");
}
