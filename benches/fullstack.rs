//! `cargo bench --features fullstack --bench fullstack`: decisions of FullStack's `track` in a second, natively, on one
//! core, their requests included. It measures this machine, now; it judges nothing.
#![allow(clippy::arithmetic_side_effects, clippy::cast_precision_loss, clippy::indexing_slicing, clippy::unwrap_used)]

mod measure;

use aftercall::{
    fullstack::{Call, Campaigns, Client, Moment, Options, Settings},
    values::json::{Json, Writer},
};
use measure::{ROUND, ROUNDS, measure};
use std::{borrow::Cow, fmt::Write as _, hint::black_box};

const MS: u64 = 1_772_443_800_000;

/// A settings file with so many campaigns, all with the goal; `extra` is put into each of them.
fn settings(campaigns: usize, root: &str, extra: &str) -> String {
    let mut text =
        format!(r#"{{"version":1,"accountId":888888,"sdkKey":"0123456789abcdef0123456789abcdef",{root}"campaigns":["#);
    for index in 0..campaigns {
        let comma = if index > 0 { "," } else { "" };
        let id = 230 + index;
        write!(
            text,
            r#"{comma}{{"id":{id},"key":"campaign-{id}","type":"VISUAL_AB","status":"RUNNING","percentTraffic":100,
            "segments":{{}},{extra}
            "variations":[{{"id":1,"name":"Control","weight":33.3333}},{{"id":2,"name":"Variation-1","weight":33.3333}},
                {{"id":3,"name":"Variation-2","weight":33.3333}}],
            "goals":[{{"id":{},"identifier":"order","type":"REVENUE_TRACKING"}}]}}"#,
            1000 + index
        )
        .unwrap();
    }
    text.push_str("]}");
    text
}

fn client(settings: &str) -> Client {
    Client::new(Settings::parse(settings).unwrap(), Options::default())
}

/// A call of the next user; each has another id.
fn user(call: &mut Call<'_>, number: u64) {
    let id = call.user_id.to_mut();
    id.truncate(5);
    write!(id, "{number}").unwrap();
}

fn main() {
    println!("one core, {ROUNDS} rounds of {} ms", ROUND.as_millis());
    let one = || Campaigns::One(Cow::Borrowed("campaign-230"));
    let conditions = r#""segments":{"and":[{"or":[{"custom_variable":{"country":"wildcard(*land*)"}}]},
        {"or":[{"custom_variable":{"age":"gt(17)"}}]}]},"#;

    let plain = client(&settings(1, "", ""));
    let mut call = Call::new(one(), "user-", "order");
    call.revenue = Json::parse("249.9");
    measure("track, one campaign", "calls/s", None, |number| {
        user(&mut call, number);
        let outcome = plain.track(black_box(&call), None, Moment { ms: MS, nonce: number });
        black_box(&outcome).request.iter().count()
    });
    measure("explain, one campaign", "calls/s", None, |number| {
        user(&mut call, number);
        black_box(plain.explain(black_box(&call), None)).verdicts.len()
    });
    let choosy = client(&settings(1, "", conditions));
    call.custom_variables = Json::parse(r#"{"country":"Finland","age":34}"#);
    measure("track, one campaign with two conditions", "calls/s", None, |number| {
        user(&mut call, number);
        black_box(choosy.track(black_box(&call), None, Moment { ms: MS, nonce: number })).request.iter().count()
    });
    let events = client(&settings(1, r#""isEventArchEnabled":true,"#, ""));
    measure("track, one campaign, event architecture", "calls/s", None, |number| {
        user(&mut call, number);
        black_box(events.track(black_box(&call), None, Moment { ms: MS, nonce: number })).request.iter().count()
    });
    measure("track as JSON, to an outcome as JSON", "calls/s", None, |number| {
        let json = format!(
            r#"{{"campaignKey":"campaign-230","userId":"user-{number}","goalIdentifier":"order","options":{{"revenueValue":249.9}}}}"#
        );
        let outcome = plain.track_json(Json::parse(&json).unwrap(), None, Moment { ms: MS, nonce: number });
        let mut out = Writer::default();
        outcome.write(&mut out, false);
        black_box(out.finish());
        outcome.request.iter().count()
    });
    let fifty = client(&settings(50, "", ""));
    let mut all = Call::new(Campaigns::All, "user-", "order");
    all.revenue = Json::parse("249.9");
    measure("track, null over 50 campaigns", "decisions/s", None, |number| {
        user(&mut all, number);
        let outcome = fifty.track(black_box(&all), None, Moment { ms: MS, nonce: number });
        assert!(outcome.request.is_some());
        black_box(outcome).verdicts.len()
    });
    let text = settings(50, "", conditions);
    measure("a settings file with 50 campaigns, read", "files/s", None, |_| {
        black_box(Settings::parse(black_box(&text)).unwrap());
        1
    });
}
