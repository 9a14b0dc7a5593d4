//! The platforms. A fifth one is a module here, a line in [`each_platform`], a name in
//! [`PlatformName`](crate::values::problem::PlatformName) and a section of the token: nothing else names them one by one.
//!
//! A platform's folder knows its own cookies and requests and the value types; it knows no sibling, no token, no wasm.

pub mod convert;
pub mod kameleoon;
pub mod optimizely;
pub mod vwo;

pub use convert::Convert;
pub use kameleoon::Kameleoon;
pub use optimizely::Optimizely;
pub use vwo::Vwo;

use crate::values::{
    id::Id,
    json::{Json, Writer},
    money::Cents,
    page::Page,
    problem::{Code, PlatformName, Problem, Reason},
    request::ConversionPlan,
    time::Time,
};
use alloc::{string::String, vec::Vec};

/// What a platform can do here.
pub trait Platform {
    /// Who it is.
    const NAME: PlatformName;
    /// What it knows of a visitor.
    type Visitor;
    /// Where its conversions go.
    type Account: Default;
    /// What a conversion is to it.
    type Goal;

    /// What the page says of the visitor. Never fails: what is unusable becomes a problem.
    fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Self::Visitor>;

    /// A visitor out of a context's JSON: what is not usable in it is left out.
    fn read_visitor(json: Json<'_>) -> Option<Self::Visitor>;

    /// The visitor as the public contract has it.
    fn write_visitor(visitor: &Self::Visitor, out: &mut Writer);

    /// An account out of the settings' JSON.
    ///
    /// # Errors
    /// `invalid-account`, with the name of the entry.
    fn read_account(json: Json<'_>) -> Result<Self::Account, Reason>;

    /// A goal out of a conversion's JSON.
    ///
    /// # Errors
    /// `invalid-conversion`, with the name of the entry.
    fn read_goal(json: Json<'_>) -> Result<Self::Goal, Reason>;

    /// Is this account complete by itself, without what a page may add?
    ///
    /// # Errors
    /// `no-account` or `invalid-account`, with the name of the entry.
    fn check_account(account: &Self::Account) -> Result<(), Reason>;

    /// The requests that tell the platform.
    ///
    /// # Errors
    /// Why it cannot be told.
    fn requests(told: &Told<'_, Self>, plan: &mut ConversionPlan) -> Result<(), Reason>;
}

/// All that a platform needs to know to build its requests.
#[derive(Debug)]
pub struct Told<'a, P: Platform + ?Sized> {
    /// Who converted.
    pub visitor: &'a P::Visitor,
    /// Was the visitor captured in this page? Only then may its account ids choose the destination: a token, which
    /// anyone can forge, never does.
    pub captured_here: bool,
    /// When that was, if anybody knows.
    pub captured_at: Option<Time>,
    /// The account as far as it is named.
    pub account: &'a P::Account,
    /// What the conversion is to this platform.
    pub goal: &'a P::Goal,
    /// What it is to everyone.
    pub facts: &'a Facts,
}

/// What all platforms share of a conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The user's id of the call, order or lead; never empty.
    pub id: String,
    /// When it happened, where the user says so.
    pub at: Option<Time>,
    /// What it was worth.
    pub revenue: Option<Cents>,
    /// Products in the transaction.
    pub quantity: Option<u64>,
}

impl Facts {
    /// The revenue, for a platform that has no negative one.
    ///
    /// # Errors
    /// `invalid-conversion` where it is negative.
    pub fn positive_revenue(&self) -> Result<Option<Cents>, Reason> {
        match self.revenue {
            Some(revenue) if revenue.is_negative() => Err(Reason::new(Code::InvalidConversion, "revenue")),
            revenue => Ok(revenue),
        }
    }

    /// Warns where a platform has no field for the time at which it happened.
    pub fn warn_counted_at_arrival(&self, platform: PlatformName, plan: &mut ConversionPlan) {
        if self.at.is_some() {
            plan.warn(platform, Code::CountedAtArrival, "at");
        }
    }
}

/// The account id that counts: the one that is named, else the one of the page.
///
/// # Errors
/// `account-mismatch` where the visitor is of another account, `no-account` where nobody names one.
pub fn account_id<T: Clone + PartialEq>(
    named: Option<&T>,
    visitors: Option<&T>,
    captured_here: bool,
    about: &'static str,
) -> Result<T, Reason> {
    match (named, visitors) {
        (Some(named), Some(visitors)) if named != visitors => Err(Reason::new(Code::AccountMismatch, about)),
        (Some(named), _) => Ok(named.clone()),
        (None, Some(visitors)) if captured_here => Ok(visitors.clone()),
        _ => Err(Reason::new(Code::NoAccount, about)),
    }
}

/// An entry of a JSON object: nothing where it is not there or `null`.
///
/// # Errors
/// The code, where it is there and `parse` cannot use it.
pub fn entry<T>(
    json: Json<'_>,
    name: &'static str,
    code: Code,
    parse: impl Fn(Json<'_>) -> Option<T>,
) -> Result<Option<T>, Reason> {
    match json.get(name) {
        Some(value) => parse(value).map(Some).ok_or(Reason::new(code, name)),
        None => Ok(None),
    }
}

/// The boolean in a JSON value.
#[must_use]
pub fn boolean(json: Json<'_>) -> Option<bool> {
    json.is_bool().then(|| json.is_true())
}

/// Ids in a JSON array; nothing where one of them is no id.
#[must_use]
pub fn ids(json: Json<'_>) -> Option<Vec<Id>> {
    if json.is_array() { json.items().map(Id::from_json).collect() } else { None }
}

/// An id that counts something: not zero, and small enough for a JavaScript number.
#[must_use]
pub fn goal_id(json: Json<'_>) -> Option<Id> {
    Id::from_json(json).filter(|id| (1..=Id::MAX_SAFE).contains(&id.number()))
}

/// Calls the macro with every platform: its field's name, its type.
macro_rules! each_platform {
    ($callback:ident) => {
        $callback! { optimizely: Optimizely, vwo: Vwo, kameleoon: Kameleoon, convert: Convert }
    };
}
pub(crate) use each_platform;
