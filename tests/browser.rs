//! The crate in a real page: cookies, storage and address of the browser, and whatever scripts put on `window`.
#![cfg(all(target_arch = "wasm32", feature = "bindings"))]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;

use aftercall::json_face::{self, stash};
use serde_json::{Value, json};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(module = "/www/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = readPage)]
    fn read_page() -> JsValue;
}

const COOKIES: [&str; 9] = [
    "optimizelyEndUserId=oeu1403497108674r0.684978179866448",
    "optimizelyBuckets=%7B%2255%22%3A%2266%22%7D",
    "_vwo_uuid=J2AF9B133A2946A8AC493FA516802D2A9",
    "_vis_opt_exp_8_combi=1%2C2",
    "_vis_opt_exp_9_combi_choose=1",
    "kameleoonVisitorCode=l200u3djm8kovq4o",
    "_conv_v=vi%3A1*sc%3A1*exp%3A%7B11.%7Bv.12-g.%7B331.1%7D%7D%7D",
    "_conv_s=si%3A1*sh%3A1753152332187-0.005297773138133621",
    "kameleoonVisitorCodeX=other",
];

/// Globals that the platforms' scripts set; this page is everybody's, so each test sets what it needs.
const GLOBALS: [&str; 3] = ["optimizely", "_vwo_acc_id", "convert"];

fn run(script: &str) {
    js_sys::eval(script).unwrap_or_else(|error| panic!("{script}: {error:?}"));
}

/// A page without cookies, storage and globals of any platform, then with the ones given.
fn page(cookies: &[&str], script: &str) {
    run(
        "document.cookie.split('; ').forEach((cookie) => { document.cookie = `${cookie.split('=')[0]}=; max-age=0`; }); localStorage.clear();",
    );
    for name in GLOBALS {
        run(&format!("delete window.{name};"));
    }
    for cookie in cookies {
        run(&format!("document.cookie = {};", json!(cookie)));
    }
    run(script);
}

/// What the core says of this page and what goes with it.
fn capture_page(mut around: Value) -> String {
    let page = js_sys::JSON::stringify(&read_page()).unwrap();
    around["page"] = serde_json::from_str(&String::from(page)).unwrap();
    json_face::capture(&around.to_string())
}

fn capture(around: Value) -> Value {
    serde_json::from_str(&capture_page(around)).unwrap()
}

fn context() -> Value {
    json!({
        "capturedAt": 1_795_000_000_000_u64,
        "optimizely": {
            "endUserId": "oeu1403497108674r0.684978179866448", "accountId": "12001", "projectId": "111001",
            "experiments": { "55": "66" }, "segments": {},
        },
        "vwo": { "uuid": "J2AF9B133A2946A8AC493FA516802D2A9", "accountId": "6", "campaigns": { "8": ["1", "2"] } },
        "kameleoon": { "visitorCode": "l200u3djm8kovq4o", "siteCode": "f17c21u1ag", "experiments": { "41": "43" } },
        "convert": {
            "visitorId": "1753152332187-0.005297773138133621", "accountId": "2", "projectId": "1",
            "experiences": { "11": "12" }, "goals": { "11": ["331"] }, "segments": [],
        },
        "problems": [],
    })
}

const STORAGE: &str = r#"
    localStorage.setItem("kameleoonExperiment-41", '{"value":"43/1795000000000"}');
    localStorage.setItem("somebodyElses", "x".repeat(4096));
"#;

