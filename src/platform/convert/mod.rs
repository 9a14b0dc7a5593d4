//! Convert: what it knows of a visitor (`visitor`), what a conversion counts (`counted`), and the two interfaces that are
//! told: today's (`v1`) and the older tracking request (`tracking_request`).

mod counted;
pub mod tracking_request;
pub mod v1;
pub mod visitor;

pub use visitor::{Visitor, VisitorId};

use super::{Entries, Platform, Told, account_and_project};
use crate::values::{
    fields::Walker,
    host::HostName,
    id::Id,
    idempotency::IdempotencyKey,
    page::Page,
    problem::{Code, PlatformName, Problem},
    request::{Drafts, Refused},
    text::{ALPHANUMERIC, HYPHEN, UNDERSCORE, is_all, parts},
    text_id::{is_text_id, text_id},
};
use alloc::vec::Vec;
use counted::{Counted, key_goals};

/// Convert, as a [`Platform`].
#[derive(Debug)]
pub struct Convert;

/// Which of Convert's interfaces is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Api {
    /// The GET with `c, p, e, ea, g, ga, t`.
    TrackingRequest,
    /// The POST of JSON that Convert's SDKs send today.
    #[default]
    V1,
}

/// Where Convert's conversions go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub account: Option<Id>,
    /// The project.
    pub project: Option<Id>,
    /// The interface.
    pub api: Api,
    /// `v1`: the SDK key, where it is not just account and project.
    pub sdk_key: Option<SdkKey>,
    /// `v1`: the site's own domain, where Convert's tracking goes through one.
    pub domain: Option<HostName>,
    /// `v1`: may Convert add what it has stored of the visitor, and record unique events only? It may, where nobody says:
    /// so does the SDK without a store of its own.
    pub enrich_data: Option<bool>,
}

impl Account {
    fn enrich_data(&self) -> bool {
        self.enrich_data.unwrap_or(true)
    }
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
    /// The id of a transaction: not empty, and without halves of characters.
    TransactionId, is_transaction_id
}

fn is_transaction_id(text: &str) -> bool {
    is_text_id(text, 4096) && !text.chars().any(|c| c == '\u{FFFD}')
}

text_id! {
    /// An SDK key: one or two names of letters, digits, `-` and `_` with a `/` between them, for it stands in a path.
    SdkKey, |text| {
        let is_name = |part| is_all(part, ALPHANUMERIC | HYPHEN | UNDERSCORE);
        text.len() < 129 && parts(text, b'/').count() < 3 && parts(text, b'/').all(is_name)
    }
}

impl Platform for Convert {
    const NAME: PlatformName = PlatformName::Convert;
    type Visitor = Visitor;
    type Account = Account;
    type Goal = Goal;

    fn capture(visitor: &mut Visitor, page: &Page<'_>, problems: &mut Vec<Problem>) -> bool {
        visitor::capture(visitor, page, problems)
    }

    fn walk(visitor: &mut Visitor, walker: &mut Walker<'_>) {
        visitor::walk(visitor, walker);
    }

    fn is_somebody(_: &Visitor) -> bool {
        true
    }

    fn read_account(account: &mut Account, entries: &mut Entries<'_, '_>) {
        entries.id("accountId", &mut account.account);
        entries.id("projectId", &mut account.project);
        if entries.word("api", "v1 tracking-request") == 2 {
            account.api = Api::TrackingRequest;
        }
        entries.entry("sdkKey", &mut account.sdk_key, |place, key| {
            *place = key.text().and_then(|key| SdkKey::parse(&key));
            place.is_some()
        });
        entries.host("domain", &mut account.domain);
        entries.flag("enrichData", &mut account.enrich_data);
        entries.expect("accountId");
        entries.expect("projectId");
    }

    fn read_goal(goal: &mut Goal, entries: &mut Entries<'_, '_>) {
        entries.require("goalIds");
        entries.ids("goalIds", &mut goal.goals);
        entries.list("pastGoalIds", &mut goal.past_goals);
        entries.yes("repeat", &mut goal.repeat);
        entries.ids("firstViewOf", &mut goal.first_view_of);
        entries.within("transaction", &mut goal.transaction, |transaction, entries| {
            transaction.named = true;
            entries.entry("id", &mut transaction.id, |place, id| {
                *place = id.scalar().and_then(|id| TransactionId::parse(&id));
                place.is_some()
            });
            entries.list("goalIds", &mut transaction.goals);
            entries.entry("parts", &mut transaction.without_id, |without_id, parts| {
                *without_id = parts.as_str() == "3";
                *without_id || parts.as_str() == "4"
            });
        });
    }

    fn requests(told: &Told<'_, Self>, drafts: &mut Drafts) -> Result<(), Refused> {
        let counted = Counted::of(told, drafts)?;
        let own_key = account_and_project(counted.account, counted.project);
        let key = IdempotencyKey::new(Self::NAME.name(), &own_key, "", &key_goals(&told.goal.goals), &told.facts.id);
        match told.account.api {
            Api::TrackingRequest => tracking_request::add(told, &counted, &key, drafts)?,
            Api::V1 => v1::add(told, &counted, &own_key, &key, drafts)?,
        }
        if counted.again() {
            drafts.warn(Code::AlreadyCounted, "goalIds");
        }
        told.facts.warn_counted_at_arrival(drafts);
        Ok(())
    }
}

/// Adds the ids that are not in the list yet.
fn add_new(list: &mut Vec<Id>, ids: &[Id]) {
    for id in ids {
        if !list.contains(id) {
            list.push(*id);
        }
    }
}
