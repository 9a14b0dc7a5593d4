//! What a settings file must look like.
//!
//! The rules are those of `vwo-node-sdk` 1.73.0, `SettingsFileSchema`, as they work and not as they read: its entries for
//! goals, variations and groups have an alternative that anything fits, so nothing in those is checked. Members that
//! nobody knows are allowed everywhere.

use crate::values::{
    digits::push_number,
    json::{Json, Members},
};
use alloc::string::String;

/// What a member must be.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Number,
    Text,
    NumberOrText,
    Flag,
    /// An object, or an array, which is one in JavaScript.
    Object,
    /// An object whose values are numbers.
    Numbers,
}

impl Kind {
    fn fits(self, json: Json<'_>) -> bool {
        let is_object = json.is_object() || json.is_array();
        match self {
            Kind::Number => json.number().is_some(),
            Kind::Text => json.as_str().starts_with('"'),
            Kind::NumberOrText => Kind::Number.fits(json) || Kind::Text.fits(json),
            Kind::Flag => json.is_bool(),
            Kind::Object => is_object,
            Kind::Numbers => {
                let mut fits = is_object;
                for (_, value) in json.entries() {
                    fits &= Kind::Number.fits(value);
                }
                for value in json.items() {
                    fits &= Kind::Number.fits(value);
                }
                fits
            }
        }
    }
}

/// Name, kind, and whether it may be missing.
type Rule = (&'static str, Kind, bool);

const OPTIONAL: bool = true;
const REQUIRED: bool = false;

const ROOT: &[Rule] = &[
    ("version", Kind::NumberOrText, REQUIRED),
    ("accountId", Kind::NumberOrText, REQUIRED),
    ("sdkKey", Kind::Text, OPTIONAL),
    ("campaignGroups", Kind::Numbers, OPTIONAL),
    ("groups", Kind::Object, OPTIONAL),
    ("isEventArchEnabled", Kind::Flag, OPTIONAL),
    ("collectionPrefix", Kind::Text, OPTIONAL),
];

const CAMPAIGN: &[Rule] = &[
    ("id", Kind::NumberOrText, REQUIRED),
    ("type", Kind::Text, REQUIRED),
    ("key", Kind::Text, REQUIRED),
    ("status", Kind::Text, REQUIRED),
    ("percentTraffic", Kind::Number, REQUIRED),
    ("goals", Kind::Object, REQUIRED),
    ("variations", Kind::Object, REQUIRED),
    ("segments", Kind::Object, REQUIRED),
    ("name", Kind::Text, OPTIONAL),
    ("variables", Kind::Object, OPTIONAL),
    ("isBucketingSeedEnabled", Kind::Flag, OPTIONAL),
    ("isForcedVariationEnabled", Kind::Flag, OPTIONAL),
    ("isUserListEnabled", Kind::Flag, OPTIONAL),
    ("isMAB", Kind::Flag, OPTIONAL),
];

/// The campaigns of a settings file: none where they are missing, falsy or an object.
pub(super) fn campaigns<'a>(settings: &Members<'a>) -> Json<'a> {
    let campaigns = settings.get("campaigns").unwrap_or_default();
    if campaigns.is_object() || !super::value::is_truthy(campaigns) { Json::default() } else { campaigns }
}

/// Checks a settings file; what is wrong is named by its path, e.g. `campaigns[2].percentTraffic`.
pub(super) fn check(settings: &Members<'_>) -> Result<(), String> {
    obey(ROOT, settings)?;
    let campaigns = campaigns(settings);
    if !campaigns.is_null() && !campaigns.is_array() {
        return Err(String::from("campaigns"));
    }
    for (index, campaign) in campaigns.items().enumerate() {
        if !Kind::Object.fits(campaign) {
            return Err(path(index, ""));
        }
        obey(CAMPAIGN, &campaign.members()).map_err(|name| path(index, name))?;
    }
    Ok(())
}

/// The path of a campaign's member.
pub(super) fn path(campaign: usize, member: &str) -> String {
    let mut path = String::from("campaigns[");
    push_number(&mut path, u64::try_from(campaign).unwrap_or_default());
    path.push(']');
    if !member.is_empty() {
        path.push('.');
        path.push_str(member);
    }
    path
}

/// Checks members; an error is the name of the first that is wrong.
fn obey(rules: &[Rule], members: &Members<'_>) -> Result<(), &'static str> {
    for (name, kind, optional) in rules {
        if !members.get_or_null(name).map_or(*optional, |value| kind.fits(value)) {
            return Err(name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const CAMPAIGN: &str = r#""id":1,"type":"VISUAL_AB","key":"k","status":"RUNNING","percentTraffic":50,"goals":[],"variations":[],"segments":{}"#;

    fn checked(text: &str) -> Result<(), String> {
        check(&Json::parse(text).unwrap().members())
    }

    #[test]
    fn takes_what_the_sdk_takes() {
        for extra in [
            "",
            r#","goals":{}"#,
            r#","goals":[{"foo":1}],"variations":[null,1]"#,
            r#","segments":[]"#,
            r#","id":"x","unknown":null"#,
        ] {
            let text = format!(r#"{{"version":"1","accountId":"a","campaigns":[{{{CAMPAIGN}{extra}}}],"zz":0}}"#);
            assert_eq!(checked(&text), Ok(()), "{extra}");
        }
        for campaigns in
            ["", r#","campaigns":{"a":1}"#, r#","campaigns":null"#, r#","campaigns":0"#, r#","campaigns":"""#]
        {
            assert_eq!(checked(&format!(r#"{{"version":1,"accountId":1{campaigns}}}"#)), Ok(()), "{campaigns}");
        }
    }

    #[test]
    fn names_the_path_of_what_is_wrong() {
        for (text, path) in [
            ("[]", "version"),
            (r#"{"version":1,"accountId":null}"#, "accountId"),
            (r#"{"version":1,"accountId":1,"sdkKey":5}"#, "sdkKey"),
            (r#"{"version":1,"accountId":1,"sdkKey":null}"#, "sdkKey"),
            (r#"{"version":1,"accountId":1,"campaignGroups":{"1":"2"}}"#, "campaignGroups"),
            (r#"{"version":1,"accountId":1,"isEventArchEnabled":"true"}"#, "isEventArchEnabled"),
            (r#"{"version":1,"accountId":1,"campaigns":"x"}"#, "campaigns"),
            (r#"{"version":1,"accountId":1,"campaigns":[1]}"#, "campaigns[0]"),
        ] {
            assert_eq!(checked(text), Err(path.into()), "{text}");
        }
        for (extra, path) in [
            (r#","percentTraffic":"50""#, "percentTraffic"),
            (r#","goals":null"#, "goals"),
            (r#","isMAB":"true""#, "isMAB"),
            (r#","name":null"#, "name"),
        ] {
            let text = format!(r#"{{"version":1,"accountId":1,"campaigns":[{{{CAMPAIGN}}},{{{CAMPAIGN}{extra}}}]}}"#);
            assert_eq!(checked(&text), Err(format!("campaigns[1].{path}")));
        }
    }
}
