//! The examples of the vendors' own documents, built through the public contract, to the letter.
//!
//! Where a document is wrong, the test says how, and what is sent instead.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;

use serde_json::{Value, json};

/// The one request that comes out, with nothing skipped and no warning.
#[track_caller]
fn only_request(visitor: Value, conversion: Value, accounts: Value) -> Value {
    let plan = face::plan(visitor, conversion, accounts).unwrap();
    assert_eq!((&plan["skipped"], &plan["warnings"]), (&json!([]), &json!([])), "{plan}");
    assert_eq!(plan["requests"].as_array().unwrap().len(), 1, "{plan}");
    plan["requests"][0].clone()
}

/// "Optimizely: Create an offline conversion" prints
/// `http://111001.log.optimizely.com/event?a=12001&n=phone_call&u=…&x2312010859=…&s…`: the account as `a`, and no `d`.
/// Optimizely corrected that on 2016-05-06: `a` is the project, `d` the account. It also allows `https`.
#[test]
fn optimizely_create_an_offline_conversion() {
    let context = face::capture(json!({
        "cookie": "optimizelyBuckets=%7B%222312010859%22%3A%222321470446%22%7D; \
            optimizelySegments=%7B%221227392893%22%3A%22search%22%2C%221248401246%22%3A%22gc%22%2C%221258181237%22%3A%22false%22%7D; \
            optimizelyEndUserId=oeu1403497108674r0.684978179866448",
        "globals": { "optimizely": { "accountId": 12001, "projectId": 111001 } },
    }));
    let accounts = json!({ "optimizely": { "accountId": "12001", "projectId": "111001", "api": "classic" } });
    let request = only_request(
        context.clone(),
        json!({ "id": "call-1", "optimizely": { "event": "phone_call" } }),
        accounts.clone(),
    );
    assert_eq!(
        request,
        json!({
            "platform": "optimizely",
            "method": "GET",
            "url": "https://111001.log.optimizely.com/event?a=111001&d=12001&n=phone_call\
                &u=oeu1403497108674r0.684978179866448&x2312010859=2321470446\
                &s1227392893=search&s1248401246=gc&s1258181237=false",
            "headers": {},
            "idempotencyKey": "cd2f791655c6f653dd3f3a85178699a7",
            "repeat": "counts-twice",
        })
    );

    // `v` is in cents, `time` in seconds.
    let conversion = json!({
        "id": "call-1", "at": "2016-05-05T18:17:30Z", "revenue": 19.99, "optimizely": { "event": "phone_call", "anonymizeIp": true },
    });
    let url = only_request(context, conversion, accounts)["url"].as_str().unwrap().to_owned();
    assert!(url.ends_with("&s1258181237=false&v=1999&time=1462472250&y=true"), "{url}");
}

/// The document's function encodes a name "if it isn't already": then `50%25` and `50%` would be one event. Here a name
/// is plain and is encoded once; one that looks encoded already is pointed out.
#[test]
fn optimizely_event_names_are_encoded_once() {
    let build = |event: &str| {
        face::plan(
            json!({ "optimizely": { "endUserId": "oeu1" } }),
            json!({ "id": "1", "optimizely": { "event": event } }),
            json!({ "optimizely": { "accountId": 2, "projectId": 1, "api": "classic" } }),
        )
        .unwrap()
    };
    for (event, sent, warnings) in [
        ("phone_call", "phone_call", 0),
        ("phone call", "phone%20call", 0),
        ("a+b", "a%2Bb", 0),
        ("a&b=c#d", "a%26b%3Dc%23d", 0),
        ("é", "%C3%A9", 0),
        ("it's(ok)!*~", "it's(ok)!*~", 0),
        ("😀", "%F0%9F%98%80", 0),
        ("100% sure", "100%25%20sure", 0),
        ("phone%20call", "phone%2520call", 1),
        ("50%25", "50%2525", 1),
    ] {
        let plan = build(event);
        let due = format!("https://1.log.optimizely.com/event?a=1&d=2&n={sent}&u=oeu1");
        assert_eq!(face::urls(&plan), [due], "{event}");
        assert_eq!(face::codes(&plan["warnings"]), vec!["optimizely looks-encoded"; warnings], "{event}");
    }
}