#[wasm_bindgen_test]
fn cookies_storage_and_globals_of_a_page() {
    let globals = r#"
        window.optimizely = { getAccountId: () => 12001, getProjectId: () => "111001" };
        window._vwo_acc_id = 6;
        window.convert = { data: { account_id: "2", project: { id: 1 } } };
    "#;
    page(&COOKIES, &format!("{STORAGE}{globals}"));
    let options = json!({ "now": 1_795_000_000_000_u64, "globals": { "kameleoon": { "siteCode": "f17c21u1ag" } } });
    let captured = capture(options);
    assert_eq!(captured, context());
    // Its token is that of the same page given as text.
    let token = face::stash(&captured);
    let cookie = COOKIES.join("; ");
    let given = face::capture(json!({
        "cookie": cookie,
        "storage": { "kameleoonExperiment-41": "{\"value\":\"43/1795000000000\"}" },
        "globals": {
            "optimizely": { "accountId": 12001, "projectId": 111001 }, "vwo": { "accountId": 6 },
            "kameleoon": { "siteCode": "f17c21u1ag" }, "convert": { "accountId": 2, "projectId": 1 },
        },
        "now": 1_795_000_000_000_u64,
    }));
    assert_eq!(face::stash(given), token);
}

/// What the page itself tells comes first; what it does not tell, whoever calls may.
#[wasm_bindgen_test]
fn accounts_that_the_caller_names_fill_the_gaps() {
    page(
        &COOKIES,
        &format!("{STORAGE} window.optimizely = {{ getAccountId: () => 12001 }}; window._vwo_acc_id = '6';"),
    );
    let captured = capture(json!({
        "now": 1_795_000_000_000_u64,
        "globals": {
            "optimizely": { "accountId": "999", "projectId": "111001" }, "vwo": { "accountId": "999" },
            "kameleoon": { "siteCode": "f17c21u1ag" }, "convert": { "accountId": "2", "projectId": "1" },
        },
    }));
    assert_eq!(captured, context());
}

#[wasm_bindgen_test]
fn the_older_script_of_convert() {
    page(&COOKIES, "window.convert = { data: { u_id: '2', prj: { id: '1' } } };");
    let captured = capture(json!({ "now": 0 }));
    assert_eq!((&captured["convert"]["accountId"], &captured["convert"]["projectId"]), (&json!("2"), &json!("1")));
}

#[wasm_bindgen_test]
fn the_token_comes_in_the_same_crossing_where_it_is_asked_for() {
    page(&COOKIES, "");
    let now = 1_795_000_000_000_u64;
    let context = capture_page(json!({ "now": now }));
    let both = capture_page(json!({ "now": now, "stash": true }));
    assert_eq!(both.split_once('\n'), Some((context.as_str(), stash(&context, 0).as_str())));
    page(&[], "");
    assert_eq!(capture_page(json!({ "now": 5, "stash": true })), "{\"capturedAt\":5,\"problems\":[]}\n");
}

#[wasm_bindgen_test]
fn a_page_without_any_platform() {
    page(&[], "");
    assert_eq!(capture(json!({ "now": 5 })), json!({ "capturedAt": 5, "problems": [] }));
}

#[wasm_bindgen_test]
fn where_the_visitor_arrived_counts_where_it_is_told() {
    page(&[], "");
    let arrived = "https://shop.example/?_conv_v=vi:url*sc:1&_conv_s=si:1*sh:2";
    assert_eq!(capture(json!({ "now": 0, "url": arrived }))["convert"]["visitorId"], json!("url"));
}

