//! What holds for every context, token, page and conversion, tried on thousands of made-up ones.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::expect_used)]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;
mod forge;

use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::{Index, select},
    test_runner::Config,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::Url;

const DAY: u64 = 86_400_000;
const PLATFORMS: [&str; 4] = ["optimizely", "vwo", "kameleoon", "convert"];

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

// ── Contexts ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// From 2 on, for 0 and 1 say "not in the experiment" to some.
fn id() -> BoxedStrategy<String> {
    prop_oneof![
        2..100_u64,
        1_000_000_000..9_999_999_999_u64,
        (1 << 53) - 2..(1 << 53) + 2_u64,
        (1 << 63) - 3..1_u64 << 63
    ]
    .prop_map(|id| id.to_string())
    .boxed()
}

/// Texts of every form that a token knows, of all that look almost like one, and any others without control characters.
fn text() -> BoxedStrategy<String> {
    prop_oneof![
        3 => "\\PC{1,40}",
        1 => id(),
        1 => "[0-9a-z]{1,20}",
        1 => "0{0,2}[0-9]{1,20}",
        1 => "(oeu)?[0-9]{12,14}(r0\\.|-0\\.)0{0,30}[0-9]{1,20}",
        1 => "[DJX]?[0-9A-Fa-f]{31,33}",
        1 => "[DJ]?[0-9A-F]{32}",
    ]
    .boxed()
}

fn web_uuid() -> BoxedStrategy<String> {
    prop_oneof!["[DJ]?[0-9A-F]{32}", "[DJ]?[0-9A-Fa-f]{32}"].boxed()
}

fn map<V: core::fmt::Debug>(values: impl Strategy<Value = V>) -> impl Strategy<Value = BTreeMap<String, V>> {
    btree_map(id(), values, 0..5)
}

/// An object of these members, without those that are `null`.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect())
}

prop_compose! {
    fn decision()(campaign in id(), experiment in option::of(id()), variation in option::of(id()), holdback: bool) -> Value {
        json!({ "campaignId": campaign, "experimentId": experiment, "variationId": variation, "isCampaignHoldback": holdback })
    }
}

prop_compose! {
    fn optimizely()(
        end_user_id in text(), user_id in option::of(text()), account in option::of(id()), project in option::of(id()),
        experiments in map(vec(id(), 1..4)), segments in map(any::<String>()), decisions in vec(decision(), 0..4),
    ) -> Value {
        let experiments: BTreeMap<_, _> = experiments.into_iter().map(|(id, ids)| (id, ids.join("_"))).collect();
        object([
            ("endUserId", json!(end_user_id)), ("userId", json!(user_id)), ("accountId", json!(account)),
            ("projectId", json!(project)), ("experiments", json!(experiments)), ("segments", json!(segments)),
            ("decisions", if decisions.is_empty() { Value::Null } else { json!(decisions) }),
        ])
    }
}

prop_compose! {
    fn vwo()(
        uuid in option::of(web_uuid()), account in option::of(id()), campaigns in map(vec(id(), 1..4)),
        session in option::of(0..1_u64 << 53),
    ) -> Value {
        object([
            ("uuid", json!(uuid)), ("accountId", json!(account)), ("campaigns", json!(campaigns)), ("sessionId", json!(session)),
        ])
    }
}

prop_compose! {
    fn kameleoon()(code in text(), site in option::of("[A-Za-z0-9_-]{1,64}"), experiments in map(id())) -> Value {
        object([("visitorCode", json!(code)), ("siteCode", json!(site)), ("experiments", json!(experiments))])
    }
}

prop_compose! {
    fn convert()(
        visitor in option::of(text().prop_filter("1 is no id", |text| text != "1")), account in option::of(id()),
        project in option::of(id()), experiences in map(id()), own_goals in map(vec(id(), 0..4)), same: bool,
        segments in vec(id(), 0..5),
    ) -> Value {
        // As a rule the goals are those of the experiences; a context that somebody kept may have others.
        let lists = own_goals.values().chain(std::iter::repeat(const { &Vec::new() }));
        let goals = if same { experiences.keys().cloned().zip(lists.cloned()).collect() } else { own_goals };
        object([
            ("visitorId", json!(visitor)), ("accountId", json!(account)), ("projectId", json!(project)),
            ("experiences", json!(experiences)), ("goals", json!(goals)), ("segments", json!(segments)),
        ])
    }
}

prop_compose! {
    /// A context as `capture` and `unstash` print it: at least one platform, no problems.
    fn context()(
        day in 0..100_000_u64, hour in 0..DAY, optimizely in option::of(optimizely()), vwo in option::of(vwo()),
        kameleoon in option::of(kameleoon()), convert in option::of(convert()),
        trackers in btree_map(any::<String>(), any::<String>(), 0..4),
    ) -> Value {
        object([
            ("capturedAt", json!(day * DAY + hour)), ("optimizely", json!(optimizely)), ("vwo", json!(vwo)),
            ("kameleoon", json!(kameleoon)), ("convert", json!(convert)),
            ("callTrackers", if trackers.is_empty() { Value::Null } else { json!(trackers) }), ("problems", json!([])),
        ])
    }
}

fn known_context() -> BoxedStrategy<Value> {
    context()
        .prop_filter("nobody knows the visitor", |context| PLATFORMS.iter().any(|name| context[name].is_object()))
        .boxed()
}

/// What comes back from a token: all but the hour.
fn without_hour(mut context: Value) -> Value {
    let at = context["capturedAt"].as_u64().unwrap();
    context["capturedAt"] = json!(at - at % DAY);
    context
}

