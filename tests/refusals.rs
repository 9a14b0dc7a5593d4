//! What is not sent, and what is sent with a warning: every code of a plan, and what leads to it.
//!
//! Revenue is never rounded in silence, a destination is never guessed, and what one platform cannot use costs the
//! others nothing.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;

use serde_json::{Value, json};

fn visitor() -> Value {
    json!({
        "capturedAt": 1_795_000_000_000_u64, // 2026-11-18
        "optimizely": { "endUserId": "oeu1403497108674r0.684978179866448", "experiments": { "55": "66" } },
        "vwo": { "uuid": "J2AF9B133A2946A8AC493FA516802D2A9", "campaigns": { "8": ["2"] } },
        "kameleoon": { "visitorCode": "245fc" },
        "convert": { "visitorId": "1-0.5", "experiences": { "11": "12" }, "goals": { "11": ["331"] } },
    })
}

fn accounts() -> Value {
    json!({
        "optimizely": { "accountId": 12001, "projectId": 111001, "api": "classic" },
        "vwo": { "accountId": 6, "api": "web-goal" },
        "kameleoon": { "siteCode": "f17c21u1ag", "dataHost": "eu-data.kameleoon.io" },
        "convert": { "accountId": 2, "projectId": 1, "api": "tracking-request" },
    })
}

fn conversion() -> Value {
    json!({
        "id": "call-1",
        "optimizely": { "event": "phone_call" },
        "vwo": { "goalId": 201 },
        "kameleoon": { "goalId": 36151 },
        "convert": { "goalIds": [35] },
    })
}

const AT: &str = "2026-11-20T09:30:00Z";

const PLATFORMS: [&str; 4] = ["optimizely", "vwo", "kameleoon", "convert"];

/// Puts a value at a JSON pointer, through objects that may not be there yet; `null` takes away what is there.
fn with(mut json: Value, path: &str, value: Value) -> Value {
    let mut at = &mut json;
    for name in path.split('.') {
        at = &mut at[name];
    }
    *at = value;
    json
}

/// `platform code` of what was skipped, and of the warnings; and how many requests there are.
#[track_caller]
fn outcome(visitor: &Value, conversion: &Value, accounts: &Value) -> (usize, Vec<String>, Vec<String>) {
    let plan = face::plan(visitor, conversion, accounts).unwrap();
    (plan["requests"].as_array().unwrap().len(), face::codes(&plan["skipped"]), face::codes(&plan["warnings"]))
}

#[test]
fn all_is_well_before_anything_is_wrong() {
    assert_eq!(outcome(&visitor(), &conversion(), &accounts()), (4, vec![], vec![]));
}

#[test]
fn only_id_and_at_concern_everyone() {
    for (path, value) in [
        ("id", Value::Null),
        ("id", json!("")),
        ("id", json!(7)),
        ("id", json!({})),
        ("at", Value::Null),
        ("at", json!("")),
        ("at", json!("2026-11-20")),
        ("at", json!("2026-11-20T09:30:00")),
        ("at", json!("2026-02-29T09:30:00Z")),
        ("at", json!("NaN")),
        ("at", json!(-1)),
        ("at", json!("1795000000000")),
        ("at", json!({})),
    ] {
        let result = face::plan(visitor(), with(conversion(), path, value.clone()), accounts());
        assert_eq!(result, Err("invalid-conversion".into()), "{path}: {value}");
    }
    // What is no object at all has no id either.
    for conversion in ["null", "7", "[]", "\"call-1\""] {
        assert_eq!(face::plan(visitor(), conversion, accounts()), Err("invalid-conversion".into()), "{conversion}");
    }
}

/// JavaScript never prints a time like this, but other languages do.
#[test]
fn a_time_with_an_exponent_is_that_time_or_refused() {
    for at in ["1.795e12", "1795e9", "1.795E+12"] {
        let conversion = with(conversion(), "at", json!("AT")).to_string().replace("\"AT\"", at);
        if let Ok(plan) = face::plan(visitor(), conversion, accounts()) {
            let url = &face::urls(&plan)[0];
            assert!(url.ends_with("&time=1795000000"), "{at} became {url}");
        }
    }
}

#[test]
fn revenue_that_would_have_to_be_rounded_or_guessed_is_refused_by_every_platform() {
    for revenue in [
        "\"NaN\"",
        "\"Infinity\"",
        "\"-Infinity\"",
        "1e21",
        "1e+21",
        "\"1e21\"",
        "0.001",
        "\"0.001\"",
        "19.995",
        "\"19.995\"",
        "1e-7",
        "\"3.3000000000000003\"",
        "9007199254740992",
        "\"90071992547409.92\"",
        "99999999999999999999999999",
        "\"\"",
        "\" 1\"",
        "\"1,50\"",
        "\"€5\"",
        "\"0x10\"",
        "true",
        "[]",
        "{}",
        "null",
    ] {
        let conversion = with(conversion(), "revenue", json!("REVENUE")).to_string().replace("\"REVENUE\"", revenue);
        let plan = face::plan(visitor(), conversion, accounts()).unwrap();
        assert_eq!(plan["requests"], json!([]), "{revenue}");
        assert_eq!(
            face::codes(&plan["skipped"]),
            PLATFORMS.map(|platform| format!("{platform} invalid-conversion")),
            "{revenue}"
        );
    }
}