/// Somebody else's globals, on purpose or by accident: they cost their account ids, and nothing else.
#[wasm_bindgen_test]
fn hostile_globals_do_not_throw() {
    let without_accounts = {
        let mut context = context();
        for platform in ["optimizely", "vwo", "kameleoon", "convert"] {
            for name in ["accountId", "projectId", "siteCode"] {
                context[platform].as_object_mut().unwrap().remove(name);
            }
        }
        context
    };
    let trap = "const trap = () => { throw new Error('trap'); };";
    let everything = "new Proxy(trap, { get: trap, has: trap, apply: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, getPrototypeOf: trap })";
    let values = [
        "undefined",
        "null",
        "0.5",
        "-1",
        "NaN",
        "Infinity",
        "2 ** 53",
        "true",
        "''",
        "'1.evil.example'",
        "Symbol('x')",
        "10n ** 30n",
        "[]",
        "document.createElement('iframe')",
        "Object.create(null)",
        everything,
        "(() => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy; })()",
        "{ getAccountId: trap, getProjectId: trap, data: { get account_id() { return trap(); }, project: null } }",
        "{ getAccountId: () => ({ toString: trap, valueOf: trap }), getProjectId: () => undefined, data: { account_id: { toString: trap }, project: trap } }",
        "{ getAccountId: 12001, getProjectId: {}, get data() { return trap(); } }",
        "{ data: { project: { get id() { return trap(); } }, get u_id() { return trap(); }, prj: [] } }",
        "Object.freeze(Object.defineProperty({}, 'data', { get: trap }))",
        // Web Experimentation's script, or what is in its place.
        "Object.assign([], { get: undefined })",
        "{ get: trap, initialized: true }",
        "{ get: () => undefined, data: { note: 'Obsolete' }, state: {} }",
        "{ get: () => null }",
        "{ get: () => 7 }",
        "{ get: (name) => name }",
        "{ get: async () => ({ randomId: 'oeu2', accountId: 1 }) }",
        "{ get: () => ({ get randomId() { return trap(); }, get accountId() { return trap(); }, get projectId() { return trap(); }, get getCampaignStates() { return trap(); } }) }",
        "{ get: () => ({ randomId: 7, accountId: {}, projectId: 'x', getCampaignStates: trap }) }",
        "{ get: () => ({ randomId: '', getCampaignStates: () => undefined }) }",
        "{ get: () => ({ randomId: null, getCampaignStates: () => Symbol('x') }) }",
        "{ get: () => ({ getCampaignStates: () => { const cycle = {}; cycle.cycle = cycle; return cycle; } }) }",
        "{ get: () => ({ getCampaignStates: () => ({ a: 10n }) }) }",
        "{ get: () => ({ getCampaignStates: () => ({ get a() { return trap(); } }) }) }",
        "{ get: () => ({ getCampaignStates: () => ({ toJSON: trap }) }) }",
        "Object.freeze({ get: new Proxy(trap, { apply: trap, getPrototypeOf: trap }) })",
        "{ get: (name) => name === 'state' ? { getCampaignStates: () => ({}) } : undefined }",
    ];
    for value in values {
        let define = GLOBALS.map(|name| format!("window.{name} = value;")).concat();
        page(&COOKIES, &format!("{STORAGE} {{ {trap} const value = {value}; {define} }}"));
        assert_eq!(capture(json!({ "now": 1_795_000_000_000_u64 })), without_accounts, "{value}");
    }
    for name in GLOBALS {
        page(
            &COOKIES,
            &format!(
                "{STORAGE} {{ {trap} Object.defineProperty(window, '{name}', {{ get: trap, configurable: true }}); }}"
            ),
        );
        assert_eq!(capture(json!({ "now": 1_795_000_000_000_u64 })), without_accounts, "{name} throws");
    }
}

