//! A page of any cookies, storage and address. Capture must not fail, and what it found must survive its token.
//!
//! The input is the page: the cookie text, then, each behind a line feed, the address and items of the storage, key and
//! value with a tab between them.
#![no_main]

use aftercall::{
    capture::capture,
    stash::{stash, stash_parts, unstash},
    values::{cookies::Cookies, json::Json, page::Page, time::Time},
    visitor::VisitorContext,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let mut lines = input.split('\n');
    let page = Page {
        cookies: Cookies::parse(lines.next().unwrap_or_default()),
        url: lines.next().unwrap_or_default(),
        storage: lines
            .filter_map(|line| line.split_once('\t'))
            .map(|(key, value)| (key.into(), value.into()))
            .collect(),
        now: Time::from_day(20_000).unwrap(),
        ..Page::default()
    };
    let mut context = capture(&page);
    let token = stash(&context);
    context.problems.clear();
    let printed = context.to_json();
    let json = Json::parse(&printed).expect("the context prints as JSON");
    assert_eq!(VisitorContext::from_json(json), context, "the context comes back from its JSON");
    if token.is_empty() {
        assert!(!context.is_known());
        return;
    }
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    assert_eq!(unstash([token.as_str()]), Ok(context.clone()), "the context comes back from its token");
    let parts = stash_parts(&context, 60);
    assert!(parts.iter().all(|part| part.len() <= 60));
    assert_eq!(unstash(parts.iter().rev().map(String::as_str)), Ok(context), "and from its parts");
});
