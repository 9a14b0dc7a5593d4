//! FullStack's segments, hashes and buckets against the published vectors: every case must give what is expected.
//! Natively and in wasm, where JavaScript itself answers for numbers, texts and patterns.
#![cfg(feature = "fullstack")]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use aftercall::{
    fullstack::{
        murmur::{bucket, hash},
        segmentation::{Segments, Variables},
    },
    values::json::Json,
};
use serde_json::Value;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// In wasm JSON is what JavaScript wrote.
fn as_given(text: &str) -> String {
    #[cfg(target_arch = "wasm32")]
    return js_sys::JSON::stringify(&js_sys::JSON::parse(text).unwrap()).unwrap().into();
    #[cfg(not(target_arch = "wasm32"))]
    text.to_owned()
}

#[test]
fn segments() {
    // The order of properties counts, so no tree of ours comes between the file and the segments.
    let published = as_given(include_str!("vectors/vwo-segmentation.json"));
    let hostile = as_given(include_str!("vectors/vwo-segmentation-hostile.json"));
    let cases = |text| Json::parse(text).unwrap().items();
    let mut answered = 0;
    for case in cases(&published).chain(cases(&hostile)) {
        let get = |path: [&str; 2]| case.get(path[0]).unwrap().members().get_or_null(path[1]).unwrap();
        let variables = Variables::new(get(["input", "customVariables"]), None);
        let segments = Segments::compile(get(["input", "dsl"]));
        assert_eq!(segments.matches(&variables), get(["expected", "result"]).is_true(), "{}", case.as_str());
        answered += 1;
    }
    assert!(answered > 0);
}

#[test]
fn hashes_and_buckets() {
    let (mut hashes, mut buckets) = (0, 0);
    let cases: Vec<Value> = serde_json::from_str(include_str!("vectors/vwo-identity.json")).unwrap();
    for case in cases {
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