/// Is it an id of a platform's? Visitors' ids are text, even where they are digits.
fn is_number(name: &str, text: &str) -> bool {
    let is_number = text.len() < 16 && text.parse().is_ok_and(|number: u64| number.to_string() == text);
    is_number && ["accountId", "projectId", "campaignId", "experimentId", "variationId", "goalId"].contains(&name)
}

/// The same JSON with the members of every object in another order, and ids that fit as numbers.
fn in_another_order(json: &Value, turn: usize) -> String {
    match json {
        Value::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(name, value)| {
                    let number = value.as_str().filter(|text| is_number(name, text));
                    let value = number.map_or_else(|| in_another_order(value, turn), String::from);
                    format!("{}: {value}", json!(name))
                })
                .collect();
            if !members.is_empty() {
                let turn = turn % members.len();
                members.rotate_left(turn);
                members.reverse();
            }
            format!("{{\n{} }}", members.join(" ,"))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| in_another_order(item, turn)).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

// ── Tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────

fn is_token_code(code: &str) -> bool {
    ["malformed-stash", "truncated-stash", "unknown-version", "missing-part", "mixed-parts"].contains(&code)
}

/// A token that was altered is refused, or says what it said before.
fn altered(token: &str, original: &Value) -> Result<(), TestCaseError> {
    match face::unstash(token) {
        Ok(context) => prop_assert_eq!(&context, original),
        Err(code) => prop_assert!(is_token_code(&code), "{}", code),
    }
    Ok(())
}

const TOKEN_LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-";

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_context_comes_back_from_its_token(context in context()) {
        let token = face::stash(&context);
        if PLATFORMS.iter().all(|name| context[name].is_null()) {
            prop_assert_eq!(token, "");
        } else {
            prop_assert!(token.starts_with(|c: char| c.is_ascii_alphabetic()));
            prop_assert!(token.chars().all(|letter| TOKEN_LETTERS.contains(letter)), "{}", token);
            prop_assert_eq!(face::unstash(&token), Ok(without_hour(context)));
        }
    }

    #[test]
    fn equal_contexts_give_equal_tokens(context in context(), turn in 0..7_usize) {
        let token = face::stash(&context);
        prop_assert_eq!(&face::stash(in_another_order(&context, turn)), &token);
        prop_assert_eq!(&face::stash(without_hour(context)), &token);
    }

    #[test]
    fn different_contexts_give_different_tokens(one in known_context(), two in known_context()) {
        prop_assert_eq!(face::stash(&one) == face::stash(&two), without_hour(one) == without_hour(two));
    }

    #[test]
    fn every_start_of_a_token_is_cut_off(context in known_context()) {
        let token = face::stash(&context);
        prop_assert_eq!(face::unstash(""), Err("malformed-stash".into()));
        for end in 1..token.len() {
            prop_assert_eq!(face::unstash(&token[..end]), Err("truncated-stash".into()), "{}", &token[..end]);
        }
    }

    #[test]
    fn one_wrong_letter_never_makes_another_context(context in known_context(), at: Index, letter: Index, any_letter: char) {
        let token = face::stash(&context);
        let original = without_hour(context);
        let at = at.index(token.len());
        let (before, after) = (&token[..at], &token[at + 1..]);
        let one = TOKEN_LETTERS.as_bytes()[letter.index(TOKEN_LETTERS.len())];
        altered(&format!("{before}{}{after}", char::from(one)), &original)?;
        altered(&format!("{before}{any_letter}{after}"), &original)?;
        altered(&format!("{before}{after}"), &original)?;
        altered(&format!("{before}{0}{0}{after}", &token[at..=at]), &original)?;
        altered(&format!("{before}{}{}", char::from(one), &token[at..]), &original)?;
        if let Some(next) = after.chars().next() {
            altered(&format!("{before}{next}{}{}", &token[at..=at], &after[1..]), &original)?;
        }
        // As systems do that fold case, or take `-` and `_` for something else.
        altered(&token.to_ascii_lowercase(), &original)?;
        altered(&token.to_ascii_uppercase(), &original)?;
        altered(&token.replace('-', "+").replace('_', "/"), &original)?;
    }

    #[test]
    fn parts_come_back_in_any_order(context in known_context(), max_length in 1..300_usize, order in any::<u64>()) {
        let mut parts = face::stash_parts(&context, max_length);
        prop_assert!(parts.iter().all(|part| part.len() <= max_length.max(40)));
        prop_assert!(parts.iter().all(|part| part.starts_with('A') && part.chars().all(|c| TOKEN_LETTERS.contains(c))));
        let original = without_hour(context);
        prop_assert_eq!(&face::unstash_parts(&parts), &Ok(original.clone()));
        let mut random = order;
        for at in (1..parts.len()).rev() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            parts.swap(at, (random >> 33) as usize % (at + 1));
        }
        prop_assert_eq!(&face::unstash_parts(&parts), &Ok(original));
        if parts.len() > 1 {
            let at = order as usize % parts.len();
            let mut fewer = parts.clone();
            fewer.remove(at);
            prop_assert_eq!(face::unstash_parts(&fewer), Err("missing-part".into()));
            let mut cut = parts.clone();
            cut[at].pop();
            prop_assert_eq!(face::unstash_parts(&cut), Err("truncated-stash".into()));
            let twice = [&parts[..], &parts[at..=at]].concat();
            prop_assert_eq!(face::unstash_parts(&twice), Err("mixed-parts".into()));
        }
    }

    #[test]
    fn parts_of_two_contexts_never_mix(one in known_context(), two in known_context(), at: Index) {
        let (ones, twos) = (face::stash_parts(&one, 60), face::stash_parts(&two, 60));
        prop_assume!(ones.len() > 1 && twos.len() > 1 && face::stash(&one) != face::stash(&two));
        let at = at.index(ones.len().min(twos.len()));
        let mut mixed = ones;
        mixed[at].clone_from(&twos[at]);
        prop_assert_eq!(face::unstash_parts(&mixed), Err("mixed-parts".into()));
    }

    #[test]
    fn no_text_is_too_strange_to_be_refused(text in any::<String>(), texts in vec("[A-Za-z0-9_ -]{0,80}", 0..4)) {
        for token in [text, texts.join(" "), texts.iter().map(|text| format!("A{text}")).collect::<Vec<_>>().join(" ")] {
            if let Err(code) = face::unstash(&token) {
                prop_assert!(is_token_code(&code));
            }
        }
    }

    /// Behind the checksum: what decodes at all is what `stash` writes.
    #[test]
    fn a_forged_token_says_its_thing_in_one_way(
        sections in vec((1..8_u8, vec(any::<u8>(), 0..24)), 0..4), context in known_context(), at: Index, byte: u8,
    ) {
        let sections: Vec<(u8, &[u8])> = sections.iter().map(|(tag, value)| (*tag, value.as_slice())).collect();
        let mut bytes = forge::open(&face::stash(&context));
        let at = at.index(bytes.len());
        bytes[at] = byte;
        for token in [forge::token(&sections), forge::seal(bytes)] {
            match face::unstash(&token) {
                Ok(context) if context["problems"] == json!([]) => prop_assert_eq!(face::stash(&context), token),
                Ok(context) => prop_assert_eq!(face::codes(&context["problems"]), ["page unknown-section"]),
                Err(code) => prop_assert!(is_token_code(&code)),
            }
        }
    }
}

// ── Pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/// A cookie of one of the platforms with a value that is almost what the platform writes, or anything at all.
fn cookie() -> BoxedStrategy<String> {
    let name = prop_oneof![
        4 => select(vec![
            "optimizelyEndUserId", "optimizelyBuckets", "optimizelySegments", "optimizelyPPID", "optimizelyOptOut", "_vwo_uuid",
            "_vwo_uuid_v2", "_wingify_uuid", "_vis_opt_exp_8_combi", "_vis_opt_exp_9_COMBI", "_vwo_ds", "_vwo_sn", "_vis_opt_out",
            "_vwo_global_opt_out", "kameleoonVisitorCode", "_conv_v", "_conv_s",
        ]).prop_map(String::from),
        1 => "[ -~]{0,12}",
        1 => "_vis_opt_exp_[0-9a-z]{0,20}_combi",
    ];
    let value = prop_oneof![
        3 => "[ -~]{0,40}",
        2 => any::<String>(),
        2 => "[{}\\[\\]\":,0-9_%A-F]{0,40}",
        3 => "(vi|sh|exp|seg):[{}vg.0-9:*|-]{0,40}(\\*(vi|sh|exp|seg):[{}vg.0-9-]{0,40}){0,3}",
        2 => "vi:[0-9]{1,4}\\*exp:\\{[0-9]{1,3}\\.\\{v\\.[0-9]{1,3}-g\\.\\{([0-9]{1,3}\\.1)?\\}\\}[}-]{0,2}",
        2 => "\\{\"[0-9]{1,20}\":\"?[0-9_]{1,20}\"?(,\"[0-9]{1,20}\":\"[0-9_]{1,20}\")?\\}?",
        1 => "[DJ][0-9A-F]{32}(\\|[0-9a-f]{32})?",
        1 => "[0-9:$.%3A]{0,30}",
    ];
    (name, value).prop_map(|(name, value)| format!("{name}={value}")).boxed()
}

/// What Web Experimentation stores, almost.
fn layers() -> BoxedStrategy<String> {
    let id = "(\"[0-9]{1,20}\"|[0-9]{1,20}|null|\"x\")";
    let short = format!("\\{{\"i\":{id},\"x\":{id},\"v\":{id},\"h\":(true|false|1),\"t\":[0-9]{{1,2}}\\}}");
    let long = format!(
        "\\{{\"decision\":\\{{\"layerId\":{id},\"experimentId\":{id}\\}},\"decisionTimestamp\":[0-9]{{1,2}}\\}}"
    );
    let map = format!("\\{{\"[0-9]{{1,20}}\":\\{{\"[0-9]{{1,20}}\":{id}\\}}\\}}");
    proptest::string::string_regex(&format!("(\\[({short}|{long})(,({short}|{long})){{0,3}}\\]|{map})"))
        .unwrap()
        .boxed()
}

/// What scripts put on `window`, almost; or anything at all.
fn globals() -> BoxedStrategy<Value> {
    let part = |id: &'static str| prop_oneof![2 => id.prop_map(|id| json!({ "id": id })), 1 => Just(Value::Null), 1 => any_json()];
    let state = (scalar(), part("[0-9]{1,4}"), part("[0-9]{1,20}"), any::<bool>(), any::<bool>()).prop_map(
        |(id, experiment, variation, active, held)| {
            json!({ "id": id, "experiment": experiment, "variation": variation, "isActive": active, "isInCampaignHoldback": held })
        },
    );
    let states = prop_oneof![3 => map(state).prop_map(|states| json!(states)), 1 => any_json()];
    let visitor = prop_oneof![Just(Value::Null), Just(json!("oeu1")), text().prop_map(Value::from), any_json()];
    let optimizely = (visitor, states, scalar(), scalar()).prop_map(|(visitor, states, account, project)| {
        json!({ "optimizely": { "visitorId": visitor, "campaignStates": states, "accountId": account, "projectId": project } })
    });
    prop_oneof![optimizely, any_json()].boxed()
}

