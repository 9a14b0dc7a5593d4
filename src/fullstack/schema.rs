//! What a settings file must look like.
//!
//! The rules are those of `vwo-node-sdk` 1.73.0, `SettingsFileSchema`, as they work and not as they read: its entries for
//! goals, variations and groups have an alternative that anything fits, so nothing in those is checked. Members that
//! nobody knows are allowed everywhere. A variation that is `null` the schema takes; launching throws on it.

use crate::values::{
    digits::push_number,
    json::{Json, Members},
};
use alloc::{string::String, vec::Vec};

/// What a member may be: one of these, or several.
type Kinds = u8;

pub(super) const NUMBER: Kinds = 1;
pub(super) const TEXT: Kinds = 2;
pub(super) const FLAG: Kinds = 4;
pub(super) const OBJECT: Kinds = 8;
const LIST: Kinds = 16;
/// It may be missing, too; but `null` is not missing.
pub(super) const OPTIONAL: Kinds = 32;
/// And all that is in it must be numbers.
const OF_NUMBERS: Kinds = 64;
/// In JavaScript an array is an object.
const ANY_OBJECT: Kinds = OBJECT | LIST;

/// Name, and what it must be.
pub(super) type Rule = (&'static str, Kinds);

fn kind(json: Json<'_>) -> Kinds {
    match json.as_str().as_bytes().first() {
        Some(b'"') => TEXT,
        Some(b'{') => OBJECT,
        Some(b'[') => LIST,
        Some(b't' | b'f') => FLAG,
        Some(b'n') => 0,
        _ => NUMBER,
    }
}

fn fits(json: Json<'_>, kinds: Kinds) -> bool {
    let mut fits = kind(json) & kinds != 0;
    if kinds & OF_NUMBERS != 0 {
        for (_, value) in json.entries() {
            fits &= kind(value) == NUMBER;
        }
        for value in json.items() {
            fits &= kind(value) == NUMBER;
        }
    }
    fits
}

const ROOT: &[Rule] = &[
    ("version", NUMBER | TEXT),
    ("accountId", NUMBER | TEXT),
    ("sdkKey", TEXT | OPTIONAL),
    ("campaignGroups", ANY_OBJECT | OF_NUMBERS | OPTIONAL),
    ("groups", ANY_OBJECT | OPTIONAL),
    ("isEventArchEnabled", FLAG | OPTIONAL),
    ("collectionPrefix", TEXT | OPTIONAL),
];

const CAMPAIGN: &[Rule] = &[
    ("id", NUMBER | TEXT),
    ("type", TEXT),
    ("key", TEXT),
    ("status", TEXT),
    ("percentTraffic", NUMBER),
    ("goals", ANY_OBJECT),
    ("variations", ANY_OBJECT),
    ("segments", ANY_OBJECT),
    ("name", TEXT | OPTIONAL),
    ("variables", ANY_OBJECT | OPTIONAL),
    ("isBucketingSeedEnabled", FLAG | OPTIONAL),
    ("isForcedVariationEnabled", FLAG | OPTIONAL),
    ("isUserListEnabled", FLAG | OPTIONAL),
    ("isMAB", FLAG | OPTIONAL),
];

/// The campaigns of a settings file: none where they are missing, falsy or an object.
fn campaigns<'a>(settings: &Members<'a>) -> Json<'a> {
    let campaigns = settings.get("campaigns").unwrap_or_default();
    if campaigns.is_object() || !super::value::is_truthy(campaigns) { Json::default() } else { campaigns }
}

/// Checks a settings file, and gives its campaigns; what is wrong is named by its path, e.g.
/// `campaigns[2].percentTraffic`.
pub(super) fn check<'a>(settings: &Members<'a>) -> Result<Vec<Members<'a>>, String> {
    let mut campaigns = Vec::new();
    let Some((place, member)) = flaw(settings, &mut campaigns) else { return Ok(campaigns) };
    let mut path = String::new();
    if let Some(place) = place {
        path.push_str("campaigns[");
        push_number(&mut path, u64::try_from(place).unwrap_or_default());
        path.push_str(if member.is_empty() { "]" } else { "]." });
    }
    path.push_str(member);
    Err(path)
}

/// The member that is wrong, and the campaign that it belongs to.
fn flaw<'a>(settings: &Members<'a>, checked: &mut Vec<Members<'a>>) -> Option<(Option<usize>, &'static str)> {
    if let Err(member) = obey(ROOT, settings) {
        return Some((None, member));
    }
    let campaigns = campaigns(settings);
    if !campaigns.is_null() && !campaigns.is_array() {
        return Some((None, "campaigns"));
    }
    let mut throws = None;
    for campaign in campaigns.items() {
        let place = checked.len();
        let members = campaign.members();
        let obeys = if fits(campaign, ANY_OBJECT) { obey(CAMPAIGN, &members) } else { Err("") };
        if let Err(member) = obeys {
            return Some((Some(place), member));
        }
        // That shows when the variations are given their ranges, which is after all of this.
        for variation in members.get("variations").unwrap_or_default().items() {
            if variation.is_null() && throws.is_none() {
                throws = Some((Some(place), "variations"));
            }
        }
        checked.push(members);
    }
    throws
}

/// Checks members; an error is the name of the first that is wrong.
pub(super) fn obey(rules: &[Rule], members: &Members<'_>) -> Result<(), &'static str> {
    for (name, kinds) in rules {
        if !members.get_or_null(name).map_or(kinds & OPTIONAL != 0, |value| fits(value, *kinds)) {
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
        check(&Json::parse(text).unwrap().members()).map(|_| ())
    }

    #[test]
    fn takes_what_the_sdk_takes() {
        for extra in [
            "",
            r#","goals":{}"#,
            r#","goals":[{"foo":1},null],"variations":[1]"#,
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
            (r#","variations":[1,null]"#, "variations"),
        ] {
            let text = format!(r#"{{"version":1,"accountId":1,"campaigns":[{{{CAMPAIGN}}},{{{CAMPAIGN}{extra}}}]}}"#);
            assert_eq!(checked(&text), Err(format!("campaigns[1].{path}")));
        }
    }
}
