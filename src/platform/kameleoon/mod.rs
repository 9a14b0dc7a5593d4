//! Kameleoon: what it knows of a visitor (`visitor`), and the Data API's `POST /visit/events`.

pub mod visit_events;
pub mod visitor;

pub use visitor::{SiteCode, Visitor, VisitorCode};

use super::{Platform, Told, account_id, boolean, entry, goal_id};
use crate::values::{
    id::{Id, IdMap},
    json::{Json, Writer},
    page::Page,
    problem::{Code, PlatformName, Problem, Reason},
    request::ConversionPlan,
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
}

/// A host name: labels of letters, digits and hyphens, with points between them. No port, no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(String);

impl HostName {
    /// The name, where the text is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // A last label of letters keeps out numbers that a browser would read as an address.
        let top = text.rsplit('.').next()?;
        (text.contains('.')
            && text.len() < 254
            && text.split('.').all(is_label)
            && top.starts_with(|c: char| c.is_ascii_alphabetic()))
        .then(|| HostName(text.to_ascii_lowercase()))
    }

    /// The name, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a conversion is to Kameleoon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The goal.
    pub goal: Id,
    /// Does it take an earlier conversion back?
    pub negative: Option<bool>,
    /// Index of a custom data → values.
    pub metadata: Option<IdMap<Vec<String>>>,
    /// The value of the custom data that the project maps visitors by, instead of their code.
    pub mapping_value: Option<String>,
}

impl Platform for Kameleoon {
    const NAME: PlatformName = PlatformName::Kameleoon;
    type Visitor = Visitor;
    type Account = Account;
    type Goal = Goal;

    fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Visitor> {
        visitor::capture(page, problems)
    }

    fn read_visitor(json: Json<'_>) -> Option<Visitor> {
        visitor::read(json)
    }

    fn write_visitor(visitor: &Visitor, out: &mut Writer) {
        visitor::write(visitor, out);
    }

    fn read_account(json: Json<'_>) -> Result<Account, Reason> {
        Ok(Account {
            site: entry(json, "siteCode", Code::InvalidAccount, |site| SiteCode::parse(&site.text()?))?,
            data_host: entry(json, "dataHost", Code::InvalidAccount, |host| HostName::parse(&host.text()?))?,
        })
    }

    fn read_goal(json: Json<'_>) -> Result<Goal, Reason> {
        let goal = entry(json, "goalId", Code::InvalidConversion, goal_id)?;
        Ok(Goal {
            goal: goal.ok_or(Reason::new(Code::InvalidConversion, "goalId"))?,
            negative: entry(json, "negative", Code::InvalidConversion, boolean)?,
            metadata: entry(json, "metadata", Code::InvalidConversion, |metadata| {
                let values = |values: Json<'_>| -> Option<Vec<String>> {
                    if values.is_array() { values.items().map(Json::text).collect() } else { None }
                };
                let map = IdMap::from_json(Some(metadata), values);
                (metadata.is_object() && map.len() == metadata.entries().count()).then_some(map)
            })?,
            mapping_value: entry(json, "mappingValue", Code::InvalidConversion, |value| {
                value.text().filter(|text| is_text_id(text, 255))
            })?,
        })
    }

    fn check_account(account: &Account) -> Result<(), Reason> {
        resolve(account, None, false).map(|_| ())
    }

    fn requests(told: &Told<'_, Self>, plan: &mut ConversionPlan) -> Result<(), Reason> {
        let (site, host) = resolve(told.account, Some(told.visitor), told.captured_here)?;
        visit_events::request(told, &site, &host, plan)
    }
}

fn resolve(account: &Account, visitor: Option<&Visitor>, captured_here: bool) -> Result<(SiteCode, HostName), Reason> {
    let visitors = visitor.and_then(|visitor| visitor.site.as_ref());
    Ok((
        account_id(account.site.as_ref(), visitors, captured_here, "siteCode")?,
        account.data_host.clone().ok_or(Reason::new(Code::NoAccount, "dataHost"))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_nothing_else() {
        for good in ["eu-data.kameleoon.io", "data.Example.com", "a.b-c.xn--p1ai"] {
            assert!(HostName::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "eu-data.kameleoon.io/",
            "https://eu-data.kameleoon.io",
            "a.b:80",
            "a@b.c",
            "a..b",
            ".a.b",
            "a.b.",
            "-a.b",
            "a-.b",
            "127.0.0.1",
            "1.2.3.0x7f",
            "a b.c",
            "a.b?c",
            "a.b#c",
            "a.b\\c",
            "é.fr",
            "a%2eb.c",
        ] {
            assert_eq!(HostName::parse(bad), None, "{bad}");
        }
    }
}