prop_compose! {
    fn page()(
        cookies in vec(cookie(), 0..12), separator in select(vec!["; ", ";", " ; ", "&"]), noise in option::weighted(0.2, any::<String>()),
        storage in btree_map(
            prop_oneof![
                1 => "kameleoon(VisitorCode|Data|LegalConsent|Experiment-[0-9]{1,20})",
                1 => "optimizely_data\\$\\$(oeu1|[ -~]{0,6})\\$\\$a?[0-9]{1,3}\\$\\$(layer_states|variation_map)",
                1 => any::<String>(),
            ],
            prop_oneof![any_json().prop_map(|json| json.to_string()), layers(), any::<String>(), "\\{\"value\":\"[ -!#-~]{0,20}\",\"(date|expirationDate)\":[0-9]{1,15}\\}", "\\{\"value\":\"([0-9]{1,19}|reference|none)(-mentalist)?/[0-9]{13}\"\\}"],
            0..4,
        ),
        url in prop_oneof![any::<String>(), "https://a\\.b/\\?(_conv_v=[ -~]{0,30}&)?(_conv_s=[ -~]{0,30})?"],
        globals in globals(), now in 0..1_u64 << 48,
    ) -> Value {
        json!({ "cookie": noise.unwrap_or_else(|| cookies.join(separator)), "storage": storage, "url": url, "globals": globals, "now": now })
    }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn capture_takes_any_page(page in page()) {
        let context = face::capture(&page);
        let problems = face::codes(&context["problems"]);
        let mut bare = context.clone();
        bare["problems"] = json!([]);
        let token = face::stash(&context);
        if PLATFORMS.iter().any(|name| context[name].is_object()) {
            prop_assert_eq!(face::unstash(&token), Ok(without_hour(bare)));
        } else {
            prop_assert_eq!(token, "");
        }
        // What is personal stays out, whatever else is wrong.
        for id in [&context["optimizely"]["endUserId"], &context["optimizely"]["userId"], &context["kameleoon"]["visitorCode"], &context["convert"]["visitorId"]] {
            prop_assert!(!id.as_str().unwrap_or("").contains('@'), "{}", id);
        }
        prop_assert_ne!(&context["convert"]["visitorId"], &json!("1"));
        for platform in PLATFORMS {
            let opted_out = problems.contains(&format!("{platform} opted-out"));
            prop_assert!(!opted_out || context[platform].is_null());
        }
        // A page is read the same way twice.
        prop_assert_eq!(face::capture(&page), context);
    }

    #[test]
    fn cookies_of_others_change_nothing(page in page(), name in "[a-z]{3,10}", value in "[ -:<-~]{0,30}") {
        let mut more = page.clone();
        let cookies = page["cookie"].as_str().unwrap();
        more["cookie"] = json!(format!("{cookies}; x{name}={value}"));
        prop_assert_eq!(face::capture(more), face::capture(page));
    }
}

// ── Conversions ─────────────────────────────────────────────────────────────────────────────────────────────────────

fn any_json() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
        text().prop_map(Value::from),
        id().prop_map(Value::from),
        (1..100_u64).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let name = prop_oneof![
            3 => select(vec![
                "id", "at", "revenue", "quantity", "optimizely", "vwo", "kameleoon", "convert", "accountId", "projectId", "api",
                "endUserId", "experiments", "campaigns", "uuid", "visitorCode", "siteCode", "dataHost", "experiences", "goals",
                "decisions", "layerId", "i", "x", "v", "h", "isActive", "eventId", "tags", "attributes", "region", "revision",
                "goalId", "goalIds", "event", "userId", "transaction", "collectionPrefix", "metadata", "mappingValue", "segments",
            ]).prop_map(String::from),
            1 => id(),
            1 => any::<String>(),
        ];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(name, inner, 0..5).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

/// A value that somebody might take for an id or an amount.
fn scalar() -> BoxedStrategy<Value> {
    prop_oneof![
        3 => (1..1000_u64).prop_map(Value::from),
        2 => id().prop_map(Value::from),
        1 => text().prop_map(Value::from),
        1 => any_json(),
    ]
    .boxed()
}

/// The value of a tag.
fn tag() -> BoxedStrategy<Value> {
    let number = (-1_000_000..1_000_000_i32, 1..3_i32)
        .prop_map(|(number, places)| json!(f64::from(number) / 10_f64.powi(places)));
    prop_oneof![
        number,
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        text().prop_map(Value::from)
    ]
    .boxed()
}

/// Ids of conversions: anything that prints and is not blank, but halves of characters.
const ID: &str = "[\\PC&&[^\u{FFFD}]]{0,29}[0-9a-zé]";

prop_compose! {
    fn conversion()(
        id in ID, at in option::of(select(vec![json!(1_795_132_800_000_u64), json!("2026-11-20T09:30:00Z")])),
        revenue in option::of(prop_oneof![(0..10_000_000_u32).prop_map(|cents| json!(format!("{}.{:02}", cents / 100, cents % 100))), (-5..5000_i32).prop_map(Value::from)]),
        quantity in option::of(1..50_u32), event in text(), goal in scalar(), goals in map(scalar()), campaigns in option::of(vec(id(), 0..3)),
        user_id in option::of(text()), send: bool, negative in option::of(any::<bool>()),
        metadata in option::of(btree_map("[0-9]{1,2}", vec(any::<String>(), 0..3), 0..3)), mapping in option::of(text()),
        goal_ids in vec((1..50_u64).prop_map(Value::from), 0..4), repeat: bool, transaction in option::of((option::of(text()), 3..5_u32)),
        event_id in option::weighted(0.8, id()), tags in option::of(btree_map("[a-zé ]{0,6}", tag(), 0..4)), attributes in option::of(vec((id(), text(), tag()), 0..3)),
        named in option::of(text()),
    ) -> Value {
        object([
            ("id", json!(id)), ("at", json!(at)), ("revenue", json!(revenue)), ("quantity", json!(quantity)),
            ("optimizely", object([
                ("event", json!(event)), ("eventId", json!(event_id)), ("tags", json!(tags)),
                ("attributes", json!(attributes.map(|list| list.into_iter().map(|(id, key, value)| json!({ "id": id, "key": key, "value": value })).collect::<Vec<_>>()))),
            ])),
            ("vwo", object([("goalId", goal.clone()), ("goals", json!(goals)), ("campaignIds", json!(campaigns)), ("event", json!(named)), ("userId", json!(user_id)), ("sendUserId", json!(send))])),
            ("kameleoon", object([("goalId", goal), ("negative", json!(negative)), ("metadata", json!(metadata)), ("mappingValue", json!(mapping))])),
            ("convert", object([
                ("goalIds", json!(goal_ids)), ("repeat", json!(repeat)),
                ("transaction", transaction.map_or(Value::Null, |(id, parts)| object([("id", json!(id)), ("parts", json!(parts))]))),
            ])),
        ])
    }
}

