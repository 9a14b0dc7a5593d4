//! Tokens of any text, and of any bytes behind a checksum that is right. What can be read says what it says in one way
//! only, in a token as in JSON; and whoever wrote it cannot say where requests go.
#![no_main]

use aftercall::{
    conversion::{Accounts, Conversion, conversion_requests},
    stash::{stash, unstash},
    values::json::Json,
    visitor::VisitorContext,
};
use libfuzzer_sys::fuzz_target;

const CONVERSION: &str = r#"{"id":"1","revenue":"49.90","optimizely":{"event":"a"},"vwo":{"goals":{"8":1}},"kameleoon":{"goalId":1},"convert":{"goalIds":[1]}}"#;
const INTERFACES: &str = r#"{"optimizely":{"api":"classic"},"vwo":{"api":"web-goal"},"kameleoon":{"dataHost":"eu-data.kameleoon.io"},"convert":{"api":"tracking-request"}}"#;
const ACCOUNTS: &str = r#"{"optimizely":{"accountId":1,"projectId":2,"api":"classic"},"vwo":{"accountId":3,"api":"web-goal"},"kameleoon":{"siteCode":"4","dataHost":"eu-data.kameleoon.io"},"convert":{"accountId":5,"projectId":6,"api":"tracking-request"}}"#;

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = core::str::from_utf8(input) {
        check(text);
    }
    // The fuzzer does not guess checksums; here it need not.
    check(&seal(input));
    // Nor need it guess the version and the length of the body.
    if let Ok(length) = u8::try_from(input.len())
        && length < 128
    {
        check(&seal(&[&[1, length], input].concat()));
    }
});

fn check(text: &str) {
    let tokens: Vec<&str> = text.split(' ').collect();
    let Ok(context) = unstash(tokens.iter().copied()) else { return };
    let printed = context.to_json();
    let mut read = VisitorContext::from_json(Json::parse(&printed).expect("the context prints as JSON"));
    let token = stash(&context);
    assert_eq!(stash(&read), token, "{printed}");
    // Parts may be cut anywhere; what they hold together may not be said in two ways.
    if context.problems.is_empty() && !is_part(tokens.iter().find(|token| !token.trim().is_empty()).unwrap()) {
        assert_eq!(token, text.trim(), "{printed}");
    }
    read.problems.clone_from(&context.problems);
    assert_eq!(read, context, "{printed}");

    let conversion = Conversion::from_json(Json::parse(CONVERSION).unwrap()).unwrap();
    let plan = |accounts| {
        conversion_requests(&context, false, &conversion, &Accounts::from_json(Json::parse(accounts).unwrap()))
    };
    assert_eq!(plan(INTERFACES).requests, []);
    let hosts = [
        "2.log.optimizely.com",
        "dev.visualwebsiteoptimizer.com",
        "eu-data.kameleoon.io",
        "6.track.convertexperiments.com",
    ];
    for request in plan(ACCOUNTS).requests {
        let host = request.url.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap();
        assert!(hosts.contains(&host), "{}", request.url);
        assert!(request.url.bytes().all(|byte| byte.is_ascii_graphic()), "{}", request.url);
        assert!(!request.url.contains("=&") && !request.url.ends_with('='), "{}", request.url);
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Is the tag of the first section that of a part? It stands behind the version and the length of the body.
fn is_part(token: &str) -> bool {
    let mut bits = token.trim().bytes().skip(1).flat_map(|letter| {
        let value = ALPHABET.iter().position(|each| *each == letter).unwrap();
        (0..6).rev().map(move |bit| (value >> bit) & 1)
    });
    let mut byte = || (0..8).fold(0, |byte, _| (byte << 1) | bits.next().unwrap_or(0));
    byte();
    while byte() & 0x80 != 0 {}
    byte() == 8
}

/// The letter, the bytes, their checksum; apart from the library's own code.
fn seal(bytes: &[u8]) -> String {
    let checksum = !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 })
    });
    let bytes = [bytes, &checksum.to_be_bytes()].concat();
    let mut text = String::from("A");
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().chain([&0, &0]).take(3).fold(0_usize, |group, byte| (group << 8) | usize::from(*byte));
        for letter in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(group >> (18 - 6 * letter)) & 63]));
        }
    }
    text
}