/// "VWO: Offline Conversions" prints
/// `https://dacdn.visualwebsiteoptimizer.com/track-goal?experiment_id=123&account_id=123456&combination=2&uid=1d7c…&random=0.25…&goal_id=201;`
/// with two slips: `uid`, which its own table and every SDK call `u`, and a stray `;` at the end.
#[test]
fn vwo_offline_conversions() {
    let accounts = json!({ "vwo": { "accountId": 123456, "api": "track-goal" } });
    let visitor = json!({ "vwo": { "campaigns": { "123": ["2"] } } });
    let conversion = json!({ "id": "call-1", "revenue": "10.50", "vwo": { "goalId": 201, "userId": "vwo-user-123" } });
    let request = only_request(visitor.clone(), conversion, accounts.clone());
    assert_eq!((&request["method"], &request["repeat"]), (&json!("GET"), &json!("counts-twice")));
    let url = request["url"].as_str().unwrap();
    let (before, after) = url.split_once("&random=").unwrap();
    assert_eq!(
        before,
        "https://dacdn.visualwebsiteoptimizer.com/track-goal?account_id=123456&experiment_id=123\
            &u=ce209185d9593734e7f8e4bda2b0fc67&combination=2&goal_id=201"
    );
    let (random, revenue) = after.split_once('&').unwrap();
    let decimals = random.strip_prefix("0.").unwrap();
    assert!(decimals.len() == 16 && decimals.bytes().all(|b| b.is_ascii_digit()), "{random}");
    assert_eq!(revenue, "r=10.5");

    // "If you pass user_id, then u is not required": so only one of them is sent, and it is the account's region that
    // may stand before the path.
    let conversion = json!({ "id": "call-1", "vwo": { "goalId": 201, "userId": "vwo-user-123", "sendUserId": true } });
    let accounts = json!({ "vwo": { "accountId": 123456, "api": "track-goal", "collectionPrefix": "eu01" } });
    let url = only_request(visitor, conversion, accounts)["url"].as_str().unwrap().to_owned();
    assert!(
        url.starts_with(
            "https://dacdn.visualwebsiteoptimizer.com/eu01/track-goal?account_id=123456&experiment_id=123\
                &user_id=vwo-user-123&combination=2&goal_id=201&random=0."
        ),
        "{url}"
    );
}

/// The page's own goal hit, as VWO's web library sends it. The session is `_vwo_ds` and `_vwo_sn` added up.
#[test]
fn vwo_goal_of_a_web_campaign() {
    let context = face::capture_cookie(
        "_vwo_uuid_v2=D34FE80A835AF0AA0A202D11D2A422214|8b60199529b27edf0ebae917932d4eee; \
         _vwo_uuid=J2AF9B133A2946A8AC493FA516802D2A9; _vis_opt_exp_8_combi=1%2C2; \
         _vwo_ds=3%3At_0%2Ca_0%240%3A24.16%3A%3A; _vwo_sn=0%3A1",
    );
    assert_eq!(context["vwo"].get("sessionId"), Some(&json!(0)));
    let context = face::capture_cookie(
        "_vwo_uuid=J2AF9B133A2946A8AC493FA516802D2A9; _vis_opt_exp_8_combi=1%2C2; \
         _vwo_ds=3%3At_0%2Ca_0%241603908410%3A47.41471146%3A%3A; _vwo_sn=663408%3A6%3A%3A%3A1",
    );
    let request = only_request(
        context,
        json!({ "id": "call-1", "revenue": 10000, "vwo": { "goals": { "8": 201 } } }),
        json!({ "vwo": { "accountId": "6", "api": "web-goal" } }),
    );
    assert_eq!(
        request["url"],
        "https://dev.visualwebsiteoptimizer.com/c.gif?account_id=6&experiment_id=8&goal_id=201&combination=1%2C2\
            &u=J2AF9B133A2946A8AC493FA516802D2A9&r=10000&sId=1604571818"
    );
}