prop_compose! {
    fn accounts()(
        ids in vec(id(), 5), site in "[A-Za-z0-9_-]{1,64}", host in prop_oneof![
            3 => select(vec!["eu-data.kameleoon.io", "na-data.kameleoon.eu", "Data.Example.COM"]).prop_map(String::from),
            1 => "([a-z0-9-]{1,8}\\.){1,3}[a-z]{2,6}",
        ],
        optimizely_api in select(vec![Value::Null, json!("classic"), json!("events")]), region in select(vec![Value::Null, json!("us"), json!("eu")]),
        vwo_api in option::of(select(vec!["track-goal", "web-goal", "server-side", "events"])), vwo_key in option::of(text()),
        format in option::of(select(vec!["json", "text"])), prefix in option::of("[a-z0-9]{1,16}"), older: bool, key in option::of("[A-Za-z0-9_-]{1,20}(/[A-Za-z0-9_-]{1,20})?"),
        domain in option::of(select(vec!["tests.shop.example", "Metrics.Example.COM"])), enrich in option::of(any::<bool>()),
    ) -> Value {
        json!({
            "optimizely": object([("accountId", json!(ids[0])), ("projectId", json!(ids[1])), ("api", optimizely_api), ("region", region)]),
            "vwo": object([
                ("accountId", json!(ids[2])), ("api", json!(vwo_api)), ("sdkKey", json!(vwo_key)), ("collectionPrefix", json!(prefix)),
            ]),
            "kameleoon": object([("siteCode", json!(site)), ("dataHost", json!(host)), ("format", json!(format))]),
            "convert": object([
                ("accountId", json!(ids[3])), ("projectId", json!(ids[4])),
                ("api", if older { json!("tracking-request") } else { Value::Null }), ("sdkKey", json!(key)),
                ("domain", json!(domain)), ("enrichData", json!(enrich)),
            ]),
        })
    }
}

/// A visitor without account ids of their own: then every account fits.
fn without_accounts(mut visitor: Value) -> Value {
    for platform in PLATFORMS {
        if let Some(visitor) = visitor[platform].as_object_mut() {
            visitor.retain(|name, _| !["accountId", "projectId", "siteCode"].contains(&name.as_str()));
        }
    }
    if visitor["convert"].is_null() {
        visitor.as_object_mut().unwrap().remove("convert");
    }
    visitor.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    visitor
}

/// Puts other values into an object of objects, at the places that the numbers say.
fn disturb(mut json: Value, disturbances: &[(Index, Index, Value)]) -> Value {
    for (first, second, value) in disturbances {
        let Some(members) = json.as_object_mut().filter(|members| !members.is_empty()) else { break };
        let at = first.index(members.len());
        let member = members.values_mut().nth(at).unwrap();
        match member.as_object_mut().filter(|inner| !inner.is_empty()) {
            Some(inner) => {
                let at = second.index(inner.len());
                *inner.values_mut().nth(at).unwrap() = value.clone();
            }
            None => *member = value.clone(),
        }
    }
    json
}

/// Decodes as `decodeURIComponent` does.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next().unwrap()).to_digit(16).unwrap() as u8;
                (digit() << 4) | digit()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// Convert's v1: one JSON object around one visitor, whose ids are text everywhere.
