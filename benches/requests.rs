//! `cargo bench`: what the core does in a second, natively, on one core. It measures this machine, now; it judges nothing.
//!
//! Each figure is the median of several rounds; behind it the slowest and the fastest of them.
#![allow(clippy::arithmetic_side_effects, clippy::cast_precision_loss, clippy::expect_used)]
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod measure;

use aftercall::{
    capture::capture,
    conversion::{Accounts, Conversion, conversion_requests},
    stash::{stash, unstash},
    values::{
        cookies::Cookies,
        json::{Json, Members, Writer},
        page::Page,
        time::Time,
    },
    visitor::VisitorContext,
};
use measure::{ROUND, ROUNDS, measure};
use std::hint::black_box;

/// Requests a second that the project promises.
const BUDGET: f64 = 1_000_000.0;

/// A visitor whom four platforms know, three experiments each, among cookies of others. All ids are made up.
const COOKIES: &str = "_ga=GA1.1.1234567890.1772443800; optimizelyEndUserId=oeu1772443800000r0.4142135623730951; \
    optimizelyBuckets=%7B%2221000000011%22%3A%2221000000012%22%2C%2221000000021%22%3A%2221000000023%22%2C%2221000000031%22%3A%2221000000032%22%7D; \
    _vwo_uuid_v2=D5F1E2D3C4B5A69788796A5B4C3D2E1F0|0f1e2d3c4b5a69788796a5b4c3d2e1f0; _vwo_uuid=D5F1E2D3C4B5A69788796A5B4C3D2E1F0; \
    _vis_opt_exp_11_combi=2; _vis_opt_exp_12_combi=1; _vis_opt_exp_15_combi=3; _vwo_ds=3%241772443800%3A66.5%3A%3A; _vwo_sn=0%3A2; \
    kameleoonVisitorCode=c0ffee0123456789; PHPSESSID=a1b2c3d4e5f6a7b8c9d0e1f2a3; \
    _conv_v=vi%3A1*sc%3A1*cs%3A1772443800*fs%3A1772443800*pv%3A3*exp%3A%7B100330001.%7Bv.1003130001-g.%7B%7D%7D-100330002.%7Bv.1003130004-g.%7B%7D%7D-100330003.%7Bv.1003130006-g.%7B%7D%7D%7D; \
    _conv_s=si%3A1*sh%3A1772443800000-0.1414213562373095*pv%3A3";

const CONVERSION: &str = r#"{"id":"order-1042","at":"2026-03-05T16:20:00Z","revenue":"249.90","optimizely":{"event":"phone_order"},"vwo":{"goals":{"11":7}},"kameleoon":{"goalId":36151},"convert":{"goalIds":["100136097"]}}"#;

const ACCOUNTS: &str = r#"{"optimizely":{"accountId":"8511325","projectId":"1234567","api":"classic"},"vwo":{"accountId":"600100","api":"web-goal"},"kameleoon":{"siteCode":"f17c21u1ag","dataHost":"eu-data.kameleoon.io"},"convert":{"accountId":"10012345","projectId":"10016789","api":"tracking-request"}}"#;

const GLOBALS: &str = r#"{"optimizely":{"accountId":"8511325","projectId":"1234567"},"vwo":{"accountId":"600100"},"kameleoon":{"siteCode":"f17c21u1ag"},"convert":{"accountId":"10012345","projectId":"10016789"}}"#;

fn page() -> Page<'static> {
    let item = |variation: u32| format!("{{\"value\":\"{variation}/1772443800000\",\"expirationDate\":1775035800000}}");
    let stored = [(250_101, 980_101), (250_102, 0), (250_103, 980_105)];
    Page {
        cookies: Cookies::parse(COOKIES),
        storage: stored.map(|(id, variation)| (format!("kameleoonExperiment-{id}"), item(variation))).into(),
        url: "https://shop.example/product/42",
        globals: [Json::parse(GLOBALS).unwrap().members(), Members::default()],
        now: Time::from_ms(1_772_443_800_000).unwrap(),
    }
}

fn main() {
    let page = page();
    let context = capture(&page);
    assert_eq!(context.problems, [], "the sample is not what it should be");
    let token = stash(&context);
    let json = context.to_json();
    let accounts = Accounts::from_json(Json::parse(ACCOUNTS).unwrap());
    let mut conversion = Conversion::from_json(Json::parse(CONVERSION).unwrap()).unwrap();
    assert_eq!(conversion_requests(&context, false, &conversion, &accounts).requests.len(), 4);
    println!("one core, {ROUNDS} rounds of {} ms, a token of {} characters", ROUND.as_millis(), token.len());

    measure("Rust: context + conversion to requests", "requests/s", Some(BUDGET), |call| {
        conversion.facts.id = format!("order-{call}");
        black_box(conversion_requests(&context, false, &conversion, &accounts)).requests.len()
    });
    measure("Rust: token + conversion to requests", "requests/s", Some(BUDGET), |call| {
        conversion.facts.id = format!("order-{call}");
        let context = unstash([black_box(token.as_str())]).unwrap();
        black_box(conversion_requests(&context, false, &conversion, &accounts)).requests.len()
    });
    measure("Rust: token + conversion as JSON, to a plan as JSON", "requests/s", None, |call| {
        let conversion = CONVERSION.replace("1042", &call.to_string());
        let conversion = Conversion::from_json(Json::parse(&conversion).unwrap()).unwrap();
        let context = unstash([black_box(token.as_str())]).unwrap();
        let plan = conversion_requests(&context, false, &conversion, &accounts);
        let mut out = Writer::default();
        plan.write(&mut out);
        black_box(out.finish());
        plan.requests.len()
    });
    measure("Rust: stash", "tokens/s", None, |_| black_box(stash(black_box(&context))).len().min(1));
    measure("Rust: unstash", "tokens/s", None, |_| {
        black_box(unstash([black_box(token.as_str())]).unwrap());
        1
    });
    measure("Rust: capture", "pages/s", None, |_| {
        let page = Page { cookies: Cookies::parse(black_box(COOKIES)), ..page.clone() };
        black_box(capture(&page));
        1
    });
    measure("Rust: context as JSON, read", "contexts/s", None, |_| {
        black_box(VisitorContext::from_json(Json::parse(black_box(&json)).unwrap()));
        1
    });
}