#[test]
fn each_platform_gets_revenue_in_its_own_unit() {
    for (revenue, cents, decimal, fixed) in [
        ("0", "0", "0", "0.00"),
        ("19.99", "1999", "19.99", "19.99"),
        ("\"49.90\"", "4990", "49.9", "49.90"),
        ("\"10.000\"", "1000", "10", "10.00"),
        ("3.3000000000000003", "330", "3.3", "3.30"),
        ("0.30000000000000004", "30", "0.3", "0.30"),
        ("1e-10", "0", "0", "0.00"),
        ("90071992547409.91", "9007199254740991", "90071992547409.91", "90071992547409.91"),
    ] {
        let conversion = with(conversion(), "revenue", json!("REVENUE")).to_string().replace("\"REVENUE\"", revenue);
        let plan = face::plan(visitor(), conversion, accounts()).unwrap();
        let urls = face::urls(&plan);
        assert!(urls[0].ends_with(&format!("&v={cents}")), "{}", urls[0]);
        assert!(urls[1].ends_with(&format!("&r={decimal}")), "{}", urls[1]);
        let body = plan["requests"][2]["body"].as_str().unwrap();
        assert!(body.ends_with(&format!(",\"revenue\":{decimal}}}]")), "{body}");
        assert!(urls[3].ends_with(&format!("&t=35|call-1|{fixed}|1")), "{}", urls[3]);
    }
}