fn sound_v1(text: &str) -> Result<(), TestCaseError> {
    let body: Value = serde_json::from_str(text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
    prop_assert_eq!(text.matches(r#","source":"aftercall"}"#).count(), 1);
    let is_id = |id: &Value| id.as_str().is_some_and(|id| id.parse::<u64>().is_ok());
    prop_assert!(is_id(&body["accountId"]) && is_id(&body["projectId"]), "{}", text);
    let [visitor] = &body["visitors"].as_array().unwrap()[..] else { panic!("{text}") };
    prop_assert_ne!(visitor["visitorId"].as_str().unwrap(), "1");
    prop_assert!(!visitor["events"].as_array().unwrap().is_empty(), "{}", text);
    for event in visitor["events"].as_array().unwrap() {
        let data = event["data"].as_object().unwrap();
        for (name, value) in data {
            let sound = match name.as_str() {
                "bucketingData" => value.as_object().unwrap().values().all(is_id),
                "goalData" => value.as_array().unwrap().iter().any(|pair| pair["value"].is_number()),
                _ => is_id(value),
            };
            prop_assert!(sound, "{}: {}", name, text);
        }
    }
    Ok(())
}

/// Optimizely's Event API: one JSON object around one event, whose ids are text everywhere.
fn sound_events(text: &str) -> Result<(), TestCaseError> {
    let body: Value = serde_json::from_str(text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
    let is_id = |id: &Value| id.as_str().is_some_and(|id| id.parse::<i64>().is_ok_and(|id| id >= 0));
    prop_assert!(
        is_id(&body["account_id"]) && (body["project_id"].is_null() || is_id(&body["project_id"])),
        "{}",
        text
    );
    let [visitor] = &body["visitors"].as_array().unwrap()[..] else { panic!("{text}") };
    let [snapshot] = &visitor["snapshots"].as_array().unwrap()[..] else { panic!("{text}") };
    let [event] = &snapshot["events"].as_array().unwrap()[..] else { panic!("{text}") };
    prop_assert!(is_id(&event["entity_id"]) && event["timestamp"].is_u64(), "{}", text);
    prop_assert!(event["revenue"].is_null() || event["revenue"].is_i64(), "{}", text);
    prop_assert!(event["value"].is_null() || event["value"].is_number(), "{}", text);
    match snapshot["decisions"].as_array() {
        Some(decisions) => {
            prop_assert!(!decisions.is_empty() && body["enrich_decisions"].is_null(), "{}", text);
            for decision in decisions {
                let or_null = |name: &str| decision.get(name).is_some_and(|id| id.is_null() || is_id(id));
                prop_assert!(
                    is_id(&decision["campaign_id"]) && or_null("experiment_id") && or_null("variation_id"),
                    "{}",
                    text
                );
            }
        }
        None => prop_assert_eq!(&body["enrich_decisions"], &json!(true)),
    }
    Ok(())
}

/// Parsed by somebody else, a request's URL says what it was built to say, and leads nowhere but to the platform.
fn sound(request: &Value, accounts: &Value) -> Result<(), TestCaseError> {
    let text = request["url"].as_str().unwrap();
    let url = Url::parse(text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
    prop_assert_eq!(url.scheme(), "https");
    prop_assert!(
        url.username().is_empty() && url.password().is_none() && url.port().is_none() && url.fragment().is_none()
    );
    prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{}", text);
    let host = url.host_str().unwrap();
    let of_project =
        |end: &str| host.strip_suffix(end).is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()));
    let (own_host, method) = match request["platform"].as_str().unwrap() {
        "optimizely" if request["body"].is_null() => (of_project(".log.optimizely.com"), "GET"),
        "optimizely" => {
            let due =
                if accounts["optimizely"]["region"] == "eu" { "eu.logx.optimizely.com" } else { "logx.optimizely.com" };
            prop_assert_eq!((url.path(), url.query()), ("/v1/events", None));
            (host == due, "POST")
        }
        "vwo" => (
            ["dacdn.visualwebsiteoptimizer.com", "dev.visualwebsiteoptimizer.com"].contains(&host),
            if url.path().ends_with("/events/t") { "POST" } else { "GET" },
        ),
        "kameleoon" => {
            (accounts["kameleoon"]["dataHost"].as_str().is_some_and(|named| named.eq_ignore_ascii_case(host)), "POST")
        }
        "convert" if request["body"].is_null() => (of_project(".track.convertexperiments.com"), "GET"),
        "convert" => {
            let domain = accounts["convert"]["domain"].as_str();
            prop_assert!(url.path().contains("/v1/track/") && url.query().is_none(), "{}", text);
            (domain.unwrap_or("metrics.convertexperiments.com").eq_ignore_ascii_case(host), "POST")
        }
        other => return Err(TestCaseError::fail(other.to_owned())),
    };
    prop_assert!(own_host, "{}", text);
    prop_assert_eq!(request["method"].as_str().unwrap(), method);
    let built: Vec<(String, String)> = text
        .split_once('?')
        .into_iter()
        .flat_map(|(_, query)| query.split('&'))
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), decoded(value)))
        .collect();
    let read: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    prop_assert_eq!(&built, &read, "{}", text);
    let mut names: Vec<&String> = built.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    prop_assert_eq!(names.len(), built.len(), "a parameter stands twice: {}", text);
    match request["body"].as_str() {
        Some(body) => {
            let lines = request["platform"] == "kameleoon" && accounts["kameleoon"]["format"] == "text";
            let kind = if lines { "text/plain" } else { "application/json" };
            prop_assert_eq!(&request["headers"], &json!({ "Content-Type": kind }));
            match request["platform"].as_str().unwrap() {
                "convert" => sound_v1(body)?,
                "optimizely" => sound_events(body)?,
                "vwo" => prop_assert!(serde_json::from_str::<Value>(body).unwrap()["d"].is_object()),
                _ if lines => prop_assert!(body.bytes().all(|byte| byte.is_ascii_graphic()), "{}", body),
                _ => prop_assert_eq!(serde_json::from_str::<Vec<Map<String, Value>>>(body).unwrap().len(), 1),
            }
        }
        None => prop_assert_eq!((method, &request["headers"]), ("GET", &json!({}))),
    }
    let key = request["idempotencyKey"].as_str().unwrap();
    prop_assert!(key.len() == 32 && key.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
    prop_assert!(["safe", "unproven", "counts-twice"].contains(&request["repeat"].as_str().unwrap()));
    Ok(())
}

fn of_platform<'a>(plan: &'a Value, platform: &str) -> Vec<&'a Value> {
    let entries = ["requests", "skipped", "warnings"].into_iter().flat_map(|list| plan[list].as_array().unwrap());
    entries.filter(|entry| entry["platform"] == platform).collect()
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn requests_say_what_they_were_given(visitor in context(), conversion in conversion(), accounts in accounts()) {
        let visitor = without_accounts(visitor);
        let plan = face::plan(&visitor, &conversion, &accounts).unwrap();
        for request in plan["requests"].as_array().unwrap() {
            sound(request, &accounts)?;
            let parameter = |name| json!(parameter(request["url"].as_str().unwrap(), name));
            let (goal, account) = (&conversion, &accounts);
            match request["platform"].as_str().unwrap() {
                "optimizely" if request["body"].is_string() => {
                    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
                    let (known, said) = (&visitor["optimizely"], &body["visitors"][0]);
                    let (event, due) = (&said["snapshots"][0]["events"][0], &goal["optimizely"]);
                    prop_assert_eq!(&said["visitor_id"], known.get("userId").unwrap_or(&known["endUserId"]));
                    prop_assert_eq!((&event["key"], &event["entity_id"]), (&due["event"], &due["eventId"]));
                    prop_assert_eq!(event.get("tags"), due.get("tags"));
                    let count = |list: &Value| list.as_array().map_or(0, Vec::len);
                    prop_assert_eq!(count(&said["attributes"]), count(&due["attributes"]));
                    prop_assert_eq!(count(&said["snapshots"][0]["decisions"]), count(&known["decisions"]));
                    let told_by = &account["optimizely"]["api"];
                    let has = |name: &str| known.get(name).is_some_and(|value| value != &json!({}));
                    prop_assert!(told_by == "events" || told_by.is_null() && (has("decisions") || !has("experiments")));
                }
                "optimizely" => {
                    let known = &visitor["optimizely"];
                    prop_assert_eq!(&parameter("n"), &goal["optimizely"]["event"]);
                    prop_assert_eq!(&parameter("u"), known.get("userId").unwrap_or(&known["endUserId"]));
                    prop_assert_eq!(&parameter("a"), &account["optimizely"]["projectId"]);
                    prop_assert_eq!(&parameter("d"), &account["optimizely"]["accountId"]);
                }
                "vwo" if request["method"] == "POST" => {
                    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
                    prop_assert_eq!(&parameter("a"), &account["vwo"]["accountId"]);
                    prop_assert_eq!(&parameter("en"), &goal["vwo"]["event"]);
                    prop_assert_eq!(&body["d"]["event"]["name"], &goal["vwo"]["event"]);
                    prop_assert_eq!(&body["d"]["visId"], &visitor["vwo"]["uuid"]);
                    let start = format!("{}-{}", visitor["vwo"]["uuid"].as_str().unwrap(), body["d"]["event"]["time"]);
                    prop_assert_eq!(&body["d"]["msgId"], &start);
                }
                "vwo" => {
                    if !parameter("user_id").is_null() {
                        prop_assert_eq!(&parameter("user_id"), &goal["vwo"]["userId"]);
                        prop_assert_eq!(&parameter("u"), &Value::Null);
                    } else if request["url"].as_str().unwrap().contains("/c.gif?") {
                        prop_assert_eq!(&parameter("u"), &visitor["vwo"]["uuid"]);
                    } else {
                        prop_assert!(parameter("u").as_str().unwrap().len() == 32 && parameter("u") != visitor["vwo"]["uuid"]);
                    }
                    if parameter("ap") == "server" {
                        prop_assert_eq!(&parameter("env"), &account["vwo"]["sdkKey"]);
                    }
                    let seen = &visitor["vwo"]["campaigns"][parameter("experiment_id").as_str().unwrap()];
                    let seen: Vec<&str> = seen.as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
                    prop_assert_eq!(parameter("combination"), seen.join(","));
                }
                "kameleoon" => {
                    prop_assert_eq!(&parameter("siteCode"), &account["kameleoon"]["siteCode"]);
                    match goal["kameleoon"].get("mappingValue") {
                        Some(value) => prop_assert_eq!(&parameter("mappingValue"), value),
                        None if account["kameleoon"]["format"] == "text" => prop_assert_eq!(&parameter("visitorCode"), &Value::Null),
                        None => prop_assert_eq!(&parameter("visitorCode"), &visitor["kameleoon"]["visitorCode"]),
                    }
                    let body = request["body"].as_str().unwrap();
                    if account["kameleoon"]["format"] == "text" {
                        let said: BTreeMap<&str, String> = body.split('&').map(|pair| pair.split_once('=').unwrap())
                            .map(|(name, value)| (name, decoded(value))).collect();
                        if goal["kameleoon"].get("mappingValue").is_none() {
                            prop_assert_eq!(&json!(said["visitorCode"]), &visitor["kameleoon"]["visitorCode"]);
                        }
                        let metadata = said.get("metadata").map(|text| serde_json::from_str::<Value>(text).unwrap());
                        prop_assert_eq!(metadata.as_ref(), goal["kameleoon"].get("metadata"));
                    } else {
                        let body: Value = serde_json::from_str(body).unwrap();
                        prop_assert_eq!(body[0].get("metadata"), goal["kameleoon"].get("metadata"));
                    }
                }
                _ if request["body"].is_null() => prop_assert_eq!(&parameter("c"), &account["convert"]["accountId"]),
                _ => {
                    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
                    let (known, said) = (&visitor["convert"], &body["visitors"][0]);
                    prop_assert_eq!(&body["accountId"], &account["convert"]["accountId"]);
                    prop_assert_eq!(&body["projectId"], &account["convert"]["projectId"]);
                    prop_assert_eq!(&said["visitorId"], &known["visitorId"]);
                    // What there is none of is left out.
                    let or = |value: Option<&Value>, none: Value| value.cloned().unwrap_or(none);
                    prop_assert_eq!(&or(said["segments"].get("customSegments"), json!([])), &known["segments"]);
                    for event in said["events"].as_array().unwrap() {
                        let seen = or(event["data"].get("bucketingData"), json!({}));
                        prop_assert_eq!(seen, or(known.get("experiences"), json!({})));
                    }
                }
            }
        }
    }

    #[test]
    fn any_json_makes_a_plan_or_an_error(
        visitor in any_json(), conversion in any_json(), accounts in any_json(), given in context(), good in conversion(),
        named in accounts(), disturbances in vec((any::<Index>(), any::<Index>(), any_json()), 1..4),
    ) {
        let disturbed = [disturb(given.clone(), &disturbances), disturb(good.clone(), &disturbances), disturb(named.clone(), &disturbances)];
        for [visitor, conversion, accounts] in [
            [&visitor, &conversion, &accounts], [&given, &good, &accounts], [&given, &conversion, &named], [&visitor, &good, &named],
            [&disturbed[0], &good, &named], [&given, &disturbed[1], &named], [&given, &good, &disturbed[2]],
            [&disturbed[0], &disturbed[1], &disturbed[2]],
        ] {
            for plan in [face::plan, face::plan_captured] {
                match plan(visitor, conversion, accounts) {
                    Ok(plan) => for request in plan["requests"].as_array().unwrap() {
                        sound(request, accounts)?;
                    },
                    Err(code) => prop_assert!(code == "invalid-conversion" || is_token_code(&code), "{}", code),
                }
            }
            face::codes(&face::check_settings(accounts, conversion));
            face::stash(visitor);
            face::capture(visitor);
        }
    }

    #[test]
    fn what_one_platform_cannot_use_costs_the_others_nothing(
        visitor in context(), conversion in conversion(), accounts in accounts(), which in 0..4_usize, bad in vec(any_json(), 3),
    ) {
        let platform = PLATFORMS[which];
        let visitor = without_accounts(visitor);
        let before = face::plan(&visitor, &conversion, &accounts).unwrap();
        let with = |json: &Value, bad: &Value| { let mut json = json.clone(); json[platform] = bad.clone(); json };
        for after in [
            face::plan(with(&visitor, &bad[0]), &conversion, &accounts),
            face::plan(&visitor, with(&conversion, &bad[1]), &accounts),
            face::plan(&visitor, &conversion, with(&accounts, &bad[2])),
            face::plan(with(&visitor, &bad[0]), with(&conversion, &bad[1]), with(&accounts, &bad[2])),
        ] {
            let after = after.unwrap();
            for other in PLATFORMS.into_iter().filter(|name| *name != platform) {
                prop_assert_eq!(of_platform(&after, other), of_platform(&before, other));
            }
        }
    }

    #[test]
    fn requests_built_twice_are_the_same(visitor in known_context(), conversion in conversion(), accounts in accounts()) {
        let visitor = without_accounts(visitor);
        let plan = face::plan(&visitor, &conversion, &accounts).unwrap();
        let (visitor_again, accounts_again) = (in_another_order(&visitor, 3), in_another_order(&accounts, 1));
        prop_assert_eq!(&face::plan(visitor_again, &conversion, accounts_again).unwrap(), &plan);
        // From its token a visitor is the same visitor.
        let token = Value::from(face::stash(&visitor));
        let mut from_token = face::plan(token, &conversion, &accounts).unwrap();
        // Without the hour, a visit is a day older at most, and never past the window on the same day.
        prop_assert_eq!(from_token["requests"].take(), plan["requests"].clone());
        prop_assert_eq!(from_token["skipped"].take(), plan["skipped"].clone());
    }

    #[test]
    fn two_conversions_never_share_a_number(
        visitor in known_context(), conversion in conversion(), accounts in accounts(), other in ID,
    ) {
        prop_assume!(conversion["id"] != other.as_str());
        let visitor = without_accounts(visitor);
        let mut second = conversion.clone();
        second["id"] = json!(other);
        let numbers = |conversion: &Value| -> Vec<String> {
            let plan = face::plan(&visitor, conversion, &accounts).unwrap();
            plan["requests"].as_array().unwrap().iter().flat_map(|request| {
                let random = parameter(request["url"].as_str().unwrap(), "random");
                let nonce = request["body"].as_str().and_then(|body| {
                    if let Some((_, nonce)) = body.split_once("&nonce=") {
                        return Some(nonce[..16].to_owned());
                    }
                    Some(serde_json::from_str::<Value>(body).unwrap().get(0)?["nonce"].as_str().unwrap().to_owned())
                });
                let uuid = request["body"].as_str().and_then(|body| Some(body.split_once("\"uuid\":\"")?.1[..36].to_owned()));
                [Some(request["idempotencyKey"].as_str().unwrap().to_owned()), random, nonce, uuid].into_iter().flatten()
            }).collect()
        };
        let (ones, twos) = (numbers(&conversion), numbers(&second));
        let mut all = [ones.clone(), twos.clone()].concat();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), ones.len() + twos.len());
    }

    /// Whoever forges a token, or edits a context that was kept, cannot say where anything is sent.
    #[test]
    fn a_kept_visitor_never_chooses_the_destination(visitor in known_context(), conversion in conversion(), accounts in accounts()) {
        let mut nothing_named = accounts;
        for platform in PLATFORMS {
            nothing_named[platform].as_object_mut().unwrap().retain(|name, _| ["api", "dataHost", "collectionPrefix", "sdkKey", "domain"].contains(&name.as_str()));
        }
        let token = Value::from(face::stash(&visitor));
        let parts = Value::from(face::stash_parts(&visitor, 60));
        for kept in [&visitor, &token, &parts] {
            for accounts in [&json!({}), &nothing_named] {
                prop_assert_eq!(&face::plan(kept, &conversion, accounts).unwrap()["requests"], &json!([]));
            }
        }
        for kept in [&token, &parts] {
            prop_assert_eq!(&face::plan_captured(kept, &conversion, &nothing_named).unwrap()["requests"], &json!([]));
        }
    }
}
