//! Optimizely: what it knows of a visitor (`visitor`), and the Classic event URL (`classic`).

pub mod classic;
pub mod visitor;

pub use visitor::{Decision, EndUserId, Visitor};

use super::{Platform, Told, account_id, boolean, entry};
use crate::values::{
    id::Id,
    json::{Json, Writer},
    page::Page,
    problem::{Code, PlatformName, Problem, Reason},
    request::ConversionPlan,
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
#[derive(Clone, Debug, PartialEq, Eq)]
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

    fn read_visitor(json: Json<'_>) -> Option<Visitor> {
        visitor::read(json)
    }

    fn write_visitor(visitor: &Visitor, out: &mut Writer) {
        visitor::write(visitor, out);
    }

    fn read_account(json: Json<'_>) -> Result<Account, Reason> {
        let id = |name| entry(json, name, Code::InvalidAccount, Id::from_json);
        Ok(Account {
            account: id("accountId")?,
            project: id("projectId")?,
            api: entry(json, "api", Code::InvalidAccount, |api| (api.text()? == "classic").then_some(Api::Classic))?,
        })
    }

    fn read_goal(json: Json<'_>) -> Result<Goal, Reason> {
        let event =
            entry(json, "event", Code::InvalidConversion, |event| event.text().filter(|name| is_event_name(name)))?;
        let unsupported = ["eventId", "tags", "attributes", "revision"];
        Ok(Goal {
            event: event.ok_or(Reason::new(Code::InvalidConversion, "event"))?,
            anonymize_ip: entry(json, "anonymizeIp", Code::InvalidConversion, boolean)?,
            unsupported: unsupported.into_iter().filter(|name| json.get(name).is_some()).collect(),
        })
    }

    fn check_account(account: &Account) -> Result<(), Reason> {
        resolve(account, None, false).map(|_| ())
    }

    fn requests(told: &Told<'_, Self>, plan: &mut ConversionPlan) -> Result<(), Reason> {
        let (account, project, api) = resolve(told.account, Some(told.visitor), told.captured_here)?;
        match api {
            Api::Classic => classic::request(told.visitor, account, project, told.goal, told.facts, plan),
        }
    }
}

/// The account and project that count.
fn resolve(account: &Account, visitor: Option<&Visitor>, captured_here: bool) -> Result<(Id, Id, Api), Reason> {
    let (visitors_account, visitors_project) =
        visitor.map_or((None, None), |visitor| (visitor.account.as_ref(), visitor.project.as_ref()));
    Ok((
        account_id(account.account.as_ref(), visitors_account, captured_here, "accountId")?,
        account_id(account.project.as_ref(), visitors_project, captured_here, "projectId")?,
        account.api.ok_or(Reason::new(Code::InvalidAccount, "api"))?,
    ))
}

/// Not empty, and well-formed: U+FFFD stands where JavaScript had half a character.
fn is_event_name(name: &str) -> bool {
    !name.trim().is_empty() && !name.contains('\u{FFFD}')
}

/// The parts of the key that Optimizely's requests have in common.
fn idempotency_account(account: Id, project: Id) -> String {
    let mut out = account.text();
    out.push('/');
    project.push_to(&mut out);
    out
}