/// VWO's table of the endpoint for offline conversions of FullStack campaigns. Its example has a visitor of whom only the
/// UUID is known; this one is `Ashley`, whom VWO's SDK knows by the same UUID. `sId` is in seconds, rounded up.
#[test]
fn vwo_offline_conversions_of_fullstack() {
    let request = only_request(
        json!({ "vwo": { "campaigns": { "230": ["2"] } } }),
        json!({ "id": "call-1", "revenue": "12.50", "vwo": { "goalId": 204, "userId": "Ashley" } }),
        json!({ "vwo": { "accountId": 88888888, "sdkKey": "SDK KEY", "collectionPrefix": "eu01" } }),
    );
    let (before, after) = request["url"].as_str().unwrap().split_once("&random=0.").unwrap();
    let (before, session) = before.split_once("&sId=").unwrap();
    assert_eq!(
        before,
        "https://dev.visualwebsiteoptimizer.com/eu01/server-side/track-goal?experiment_id=230&combination=2"
    );
    let (seconds, rest) = session.split_once('&').unwrap();
    assert!(seconds.parse::<u64>().is_ok());
    assert_eq!(rest, "u=5FBBE143B5B0584297909594993D7902&env=SDK%20KEY&account_id=88888888");
    assert_eq!(after.split_once('&').unwrap().1, "ap=server&goal_id=204&r=12.5");
    assert_eq!(request["repeat"], "counts-twice");

    let url = |at: u64| {
        let conversion = json!({ "id": "1", "at": at, "vwo": { "goalId": 204, "userId": "Ashley" } });
        let accounts = json!({ "vwo": { "accountId": 88888888, "api": "server-side", "sdkKey": "SDKKEY" } });
        let plan = face::plan(json!({ "vwo": { "campaigns": { "230": ["2"] } } }), conversion, accounts).unwrap();
        assert_eq!(face::codes(&plan["warnings"]), ["vwo counted-at-arrival"]);
        face::urls(&plan).remove(0)
    };
    assert!(url(1_700_000_000_000).contains("&sId=1700000000&"));
    assert!(url(1_700_000_000_500).contains("&sId=1700000001&"));
}

/// An event of a web visitor, in the frame in which VWO's own library sends one.
#[test]
fn vwo_event_of_a_web_visitor() {
    let visitor = json!({
        "vwo": { "uuid": "J2AF9B133A2946A8AC493FA516802D2A9", "campaigns": { "8": ["2"], "20": ["1"], "300": ["1", "2"] } },
    });
    let accounts = json!({ "vwo": { "accountId": 6, "api": "events", "collectionPrefix": "as01" } });
    let conversion = json!({
        "id": "call-1", "at": "2026-11-20T09:30:00.250Z", "revenue": "49.90",
        "vwo": { "event": "phone \"call\"", "goals": { "300": 7, "8": 201 } },
    });
    let request = only_request(visitor.clone(), conversion, accounts.clone());
    assert_eq!(request["url"], "https://dev.visualwebsiteoptimizer.com/as01/events/t?en=phone%20%22call%22&a=6");
    assert_eq!(
        (&request["method"], &request["headers"], &request["repeat"]),
        (&json!("POST"), &json!({ "Content-Type": "application/json" }), &json!("unproven"))
    );
    assert_eq!(
        request["body"],
        r#"{"d":{"msgId":"J2AF9B133A2946A8AC493FA516802D2A9-1795167000250","visId":"J2AF9B133A2946A8AC493FA516802D2A9","#
            .to_owned()
            + r#""event":{"props":{"isCustomEvent":true,"vwoMeta":{"metric":{"id_8":["g_201"],"id_300":["g_7"]}},"revenue":49.9},"#
            + r#""name":"phone \"call\"","time":1795167000250},"sessionId":1795167000}}"#
    );

    // The visitor's session, where it is known; the event alone, where nothing else is named.
    let mut visitor = visitor;
    visitor["vwo"]["sessionId"] = json!(1_795_000_123);
    let conversion = json!({ "id": "call-1", "at": "2026-11-20T09:30:00Z", "vwo": { "event": "call" } });
    let body: Value = serde_json::from_str(
        only_request(visitor, conversion, json!({ "vwo": { "accountId": 6 } }))["body"].as_str().unwrap(),
    )
    .unwrap();
    assert_eq!(body["d"]["sessionId"], 1_795_000_123);
    assert_eq!(body["d"]["event"]["props"], json!({ "isCustomEvent": true, "vwoMeta": { "metric": {} } }));
}

