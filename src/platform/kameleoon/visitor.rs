//! What Kameleoon knows of a visitor.
//!
//! ```text
//! cookie        kameleoonVisitorCode     = code                        never encoded, so never decoded
//! localStorage  kameleoonVisitorCode     = { "value" : code, "expirationDate" | "date" : ms }
//! localStorage  kameleoonExperiment-<id> = { "value" : variation [ "-mentalist" ] "/" ms [ "/false" ], … }
//! cookie        kameleoonOptout          = "true"                      the older opt-out
//! ```
//! The code is opaque: 16 of `a-z0-9` where Kameleoon made it, up to 255 of anything where the site did. The old prefix
//! `_js_` belongs to it. The first cookie counts; storage counts where there is no cookie. A variation is an id,
//! `reference` (the original, `0`), or `null` or `none` (not in the experiment). Source: Kameleoon's web engine.

use crate::values::{
    id::{self, Id, IdMap},
    json::{Json, Writer},
    page::Page,
    personal::is_personal,
    problem::{Code, PlatformName, Problem},
    text_id::text_id,
};
use alloc::{string::String, vec::Vec};

text_id! {
    /// Kameleoon's id of a visitor.
    VisitorCode, 255
}

/// The code of a project: letters, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteCode(String);

impl SiteCode {
    /// The code, where the text is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        ((1..=64).contains(&text.len()) && text.bytes().all(fits)).then(|| SiteCode(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What Kameleoon knows of a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// `kameleoonVisitorCode`.
    pub code: VisitorCode,
    /// The project, as the page names it.
    pub site: Option<SiteCode>,
    /// What was seen: experiment → variation, 0 for the original.
    pub experiments: IdMap<Id>,
}

const PLATFORM: PlatformName = PlatformName::Kameleoon;
const CODE: &str = "kameleoonVisitorCode";

pub(super) fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Visitor> {
    if page.cookies.first("kameleoonOptout") == Some("true") {
        problems.push(Problem::new(PLATFORM, Code::OptedOut, "kameleoonOptout"));
        return None;
    }
    let mut stored_code = None;
    let mut experiments = IdMap::default();
    for (key, item) in &page.storage {
        if key == CODE {
            stored_code = stored(item, page);
        } else if let Some(experiment) = key.strip_prefix("kameleoonExperiment-").and_then(Id::parse)
            && let Some(value) = stored(item, page)
        {
            match variation(&value) {
                Some(Some(variation)) => experiments.insert(experiment, variation),
                Some(None) => {}
                None => problems.push(Problem::new(PLATFORM, Code::MalformedCookie, "kameleoonExperiment-…")),
            }
        }
    }
    let code = page.cookies.first(CODE).map(String::from).or(stored_code).unwrap_or_default();
    let code_error = if is_personal(&code) {
        Code::PersonalId
    } else if let Some(code) = VisitorCode::parse(&code) {
        let site = page.globals.kameleoon_site.as_deref().and_then(SiteCode::parse);
        return Some(Visitor { code, site, experiments });
    } else if !code.is_empty() {
        Code::MalformedCookie
    } else if !experiments.is_empty() {
        Code::NoVisitorId
    } else {
        return None;
    };
    problems.push(Problem::new(PLATFORM, code_error, CODE));
    None
}

/// The value of a storage item that has not expired.
fn stored(item: &str, page: &Page<'_>) -> Option<String> {
    let json = Json::parse(item)?;
    let expires = json.get("expirationDate").or_else(|| json.get("date")).and_then(Id::from_json);
    if expires.is_some_and(|expires| expires.number() < page.now.ms()) {
        return None;
    }
    json.get("value")?.scalar()
}

/// The variation in an item's value; `Some(None)`: not in the experiment.
fn variation(value: &str) -> Option<Option<Id>> {
    let text = value.split('/').next()?;
    match text.strip_suffix("-mentalist").unwrap_or(text) {
        "reference" => Some(Id::from_number(0)),
        "null" | "none" => Some(None),
        digits => Some(Some(Id::parse(digits)?)),
    }
}

pub(super) fn read(json: Json<'_>) -> Option<Visitor> {
    Some(Visitor {
        code: VisitorCode::parse(&json.get("visitorCode")?.text()?)?,
        site: json.get("siteCode").and_then(Json::text).and_then(|text| SiteCode::parse(&text)),
        experiments: IdMap::from_json(json.get("experiments"), Id::from_json),
    })
}

pub(super) fn write(visitor: &Visitor, out: &mut Writer) {
    out.open('{');
    out.member("visitorCode", visitor.code.as_str());
    if let Some(site) = &visitor.site {
        out.member("siteCode", site.as_str());
    }
    out.name("experiments");
    id::write_map(out, &visitor.experiments, |out, variation| out.text(&variation.text()));
    out.close('}');
}
