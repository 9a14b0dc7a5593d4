//! Optimizely: what it knows of a visitor (`visitor`), and the Classic event URL (`classic`).

pub mod classic;
pub mod visitor;

pub use visitor::{EndUserId, Visitor};

use super::{Entries, Platform, Told, account_id, is_whole_text};
use crate::values::{
    fields::Fields,
    id::Id,
    page::Page,
    problem::{Code, PlatformName, Problem, Reason},
    request::Drafts,
};
use alloc::{string::String, vec::Vec};

/// Optimizely, as a [`Platform`].
#[derive(Debug)]
pub struct Optimizely;

/// Which of Optimizely's interfaces is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Api {
    /// Optimizely Classic's event URL.
    Classic,
}

/// Where Optimizely's conversions go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The account, `d`.
    pub account: Option<Id>,
    /// The project, `a` and the host's first label.
    pub project: Option<Id>,
    /// The interface; it must be named.
    pub api: Option<Api>,
}

/// What a conversion is to Optimizely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    /// The custom event's name, plain: it is encoded once, here.
    pub event: String,
    /// Should Optimizely forget the address that the request comes from? (`y`)
    pub anonymize_ip: Option<bool>,
    /// Entries that the Classic URL has no parameter for.
    pub unsupported: Vec<&'static str>,
}

impl Platform for Optimizely {
    const NAME: PlatformName = PlatformName::Optimizely;
    type Visitor = Visitor;
    type Account = Account;
    type Goal = Goal;

    fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Visitor> {
        visitor::capture(page, problems)
    }

    fn walk(visitor: &mut Visitor, walker: &mut dyn Fields) {
        visitor::walk(visitor, walker);
    }

    fn is_somebody(visitor: &Visitor) -> bool {
        visitor.end_user_id.is_some()
    }

    fn read_account(entries: &mut Entries<'_>) -> Account {
        Account {
            account: entries.id("accountId"),
            project: entries.id("projectId"),
            api: entries.text("api", |api| api == "classic").map(|_| Api::Classic),
        }
    }

    fn read_goal(entries: &mut Entries<'_>) -> Goal {
        let event = entries.text("event", is_whole_text);
        let mut unsupported = Vec::new();
        for name in ["eventId", "tags", "attributes", "revision"] {
            if entries.get(name).is_some() {
                unsupported.push(name);
            }
        }
        Goal {
            event: entries.require("event", event).unwrap_or_default(),
            anonymize_ip: entries.flag("anonymizeIp"),
            unsupported,
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
            Api::Classic => classic::request(told.visitor, account, project, told.goal, told.facts, drafts),
        }
    }
}

/// The account and project that count.
fn resolve(account: &Account, visitor: &Visitor, captured_here: bool) -> Result<(Id, Id, Api), Reason> {
    Ok((
        account_id(account.account.as_ref(), visitor.account.as_ref(), captured_here, "accountId")?,
        account_id(account.project.as_ref(), visitor.project.as_ref(), captured_here, "projectId")?,
        account.api.ok_or(Reason::new(Code::InvalidAccount, "api"))?,
    ))
}
