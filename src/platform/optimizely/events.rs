//! Optimizely's Event API.
//!
//! ```text
//! POST https://logx.optimizely.com/v1/events            or https://eu.logx.optimizely.com/v1/events
//! {"account_id":…[,"project_id":…][,"anonymize_ip":…],"client_name":…,"client_version":…[,"revision":…]
//!  [,"enrich_decisions":true],"visitors":[{"visitor_id":…,"attributes":[…],"snapshots":[{[ "decisions":[…],]"events":[{
//!      "entity_id":…,"key":…,"timestamp":<ms>,"uuid":…[,"tags":{…}][,"value":<number>][,"revenue":<cents>]}]}]}]}
//! ```
//! Sources: Optimizely Event API, OpenAPI 1.3.0 and its page "Getting started" (endpoint, members, 3.5 MB, the uuid that
//! dedupes); `@optimizely/optimizely-sdk` 6.6.1 (what else a conversion carries: `revision`, `enrich_decisions`, and a
//! `revenue` and `value` out of the tags of these names). All ids are text.
//!
//! Where the visitor's decisions are known they travel with the event, and `enrich_decisions` is left out: the API's own
//! description has decisions and does not know that member. Where none are known the SDK's way is taken:
//! `enrich_decisions` asks Optimizely for those that it recorded itself, and there are no `decisions`.

use super::{Optimizely, Region};
use crate::{
    platform::{Told, is_whole_text},
    values::{
        decision::Decision,
        id::{Id, insert_sorted},
        idempotency::IdempotencyKey,
        json::{Json, Writer},
        money::Cents,
        problem::PlatformName,
        request::{Drafts, Endpoint, Format, Refused, Repeat},
        template::Form,
        text::{DIGIT, behind, eat, split_leading},
    },
};
use alloc::{string::String, vec::Vec};

const PLATFORM: PlatformName = PlatformName::Optimizely;

/// "One JSON of at most 3.5 MB", in the API's "Getting started".
const LIMIT: usize = 3_500_000;

static ENDPOINT: Endpoint = Endpoint { platform: PLATFORM, format: Some(Format::Json), limit: LIMIT };

const REQUEST: &str = concat!(
    r#"https://@logx.optimizely.com/v1/events
{"account_id":@,"project_id":@,"anonymize_ip":@,"client_name":"aftercall/aftercall","client_version":""#,
    env!("CARGO_PKG_VERSION"),
    r#"","revision":@,"enrich_decisions":@,"visitors":[
{"visitor_id":@,"attributes":@,"snapshots":[
{@"events":[{"entity_id":@,"key":@,"timestamp":@,"uuid":@,"tags":@,"value":@,"revenue":@}]}
]}
]}"#
);

/// How the API calls the members of a decision.
const DECISION: [&str; 4] = ["campaign_id", "experiment_id", "variation_id", "is_campaign_holdback"];

pub(super) fn request(
    told: &Told<'_, Optimizely>,
    account: Id,
    project: Option<Id>,
    key: &IdempotencyKey,
    drafts: &mut Drafts,
) -> Result<(), Refused> {
    let Told { visitor, goal, facts, .. } = told;
    let event_id = goal.event_id.ok_or_else(|| drafts.refuse_invalid("eventId"))?;
    let at = facts.expect_time(drafts)?;
    let user = visitor.counted_by(drafts)?;
    let tags = goal.tags.as_ref();
    let revenue = match (facts.revenue, tags.and_then(|tags| tags.revenue)) {
        (Some(one), Some(other)) if one != other => return Err(drafts.refuse_invalid("tags")),
        (one, other) => one.or(other),
    };

    let mut decisions = Writer::default();
    if !visitor.decisions.is_empty() {
        decisions.name("decisions");
        Decision::write_all(&visitor.decisions, DECISION, &mut decisions);
        decisions.raw(""); // the comma in front of what follows
    }
    let mut form = Form::new(REQUEST);
    form.raw(if told.account.region == Some(Region::Eu) { "eu." } else { "" });
    form.id(account);
    form.id(project);
    form.flag(goal.anonymize_ip);
    form.text(goal.revision.as_deref());
    form.flag(visitor.decisions.is_empty().then_some(true));
    form.text(user.as_str());
    form.raw(goal.attributes.as_deref().unwrap_or("[]"));
    form.raw(&*decisions.finish());
    form.id(event_id);
    form.text(&*goal.event);
    form.number(at.ms());
    form.text(&*key.uuid(user.as_str()));
    form.raw(tags.map(|tags| tags.json.as_str()));
    form.raw(tags.and_then(|tags| tags.value.as_deref()));
    form.amount(revenue, Cents::push_cents);
    drafts.add(&ENDPOINT, &mut form, key, Repeat::Safe);
    Ok(())
}