/// A script of Web Experimentation: `data` is full of getters that work hard, and one note says where it went.
const WEB: &str = r#"
    const lazy = () => { throw new Error("read too much"); };
    window.asked = [];
    const answers = {
        visitor_id: { randomId: "own-7" },
        data: { accountId: "12001", projectId: "111001", get campaigns() { return lazy(); }, get experiments() { return lazy(); } },
        state: {
            getCampaignStates() {
                window.asked.push([...arguments].filter((argument) => argument !== undefined).length);
                return {
                    11: { id: "11", campaignName: null, experiment: { id: "12", name: null }, variation: { id: "9007199254740993", name: null }, isActive: true, isInCampaignHoldback: false },
                    31: { id: "31", experiment: null, variation: null, isActive: true, isInCampaignHoldback: false },
                };
            },
            get getVariationMap() { return lazy(); },
        },
    };
    window.optimizely = Object.freeze({
        get: (name) => answers[name], initialized: true, data: { note: "Obsolete, use optimizely.get('data') instead" }, state: {},
    });
    const store = (visitor, namespace, field, value) => localStorage.setItem(`optimizely_data$$${visitor}$$${namespace}$$${field}`, value);
    store("own-7", "111001", "layer_states", '[{"i":"11","x":"12","v":"14","t":1},{"i":"21","x":"22","v":"23","t":1}]');
    store("own-7", "999", "layer_states", '[{"i":"41","x":"42","v":"43","t":1}]');
    store("oeu1403497108674r0.684978179866448", "111001", "layer_states", '[{"i":"51","x":"52","v":"53","t":1}]');
    store("own-7", "111001", "visitor_profile", "no json");
    localStorage.setItem("optimizely_data$$pending_events", "no json");
"#;

#[wasm_bindgen_test]
fn web_experimentation_in_a_page() {
    page(&COOKIES[..1], &format!("{{ {WEB} }}"));
    let captured = capture(json!({ "now": 0 }));
    let decision = |campaign, experiment, variation| json!({ "campaignId": campaign, "experimentId": experiment, "variationId": variation, "isCampaignHoldback": false });
    assert_eq!(
        captured["optimizely"],
        json!({
            "endUserId": "own-7", "accountId": "12001", "projectId": "111001", "experiments": {}, "segments": {},
            "decisions": [
                decision(json!("11"), json!("12"), json!("9007199254740993")),
                decision(json!("21"), json!("22"), json!("23")),
                decision(json!("31"), Value::Null, Value::Null),
            ],
        })
    );
    assert_eq!(captured["problems"], json!([]));
    // Asked once, and for everything.
    run("if (JSON.stringify(window.asked) !== '[0]') throw new Error(JSON.stringify(window.asked));");
}

/// Before its script has loaded, an array stands in its place: cookie and storage serve.
#[wasm_bindgen_test]
fn web_experimentation_before_it_has_loaded() {
    page(&COOKIES[..1], &format!("{{ {WEB} }} window.optimizely = [];"));
    let captured = capture(json!({ "now": 0, "globals": { "optimizely": { "projectId": "111001" } } }));
    assert_eq!(captured["optimizely"]["endUserId"], "oeu1403497108674r0.684978179866448");
    assert_eq!(captured["optimizely"]["decisions"][0]["campaignId"], "51");
}

/// Storage that throws, as in sandboxed frames and with blocked cookies.
#[wasm_bindgen_test]
fn storage_that_throws_costs_the_storage() {
    page(&COOKIES, STORAGE);
    run("window.kept = Object.getOwnPropertyDescriptor(window, 'localStorage');
        Object.defineProperty(window, 'localStorage', { configurable: true, get() { throw new DOMException('no', 'SecurityError'); } });");
    let captured = capture(json!({ "now": 0 }));
    run(
        "delete window.localStorage; if (window.kept) Object.defineProperty(window, 'localStorage', window.kept); delete window.kept;",
    );
    assert_eq!(captured["kameleoon"], json!({ "visitorCode": "l200u3djm8kovq4o", "experiments": {} }));
    assert_eq!(captured["problems"], json!([]));
    // And it was the getter that made the difference.
    assert_eq!(capture(json!({ "now": 0 }))["kameleoon"]["experiments"], json!({ "41": "43" }));
}

#[wasm_bindgen_test]
fn the_address_hands_a_visitor_over() {
    page(
        &COOKIES,
        "window.before = location.href; history.replaceState(null, '', '?_conv_v=vi:url*sc:1&_conv_s=si:1*sh:2');",
    );
    let captured = capture(json!({ "now": 0 }));
    run("history.replaceState(null, '', window.before); delete window.before;");
    assert_eq!(captured["convert"]["visitorId"], "url");
}
