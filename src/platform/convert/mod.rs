//! Convert: what it knows of a visitor (`visitor`), and the tracking request (`tracking_request`).

pub mod tracking_request;
pub mod visitor;

pub use visitor::{Visitor, VisitorId};

use super::{Entries, Platform, Told, account_id};
use crate::values::{
    fields::Fields,
    id::Id,
    page::Page,
    problem::{Code, PlatformName, Problem, Reason},
    request::Drafts,
    text_id::{is_text_id, text_id},
};
use alloc::vec::Vec;

/// Convert, as a [`Platform`].
#[derive(Debug)]
pub struct Convert;

/// Which of Convert's interfaces is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Api {
    /// The GET with `c, p, e, ea, g, ga, t`.
    TrackingRequest,
}

/// Where Convert's conversions go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The account, `c`.
    pub account: Option<Id>,
    /// The project, `p` and the host's first label.
    pub project: Option<Id>,
    /// The interface; it must be named.
    pub api: Option<Api>,
}

/// What a conversion is to Convert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    /// Goals hit now; may be empty.
    pub goals: Vec<Id>,
    /// Goals hit before; where nobody says, those that the visitor is known to have hit.
    pub past_goals: Option<Vec<Id>>,
    /// Count a goal again that the visitor hit before.
    pub repeat: bool,
    /// Experiences to count as seen for the first time now.
    pub first_view_of: Vec<Id>,
    /// The transaction, where it is not just the revenue and the goals.
    pub transaction: Transaction,
}

/// The transaction, `t`: sent where there is revenue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// Was it named?
    pub named: bool,
    /// The id of the transaction; where nobody says, the conversion's.
    pub id: Option<TransactionId>,
    /// Goals that the amount belongs to; where nobody says, those hit now.
    pub goals: Option<Vec<Id>>,
    /// Leave the id out: the vendor's newer document has three parts where its older one has four.
    pub without_id: bool,
}

text_id! {
    /// The id of a transaction: not empty, and without `|`, `&` and `#`, which would end it too early.
    TransactionId, |text| is_text_id(text, 4096) && !text.chars().any(|c| matches!(c, '|' | '&' | '#' | '\u{FFFD}'))
}

impl Platform for Convert {
    const NAME: PlatformName = PlatformName::Convert;
    type Visitor = Visitor;
    type Account = Account;
    type Goal = Goal;

    fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Visitor> {
        visitor::capture(page, problems)
    }

    fn walk(visitor: &mut Visitor, walker: &mut dyn Fields) {
        visitor::walk(visitor, walker);
    }

    fn is_somebody(_: &Visitor) -> bool {
        true
    }

    fn read_account(entries: &mut Entries<'_>) -> Account {
        Account {
            account: entries.id("accountId"),
            project: entries.id("projectId"),
            api: entries.text("api", |api| api == "tracking-request").map(|_| Api::TrackingRequest),
        }
    }

    fn read_goal(entries: &mut Entries<'_>) -> Goal {
        let goals = entries.ids("goalIds");
        Goal {
            goals: unique(entries.require("goalIds", goals).unwrap_or_default()),
            past_goals: entries.ids("pastGoalIds").map(unique),
            repeat: entries.flag("repeat").unwrap_or_default(),
            first_view_of: unique(entries.ids("firstViewOf").unwrap_or_default()),
            transaction: entries
                .entry("transaction", |json| {
                    let (transaction, flaws) = Entries::read(json, "transaction", read_transaction);
                    flaws.is_empty().then_some(transaction)
                })
                .unwrap_or_default(),
        }
    }

    fn needs(account: &Account) -> Vec<(&'static str, Code, bool)> {
        Vec::from([
            ("accountId", Code::NoAccount, account.account.is_some()),
            ("projectId", Code::NoAccount, account.project.is_some()),
            ("api", Code::InvalidAccount, account.api.is_some()),
        ])
    }

    fn requests(told: &Told<'_, Self>, drafts: &mut Drafts) -> Result<(), Reason> {
        let (account, project, api) = resolve(told.account, told.visitor, told.captured_here)?;
        match api {
            Api::TrackingRequest => tracking_request::request(told, account, project, drafts),
        }
    }
}

fn read_transaction(entries: &mut Entries<'_>) -> Transaction {
    Transaction {
        named: true,
        id: entries.entry("id", |id| TransactionId::parse(&id.scalar()?)),
        goals: entries.ids("goalIds").map(unique),
        without_id: entries
            .entry("parts", |parts| match parts.as_str() {
                "3" => Some(true),
                "4" => Some(false),
                _ => None,
            })
            .unwrap_or_default(),
    }
}

/// Each id once, where it stands first.
fn unique(ids: Vec<Id>) -> Vec<Id> {
    let mut seen = Vec::new();
    for id in ids {
        if !seen.contains(&id) {
            seen.push(id);
        }
    }
    seen
}

fn resolve(account: &Account, visitor: &Visitor, captured_here: bool) -> Result<(Id, Id, Api), Reason> {
    Ok((
        account_id(account.account.as_ref(), visitor.account.as_ref(), captured_here, "accountId")?,
        account_id(account.project.as_ref(), visitor.project.as_ref(), captured_here, "projectId")?,
        account.api.ok_or(Reason::new(Code::InvalidAccount, "api"))?,
    ))
}
