//! What a token is: the same for ever, short enough for a call tracker's field, and refused where it is not whole.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::expect_used)]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)]

mod face;
mod forge;
mod golden;

use serde_json::{Value, json};

fn refused(code: &str) -> Result<Value, String> {
    Err(code.to_owned())
}

/// New ones: write name and context into the file with an empty token (and parts); what this fails with is the token.
#[test]
fn golden_tokens_never_change() {
    golden::cases().iter().for_each(golden::check);
}

/// The shortest limit that any call tracker publishes for a field.
const FIELD: usize = 255;

/// What a large site's page holds: visitor ids in their longest common form, account ids everywhere, three experiments a
/// platform.
fn realistic() -> Value {
    face::capture(json!({
        "cookie": "optimizelyEndUserId=oeu1795132800123r0.68497817986644812; \
            optimizelyBuckets=%7B%222312010859%22%3A%222321470446%22%2C%222312010999%22%3A%222321470999%22%2C%228435170145%22%3A%228451120457%22%7D; \
            _vwo_uuid=D11BD6ED27A63F845ADFCBA2D9AA7835C; _vis_opt_exp_71_combi=3; _vis_opt_exp_91_combi=1; _vis_opt_exp_302_combi=2; \
            _vwo_ds=3%3At_0%2Ca_0%241795132700%3A24.16%3A%3A; _vwo_sn=100%3A1; \
            kameleoonVisitorCode=l200u3djm8kovq4o; \
            _conv_v=vi%3A1*sc%3A1*exp%3A%7B100330256.%7Bv.1003131869-g.%7B%7D%7D-100347543.%7Bv.1003176559-g.%7B%7D%7D-100347987.%7Bv.1003176999-g.%7B%7D%7D%7D; \
            _conv_s=si%3A1*sh%3A1795132800123-0.005297773138133621*pv%3A2",
        "storage": {
            "kameleoonExperiment-250101": "{\"value\":\"reference/1795132800000\"}",
            "kameleoonExperiment-250102": "{\"value\":\"980105/1795132800000\"}",
            "kameleoonExperiment-251999": "{\"value\":\"981234/1795132800000\"}",
        },
        "globals": {
            "optimizely": { "accountId": "8123451234", "projectId": "8123455678" }, "vwo": { "accountId": 600100 },
            "kameleoon": { "siteCode": "f17c21u1ag" }, "convert": { "accountId": 10022898, "projectId": 10025986 },
        },
        "now": 1_795_132_800_000_u64,
    }))
}

#[test]
fn four_platforms_with_three_experiments_each_fit_one_field() {
    let context = realistic();
    assert_eq!(context["problems"], json!([]));
    assert_eq!(context["vwo"]["sessionId"], json!(1_795_132_800));
    for (platform, experiments) in
        [("optimizely", "experiments"), ("vwo", "campaigns"), ("kameleoon", "experiments"), ("convert", "experiences")]
    {
        assert_eq!(context[platform][experiments].as_object().unwrap().len(), 3, "{platform}");
    }
    let token = face::stash(&context);
    println!("four platforms with three experiments each: {} characters of {FIELD}", token.len());
    assert!(token.len() <= FIELD, "{} characters", token.len());
    assert_eq!(face::stash_parts(&context, FIELD), [token]);

    // With segments and goals it may take a second field, not a third.
    let mut more = context;
    more["optimizely"]["segments"] =
        json!({ "1227392893": "search", "1248401246": "gc", "1258181237": "false", "1260681234": "none" });
    more["convert"]["goals"] =
        json!({ "100330256": ["10031564", "10034364"], "100347543": ["10031564"], "100347987": [] });
    more["convert"]["segments"] = json!(["10031564", "10034364", "10034366"]);
    let parts = face::stash_parts(&more, FIELD);
    println!("with segments and goals: {:?} characters", parts.iter().map(String::len).collect::<Vec<_>>());
    assert!(parts.len() <= 2);
}

