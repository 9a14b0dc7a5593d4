//! Capture reads what is there, leaves out what nobody should have, and fails at nothing: whatever a page holds.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;

use serde_json::{Value, json};

const COOKIES: &str = "optimizelyEndUserId=oeu1403497108674r0.684978179866448; \
    optimizelyBuckets=%7B%2255%22%3A%2266%22%2C%2257%22%3A%2268_69%22%2C%2270%22%3A%220%22%7D; \
    optimizelySegments=%7B%221%22%3A%22gc%22%2C%222%22%3A%22%25C3%25A9%22%7D; \
    _vwo_uuid=J2AF9B133A2946A8AC493FA516802D2A9; _vis_opt_exp_8_combi=2; _vis_opt_exp_9_combi=1%2C3; \
    kameleoonVisitorCode=l200u3djm8kovq4o; \
    _conv_v=vi%3A1*sc%3A1*exp%3A%7B11.%7Bv.12-g.%7B331.1%7D%7D-13.%7Bv.1-g.%7B%7D%7D%7D*seg%3A%7B5.1%7D; \
    _conv_s=si%3A1*sh%3A1753152332187-0.005297773138133621*pv%3A1";

fn page() -> Value {
    json!({
        "cookie": COOKIES,
        "storage": {
            "kameleoonExperiment-41": r#"{"value":"reference/1795000000000","expirationDate":1800000000000}"#,
            "kameleoonExperiment-42": r#"{"value":"43-mentalist/1795000000000/false","date":1800000000000}"#,
            "kameleoonExperiment-44": r#"{"value":"45/1795000000000","expirationDate":1700000000000}"#,
            "kameleoonExperiment-46": r#"{"value":"null/1795000000000"}"#,
            "kameleoonLegalConsent": r#"{"value":{"AB_TESTING":true,"PERSONALIZATION":false},"expirationDate":1800000000000}"#,
        },
        "globals": {
            "optimizely": { "accountId": 12001, "projectId": "111001" },
            "vwo": { "accountId": 6 },
            "kameleoon": { "siteCode": "f17c21u1ag" },
            "convert": { "accountId": "2", "projectId": 1 },
        },
        "now": 1_795_000_000_000_u64,
    })
}

fn context() -> Value {
    json!({
        "capturedAt": 1_795_000_000_000_u64,
        "optimizely": {
            "endUserId": "oeu1403497108674r0.684978179866448", "accountId": "12001", "projectId": "111001",
            "experiments": { "55": "66", "57": "68_69" }, "segments": { "1": "gc", "2": "%C3%A9" },
        },
        "vwo": { "uuid": "J2AF9B133A2946A8AC493FA516802D2A9", "accountId": "6", "campaigns": { "8": ["2"], "9": ["1", "3"] } },
        "kameleoon": { "visitorCode": "l200u3djm8kovq4o", "siteCode": "f17c21u1ag", "experiments": { "41": "0", "42": "43" } },
        "convert": {
            "visitorId": "1753152332187-0.005297773138133621", "accountId": "2", "projectId": "1",
            "experiences": { "11": "12" }, "goals": { "11": ["331"] }, "segments": ["5"],
        },
        "problems": [],
    })
}

#[test]
fn a_page_with_all_four_platforms() {
    assert_eq!(face::capture(page()), context());
}

#[test]
fn an_empty_page_is_an_empty_context_without_problems() {
    let empty = json!({ "capturedAt": 0, "problems": [] });
    for page in ["{}", r#"{"cookie":"","storage":{},"url":"","globals":{}}"#, "null", "7"] {
        assert_eq!(face::capture(page), empty, "{page}");
    }
    // What cannot be read at all is no empty page.
    for page in ["", "no json"] {
        assert_eq!(face::codes(&face::capture(page)["problems"]), ["page no-page"], "{page}");
    }
    assert_eq!(face::stash(&empty), "");
    assert_eq!(face::stash_parts(&empty, 40), Vec::<String>::new());
}