/// Only Kameleoon knows conversions that take back: its amount is positive and its conversion negative.
#[test]
fn negative_revenue_takes_back_where_that_is_possible() {
    let refund = with(conversion(), "revenue", json!("-12.50"));
    let plan = face::plan(visitor(), &refund, accounts()).unwrap();
    assert_eq!(
        face::codes(&plan["skipped"]),
        ["optimizely invalid-conversion", "vwo invalid-conversion", "convert invalid-conversion"]
    );
    let body = plan["requests"][0]["body"].as_str().unwrap();
    assert!(body.ends_with(r#","revenue":12.5,"negative":true}]"#), "{body}");
    // Below zero and yet not negative: that contradicts itself.
    let refund = with(refund, "kameleoon.negative", json!(false));
    assert_eq!(outcome(&visitor(), &refund, &accounts()).0, 0);
}

#[test]
fn quantities_are_whole() {
    for quantity in [json!(1.5), json!(-1), json!("ten"), json!("NaN"), json!(1e21), Value::Null] {
        let (requests, skipped, _) =
            outcome(&visitor(), &with(conversion(), "quantity", quantity.clone()), &accounts());
        assert_eq!(
            (requests, skipped),
            (0, PLATFORMS.map(|platform| format!("{platform} invalid-conversion")).into()),
            "{quantity}"
        );
    }
}

#[test]
fn what_is_wrong_for_one_platform_is_skipped_for_it_alone() {
    let no_id = ["1.5", "-1", "1e3", "9007199254740993", "\"abc\"", "\"01\"", "\"1&a=2\"", "\"\"", "true", "[1]", "{}"];
    let mut cases: Vec<(String, String)> = Vec::new();
    for value in no_id.into_iter().chain(["0"]) {
        cases.push(("kameleoon.goalId".into(), value.into()));
        cases.push(("vwo.goalId".into(), value.into()));
        cases.push(("vwo.goals".into(), format!("{{\"8\":{value}}}")));
    }
    // 2^53 and more are ids too, as long as they are text: a number of JavaScript is another one by then.
    for value in no_id {
        for path in ["convert.goalIds", "convert.pastGoalIds", "convert.firstViewOf", "vwo.campaignIds"] {
            cases.push((path.into(), format!("[1,{value}]")));
        }
    }
    for (path, values) in [
        ("optimizely.event", &["null", "\"\"", "7", "\"\\ud800\"", "{}"][..]),
        ("optimizely.anonymizeIp", &["\"yes\"", "1"]),
        (
            "optimizely.eventId",
            &["0.5", "-1", "\"\"", "\"phone_call\"", "true", "[7]", "9223372036854775808", "9007199254740993"],
        ),
        ("optimizely.revision", &["42", "\"\"", "\"\\ud800\"", "{}"]),
        (
            "optimizely.tags",
            &[
                "[]",
                "\"a\"",
                "7",
                "{\"a\":null}",
                "{\"a\":[1]}",
                "{\"a\":{}}",
                "{\"revenue\":true}",
                "{\"revenue\":1e21}",
                "{\"revenue\":\"a lot\"}",
                "{\"value\":\"\"}",
            ],
        ),
        (
            "optimizely.attributes",
            &[
                "{}",
                "[7]",
                "[{\"id\":1,\"value\":1}]",
                "[{\"id\":1,\"key\":\"a\"}]",
                "[{\"id\":\"a\",\"key\":\"a\",\"value\":1}]",
            ],
        ),
        ("kameleoon.goalId", &["null"]),
        ("kameleoon.negative", &["\"true\"", "0"]),
        ("kameleoon.metadata", &["[]", "\"a\"", "{\"a\":[\"b\"]}", "{\"1\":\"b\"}", "{\"1\":[2]}", "{\"-1\":[\"b\"]}"]),
        ("kameleoon.mappingValue", &["\"\"", "7", "\"a\\nb\""]),
        ("vwo.goals", &["[]", "\"8\"", "{\"x\":1}"]),
        ("vwo.userId", &["\"\"", "{}", "\"\\udc00\"", "9007199254740993"]),
        ("vwo.sendUserId", &["\"yes\""]),
        ("vwo.event", &["\"\"", "7", "\"\\ud800\"", "{}"]),
        ("convert.goalIds", &["null", "7", "\"7\"", "{}"]),
        ("convert.repeat", &["1"]),
        ("convert.firstViewOf", &["[999]"]),
        (
            "convert.transaction",
            &[
                "{\"id\":\"a|b\"}",
                "{\"id\":\"a&b\"}",
                "{\"id\":\"a#b\"}",
                "{\"id\":\"\"}",
                "{\"parts\":5}",
                "{\"goalIds\":[]}",
                "{}",
            ],
        ),
        ("optimizely", &["7", "\"phone_call\"", "[]"]),
        ("vwo", &["7", "[]", "{}"]),
        ("kameleoon", &["36151", "[]", "{}"]),
        ("convert", &["true", "[]", "{}"]),
    ] {
        cases.extend(values.iter().map(|value| (path.to_owned(), (*value).to_owned())));
    }
    for (path, value) in cases {
        let conversion = with(conversion(), &path, json!("VALUE")).to_string().replace("\"VALUE\"", &value);
        let plan = face::plan(visitor(), conversion, accounts()).unwrap();
        let platform = path.split('.').next().unwrap();
        assert_eq!(face::codes(&plan["skipped"]), [format!("{platform} invalid-conversion")], "{path}: {value}");
        assert_eq!(plan["requests"].as_array().unwrap().len(), 3, "{path}: {value}");
    }
}

/// The conversion's own id serves as the transaction's, unless it cannot stand in a URL's `t`.
#[test]
fn a_transaction_id_that_would_end_too_early_is_refused() {
    let conversion = with(conversion(), "revenue", json!("5"));
    for id in ["a|b", "a&b", "a#b", "a\nb"] {
        let (requests, skipped, _) = outcome(&visitor(), &with(conversion.clone(), "id", json!(id)), &accounts());
        assert_eq!((requests, skipped), (3, vec!["convert invalid-conversion".into()]), "{id}");
        // Three parts do without it.
        let three = with(conversion.clone(), "convert.transaction", json!({ "parts": 3 }));
        assert_eq!(outcome(&visitor(), &with(three, "id", json!(id)), &accounts()).0, 4, "{id}");
    }
}

/// A project id becomes a host's label, a prefix becomes a part of a path: neither can lead anywhere else.
#[test]
fn accounts_that_are_no_accounts_are_refused() {
    let hosts = [
        "1.evil.example",
        "evil.example/",
        "1/",
        "1#",
        "1?",
        "1@evil.example",
        "1:80",
        "-1",
        "0x1",
        "１",
        "1 ",
        " 1",
        "",
        "1\n",
    ];
    for path in
        ["optimizely.projectId", "optimizely.accountId", "convert.projectId", "convert.accountId", "vwo.accountId"]
    {
        for value in
            hosts.into_iter().map(Value::from).chain([json!(1.5), json!(-1), json!(true), json!([1]), json!({})])
        {
            let platform = path.split('.').next().unwrap();
            let accounts = with(accounts(), path, value.clone());
            let (requests, skipped, _) = outcome(&visitor(), &conversion(), &accounts);
            assert_eq!((requests, skipped), (3, vec![format!("{platform} invalid-account")]), "{path}: {value}");
            assert_eq!(face::codes(&face::check_settings(&accounts, "null")), [format!("{platform} invalid-account")]);
        }
    }
    for (path, values) in [
        ("vwo.collectionPrefix", &["", "a/b", "..", "a?b", "eu 01", "aaaaaaaaaaaaaaaaa", "é"][..]),
        ("kameleoon.siteCode", &["", "a b", "a&b", "a/b", "é"]),
        (
            "kameleoon.dataHost",
            &[
                "",
                "localhost",
                "127.0.0.1",
                "[::1]",
                "0x7f.1",
                "evil.example:8080",
                "evil.example/",
                "https://eu-data.kameleoon.io",
                "a@evil.example",
                "eu-data.kameleoon.io?",
                "eu-data.kameleoon.io#",
                "eu-data.kameleoon.io\\",
                ".io",
                "a..io",
                "a.io.",
                "é.io",
            ],
        ),
        ("optimizely.api", &["Classic", "event", ""]),
        ("optimizely.region", &["EU", "de", ""]),
        ("vwo.api", &["fullstack", "Events", ""]),
        ("vwo.sdkKey", &["", " ", "\u{FFFD}"]),
        ("kameleoon.format", &["lines", "JSON", ""]),
        ("convert.api", &["v2", ""]),
        (
            "convert.sdkKey",
            &["", "/", "1/", "/1", "1//2", "1/2/3", "..", "1/..", "a?b", "a#b", "a b", "a%2Fb", "a\\b", "é"],
        ),
        (
            "convert.domain",
            &["", "localhost", "127.0.0.1", "a.io/", "a.io:80", "https://a.io", "b@a.io", "a.io?", "é.io"],
        ),
        ("convert.enrichData", &["true"]),
        ("optimizely", &["12001"]),
    ] {
        for value in values {
            let platform = path.split('.').next().unwrap();
            let plan = outcome(&visitor(), &conversion(), &with(accounts(), path, json!(value)));
            assert_eq!((plan.0, plan.1), (3, vec![format!("{platform} invalid-account")]), "{path}: {value}");
        }
    }
}

#[test]
fn an_account_that_nobody_names_is_missing_and_an_interface_is_never_guessed() {
    for (path, code) in [
        ("optimizely", "no-account"),
        ("optimizely.accountId", "no-account"),
        ("optimizely.projectId", "no-account"),
        ("vwo", "no-account"),
        ("vwo.accountId", "no-account"),
        ("kameleoon", "no-account"),
        ("kameleoon.siteCode", "no-account"),
        ("kameleoon.dataHost", "no-account"),
        ("convert", "no-account"),
        ("convert.accountId", "no-account"),
        ("convert.projectId", "no-account"),
    ] {
        let platform = path.split('.').next().unwrap();
        let (requests, skipped, _) = outcome(&visitor(), &conversion(), &with(accounts(), path, Value::Null));
        assert_eq!((requests, skipped), (3, vec![format!("{platform} {code}")]), "{path}");
    }
}

/// Account and project stand in the body of Convert's `v1` as well: a key does not replace them.
#[test]
fn a_key_of_convert_is_no_account() {
    let accounts = with(with(accounts(), "convert.api", json!("v1")), "convert.sdkKey", json!("2/1"));
    assert_eq!(outcome(&visitor(), &conversion(), &accounts), (4, vec![], vec![]));
    for name in ["convert.accountId", "convert.projectId"] {
        let accounts = with(accounts.clone(), name, Value::Null);
        assert_eq!(outcome(&visitor(), &conversion(), &accounts).1, ["convert no-account"], "{name}");
        assert_eq!(face::codes(&face::check_settings(&accounts, "null")), ["convert no-account"], "{name}");
    }
}

/// Account ids of a page serve the visitor captured in it; a token, or a context that was kept, names none.
#[test]
fn only_a_visitor_captured_here_may_name_the_account() {
    let page = json!({
        "cookie": "optimizelyEndUserId=oeu1; _vwo_uuid=J2AF9B133A2946A8AC493FA516802D2A9; _vis_opt_exp_8_combi=2; \
            kameleoonVisitorCode=245fc; _conv_v=vi:7*exp:{11.{v.12-g.{}}}",
        "globals": {
            "optimizely": { "accountId": 12001, "projectId": "111001" }, "vwo": { "accountId": 6 },
            "kameleoon": { "siteCode": "f17c21u1ag" }, "convert": { "accountId": 2, "projectId": 1 },
        },
    });
    let visitor = face::capture(page);
    let accounts = json!({
        "optimizely": { "api": "classic" }, "vwo": { "api": "web-goal" }, "kameleoon": { "dataHost": "eu-data.kameleoon.io" },
        "convert": { "api": "tracking-request" },
    });
    let plan = face::plan_captured(&visitor, conversion(), &accounts).unwrap();
    assert_eq!(plan["requests"].as_array().unwrap().len(), 4);
    let token = Value::from(face::stash(&visitor));
    let parts = Value::from(face::stash_parts(&visitor, 60));
    assert!(parts.as_array().unwrap().len() > 1);
    for kept in [&visitor, &token, &parts] {
        let (requests, skipped, _) = outcome(kept, &conversion(), &accounts);
        assert_eq!((requests, skipped), (0, PLATFORMS.map(|platform| format!("{platform} no-account")).into()));
    }
    // Who says "captured" of a token is not believed.
    for kept in [&token, &parts] {
        assert_eq!(face::plan_captured(kept, conversion(), &accounts).unwrap()["requests"], json!([]));
    }
    // With the accounts named, all three are the same visitor.
    for kept in [&visitor, &token, &parts] {
        assert_eq!(face::plan(kept, conversion(), self::accounts()).unwrap()["requests"], plan["requests"]);
    }
}

#[test]
fn a_visitor_of_another_account_is_skipped() {
    for path in [
        "optimizely.accountId",
        "optimizely.projectId",
        "vwo.accountId",
        "kameleoon.siteCode",
        "convert.accountId",
        "convert.projectId",
    ] {
        let visitor = with(visitor(), path, json!("999"));
        let platform = path.split('.').next().unwrap();
        for captured in [false, true] {
            let plan =
                if captured { face::plan_captured } else { face::plan }(&visitor, conversion(), accounts()).unwrap();
            assert_eq!(face::codes(&plan["skipped"]), [format!("{platform} account-mismatch")], "{path}");
        }
    }
}

#[test]
fn a_platform_that_does_not_know_the_visitor_is_skipped() {
    for platform in PLATFORMS {
        let (requests, skipped, _) = outcome(&with(visitor(), platform, Value::Null), &conversion(), &accounts());
        assert_eq!((requests, skipped), (3, vec![format!("{platform} no-visitor-id")]));
    }
    // A platform that the conversion does not name is not told, and nothing is said of it.
    for platform in PLATFORMS {
        assert_eq!(outcome(&visitor(), &with(conversion(), platform, Value::Null), &accounts()), (3, vec![], vec![]));
    }
}

#[test]
fn vwo_identities_are_never_mixed() {
    let mobile = with(accounts(), "vwo.api", json!("track-goal"));
    let vwo = |visitor: &Value, conversion: &Value, accounts: &Value| {
        let plan = face::plan(visitor, json!({ "id": "1", "vwo": conversion["vwo"] }), accounts).unwrap();
        (face::urls(&plan), face::codes(&plan["skipped"]), face::codes(&plan["warnings"]))
    };
    // The web visitor's uuid means nothing to the mobile endpoint.
    assert_eq!(vwo(&visitor(), &conversion(), &mobile), (vec![], vec!["vwo wrong-identity".into()], vec![]));
    let unknown = with(visitor(), "vwo.uuid", Value::Null);
    assert_eq!(vwo(&unknown, &conversion(), &mobile).1, ["vwo no-visitor-id"]);
    // A user id means nothing to the web endpoint.
    let named = with(conversion(), "vwo.userId", json!("user-1"));
    assert_eq!(vwo(&unknown, &named, &accounts()).1, ["vwo no-visitor-id"]);
    let (urls, _, _) = vwo(&visitor(), &named, &accounts());
    assert!(urls[0].contains("&u=J2AF9B133A2946A8AC493FA516802D2A9") && !urls[0].contains("user"), "{urls:?}");
    let (urls, _, _) = vwo(&visitor(), &named, &mobile);
    assert!(urls[0].contains("&u=") && !urls[0].contains("J2AF") && !urls[0].contains("user_id"), "{urls:?}");

    // A user id may be a number; sent as it is, it may be somebody's address.
    for (user_id, warnings) in [
        (json!("user-1"), 0),
        (json!(4711), 0),
        (json!("hello@world.com"), 1),
        (json!("+4915112345678"), 1),
        (json!("12.34.56.78"), 1),
        (json!("2001:db8::1"), 1),
    ] {
        let named = with(with(conversion(), "vwo.userId", user_id.clone()), "vwo.sendUserId", json!(true));
        let (urls, _, said) = vwo(&visitor(), &named, &mobile);
        assert_eq!((urls.len(), said), (1, vec!["vwo personal-data".to_owned(); warnings]), "{user_id}");
        let hashed = with(named, "vwo.sendUserId", json!(false));
        assert_eq!(vwo(&visitor(), &hashed, &mobile).2, Vec::<String>::new(), "{user_id}: an MD5 gives nobody away");
    }
}

/// Who is named says where it goes: a browser, an app's user, a FullStack user.
#[test]
fn vwos_interface_follows_the_identity_unless_it_is_named() {
    let path = |goal: Value, account: Value| {
        let account = with(with(json!({}), "vwo", account), "vwo.accountId", json!(6));
        let plan = face::plan(visitor(), json!({ "id": "1", "at": AT, "vwo": goal }), account).unwrap();
        match face::urls(&plan).first() {
            Some(url) => url.split(['?']).next().unwrap().split_once(".com/").unwrap().1.to_owned(),
            None => face::codes(&plan["skipped"]).remove(0),
        }
    };
    let key = || json!({ "sdkKey": "SDKKEY" });
    for (goal, account, due) in [
        (json!({ "goalId": 1 }), json!({}), "c.gif"),
        (json!({ "goalId": 1 }), key(), "c.gif"),
        (json!({ "goalId": 1, "event": "call" }), json!({}), "c.gif"),
        (json!({ "goals": { "8": 1 }, "event": "call" }), json!({}), "c.gif"),
        (json!({ "event": "call" }), json!({}), "events/t"),
        (json!({ "event": "call" }), key(), "events/t"),
        (json!({ "goalId": 1, "userId": "u" }), json!({}), "track-goal"),
        (json!({ "goalId": 1, "userId": "u" }), key(), "server-side/track-goal"),
        (json!({ "goalId": 1, "userId": "u" }), json!({ "api": "server-side" }), "vwo no-account"),
        (json!({ "goalId": 1, "userId": "u", "event": "e" }), json!({ "api": "events" }), "events/t"),
        (json!({ "goalId": 1, "userId": "u" }), json!({ "api": "web-goal" }), "c.gif"),
        // Each interface asks for what it needs, and for nothing else.
        (json!({ "event": "call", "userId": "u" }), json!({}), "vwo invalid-conversion"),
        (json!({ "event": "call" }), json!({ "api": "web-goal" }), "vwo invalid-conversion"),
        (json!({ "goalId": 1 }), json!({ "api": "events" }), "vwo invalid-conversion"),
        (json!({ "goalId": 1 }), json!({ "api": "server-side", "sdkKey": "k" }), "vwo wrong-identity"),
    ] {
        assert_eq!(path(goal.clone(), account.clone()), due, "{goal} {account}");
    }
    let check = |account: Value| face::codes(&face::check_settings(json!({ "vwo": account }), "null"));
    assert_eq!(check(json!({ "accountId": 6 })), Vec::<String>::new());
    assert_eq!(check(json!({ "accountId": 6, "api": "server-side" })), ["vwo no-account"]);
    assert_eq!(check(json!({ "accountId": 6, "api": "server-side", "sdkKey": "k" })), Vec::<String>::new());

    // A settings window hears of what the account's interface needs of the goal.
    let about = |platform: &str, account: Value, goal: Value| {
        let problems = face::check_settings(json!({ platform: account }), json!({ platform: goal }));
        let texts = problems.as_array().unwrap().iter().map(|problem| problem["message"].as_str().unwrap().to_owned());
        (face::codes(&problems), texts.collect::<String>())
    };
    for (api, goal, name) in [
        ("events", json!({ "goalId": 1 }), "event "),
        ("web-goal", json!({ "event": "call" }), "goalId "),
        ("events", json!({}), "goalId "),
    ] {
        let (codes, text) = about("vwo", json!({ "accountId": 6, "api": api }), goal);
        assert!(codes.contains(&"vwo invalid-conversion".into()) && text.contains(name), "{codes:?} {text}");
    }
    let events = |goal: Value| about("optimizely", json!({ "accountId": 1, "api": "events" }), goal);
    assert_eq!(events(json!({ "event": "call" })).0, ["optimizely invalid-conversion"]);
    assert_eq!(events(json!({ "event": "call", "eventId": 7 })).0, Vec::<String>::new());
}

/// An event is the browser's: no user id can stand in for its uuid. It has a time, so nothing counts at arrival.
#[test]
fn vwo_events_are_those_of_a_web_visitor() {
    let events = with(accounts(), "vwo.api", json!("events"));
    let vwo = |visitor: &Value, conversion: Value| {
        let plan = face::plan(visitor, conversion, &events).unwrap();
        let list = |name: &str| face::codes(&plan[name]);
        (plan["requests"].as_array().unwrap().len(), list("skipped"), list("warnings"))
    };
    let call = json!({ "id": "1", "at": AT, "vwo": { "event": "call" } });
    assert_eq!(vwo(&visitor(), call.clone()), (1, vec![], vec![]));
    let named = with(call.clone(), "vwo.userId", json!("user-1"));
    assert_eq!(vwo(&visitor(), named.clone()), (1, vec![], vec!["vwo unsupported-option".into()]));
    let unknown = with(visitor(), "vwo.uuid", Value::Null);
    assert_eq!(vwo(&unknown, named).1, ["vwo no-visitor-id"]);
    // Goals that are named are told of campaigns that the visitor is in, as everywhere.
    for (goals, skipped) in [(json!({ "8": 201 }), None), (json!({ "77": 201 }), Some("vwo no-campaign"))] {
        let (_, said, _) = vwo(&visitor(), with(call.clone(), "vwo.goals", goals));
        assert_eq!(said.first().map(String::as_str), skipped);
    }
    assert_eq!(vwo(&visitor(), with(call, "revenue", json!("-5"))).1, ["vwo invalid-conversion"]);
}

#[test]
fn a_long_visitor_code_is_sent_with_a_warning() {
    for (length, warnings) in [(100, 0), (101, 1), (255, 1)] {
        let visitor = with(visitor(), "kameleoon.visitorCode", json!("é".repeat(length)));
        let due = vec!["kameleoon identity-unverified".to_owned(); warnings];
        assert_eq!(outcome(&visitor, &conversion(), &accounts()), (4, vec![], due), "{length}");
        let mapped = with(conversion(), "kameleoon.mappingValue", json!("crm 7"));
        assert_eq!(outcome(&visitor, &mapped, &accounts()), (4, vec![], vec![]), "the code is not sent");
    }
}

/// The project's own key of a visitor needs no code of Kameleoon's, in either form.
#[test]
fn a_mapping_value_needs_no_visitor_code() {
    let mapped = json!({ "id": "1", "kameleoon": { "goalId": 36151, "mappingValue": "a&b" } });
    for format in ["json", "text"] {
        let accounts = with(accounts(), "kameleoon.format", json!(format));
        for nobody in [json!({}), json!({ "kameleoon": {} })] {
            let plan = face::plan(&nobody, &mapped, &accounts).unwrap();
            let url = face::urls(&plan).remove(0);
            assert!(url.contains("&mappingValue=a%26b") && !plan.to_string().contains("visitorCode"), "{plan}");
        }
    }
    let nobody = face::plan(json!({}), with(mapped, "kameleoon.mappingValue", Value::Null), accounts()).unwrap();
    assert_eq!(face::codes(&nobody["skipped"]), ["kameleoon no-visitor-id"]);
}

#[test]
fn vwo_goals_belong_to_campaigns() {
    let visitor = with(visitor(), "vwo.campaigns", json!({ "8": ["2"], "9": ["1", "3"] }));
    let vwo = |goal: Value| {
        let plan = face::plan(&visitor, json!({ "id": "1", "vwo": goal }), accounts()).unwrap();
        let told: Vec<String> = face::urls(&plan)
            .iter()
            .map(|url| url.split("&u=").next().unwrap().split("c.gif?account_id=6&").nth(1).unwrap().to_owned())
            .collect();
        (told, face::codes(&plan["skipped"]))
    };
    let (eight, nine) = ("experiment_id=8&goal_id=201&combination=2", "experiment_id=9&goal_id=201&combination=1%2C3");
    for (goal, told, skipped) in [
        (json!({ "goalId": 201 }), &[][..], &["vwo ambiguous-goal"][..]),
        (json!({ "goalId": 201, "campaignIds": [9] }), &[nine], &[]),
        (json!({ "goalId": 201, "campaignIds": ["9", 8, 77] }), &[eight, nine], &[]),
        (json!({ "goals": { "8": 201 } }), &[eight], &[]),
        (json!({ "goals": { "8": 201 }, "goalId": 7 }), &[eight], &[]),
        (json!({ "goals": { "8": "201", "9": 201 } }), &[eight, nine], &[]),
        (json!({ "goals": { "8": 201, "9": 201 }, "campaignIds": [9] }), &[nine], &[]),
        (json!({ "goals": { "77": 201 } }), &[], &["vwo no-campaign"]),
        (json!({ "goalId": 201, "campaignIds": [77] }), &[], &["vwo no-campaign"]),
        (json!({ "goalId": 201, "campaignIds": [] }), &[], &["vwo no-campaign"]),
    ] {
        let (said, because) = vwo(goal.clone());
        assert_eq!(
            (said, because),
            (told.iter().map(|s| (*s).into()).collect(), skipped.iter().map(|s| (*s).into()).collect()),
            "{goal}"
        );
    }
}

#[test]
fn convert_goals_that_were_hit_before_are_sent_as_past() {
    let told = |goal: Value| {
        let plan = face::plan(visitor(), json!({ "id": "1", "convert": goal }), accounts()).unwrap();
        let url = face::urls(&plan).remove(0);
        (url.split_once("&g=").unwrap().1.to_owned(), face::codes(&plan["warnings"]))
    };
    for (goal, g, warnings) in [
        (json!({ "goalIds": [35] }), "35,331&ga=1", 0),
        (json!({ "goalIds": [331] }), "331&ga=0", 1),
        (json!({ "goalIds": [331, 35, 35] }), "35,331&ga=1", 1),
        (json!({ "goalIds": [331], "repeat": true }), "331&ga=1", 0),
        (json!({ "goalIds": [331], "pastGoalIds": [] }), "331&ga=0", 1),
        (json!({ "goalIds": [331], "pastGoalIds": [331, 7] }), "331,7&ga=0", 1),
        (json!({ "goalIds": [35], "pastGoalIds": [7, 7] }), "35,7&ga=1", 0),
        (json!({ "goalIds": [35, 7], "pastGoalIds": [7] }), "35,7&ga=1", 1),
        (json!({ "goalIds": [] }), "331&ga=0", 0),
    ] {
        assert_eq!(told(goal.clone()), (g.to_owned(), vec!["convert already-counted".to_owned(); warnings]), "{goal}");
    }
}

/// Convert's `v1` knows nothing of the past: a goal that was hit before is left out, its transaction is not.
#[test]
fn convert_goals_that_were_hit_before_are_not_told_again() {
    let accounts = with(accounts(), "convert.api", Value::Null);
    let told = |goal: &Value, revenue: &Value| {
        let mut conversion = json!({ "id": "1", "convert": goal });
        if !revenue.is_null() {
            conversion["revenue"] = revenue.clone();
        }
        let plan = face::plan(visitor(), conversion, &accounts).unwrap();
        let said = [face::codes(&plan["skipped"]), face::codes(&plan["warnings"])].map(|codes| codes.join(" "));
        let body = plan["requests"][0]["body"].as_str().unwrap_or("null");
        let body: Value = serde_json::from_str(body).unwrap();
        let events = body["visitors"][0]["events"].as_array().cloned().unwrap_or_default();
        let events: Vec<String> = events
            .iter()
            .map(|event| {
                let (kind, data) = (event["eventType"].as_str().unwrap(), &event["data"]);
                let id = if kind == "bucketing" { &data["experienceId"] } else { &data["goalId"] };
                let worth = if data["goalData"].is_null() { "" } else { "+" };
                format!("{}{}{worth}", &kind[..1], id.as_str().unwrap())
            })
            .collect();
        (events.join(" "), said)
    };
    let (again, no_goal) = ("convert already-counted", "convert invalid-conversion");
    for (goal, revenue, events, skipped, warnings) in [
        (json!({ "goalIds": [35] }), json!(null), "c35", "", ""),
        (json!({ "goalIds": [35, 7] }), json!(5), "c35 c35+ c7 c7+", "", ""),
        (json!({ "goalIds": [35, 7, 35], "firstViewOf": [11] }), json!(null), "b11 c35 c7", "", ""),
        (json!({ "goalIds": [35], "transaction": { "goalIds": [7] } }), json!(5), "c35 c7+", "", ""),
        (json!({ "goalIds": [], "transaction": { "goalIds": [331] } }), json!(5), "c331+", "", ""),
        (json!({ "goalIds": [], "firstViewOf": [11] }), json!(null), "b11", "", ""),
        (json!({ "goalIds": [331, 35] }), json!(null), "c35", "", again),
        (json!({ "goalIds": [331] }), json!(5), "c331+", "", again),
        (json!({ "goalIds": [331], "firstViewOf": [11] }), json!(null), "b11", "", again),
        (json!({ "goalIds": [331], "repeat": true }), json!(5), "c331 c331+", "", ""),
        (json!({ "goalIds": [35, 7], "pastGoalIds": [7] }), json!(null), "c35", "", again),
        (json!({ "goalIds": [331] }), json!(null), "", again, ""),
        (json!({ "goalIds": [331, 7], "pastGoalIds": [7] }), json!(null), "", again, ""),
        (json!({ "goalIds": [] }), json!(null), "", no_goal, ""),
        (json!({ "goalIds": [35], "firstViewOf": [999] }), json!(null), "", no_goal, ""),
        (json!({ "goalIds": [35] }), json!(-5), "", no_goal, ""),
        (json!({ "goalIds": [35], "transaction": {} }), json!(null), "", no_goal, ""),
        (json!({ "goalIds": [] }), json!(5), "", no_goal, ""),
    ] {
        let due = (events.to_owned(), [skipped.to_owned(), warnings.to_owned()]);
        assert_eq!(told(&goal, &revenue), due, "{goal} {revenue}");
    }
}

/// Convert's cookie says `1` where it has no id of the visitor's own. Nothing is told of a visitor 1.
#[test]
fn convert_v1_tells_of_nobody_without_an_id() {
    let accounts = with(accounts(), "convert.api", json!("v1"));
    for id in [Value::Null, json!("1"), json!("")] {
        let visitor = with(visitor(), "convert.visitorId", id.clone());
        let (requests, skipped, warnings) = outcome(&visitor, &conversion(), &accounts);
        assert_eq!((requests, skipped, warnings), (3, vec!["convert no-visitor-id".into()], vec![]), "{id}");
    }
}

/// What would end a transaction's id in the older request is text in a body.
#[test]
fn convert_v1_takes_any_transaction_id() {
    let accounts = with(accounts(), "convert.api", json!("v1"));
    let conversion = with(with(conversion(), "id", json!("a|b&c#\"d\\")), "revenue", json!("5"));
    let plan = face::plan(visitor(), conversion, accounts).unwrap();
    let body: Value = serde_json::from_str(plan["requests"][3]["body"].as_str().unwrap()).unwrap();
    let data = &body["visitors"][0]["events"][1]["data"]["goalData"];
    assert_eq!(data, &json!([{ "key": "amount", "value": 5 }, { "key": "transactionId", "value": "a|b&c#\"d\\" }]));
}

#[test]
fn platforms_without_a_field_for_the_time_say_so() {
    let days = |days: u64| with(conversion(), "at", json!(1_795_000_000_000_u64 + days * 86_400_000));
    let arrival = ["vwo", "kameleoon", "convert"].map(|platform| format!("{platform} counted-at-arrival"));
    assert_eq!(outcome(&visitor(), &days(7), &accounts()), (4, vec![], arrival.to_vec()));
    let v1 = with(accounts(), "convert.api", json!("v1"));
    assert_eq!(outcome(&visitor(), &days(7), &v1), (4, vec![], arrival.to_vec()));
    let late = [
        "vwo counted-at-arrival",
        "kameleoon counted-at-arrival",
        "kameleoon past-attribution-window",
        "convert counted-at-arrival",
    ];
    assert_eq!(outcome(&visitor(), &days(8), &accounts()), (4, vec![], late.map(String::from).to_vec()));
    // Nobody knows when the visit was: nobody can say that it is too long ago.
    let unknown = with(visitor(), "capturedAt", Value::Null);
    assert_eq!(outcome(&unknown, &days(8), &accounts()), (4, vec![], arrival.to_vec()));
}

#[test]
fn options_without_a_parameter_are_named() {
    let options = json!({ "event": "phone_call", "tags": { "a": 1 }, "eventId": 7, "attributes": [], "revision": "3" });
    let conversion = with(with(conversion(), "optimizely", options), "vwo.event", json!("phoneCall"));
    // Not the event's id: an account with visitors of both kinds names it for those of the other.
    let mut due = vec!["optimizely unsupported-option"; 3];
    due.push("vwo unsupported-option");
    let due: Vec<String> = due.into_iter().map(String::from).collect();
    assert_eq!(outcome(&visitor(), &conversion, &accounts()), (4, vec![], due.clone()));
    // And no event of VWO's, as long as no interface is named that has no place for it.
    let unnamed = with(with(accounts(), "vwo.api", Value::Null), "optimizely.api", Value::Null);
    assert_eq!(outcome(&visitor(), &conversion, &unnamed), (4, vec![], due[..3].to_vec()));
}

/// "0" says that Optimizely ignores the visitor, variation 1 that Convert left the visitor out: whoever wrote it into a
/// context that was kept, it is nothing that the visitor saw.
#[test]
fn experiments_that_a_visitor_is_not_in_are_never_told() {
    let visitor = with(
        with(visitor(), "optimizely.experiments", json!({ "55": "66", "77": "0" })),
        "convert.experiences",
        json!({ "11": "12", "13": "1" }),
    );
    let token = Value::from(face::stash(&visitor));
    for kept in [&visitor, &token] {
        let urls = face::urls(&face::plan(kept, conversion(), accounts()).unwrap());
        assert!(urls[0].ends_with("&x55=66"), "{}", urls[0]);
        assert!(urls[3].contains("&e=11-12-331&"), "{}", urls[3]);
    }
}

#[test]
fn settings_are_checked_entry_by_entry() {
    let check = |accounts: Value, conversion: Value| {
        let problems = face::check_settings(accounts, conversion);
        let texts: Vec<String> =
            problems.as_array().unwrap().iter().map(|p| p["message"].as_str().unwrap().into()).collect();
        (face::codes(&problems), texts)
    };
    assert_eq!(check(accounts(), conversion()), (vec![], vec![]));
    assert_eq!(check(json!({}), json!({})), (vec![], vec![]));
    let (codes, texts) = check(
        json!({ "optimizely": { "accountId": 1, "projectId": "x" }, "kameleoon": { "siteCode": "abc" } }),
        json!({ "revenue": "1,5", "vwo": {}, "convert": { "goalIds": [1] }, "optimizely": { "event": "call" } }),
    );
    assert_eq!(
        codes,
        [
            "page invalid-conversion",
            "optimizely invalid-account",
            "vwo no-account",
            "vwo invalid-conversion",
            "kameleoon no-account",
            "convert no-account",
        ]
    );
    for (text, about) in texts.iter().zip(["revenue", "projectId", "vwo", "goalId", "dataHost", "convert"]) {
        assert!(text.contains(about), "{text}");
    }
}

/// What is told of a problem is its name, never a value: messages end up in logs.
#[test]
fn no_message_holds_a_value() {
    let secret = "s3cret@example.com";
    let cookie = format!(
        "optimizelyEndUserId={secret}; optimizelyPPID={secret}; optimizelyBuckets={secret}; _vwo_uuid={secret}; \
         _vis_opt_exp_8_combi={secret}; kameleoonVisitorCode={secret}; _conv_v=vi:{secret}*exp:{secret}*seg:{secret}"
    );
    let context = face::capture(json!({
        "cookie": cookie,
        "storage": {
            "kameleoonExperiment-1": format!("{{\"value\":\"{secret}\"}}"),
            format!("optimizely_data$${secret}$$1$$layer_states"): secret,
        },
        "globals": { "optimizely": { "campaignStates": secret } },
    }));
    assert!(context["problems"].as_array().unwrap().len() >= 9);
    assert!(!context.to_string().contains("s3cret"), "{context}");
    let conversion = json!({
        "id": "1", "optimizely": { "event": secret, "tags": { "revenue": secret } }, "vwo": { "goalId": secret, "userId": secret }, "kameleoon": { "goalId": secret },
        "convert": { "goalIds": [secret] },
    });
    for accounts in [
        accounts(),
        json!({ "optimizely": secret, "vwo": { "accountId": secret }, "kameleoon": { "dataHost": secret } }),
    ] {
        let plan = face::plan(visitor(), &conversion, &accounts).unwrap();
        assert_eq!(plan["requests"], json!([]));
        assert!(!plan.to_string().contains("s3cret"), "{plan}");
        assert!(!face::check_settings(&accounts, &conversion).to_string().contains("s3cret"));
    }
}

/// Half a character arrives as U+FFFD: two ids that differ in nothing else would be one conversion.
#[test]
fn an_id_with_half_a_character_is_refused() {
    for id in [r#""\ud800""#, r#""call-\udc01""#] {
        let conversion = with(conversion(), "id", json!("ID")).to_string().replace("\"ID\"", id);
        assert_eq!(face::plan(visitor(), conversion, accounts()), Err("invalid-conversion".into()), "{id}");
    }
}

/// The same metadata is the same body, however its JSON was laid out; and an index stands in it once.
#[test]
fn metadata_is_written_in_one_way() {
    let body = |metadata: &str| {
        let conversion = with(conversion(), "kameleoon.metadata", json!("METADATA")).to_string();
        let plan = face::plan(visitor(), conversion.replace("\"METADATA\"", metadata), accounts()).unwrap();
        plan["requests"][2]["body"].as_str().unwrap().to_owned()
    };
    let plain = body(r#"{"1":["x"],"2":["é","y"]}"#);
    assert!(plain.ends_with(r#","metadata":{"1":["x"],"2":["é","y"]}}]"#), "{plain}");
    for metadata in [
        r#"{ "2": [ "é", "y" ], "1": [ "x" ] }"#,
        "{\n\t\"1\":[\"x\"],\"2\":[\"\\u00e9\",\"y\"]}",
        r#"{"1":["old"],"2":["é","y"],"1":["x"]}"#,
    ] {
        assert_eq!(body(metadata), plain, "{metadata}");
    }
}
