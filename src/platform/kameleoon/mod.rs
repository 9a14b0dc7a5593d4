//! Kameleoon: what it knows of a visitor (`visitor`), and the Data API's `POST /visit/events`; `GET /visit/visitor` for who
//! wants to know what became of it.

pub mod obfuscated;
mod variation;
pub mod visit_events;
#[cfg(feature = "deliver")]
pub mod visit_visitor;
pub mod visitor;

pub use visitor::{SiteCode, Visitor, VisitorCode};

use super::{Entries, Platform, Told, account_id};
use crate::values::{
    fields::Walker,
    host::HostName,
    id::{Id, IdMap, insert_sorted},
    json::{Json, Writer},
    page::Page,
    problem::{Code, PlatformName, Problem},
    request::{Drafts, Format, Refused},
    text_id::is_text_id,
};
use alloc::{string::String, vec::Vec};

/// Kameleoon, as a [`Platform`].
#[derive(Debug)]
pub struct Kameleoon;

/// Where Kameleoon's conversions go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The project's code.
    pub site: Option<SiteCode>,
    /// The Data API's host. It has no default: a region is never guessed.
    pub data_host: Option<HostName>,
    /// What bodies are made of; JSON where nothing else is named.
    pub format: Option<Format>,
}

/// What a conversion is to Kameleoon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    /// The goal.
    pub goal: Option<Id>,
    /// Does it take an earlier conversion back?
    pub negative: Option<bool>,
    /// Index of a custom data → values: JSON text of an object whose names are indexes and whose values lists of texts.
    pub metadata: Option<String>,
    /// The value of the custom data that the project maps visitors by, instead of their code.
    pub mapping_value: Option<String>,
}

impl Platform for Kameleoon {
    const NAME: PlatformName = PlatformName::Kameleoon;
    type Visitor = Visitor;
    type Account = Account;
    type Goal = Goal;

    fn capture(visitor: &mut Visitor, page: &Page<'_>, problems: &mut Vec<Problem>) -> bool {
        visitor::capture(visitor, page, problems)
    }

    fn walk(visitor: &mut Visitor, walker: &mut Walker<'_>) {
        visitor::walk(visitor, walker);
    }

    fn is_somebody(visitor: &Visitor) -> bool {
        visitor.code.is_some()
    }

    fn read_account(account: &mut Account, entries: &mut Entries<'_, '_>) {
        entries.entry("siteCode", &mut account.site, |place, site| {
            *place = site.text().and_then(|site| SiteCode::parse(&site));
            place.is_some()
        });
        entries.host("dataHost", &mut account.data_host);
        account.format = match entries.word("format", "json text") {
            1 => Some(Format::Json),
            2 => Some(Format::Text),
            _ => None,
        };
        entries.expect("siteCode");
        entries.expect("dataHost");
    }

    fn read_goal(goal: &mut Goal, entries: &mut Entries<'_, '_>) {
        entries.require("goalId");
        entries.goal_id("goalId", &mut goal.goal);
        entries.flag("negative", &mut goal.negative);
        entries.entry("metadata", &mut goal.metadata, |place, metadata| {
            *place = read_metadata(metadata);
            place.is_some()
        });
        entries.entry("mappingValue", &mut goal.mapping_value, |place, value| {
            *place = value.text();
            place.as_deref().is_some_and(|value| is_text_id(value, 255))
        });
    }

    fn stranger(goal: &Goal) -> Option<&'static Visitor> {
        static STRANGER: Visitor = Visitor { code: None, site: None, experiments: IdMap::EMPTY };
        goal.mapping_value.is_some().then_some(&STRANGER)
    }

    fn requests(told: &Told<'_, Self>, drafts: &mut Drafts) -> Result<(), Refused> {
        let (account, visitor) = (told.account, told.visitor);
        let named = account.site.as_ref().map(SiteCode::as_str);
        let of_visitor = visitor.site.as_ref().map(SiteCode::as_str);
        let site = account_id(named, of_visitor, told.captured_here, "siteCode", drafts)?;
        let host = account.data_host.as_ref().ok_or_else(|| drafts.refuse(Code::NoAccount, "dataHost"))?;
        visit_events::request(told, site, host.as_str(), drafts)
    }
}

/// Indexes and lists of texts, and nothing else; written in one way, whatever the layout of what came in.
fn read_metadata(json: Json<'_>) -> Option<String> {
    let mut lists = Vec::new();
    for (index, values) in json.entries() {
        let mut list = Writer::default();
        list.open('[');
        for value in values.items() {
            list.text(&value.text()?);
        }
        list.close(']');
        insert_sorted(&mut lists, Id::parse(&index)?, list.finish());
        if !values.is_array() {
            return None;
        }
    }
    let mut out = Writer::default();
    out.open('{');
    for (index, list) in lists {
        out.name(&index.text());
        out.raw(&list);
    }
    out.close('}');
    json.is_object().then(|| out.finish())
}