/// A page view by itself changes nothing: the day travels, the hour does not, and neither do problems.
#[test]
fn the_hour_and_problems_stay_behind() {
    let mut context = realistic();
    let token = face::stash(&context);
    context["capturedAt"] = json!(1_795_132_800_000_u64 + 86_399_999);
    context["problems"] = json!([{ "platform": "vwo", "code": "malformed-cookie", "message": "" }]);
    assert_eq!(face::stash(&context), token);
    context["capturedAt"] = json!(1_795_132_800_000_u64 + 86_400_000);
    assert_ne!(face::stash(&context), token);
}

#[test]
fn ids_are_the_same_as_text_and_as_numbers() {
    let text = json!({ "vwo": { "accountId": "6", "campaigns": { "8": ["2"] }, "sessionId": 7 }, "capturedAt": 1_795_132_800_000_u64 });
    let numbers = json!({ "capturedAt": "2026-11-20T10:00:00Z", "vwo": { "accountId": 6, "campaigns": { "8": [2] }, "sessionId": "7" } });
    assert_eq!(face::stash(text), face::stash(numbers));
}

/// Ids that a site made up may look like the platforms' own and yet be unlike any: each comes back.
///
/// The zeros take no bits of their own in an id's short form: where there are many, another form is written.
#[test]
fn ids_with_many_zeros_behind_the_point_come_back() {
    for zeros in 0..200 {
        for id in
            [format!("oeu1403497108672r0.{}6", "0".repeat(zeros)), format!("1403497108672-0.{}6", "0".repeat(zeros))]
        {
            let context = face::capture_cookie(&format!("optimizelyEndUserId={id}"));
            assert_eq!(context["optimizely"]["endUserId"], id);
            assert_eq!(face::unstash(&face::stash(&context)), Ok(context), "{id}");
        }
    }
}