/// The tags of an event, as the user gave them, and what Optimizely makes of two of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// The JSON object, its members sorted.
    pub json: String,
    /// The tag `revenue`: cents, cut off behind the point.
    pub revenue: Option<Cents>,
    /// The tag `value`, as a JSON number.
    pub value: Option<String>,
}

impl Tags {
    /// The tags in a JSON object of texts, numbers, `true` and `false`, and of nothing else.
    #[must_use]
    pub fn from_json(json: Json<'_>) -> Option<Self> {
        let mut tags = Tags::default();
        tags.fill(json)?;
        Some(tags)
    }

    /// The same, where it stays.
    pub(super) fn fill(&mut self, json: Json<'_>) -> Option<()> {
        let mut members = Vec::new();
        for (name, json) in json.entries() {
            let mut value = Writer::default();
            write_value(json, &mut value)?;
            let (is_revenue, is_value) = (name == "revenue", name == "value");
            if is_revenue || is_value {
                let mut decimal = String::new();
                let whole = number(&json.scalar()?, &mut decimal)?;
                if is_revenue {
                    self.revenue = Some(Cents::from_number(whole)?);
                } else {
                    self.value = Some(decimal);
                }
            }
            insert_sorted(&mut members, name, value.finish());
        }
        let mut out = Writer::default();
        out.open('{');
        for (name, value) in members {
            out.name(&name);
            out.raw(&value);
        }
        out.close('}');
        self.json = out.finish();
        json.is_object().then_some(())
    }
}

/// A list of `{id, key, value}` as the API's attributes of a visitor, where it is nothing else.
pub(super) fn attributes(json: Json<'_>) -> Option<String> {
    let mut out = Writer::default();
    out.open('[');
    for attribute in json.items() {
        let attribute = attribute.members();
        let (id, key) = (attribute.get("id")?, attribute.text("key")?);
        let text = id.scalar()?;
        // Optimizely's own attributes, such as `$opt_bot_filtering`, are called by their keys.
        if Id::from_json(id).is_none() && !text.starts_with("$opt_") || !is_whole_text(&key) {
            return None;
        }
        out.open('{');
        out.member("entity_id", &text);
        out.member("key", &key);
        out.member("type", "custom");
        out.name("value");
        write_value(attribute.get("value")?, &mut out)?;
        out.close('}');
    }
    out.close(']');
    json.is_array().then(|| out.finish())
}

/// A text, a number as it stands, `true` or `false`.
fn write_value(json: Json<'_>, out: &mut Writer) -> Option<()> {
    match json.text() {
        Some(text) => out.text(&text),
        None if json.is_bool() || json.number().is_some() => out.raw(json.as_str()),
        None => return None,
    }
    Some(())
}

