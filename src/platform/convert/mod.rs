//! Convert: what it knows of a visitor (`visitor`), and the tracking request (`tracking_request`).

pub mod tracking_request;
pub mod visitor;

pub use visitor::{Visitor, VisitorId};

use super::{Platform, Told, account_id, boolean, entry, ids};
use crate::values::{
    id::Id,
    json::{Json, Writer},
    page::Page,
    problem::{Code, PlatformName, Problem, Reason},
    request::ConversionPlan,
};
use alloc::{string::String, vec::Vec};

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

/// The id of a transaction: not empty, and without `|`, `&` and `#`, which would end it too early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionId(String);

impl TransactionId {
    /// The id, where the text is fit to be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |c: char| !matches!(c, '|' | '&' | '#' | '\u{FFFD}') && !c.is_control();
        (!text.is_empty() && text.chars().all(fits)).then(|| TransactionId(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Platform for Convert {
    const NAME: PlatformName = PlatformName::Convert;
    type Visitor = Visitor;
    type Account = Account;
    type Goal = Goal;

    fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Visitor> {
        visitor::capture(page, problems)
    }

    fn read_visitor(json: Json<'_>) -> Option<Visitor> {
        Some(visitor::read(json))
    }

    fn write_visitor(visitor: &Visitor, out: &mut Writer) {
        visitor::write(visitor, out);
    }

    fn read_account(json: Json<'_>) -> Result<Account, Reason> {
        let id = |name| entry(json, name, Code::InvalidAccount, Id::from_json);
        Ok(Account {
            account: id("accountId")?,
            project: id("projectId")?,
            api: entry(json, "api", Code::InvalidAccount, |api| {
                (api.text()? == "tracking-request").then_some(Api::TrackingRequest)
            })?,
        })
    }

    fn read_goal(json: Json<'_>) -> Result<Goal, Reason> {
        let list = |json, name| entry(json, name, Code::InvalidConversion, |list| Some(unique(ids(list)?)));
        let transaction = match json.get("transaction") {
            None => Transaction::default(),
            Some(json) => Transaction {
                named: true,
                id: entry(json, "id", Code::InvalidConversion, |id| TransactionId::parse(&id.scalar()?))?,
                goals: list(json, "goalIds")?,
                without_id: entry(json, "parts", Code::InvalidConversion, |parts| match parts.number()? {
                    "3" => Some(true),
                    "4" => Some(false),
                    _ => None,
                })?
                .unwrap_or_default(),
            },
        };
        Ok(Goal {
            goals: list(json, "goalIds")?.ok_or(Reason::new(Code::InvalidConversion, "goalIds"))?,
            past_goals: list(json, "pastGoalIds")?,
            repeat: entry(json, "repeat", Code::InvalidConversion, boolean)?.unwrap_or_default(),
            first_view_of: list(json, "firstViewOf")?.unwrap_or_default(),
            transaction,
        })
    }

    fn check_account(account: &Account) -> Result<(), Reason> {
        resolve(account, None, false).map(|_| ())
    }

    fn requests(told: &Told<'_, Self>, plan: &mut ConversionPlan) -> Result<(), Reason> {
        let (account, project, api) = resolve(told.account, Some(told.visitor), told.captured_here)?;
        match api {
            Api::TrackingRequest => tracking_request::request(told, account, project, plan),
        }
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

fn resolve(account: &Account, visitor: Option<&Visitor>, captured_here: bool) -> Result<(Id, Id, Api), Reason> {
    let (visitors_account, visitors_project) =
        visitor.map_or((None, None), |visitor| (visitor.account.as_ref(), visitor.project.as_ref()));
    Ok((
        account_id(account.account.as_ref(), visitors_account, captured_here, "accountId")?,
        account_id(account.project.as_ref(), visitors_project, captured_here, "projectId")?,
        account.api.ok_or(Reason::new(Code::InvalidAccount, "api"))?,
    ))
}