/// "Kameleoon: Processing offline goal conversions in experiments" has the nonce `a2bb4d22083348ef`, which is random there
/// and follows from the conversion here, and the amount `23.50`, which is the same number as `23.5`.
#[test]
fn kameleoon_processing_offline_goal_conversions() {
    let accounts = json!({ "kameleoon": { "siteCode": "f17c21u1ag", "dataHost": "eu-data.kameleoon.io" } });
    let conversion = json!({ "id": "call-1", "revenue": "23.50", "kameleoon": { "goalId": 36151 } });
    let request = only_request(json!({ "kameleoon": { "visitorCode": "245fc" } }), conversion, accounts.clone());
    assert_eq!(
        request["url"],
        "https://eu-data.kameleoon.io/visit/events?siteCode=f17c21u1ag&visitorCode=245fc&json=true"
    );
    assert_eq!(
        (&request["method"], &request["headers"], &request["repeat"]),
        (&json!("POST"), &json!({ "Content-Type": "application/json" }), &json!("unproven"))
    );
    let body = request["body"].as_str().unwrap();
    let (nonce, rest) = body.strip_prefix(r#"[{"nonce":""#).unwrap().split_at(16);
    assert!(nonce.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{nonce}");
    assert_eq!(rest, r#"","eventType":"CONVERSION","goalId":36151,"revenue":23.5}]"#);

    // Everything that the body can hold; and the site's own key of the visitor in place of Kameleoon's.
    let conversion = json!({
        "id": "call-1", "revenue": 10,
        "kameleoon": { "goalId": 36151, "negative": true, "metadata": { "3": ["EUR", "a \"b\""] }, "mappingValue": "crm 7" },
    });
    let request = only_request(json!({ "kameleoon": { "visitorCode": "245fc" } }), conversion, accounts);
    assert_eq!(
        request["url"],
        "https://eu-data.kameleoon.io/visit/events?siteCode=f17c21u1ag&mappingValue=crm%207&json=true"
    );
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(body[0]["metadata"], json!({ "3": ["EUR", "a \"b\""] }));
    assert_eq!((&body[0]["revenue"], &body[0]["negative"]), (&json!(10), &json!(true)));
}

/// "Convert: Tracking Request Structure (Advanced Integrations)": project 1 of customer 2; experience 11 (variation 12,
/// goals 331, 33, 34), seen now for the first time; experience 21 (variation 22, goals 33, 331, 341); goals 331, 33 and 34
/// hit now, 341 and 35 before; a transaction of goal 35 with the id ab12345, 1599.99, 10 products. The document's
/// example has lost its beginning; its explanation gives it back.
#[test]
fn convert_tracking_request_structure() {
    let visitor = json!({
        "convert": {
            "experiences": { "11": "12", "21": "22" },
            "goals": { "11": ["331", "33", "34"], "21": ["33", "331", "341"] },
        }
    });
    let conversion = |transaction: Value| {
        json!({
            "id": "call-1", "revenue": 1599.99, "quantity": 10,
            "convert": {
                "goalIds": [331, 33, 34], "pastGoalIds": [341, 35], "repeat": true, "firstViewOf": [11], "transaction": transaction,
            },
        })
    };
    let accounts = json!({ "convert": { "accountId": 2, "projectId": 1, "api": "tracking-request" } });
    let start = "https://1.track.convertexperiments.com/track/?c=2&p=1&e=11-12-331.33.34,21-22-33.331.341&ea=1&g=331,33,34,341,35&ga=3";
    for (transaction, t) in [
        (json!({ "id": "ab12345", "goalIds": [35] }), "35|ab12345|1599.99|10"),
        // A newer revision of the document has three parts.
        (json!({ "id": "ab12345", "goalIds": [35], "parts": 3 }), "35|1599.99|10"),
        (json!({ "id": "ab12345", "goalIds": [35], "parts": 4 }), "35|ab12345|1599.99|10"),
        (json!({ "id": "order 7/8", "goalIds": [35, 33] }), "35.33|order%207%2F8|1599.99|10"),
        (Value::Null, "331.33.34|call-1|1599.99|10"),
    ] {
        let request = only_request(visitor.clone(), conversion(transaction), accounts.clone());
        assert_eq!(request["url"], format!("{start}&t={t}"));
        assert_eq!((&request["method"], &request["headers"]), (&json!("GET"), &json!({})));
    }

    // "The rest can be used separated or together": statistics alone, a conversion alone.
    let url = |conversion: Value, visitor: Value| only_request(visitor, conversion, accounts.clone())["url"].clone();
    assert_eq!(
        url(
            json!({ "id": "1", "convert": { "goalIds": [], "pastGoalIds": [], "firstViewOf": [21] } }),
            json!({ "convert": { "experiences": { "11": "12", "21": "22" } } })
        ),
        "https://1.track.convertexperiments.com/track/?c=2&p=1&e=21-22,11-12&ea=1"
    );
    assert_eq!(
        url(json!({ "id": "1", "convert": { "goalIds": [7] } }), json!({ "convert": {} })),
        "https://1.track.convertexperiments.com/track/?c=2&p=1&g=7&ga=1"
    );
}

/// What `@convertcom/js-sdk` 4.4.3 sends for a first view, a conversion and its transaction, to the letter but for the
/// sender's name: recorded from the SDK.
#[test]
fn convert_v1_is_what_its_sdk_sends() {
    let visitor = json!({
        "convert": {
            "visitorId": "1753152332187-0.005297773138133621", "experiences": { "11": "12" }, "segments": ["10031564"],
        }
    });
    let conversion = json!({
        "id": "call-1", "revenue": "1599.99", "quantity": 10,
        "convert": { "goalIds": [331], "firstViewOf": [11], "transaction": { "id": "ab12345" } },
    });
    let account = json!({ "accountId": 10_022_898, "projectId": 10_025_986 });
    let request = only_request(visitor.clone(), conversion.clone(), json!({ "convert": account }));
    assert_eq!(request["url"], "https://metrics.convertexperiments.com/v1/track/10022898/10025986");
    assert_eq!(
        (&request["method"], &request["headers"], &request["repeat"]),
        (&json!("POST"), &json!({ "Content-Type": "application/json" }), &json!("unproven"))
    );
    let body = concat!(
        r#"{"enrichData":true,"accountId":"10022898","projectId":"10025986","visitors":[{"visitorId":"#,
        r#""1753152332187-0.005297773138133621","events":[{"eventType":"bucketing","data":{"experienceId":"11","#,
        r#""variationId":"12"}},{"eventType":"conversion","data":{"goalId":"331","bucketingData":{"11":"12"}}},"#,
        r#"{"eventType":"conversion","data":{"goalId":"331","goalData":[{"key":"amount","value":1599.99},"#,
        r#"{"key":"productsCount","value":10},{"key":"transactionId","value":"ab12345"}],"#,
        r#""bucketingData":{"11":"12"}}}],"segments":{"customSegments":["10031564"]}}],"source":"aftercall"}"#,
    );
    assert_eq!(request["body"], body);

    // One call is one call, whichever interface hears of it.
    let mut older = account.clone();
    older["api"] = json!("tracking-request");
    let older = only_request(visitor.clone(), conversion.clone(), json!({ "convert": older }));
    assert_eq!(older["idempotencyKey"], request["idempotencyKey"]);

    // Other ways in: a key, a domain of the site's own; and a sender that has its own record of the visitor.
    for (name, value, url) in [
        ("sdkKey", json!("10022898/10025986"), "https://metrics.convertexperiments.com/v1/track/10022898/10025986"),
        ("sdkKey", json!("abc_1-2"), "https://metrics.convertexperiments.com/v1/track/abc_1-2"),
        ("domain", json!("Tests.Shop.example"), "https://tests.shop.example/metrics/v1/track/10022898/10025986"),
    ] {
        let mut account = account.clone();
        account[name] = value;
        let request = only_request(visitor.clone(), conversion.clone(), json!({ "convert": account }));
        assert_eq!((&request["url"], &request["body"]), (&json!(url), &json!(body)));
    }
    let account = json!({ "accountId": 1, "projectId": 2, "enrichData": false });
    let goal_alone = json!({ "id": "call-1", "convert": { "goalIds": ["9007199254740993"] } });
    let request = only_request(json!({ "convert": { "visitorId": "v" } }), goal_alone, json!({ "convert": account }));
    assert_eq!(request["repeat"], "counts-twice");
    assert_eq!(
        request["body"],
        concat!(
            r#"{"enrichData":false,"accountId":"1","projectId":"2","visitors":[{"visitorId":"v","events":["#,
            r#"{"eventType":"conversion","data":{"goalId":"9007199254740993","bucketingData":{}}}]}],"source":"aftercall"}"#,
        )
    );
}