#[test]
fn what_is_no_token_is_malformed() {
    for text in [
        "",
        " ",
        "B",
        "a",
        "BAQ8BAz0SkAQIJgq1RQQfiYAQ9xyr",
        "AA=",
        "A+",
        "A/",
        "Aé",
        "=A1",
        "null",
        "undefined",
        "[object Object]",
    ] {
        assert_eq!(face::unstash(text), refused("malformed-stash"), "{text}");
    }
    assert_eq!(face::plan("[]", r#"{"id":"1"}"#, "{}"), refused("malformed-stash"));
    assert_eq!(face::plan("null", r#"{"id":"1"}"#, "{}"), refused("malformed-stash"));
}

/// Spreadsheets and forms add spaces; empty fields come along.
#[test]
fn spaces_around_a_token_and_empty_parts_do_not_count() {
    let token = golden::cases()[0]["token"].as_str().unwrap().to_owned();
    let context = face::unstash(&token).unwrap();
    for text in [format!(" {token}"), format!("{token}\r\n"), format!("\t{token} "), format!("  {token}   ")] {
        assert_eq!(face::unstash(&text), Ok(context.clone()), "{text:?}");
    }
    let plan = |visitor: Value| face::plan(visitor, r#"{"id":"1"}"#, "{}");
    assert_eq!(plan(json!(["", token, ""])), plan(json!(token)));
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let context = realistic();
    let parts = face::stash_parts(&context, 60);
    assert!(parts.len() > 3);
    let whole = face::stash(&context);
    let mut other = context.clone();
    other["vwo"]["accountId"] = json!("600101");
    let others = face::stash_parts(&other, 60);
    assert_eq!(parts.len(), others.len());
    let wider = face::stash_parts(&context, 70);
    let read = |parts: &[&[String]]| face::unstash_parts(&parts.concat());

    assert_eq!(read(&[&parts]), face::unstash(&whole));
    for at in 0..parts.len() {
        assert_eq!(read(&[&parts[..at], &parts[at + 1..]]), refused("missing-part"), "without {at}");
        assert_eq!(read(&[&parts, &parts[at..=at]]), refused("mixed-parts"), "{at} twice");
        assert_eq!(
            read(&[&parts[..at], &others[at..=at], &parts[at + 1..]]),
            refused("mixed-parts"),
            "{at} of another"
        );
        let cut = parts[at][..parts[at].len() - 1].to_owned();
        assert_eq!(read(&[&parts[..at], &[cut], &parts[at + 1..]]), refused("truncated-stash"), "{at} cut");
        assert_eq!(read(&[&parts[at..=at]]), refused("missing-part"), "{at} alone");
    }
    assert_eq!(read(&[&parts, &others]), refused("mixed-parts"));
    assert_eq!(read(&[&parts[..1], &wider[1..]]), refused("mixed-parts"));
    assert_eq!(read(&[&parts, std::slice::from_ref(&whole)]), refused("mixed-parts"));
    assert_eq!(read(&[std::slice::from_ref(&whole), &parts[1..]]), refused("mixed-parts"));
    assert_eq!(read(&[&[whole.clone(), whole]]), refused("mixed-parts"));
}

/// A part of parts would be a second way to say the same.
#[test]
fn a_part_inside_a_part_is_malformed() {
    let part = forge::open(&face::stash_parts(realistic(), 60)[0]);
    let checksum = &forge::section(&forge::seal(part.clone()), 8)[..4];
    let token = forge::token(&[(8, &[checksum, &[0, 0, 0, 1], &part].concat())]);
    assert!(face::unstash(&token).is_err());
}

/// Fields of less than 40 are taken as 40; each part is as long as it may be, and no longer, at any length.
#[test]
fn parts_are_never_longer_than_their_field() {
    let context = realistic();
    let whole = face::stash(&context);
    for max_length in 1..=300 {
        let parts = face::stash_parts(&context, max_length);
        let limit = max_length.max(40);
        assert!(parts.iter().all(|part| part.len() <= limit), "{max_length}: {parts:?}");
        assert_eq!(parts.len() == 1, whole.len() <= limit, "{max_length}");
        if let [full, _, ..] = parts.as_slice() {
            // Three bytes are four characters, and the lengths in a part may take a byte more.
            assert!(full.len() + 7 > limit, "{max_length}: a part has {} characters", full.len());
        }
        assert_eq!(face::unstash_parts(&parts), face::unstash(&whole), "{max_length}");
    }
}

#[test]
fn long_parts_are_never_longer_than_their_field() {
    let mut context = realistic();
    context["optimizely"]["segments"] = json!({ "1": "ü".repeat(30_000) });
    for max_length in [21_000, 22_000, 30_000, 60_000] {
        let parts = face::stash_parts(&context, max_length);
        assert!(parts.len() > 1);
        let lengths: Vec<usize> = parts.iter().map(String::len).collect();
        assert!(lengths.iter().all(|length| *length <= max_length), "{max_length}: {lengths:?}");
        assert_eq!(face::unstash_parts(&parts).unwrap()["optimizely"], context["optimizely"]);
    }
}

/// What is stashed can be unstashed, or there is no token.
#[test]
fn a_context_too_large_for_a_token_is_no_broken_token() {
    let context = json!({ "optimizely": { "endUserId": "a", "segments": { "1": "ü".repeat(1 << 20) } } });
    let token = face::stash(&context);
    if !token.is_empty() {
        assert_eq!(
            face::unstash(&token).map(|read| read["optimizely"]["segments"] == context["optimizely"]["segments"]),
            Ok(true)
        );
    }
}

#[test]
fn other_versions_are_unknown() {
    let mut bytes = forge::open(golden::cases()[0]["token"].as_str().unwrap());
    for version in [0, 2, 255] {
        bytes[0] = version;
        assert_eq!(face::unstash(&forge::seal(bytes.clone())), refused("unknown-version"), "{version}");
    }
}

#[test]
fn sections_of_a_later_release_are_left_out_and_named() {
    let token = golden::cases()[0]["token"].as_str().unwrap().to_owned();
    let kameleoon = forge::section(&token, 4);
    for tag in [9, 100, 255] {
        let context = face::unstash(&forge::token(&[(4, &kameleoon), (tag, b"anything")])).unwrap();
        assert_eq!(face::codes(&context["problems"]), ["page unknown-section"]);
        assert_eq!(context["kameleoon"]["visitorCode"], "245fc");
        assert_eq!(face::stash(&context), token);
    }
}

/// A visitor whom only a later release knows is no visitor here; but the token is sound, and nobody should be told to copy
/// it again.
#[test]
fn a_platform_of_a_later_release_alone_is_named() {
    let context = face::unstash(&forge::token(&[(9, b"anything")])).unwrap();
    assert_eq!(context, json!({ "capturedAt": 0, "problems": context["problems"] }));
    assert_eq!(face::codes(&context["problems"]), ["page unknown-section"]);
}

/// A token says the same thing in one way only.
#[test]
fn what_stash_would_have_written_otherwise_is_malformed() {
    let token = golden::cases()[0]["token"].as_str().unwrap().to_owned();
    let kameleoon = forge::section(&token, 4);
    assert_eq!(forge::token(&[(4, &kameleoon)]), token);
    let mut padded = kameleoon.clone();
    padded.push(0);
    let mut spare = kameleoon.clone();
    *spare.last_mut().unwrap() |= 1;
    let cut = &kameleoon[..kameleoon.len() - 1];
    let none: &[(u8, &[u8])] = &[];
    for (why, sections) in [
        ("nothing in it", none),
        ("a day alone", &[(1, &[0b1111_0000])]),
        ("a section twice", &[(4, &kameleoon), (4, &kameleoon)]),
        ("a wrong order", &[(4, &kameleoon), (1, &[0b0000_0100])]),
        ("a byte behind the bits", &[(4, &padded)]),
        ("a spare bit", &[(4, &spare)]),
        ("cut bits", &[(4, cut)]),
        ("an empty section", &[(4, b"")]),
        ("no decisions", &[(4, &kameleoon), (6, &[0b1000_0000])]),
        ("a part among sections", &[(4, &kameleoon), (8, b"12345678")]),
        ("no call trackers", &[(4, &kameleoon), (7, &[0b1000_0000])]),
    ] {
        assert_eq!(face::unstash(&forge::token(sections)), refused("malformed-stash"), "{why}");
    }
    // The length of the body in more bytes than it takes.
    let mut bytes = forge::open(&token);
    let length = bytes[1];
    bytes.splice(1..2, [length | 0x80, 0]);
    assert_eq!(face::unstash(&forge::seal(bytes)), refused("malformed-stash"));
}

/// Whatever is altered behind the checksum, bit by bit: what still decodes is what `stash` writes.
#[test]
fn what_still_decodes_with_a_bit_altered_says_its_own_thing_in_one_way() {
    let mut context = realistic();
    context["optimizely"]["userId"] = json!("Ü 1");
    context["optimizely"]["experiments"]["8"] = json!("1_2_3");
    context["optimizely"]["segments"] = json!({ "0": "gc", "1227392893": "D11BD6ED27A63F845ADFCBA2D9AA7835C" });
    context["optimizely"]["decisions"] = json!([
        { "campaignId": "7", "experimentId": "8", "variationId": null, "isCampaignHoldback": true },
    ]);
    context["convert"]["goals"] = json!({ "100330256": ["10031564", "10034364"], "100347543": [], "100347987": ["1"] });
    context["convert"]["segments"] = json!(["10031564", "0"]);
    context["callTrackers"] =
        json!({ "ctm": "0123456789abcdef01234567", "infinity": "11BD6ED27A63F845ADFCBA2D9AA7835C" });
    let bytes = forge::open(&face::stash(&context));
    let mut decoded = 0;
    for at in 0..(bytes.len() - 4) * 8 {
        for pattern in [0b1, 0b11, 0b101] {
            let mut bytes = bytes.clone();
            bytes[at / 8] ^= u8::try_from((pattern << (at % 8)) & 0xFF).unwrap();
            let token = forge::seal(bytes);
            if let Ok(context) = face::unstash(&token)
                && context["problems"] == json!([])
            {
                assert_eq!(face::stash(&context), token);
                decoded += 1;
            }
        }
    }
    assert!(decoded > 1000, "{decoded}");
}

/// A list has as many ids as its place in a context allows, and that is checked when a token is read.
#[test]
fn lists_of_another_shape_are_malformed() {
    // No uuid, no account; campaigns: 8; then their lists; no session.
    let vwo = |lists: &str| forge::bits(&format!("0 0 0 010 000100 1000 {lists} 0"));
    let one = "1 000010 10";
    let several = "0 011 000010 10 11";
    let none = "0 1";
    assert_eq!(forge::token(&[(3, &vwo(one))]), face::stash(json!({ "vwo": { "campaigns": { "8": ["2"] } } })));
    assert_eq!(
        forge::token(&[(3, &vwo(several))]),
        face::stash(json!({ "vwo": { "campaigns": { "8": ["2", "3"] } } }))
    );
    assert_eq!(face::unstash(&forge::token(&[(3, &vwo(none))])), refused("malformed-stash"));

    // No id, no account, no project; experiences: 8; then their lists; goals: of the same, none; no segments.
    let convert = |lists: &str| forge::bits(&format!("0 0 0 0 010 000100 1000 {lists} 1 0 1 1"));
    let context = json!({ "convert": { "experiences": { "8": "2" }, "goals": { "8": [] } } });
    assert_eq!(forge::token(&[(5, &convert(one))]), face::stash(context));
    assert_eq!(face::unstash(&forge::token(&[(5, &convert(none))])), refused("malformed-stash"));
    assert_eq!(face::unstash(&forge::token(&[(5, &convert(several))])), refused("malformed-stash"));
}

/// Ids of segments ascend, as those of every other map.
#[test]
fn segments_in_another_order_are_malformed() {
    // The id "7", no user id, no account, no project; no experiments; segments 2 and 3, or 3 and 2; their texts, "0" both.
    let optimizely =
        |segments: &str| forge::bits(&format!("1 010 000011 11 0 0 0 1 011 000010 {segments} 010 000000 010 000000"));
    let context = json!({ "optimizely": { "endUserId": "7", "segments": { "2": "0", "3": "0" } } });
    assert_eq!(forge::token(&[(2, &optimizely("10 11"))]), face::stash(context));
    for segments in ["11 10", "11 11"] {
        assert_eq!(
            face::unstash(&forge::token(&[(2, &optimizely(segments))])),
            refused("malformed-stash"),
            "{segments}"
        );
    }
}

/// Names of call trackers ascend, each at most once, as the members of an object do.
#[test]
fn call_trackers_in_another_order_are_malformed() {
    let token =
        |trackers: Value| face::stash(json!({ "kameleoon": { "visitorCode": "245fc" }, "callTrackers": trackers }));
    let kameleoon = forge::section(&token(json!({})), 4);
    // Form 1, three letters, as one number of base 36.
    let text = |letters: &str| format!("00100100{:016b}", u32::from_str_radix(letters, 36).unwrap());
    let section = |pairs: [(&str, &str); 2]| {
        forge::bits(&format!("011{}", pairs.map(|(name, id)| format!("{}{}", text(name), text(id))).concat()))
    };
    let (a, b) = (("aaa", "x11"), ("bbb", "y22"));
    assert_eq!(forge::token(&[(4, &kameleoon), (7, &section([a, b]))]), token(json!({ "aaa": "x11", "bbb": "y22" })));
    for (why, pairs) in [("descending", [b, a]), ("twice", [a, a]), ("twice, otherwise", [a, ("aaa", "y22")])] {
        let forged = forge::token(&[(4, &kameleoon), (7, &section(pairs))]);
        assert_eq!(face::unstash(&forged), refused("malformed-stash"), "{why}");
    }
}

/// Counts and lengths are somebody else's numbers: a short token must not take long.
#[test]
fn counts_that_promise_much_end_at_once() {
    for tag in 1..=8 {
        for value in [
            &[0xFF; 64][..],
            &[0x00; 64],
            &[0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            &[0x01, 0xFF, 0xFF, 0xFF, 0xFF],
        ] {
            assert!(face::unstash(&forge::token(&[(tag, value)])).is_err(), "{tag}: {value:?}");
        }
    }
}
