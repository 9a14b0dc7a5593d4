//! What Kameleoon knows of a visitor.
//!
//! ```text
//! cookie        kameleoonVisitorCode     = code                        never encoded, so never decoded
//! localStorage  kameleoonVisitorCode     = { "value" : code, "expirationDate" | "date" : ms }
//! localStorage  kameleoonExperiment-<id> = { "value" : variation [ "-mentalist" ] "/" ms [ "/false" ], … }
//! localStorage  kameleoonData            = { "value" : obfuscated, … }                 see `obfuscated`
//! localStorage  kameleoonLegalConsent    = { "value" : { "AB_TESTING" : true | false | null, … } | 1, … }
//! cookie        kameleoonOptout          = "true"                      the older opt-out
//! ```
//! Where the visitor refused A/B tests, nothing is read; where nobody asked, or nobody answered, Kameleoon itself decides
//! whether there is anything to read. Past visits (`kameleoonData`) serve where no experiment has an item of its own.
//!
//! The code is opaque: 16 of `a-z0-9` where Kameleoon made it, up to 255 of anything where the site did. The old prefix
//! `_js_` belongs to it. The first cookie counts; storage counts where there is no cookie. A variation is an id,
//! `reference` (the original, `0`), or `null` or `none` (not in the experiment). Source: Kameleoon's web engine.

use super::{obfuscated, variation::variation};
use crate::values::{
    fields::{NO_ID, Shape, Walker},
    id::{Id, IdMap},
    json::Json,
    page::Page,
    personal::is_personal,
    problem::{Code, PlatformName, Problem, report},
    text::{ALPHANUMERIC, HYPHEN, UNDERSCORE, is_all},
    text_id::{is_text_id, text_id},
};
use alloc::vec::Vec;

text_id! {
    /// Kameleoon's id of a visitor.
    VisitorCode, |text| is_text_id(text, 255)
}

text_id! {
    /// The code of a project: letters, digits, `_` and `-`.
    SiteCode, |text| text.len() < 65 && is_all(text, ALPHANUMERIC | HYPHEN | UNDERSCORE)
}

/// What Kameleoon knows of a visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// `kameleoonVisitorCode`.
    pub code: Option<VisitorCode>,
    /// The project, as the page names it.
    pub site: Option<SiteCode>,
    /// What was seen: experiment → variation, 0 for the original; one each.
    pub experiments: IdMap,
}

const PLATFORM: PlatformName = PlatformName::Kameleoon;
const CODE: &str = "kameleoonVisitorCode";
const CONSENT: &str = "kameleoonLegalConsent";
const PAST: &str = "kameleoonData";

pub(super) fn capture(visitor: &mut Visitor, page: &Page<'_>, problems: &mut Vec<Problem>) -> bool {
    if page.cookies.first("kameleoonOptout") == Some("true") {
        report(problems, PLATFORM, Code::OptedOut, "kameleoonOptout");
        return false;
    }
    let mut stored_code = Json::default();
    let mut past = None;
    let mut malformed = None;
    for (key, item) in &page.storage {
        // All of its keys begin with its name: what others keep is not parsed.
        if !key.starts_with(PLATFORM.name()) {
            continue;
        }
        let Some(value) = stored(item, page) else { continue };
        if key == CONSENT {
            if value.get("AB_TESTING").is_some_and(|given| given.as_str() == "false") {
                report(problems, PLATFORM, Code::NoConsent, CONSENT);
                return false;
            }
        } else if key == PAST {
            past = Some(value);
        } else if key == CODE {
            stored_code = value;
        } else if let Some(experiment) = key.strip_prefix("kameleoonExperiment-").and_then(Id::parse) {
            match variation(value) {
                Some(Some(variation)) => visitor.experiments.insert_one(experiment, variation),
                Some(None) => {}
                None => malformed = Some("kameleoonExperiment-…"),
            }
        }
    }
    if visitor.experiments.is_empty()
        && let Some(past) = past
        && obfuscated::experiments(past, &mut visitor.experiments).is_none()
    {
        malformed = Some(PAST);
    }
    if let Some(name) = malformed {
        report(problems, PLATFORM, Code::MalformedCookie, name);
    }
    let stored_code = stored_code.scalar().unwrap_or_default();
    let code = page.cookies.first(CODE).unwrap_or(&stored_code);
    let is_personal = is_personal(code);
    if !is_personal {
        visitor.code = VisitorCode::parse(code);
        if visitor.code.is_some() {
            visitor.site = SiteCode::parse(&page.global_text(PLATFORM, "siteCode"));
            return true;
        }
    }
    let code_error = if is_personal {
        Code::PersonalId
    } else if !code.is_empty() {
        Code::MalformedCookie
    } else if !visitor.experiments.is_empty() {
        Code::NoVisitorId
    } else {
        return false;
    };
    report(problems, PLATFORM, code_error, CODE);
    false
}

/// The value of a storage item that has not expired.
fn stored<'a>(item: &'a str, page: &Page<'_>) -> Option<Json<'a>> {
    let json = Json::parse(item)?.members();
    let mut expires = json.or_null("expirationDate");
    if expires.is_null() {
        expires = json.or_null("date");
    }
    if Id::from_json(expires).is_some_and(|expires| expires.number() < page.now.ms()) {
        return None;
    }
    json.get("value")
}

pub(super) fn walk(visitor: &mut Visitor, walker: &mut Walker<'_>) {
    VisitorCode::walk(&mut visitor.code, "visitorCode", walker);
    SiteCode::walk(&mut visitor.site, "siteCode", walker);
    walker.map("experiments", Shape::One, NO_ID, &mut visitor.experiments);
}