/// Appends the number that a text begins with, as JSON has numbers, and says what stands before its point: it ends where
/// `parseInt` and `parseFloat` stop as well. Exponents and hexadecimals, which they read each in its own way, are nothing.
fn number(text: &str, out: &mut String) -> Option<i64> {
    let mut text = text.trim_ascii();
    let is_negative = eat(&mut text, b'-');
    if !is_negative {
        eat(&mut text, b'+');
    }
    let (mut digits, rest) = split_leading(text, DIGIT);
    while digits.len() > 1 && eat(&mut digits, b'0') {}
    let whole = i64::try_from(Id::parse(digits)?.number()).ok()?;
    let (fraction, rest) = split_leading(behind(rest, b'.').unwrap_or(rest), DIGIT);
    if let Some(byte) = rest.bytes().next()
        && matches!(byte.to_ascii_lowercase(), b'e' | b'x')
    {
        return None;
    }
    if is_negative {
        out.push('-');
    }
    out.push_str(digits);
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    Some(if is_negative { whole.wrapping_neg() } else { whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(json: &str) -> Option<Tags> {
        Tags::from_json(Json::parse(json).unwrap())
    }

    /// Observed with the SDK, but for what it drops in silence: that is nothing here.
    #[test]
    fn revenue_is_cut_off_and_value_is_a_number() {
        for (tag, revenue) in [
            ("2342", 2342),
            ("2342.9", 2342),
            ("-5", -5),
            ("-5.9", -5),
            ("0", 0),
            ("-0.5", 0),
            (r#""12""#, 12),
            (r#"" +12.7abc""#, 12),
            (r#""0012""#, 12),
            (r#""12 EUR""#, 12),
            ("9007199254740991", 9_007_199_254_740_991),
        ] {
            let tags = tags(&format!("{{\"revenue\":{tag}}}")).unwrap();
            assert_eq!(tags.revenue.map(Cents::number), Some(revenue), "{tag}");
            assert_eq!(tags.value, None);
        }
        for (tag, value) in [
            ("1.5", "1.5"),
            (r#""1.5""#, "1.5"),
            ("0", "0"),
            ("-0.25", "-0.25"),
            (r#""+007.50 EUR""#, "7.50"),
            (r#""12.""#, "12"),
        ] {
            assert_eq!(tags(&format!("{{\"value\":{tag}}}")).unwrap().value.as_deref(), Some(value), "{tag}");
        }
    }

    #[test]
    fn amounts_that_are_none_or_read_in_two_ways_are_refused() {
        for tag in [
            "1e21",
            "5e-7",
            "true",
            "\"\"",
            "\"abc\"",
            "\".5\"",
            "\"1e21\"",
            "\"1.5E3\"",
            "\"0x1F\"",
            "\"NaN\"",
            "\"Infinity\"",
            "\"-Infinity\"",
            "9223372036854775808",
            "\"- 5\"",
            "\"--5\"",
        ] {
            for name in ["revenue", "value"] {
                assert_eq!(tags(&format!("{{\"{name}\":{tag}}}")), None, "{name}: {tag}");
            }
        }
        // Beyond what a JavaScript number holds, cents are not exact.
        assert_eq!(tags(r#"{"revenue":9007199254740992}"#), None);
    }

    #[test]
    fn other_tags_stay_what_they_are() {
        let json = r#"{"b":"1e21","a":1e+21,"c":-0.10,"d":true,"é":"\u00e9\n","a":2.50}"#;
        assert_eq!(tags(json).unwrap().json, r#"{"a":2.50,"b":"1e21","c":-0.10,"d":true,"é":"é\n"}"#);
        // A name, of a call tracker for example; a number that is none is no text when it comes here.
        assert_eq!(tags(r#"{"a":"Infinity"}"#).unwrap().json, r#"{"a":"Infinity"}"#);
        assert_eq!(tags("{}").unwrap().json, "{}");
        for json in ["[]", "7", r#""a""#, r#"{"a":null}"#, r#"{"a":[1]}"#, r#"{"a":{}}"#] {
            assert_eq!(tags(json), None, "{json}");
        }
    }

    #[test]
    fn attributes_have_id_key_and_value() {
        let read = |json| attributes(Json::parse(json).unwrap());
        assert_eq!(
            read(r#"[{"id":99,"key":"plan","value":"gold"},{"id":"$opt_bot_filtering","key":"$opt_bot_filtering","value":true}]"#)
                .unwrap(),
            r#"[{"entity_id":"99","key":"plan","type":"custom","value":"gold"},{"entity_id":"$opt_bot_filtering","key":"$opt_bot_filtering","type":"custom","value":true}]"#
        );
        assert_eq!(read("[]").unwrap(), "[]");
        for json in [
            "{}",
            r#"{"0":{"id":1,"key":"a","value":1}}"#,
            "[1]",
            r#"[{"id":"x","key":"a","value":1}]"#,
            r#"[{"key":"a","value":1}]"#,
            r#"[{"id":1,"value":1}]"#,
            r#"[{"id":1,"key":"","value":1}]"#,
            r#"[{"id":1,"key":"a"}]"#,
            r#"[{"id":1,"key":"a","value":null}]"#,
            r#"[{"id":1,"key":"a","value":[1]}]"#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