/// What goes with a page beside it: the time, accounts that it does not tell, an address in place of its own, a wish.
#[test]
fn what_goes_with_a_page() {
    let ask = |input: Value| aftercall::json_face::capture(&input.to_string());
    let (page, now) = (page(), 1_795_000_000_000_u64);
    let context = ask(json!({ "page": page, "now": now }));
    assert_eq!(serde_json::from_str::<Value>(&context).unwrap(), self::context());
    let both = ask(json!({ "page": page, "now": now, "stash": true }));
    assert_eq!(both.split_once('\n'), Some((context.as_str(), face::stash(&context).as_str())));
    // A page asks for nothing itself.
    assert_eq!(ask(json!({ "page": { "stash": true, "now": 7 } })), r#"{"capturedAt":0,"problems":[]}"#);
    let read: Value = serde_json::from_str(&ask(json!({
        "page": { "cookie": "_vwo_uuid=J2AF9B133A2946A8AC493FA516802D2A9; kameleoonVisitorCode=245fc", "url": "/?_conv_v=vi:own*sc:1&_conv_s=si:1*sh:2",
            "globals": { "vwo": { "accountId": 6 } } },
        "globals": { "vwo": { "accountId": 7 }, "kameleoon": { "siteCode": "f17c21u1ag" } },
        "url": "https://shop.example/?_conv_v=vi:arrived*sc:1&_conv_s=si:1*sh:2",
    })))
    .unwrap();
    assert_eq!(read["vwo"]["accountId"], "6", "the page's own comes first");
    assert_eq!(read["kameleoon"]["siteCode"], "f17c21u1ag");
    assert_eq!(read["convert"]["visitorId"], "arrived");
    // Where there is no page the time is still now.
    let nowhere = ask(json!({ "now": 5, "stash": true, "globals": { "vwo": { "accountId": 7 } } }));
    let (context, token) = nowhere.split_once('\n').unwrap();
    let context: Value = serde_json::from_str(context).unwrap();
    assert_eq!((&context["capturedAt"], token), (&json!(5), ""));
    assert_eq!(face::codes(&context["problems"]), ["page no-page"]);
}

/// The order of cookies, and spaces between them, mean nothing.
#[test]
fn cookies_in_any_order() {
    let mut cookies: Vec<&str> = COOKIES.split("; ").collect();
    for separator in ["; ", ";", " ;  "] {
        cookies.reverse();
        let page = {
            let mut page = page();
            page["cookie"] = json!(cookies.join(separator));
            page
        };
        assert_eq!(face::capture(page), context());
    }
}

#[test]
fn names_that_look_alike_are_not_the_platforms() {
    let alike: Vec<String> = COOKIES
        .split("; ")
        .flat_map(|cookie| {
            let (name, value) = cookie.split_once('=').unwrap();
            [
                format!("x{name}"),
                format!("{name}x"),
                format!("my_{name}"),
                format!("{name}_2"),
                format!("debug{name}"),
                format!("{name}."),
            ]
            .map(|name| format!("{name}={value}"))
        })
        .chain(
            [
                "_vwo_uuid_8=J2AF9B133A2946A8AC493FA516802D2A9",
                "_vis_opt_exp_8_combi_choose=2",
                "_vis_opt_exp_8_split=2",
                "_vis_opt_exp__combi=2",
                "_vis_opt_exp_8a_combi=2",
                "_vis_opt_exp_08_combi=2",
                "optimizelyEndUserId",
            ]
            .map(String::from),
        )
        .filter(|cookie| !cookie.starts_with("_vwo_uuid_2="))
        .collect();
    assert_eq!(face::capture_cookie(&alike.join("; ")), json!({ "capturedAt": 0, "problems": [] }));
    // Nor do they hide the real ones, from either side.
    let around = format!("{0}; {COOKIES}; {0}", alike.join("; "));
    let mut page = page();
    page["cookie"] = json!(around);
    assert_eq!(face::capture(page), context());
}

#[test]
fn of_cookies_of_one_name_the_one_that_the_platform_reads_counts() {
    let context = face::capture_cookie(
        "optimizelyEndUserId=first; optimizelyEndUserId=second; kameleoonVisitorCode=first; kameleoonVisitorCode=second; \
         _vwo_uuid=D11BD6ED27A63F845ADFCBA2D9AA7835C; _vwo_uuid=J2AF9B133A2946A8AC493FA516802D2A9; \
         _vis_opt_exp_8_combi=1; _vis_opt_exp_8_combi=2; _conv_v=vi:first; _conv_v=vi:second",
    );
    assert_eq!(context["optimizely"]["endUserId"], "first");
    assert_eq!(context["kameleoon"]["visitorCode"], "first");
    assert_eq!(context["vwo"], json!({ "uuid": "D11BD6ED27A63F845ADFCBA2D9AA7835C", "campaigns": { "8": ["1"] } }));
    assert_eq!(context["convert"]["visitorId"], "second");
}

#[test]
fn opting_out_of_one_platform_leaves_the_others() {
    for (platform, cookie) in [
        ("optimizely", "optimizelyOptOut=true"),
        ("vwo", "_vis_opt_out=1"),
        ("vwo", "_vis_opt_out=2"),
        ("vwo", "_vis_opt_out=0"),
        ("vwo", "_vwo_global_opt_out=1"),
        ("vwo", "_wingify_global_opt_out=1"),
        ("kameleoon", "kameleoonOptout=true"),
        ("convert", "convert_optout=1"),
        ("convert", "_conv_prevent_tracking=1"),
    ] {
        for cookies in [format!("{cookie}; {COOKIES}"), format!("{COOKIES}; {cookie}")] {
            let mut page = page();
            page["cookie"] = json!(cookies);
            let said = face::capture(page);
            let mut due = context();
            due.as_object_mut().unwrap().remove(platform);
            due["problems"] = said["problems"].clone();
            assert_eq!(said, due, "{cookie}");
            assert_eq!(face::codes(&said["problems"]), [format!("{platform} opted-out")], "{cookie}");
        }
    }
    for cookie in [
        "optimizelyOptOut=false",
        "_vis_opt_out=3",
        "_vwo_global_opt_out=0",
        "kameleoonOptout=false",
        "convert_optout=0",
    ] {
        let mut page = page();
        page["cookie"] = json!(format!("{cookie}; {COOKIES}"));
        assert_eq!(face::capture(page), context(), "{cookie} is no opt-out");
    }
}

#[test]
fn ids_that_look_like_a_person_are_left_out() {
    for id in ["hello@world.com", "hello%40world.com", "+4915112345678", "%2B4915112345678", "+49 151 1234567"] {
        let context = face::capture_cookie(&format!(
            "optimizelyEndUserId={id}; optimizelyBuckets=%7B%2255%22%3A%2266%22%7D; kameleoonVisitorCode={id}; \
             _conv_v=vi:{}*exp:{{11.{{v.12-g.{{}}}}}}",
            id.replace('+', "%2B"),
        ));
        assert_eq!(
            face::codes(&context["problems"]),
            ["optimizely personal-id", "kameleoon personal-id", "convert personal-id"],
            "{id}"
        );
        assert_eq!((&context["optimizely"], &context["kameleoon"]), (&Value::Null, &Value::Null), "{id}");
        // Convert's request has no visitor in it: what was seen is of use without the id.
        assert_eq!(
            context["convert"],
            json!({ "experiences": { "11": "12" }, "goals": { "11": [] }, "segments": [] }),
            "{id}"
        );
    }
    // The site's own user id can be personal where Optimizely's is not.
    let context = face::capture_cookie("optimizelyEndUserId=oeu1; optimizelyPPID=hello%40world.com");
    assert_eq!(context["optimizely"], json!({ "endUserId": "oeu1", "experiments": {}, "segments": {} }));
    assert_eq!(face::codes(&context["problems"]), ["optimizely personal-id"]);
    // Plain numbers are account numbers more often than not.
    let context = face::capture_cookie("optimizelyEndUserId=oeu1; optimizelyPPID=4915112345678");
    assert_eq!((&context["optimizely"]["userId"], &context["problems"]), (&json!("4915112345678"), &json!([])));
}

#[test]
fn what_is_cut_or_broken_is_named_and_the_rest_is_used() {
    for (cookie, codes, platform) in [
        (
            "optimizelyEndUserId=oeu1; optimizelyBuckets=%7B%2212%22%3A%2234",
            &["optimizely malformed-cookie"][..],
            "optimizely",
        ),
        (
            "optimizelyEndUserId=oeu1; optimizelyBuckets=%E9; optimizelySegments=100%",
            &["optimizely malformed-cookie"; 2],
            "optimizely",
        ),
        (
            "optimizelyEndUserId=oeu1; optimizelyBuckets=true; optimizelySegments=null",
            &["optimizely malformed-cookie"; 2],
            "optimizely",
        ),
        ("optimizelyEndUserId=a%0Ab; optimizelyBuckets=%7B%7D", &["optimizely malformed-cookie"], ""),
        ("optimizelyBuckets=%7B%2255%22%3A%2266%22%7D", &["optimizely no-visitor-id"], ""),
        ("_vwo_uuid=xyz; _vis_opt_exp_8_combi=2", &["vwo malformed-cookie", "vwo no-visitor-id"], "vwo"),
        (
            "_vwo_uuid=J2AF9B133A2946A8AC493FA516802D2A9; _vis_opt_exp_8_combi=abc; _vis_opt_exp_9_combi=%",
            &["vwo malformed-cookie"],
            "vwo",
        ),
        ("_conv_v=vi:7*exp:{11.{v.12-g.{331.1}}-13.{v.1", &["convert truncated-cookie"], "convert"),
        ("_conv_v=vi:1*sc:1", &["convert no-visitor-id"], "convert"),
        ("_conv_v=Deleted; _conv_s=deleted", &[], ""),
    ] {
        let context = face::capture_cookie(cookie);
        assert_eq!(face::codes(&context["problems"]), codes, "{cookie}");
        for each in ["optimizely", "vwo", "kameleoon", "convert"] {
            assert_eq!(context[each].is_object(), each == platform, "{cookie}: {each}");
        }
    }
}

/// A reason is told once, however often the page gives it.
#[test]
fn one_problem_a_reason() {
    let items: serde_json::Map<String, Value> =
        (1..=3).map(|id| (format!("kameleoonExperiment-{id}"), json!(r#"{"value":"?"}"#))).collect();
    let context = face::capture(json!({ "cookie": "kameleoonVisitorCode=245fc", "storage": items }));
    assert_eq!(face::codes(&context["problems"]), ["kameleoon malformed-cookie"]);
    let context = face::capture_cookie("_conv_v=vi:7*seg:{5*exp:{11.{v.12");
    assert_eq!(face::codes(&context["problems"]), ["convert truncated-cookie"]);
}

/// `__proto__` is a name like any other, and no id.
#[test]
fn names_that_javascript_treats_specially() {
    let context = face::capture(json!({
        "cookie": "optimizelyEndUserId=__proto__; optimizelyBuckets={\"__proto__\":\"1\",\"constructor\":\"2\",\"5\":\"6\"}; \
            __proto__=1; constructor=2; _vis_opt_exp___proto___combi=2; kameleoonVisitorCode=constructor; \
            _conv_v=vi:toString*exp:{__proto__.{v.1-g.{}}}*__proto__:1",
        "storage": { "__proto__": "x", "kameleoonExperiment-__proto__": "{\"value\":\"1/2\"}", "hasOwnProperty": "" },
        "globals": { "__proto__": { "optimizely": { "accountId": 7 } }, "optimizely": { "__proto__": { "accountId": 7 } } },
    }));
    assert_eq!(context["optimizely"], json!({ "endUserId": "__proto__", "experiments": { "5": "6" }, "segments": {} }));
    assert_eq!(context["kameleoon"], json!({ "visitorCode": "constructor", "experiments": {} }));
    assert_eq!(context["convert"]["visitorId"], "toString");
    assert_eq!(context["vwo"], Value::Null);
    // Trackers are named by whoever reads them.
    let visitor =
        json!({ "kameleoon": { "visitorCode": "a" }, "callTrackers": { "__proto__": "1", "constructor": "2" } });
    let back = face::unstash(&face::stash(&visitor)).unwrap();
    assert_eq!(back["callTrackers"], visitor["callTrackers"]);
}

#[test]
fn three_hundred_cookies_and_values_of_four_kilobytes() {
    let long = "x".repeat(4096);
    let digits = "9".repeat(4096);
    let mut cookies: Vec<String> = (0..300).map(|n| format!("cookie{n}={}", &long[..100])).collect();
    for (at, cookie) in COOKIES.split("; ").enumerate() {
        cookies.insert(at * 29, cookie.to_owned());
    }
    cookies.push(format!("other={long}"));
    cookies.push(format!("_vis_opt_exp_{digits}_combi=2"));
    let mut full = page();
    full["cookie"] = json!(cookies.join("; "));
    assert_eq!(face::capture(full), context());

    // Ids of that length are nobody's; the limit is the platform's.
    for (cookie, limit, field) in
        [("optimizelyEndUserId", 512, "optimizely"), ("kameleoonVisitorCode", 255, "kameleoon")]
    {
        let captured = |length: usize| face::capture_cookie(&format!("{cookie}={}", &long[..length]));
        assert!(captured(limit)[field].is_object(), "{cookie}");
        for length in [limit + 1, 4096] {
            assert_eq!(face::codes(&captured(length)["problems"]), [format!("{field} malformed-cookie")]);
        }
    }
    let nested = format!("optimizelyEndUserId=oeu1; optimizelyBuckets={}", "[".repeat(4096));
    assert_eq!(face::codes(&face::capture_cookie(&nested)["problems"]), ["optimizely malformed-cookie"]);

    // As many experiments as fit into a cookie come out, go into a token and come back.
    let buckets: Vec<String> =
        (0..150).map(|n| format!("\"{}\":\"{}\"", 1_000_000_000 + n, 2_000_000_000_u64 + n)).collect();
    let context =
        face::capture_cookie(&format!("optimizelyEndUserId=oeu1; optimizelyBuckets={{{}}}", buckets.join(",")));
    assert_eq!(context["optimizely"]["experiments"].as_object().unwrap().len(), 150);
    assert_eq!(face::unstash(&face::stash(&context)).unwrap(), context);
}

/// Convert hands visitors across domains in the address: both parameters, or none.
#[test]
fn a_visitor_in_the_address() {
    let cookie = "_conv_v=vi:cookie; _conv_s=si:1*sh:2";
    for (url, id) in [
        ("https://shop.example/?a=1&_conv_v=vi:1*sc:1&_conv_s=si:1*sh:17-0.5*pv:2", "17-0.5"),
        ("https://shop.example/?_conv_v=vi%3Aurl%2Asc%3A1&_conv_s=si%3A1", "url"),
        ("https://shop.example/?_conv_v=vi:url", "cookie"),
        ("https://shop.example/#?_conv_v=vi:url&_conv_s=si:1", "cookie"),
        ("?", "cookie"),
        ("", "cookie"),
    ] {
        let context = face::capture(json!({ "cookie": cookie, "url": url }));
        assert_eq!(context["convert"]["visitorId"], id, "{url}");
    }
}

/// Globals are whatever somebody's script left there.
#[test]
fn globals_that_are_no_ids_do_not_count() {
    for value in [
        json!(null),
        json!(1.5),
        json!(-1),
        json!(""),
        json!("1.evil.example"),
        json!({}),
        json!([1]),
        json!(true),
        json!(1e21),
    ] {
        let mut page = page();
        page["globals"] = json!({
            "optimizely": { "accountId": value, "projectId": value }, "vwo": { "accountId": value },
            "kameleoon": { "siteCode": value }, "convert": { "accountId": value, "projectId": value },
        });
        let mut due = context();
        for platform in ["optimizely", "vwo", "kameleoon", "convert"] {
            for name in ["accountId", "projectId", "siteCode"] {
                due[platform].as_object_mut().unwrap().remove(name);
            }
        }
        assert_eq!(face::capture(&page), due, "{value}");
    }
    for globals in
        [json!(null), json!([]), json!("x"), json!({ "optimizely": null, "vwo": 6, "kameleoon": [], "convert": "x" })]
    {
        let mut page = page();
        page["globals"] = globals.clone();
        assert_eq!(face::capture(&page)["problems"], json!([]), "{globals}");
    }
}

/// A refusal of A/B tests is obeyed as long as it lasts; nothing else that stands there is one.
#[test]
fn kameleoons_consent_decides_what_is_read() {
    let read = |consent: &str| {
        let context = face::capture(json!({
            "cookie": "kameleoonVisitorCode=245fc",
            "storage": { "kameleoonExperiment-1": r#"{"value":"?"}"#, "kameleoonLegalConsent": consent },
            "now": 1_795_000_000_000_u64,
        }));
        (!context["kameleoon"].is_null(), face::codes(&context["problems"]))
    };
    for refused in [
        r#"{"value":{"AB_TESTING":false,"PERSONALIZATION":true}}"#,
        r#"{"value":{"AB_TESTING":false},"expirationDate":1795000000000}"#,
        r#"{ "date" : 1795000000001, "value" : { "AB_TESTING" : false } }"#,
    ] {
        assert_eq!(read(refused), (false, vec!["kameleoon no-consent".into()]), "{refused}");
    }
    for other in [
        r#"{"value":{"AB_TESTING":true,"PERSONALIZATION":false}}"#,
        r#"{"value":{"AB_TESTING":null,"PERSONALIZATION":null}}"#,
        r#"{"value":{"AB_TESTING":false},"expirationDate":1794999999999}"#,
        r#"{"value":{"PERSONALIZATION":false}}"#,
        r#"{"value":1}"#,
        r#"{"value":false}"#,
        "{}",
        "",
        "false",
    ] {
        assert_eq!(read(other), (true, vec!["kameleoon malformed-cookie".into()]), "{other}");
    }
}

/// The obfuscated item of past visits speaks where no experiment has an item of its own, and only then.
#[test]
fn kameleoons_past_visits_serve_where_nothing_else_does() {
    let data = |text: &str| {
        let units = text.encode_utf16().map(|unit| unit.wrapping_add(16));
        let escapes: String = units.map(|unit| format!("\\u{unit:04x}")).collect();
        format!("{{\"value\":\"{escapes}\"}}")
    };
    let read = |storage: Value| {
        let context = face::capture(json!({ "cookie": "kameleoonVisitorCode=245fc", "storage": storage }));
        (context["kameleoon"]["experiments"].clone(), face::codes(&context["problems"]))
    };
    // With a character that leaves a half of itself behind when it is obfuscated.
    let past = data(
        r#"{"Vars":{"x":"\u{D7F5}"},"Visitor":{"visits":[{"ExperimentActivations":{"7":{"associatedVariationID":8}}}]}}"#
            .replace("\\u{D7F5}", "\u{D7F5}")
            .as_str(),
    );
    assert!(past.contains("d805"));
    assert_eq!(read(json!({ "kameleoonData": past })), (json!({ "7": "8" }), vec![]));
    let both = json!({ "kameleoonData": past, "kameleoonExperiment-1": r#"{"value":"2/1"}"# });
    assert_eq!(read(both), (json!({ "1": "2" }), vec![]));
    for broken in [r#"{"value":"abc"}"#.to_owned(), r#"{"value":7}"#.into(), data("{}"), past.replace("d805", "dc05")] {
        let told = vec!["kameleoon malformed-cookie".to_owned()];
        assert_eq!(read(json!({ "kameleoonData": broken })), (json!({}), told), "{broken}");
    }
    for absent in ["", "{}", "abc", r#"{"value":null}"#] {
        assert_eq!(read(json!({ "kameleoonData": absent })), (json!({}), vec![]), "{absent}");
    }
}
