//! The platforms. A fifth one is a module here, a line in the macro `each_platform`, a name in [`PlatformName`] and a
//! section of the token: nothing else names them one by one.
//!
//! A platform's folder knows its own cookies and requests and the value types; it knows no sibling, no token, no wasm.

pub mod convert;
mod entries;
pub mod kameleoon;
pub mod optimizely;
pub mod vwo;

pub use convert::Convert;
pub use entries::Entries;
pub use kameleoon::Kameleoon;
pub use optimizely::Optimizely;
pub use vwo::Vwo;

use crate::values::{
    fields::Walker,
    id::{Id, push_joined},
    money::Cents,
    page::Page,
    problem::{Code, PlatformName, Problem},
    request::{Drafts, Refused},
    room,
    time::Time,
};
use alloc::{string::String, vec::Vec};

/// What a platform can do here.
pub trait Platform {
    /// Who it is.
    const NAME: PlatformName;
    /// What it knows of a visitor.
    type Visitor: Clone + Default + 'static;
    /// Where its conversions go.
    type Account: Default;
    /// What a conversion is to it.
    type Goal: Default;

    /// Fills a visitor with what the page says. Never fails: what is unusable becomes a problem. Does it say anything?
    fn capture(visitor: &mut Self::Visitor, page: &Page<'_>, problems: &mut Vec<Problem>) -> bool;

    /// Hands every field of a visitor to a walker, in an order that never changes: what is new comes last.
    fn walk(visitor: &mut Self::Visitor, walker: &mut Walker<'_>);

    /// Is this a visitor at all? Some platforms know nobody without an id.
    fn is_somebody(visitor: &Self::Visitor) -> bool;

    /// Fills an account out of the settings; what is wrong with it, or misses, is told to the entries.
    fn read_account(account: &mut Self::Account, entries: &mut Entries<'_, '_>);

    /// Fills a goal out of a conversion; what is wrong with it is told to the entries.
    fn read_goal(goal: &mut Self::Goal, entries: &mut Entries<'_, '_>);

    /// Where the goal itself says whose conversion it is, nothing needs to be known of the visitor: a visitor of whom nothing
    /// is.
    #[must_use]
    fn stranger(_goal: &Self::Goal) -> Option<&'static Self::Visitor> {
        None
    }

    /// What the account's interface needs of a goal and misses there.
    #[must_use]
    fn lacks(_account: &Self::Account, _goal: &Self::Goal) -> Option<&'static str> {
        None
    }

    /// What tells the platform, as drafts of requests.
    ///
    /// # Errors
    /// Why it cannot be told.
    fn requests(told: &Told<'_, Self>, drafts: &mut Drafts) -> Result<(), Refused>;
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The user's id of the call, order or lead; never empty.
    pub id: String,
    /// When it happened, where the user says so.
    pub at: Option<Time>,
    /// The time of now, where the caller tells: it stands in for a missing `at`.
    pub now: Option<Time>,
    /// What it was worth.
    pub revenue: Option<Cents>,
    /// Products in the transaction.
    pub quantity: Option<u64>,
}

impl Facts {
    /// When it happened, or else the time of now; nothing where neither is known.
    #[must_use]
    pub fn time(&self) -> Option<Time> {
        self.at.or(self.now)
    }

    /// The same, for a platform that is told when.
    ///
    /// # Errors
    /// `invalid-conversion` where neither is known.
    #[inline(never)]
    pub fn expect_time(&self, drafts: &mut Drafts) -> Result<Time, Refused> {
        self.time().ok_or_else(|| drafts.refuse_invalid("at"))
    }

    /// For a platform that has no negative revenue.
    ///
    /// # Errors
    /// `invalid-conversion` where it is negative.
    pub fn expect_positive_revenue(&self, drafts: &mut Drafts) -> Result<(), Refused> {
        match self.revenue {
            Some(revenue) if revenue.is_negative() => Err(drafts.refuse_invalid("revenue")),
            _ => Ok(()),
        }
    }

    /// Warns where a platform has no field for the time at which it happened.
    pub fn warn_counted_at_arrival(&self, drafts: &mut Drafts) {
        if self.at.is_some() {
            drafts.warn(Code::CountedAtArrival, "at");
        }
    }
}

/// The account id that counts: the one that is named, else the one of the page.
///
/// # Errors
/// `account-mismatch` where the visitor is of another account, `no-account` where nobody names one.
pub fn account_id<T: Copy + PartialEq>(
    named: Option<T>,
    visitors: Option<T>,
    captured_here: bool,
    about: &'static str,
    drafts: &mut Drafts,
) -> Result<T, Refused> {
    match (named, visitors) {
        (Some(named), Some(visitors)) if named != visitors => Err(drafts.refuse(Code::AccountMismatch, about)),
        (Some(named), _) => Ok(named),
        (None, Some(visitors)) if captured_here => Ok(visitors),
        _ => Err(drafts.refuse(Code::NoAccount, about)),
    }
}

/// Text that is not blank, without halves of characters: U+FFFD stands where JavaScript had one.
#[must_use]
pub fn is_whole_text(text: &str) -> bool {
    !text.trim_ascii().is_empty() && !text.chars().any(|c| c == '\u{FFFD}')
}

/// `<account>/<project>`: what an idempotency key has for platforms that count per project.
#[must_use]
pub fn account_and_project(account: Id, project: Id) -> String {
    let mut out = room::text(40);
    push_joined(&mut out, &[account, project], "/");
    out
}

/// Calls the macro with every platform: its field's name, its type.
macro_rules! each_platform {
    ($callback:ident) => {
        $callback! { optimizely: Optimizely, vwo: Vwo, kameleoon: Kameleoon, convert: Convert }
    };
}
pub(crate) use each_platform;
