//! The platforms. A fifth one is a module here, a line in the macro `each_platform`, a name in [`PlatformName`] and a
//! section of the token: nothing else names them one by one.
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
    fields::Walker,
    host::HostName,
    id::{Id, from_json_array, push_joined},
    json::{Json, Members},
    money::Cents,
    page::Page,
    problem::{Code, PlatformName, Problem, Reason},
    request::Drafts,
    room,
    time::Time,
};
use alloc::{string::String, vec::Vec};

/// What a platform can do here.
pub trait Platform {
    /// Who it is.
    const NAME: PlatformName;
    /// What it knows of a visitor.
    type Visitor: Clone + Default;
    /// Where its conversions go.
    type Account: 'static;
    /// An account of which nothing is named.
    const NOWHERE: &'static Self::Account;
    /// What a conversion is to it.
    type Goal;

    /// What the page says of the visitor. Never fails: what is unusable becomes a problem.
    fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Self::Visitor>;

    /// Hands every field of a visitor to a walker, in an order that never changes: what is new comes last.
    fn walk(visitor: &mut Self::Visitor, walker: &mut Walker<'_>);

    /// Is this a visitor at all? Some platforms know nobody without an id.
    fn is_somebody(visitor: &Self::Visitor) -> bool;

    /// An account out of the settings; what is wrong with it is told to the entries.
    fn read_account(entries: &mut Entries<'_>) -> Self::Account;

    /// A goal out of a conversion; what is wrong with it is told to the entries.
    fn read_goal(entries: &mut Entries<'_>) -> Self::Goal;

    /// Does the goal itself say whose conversion it is, so that nothing needs to be known of the visitor?
    #[must_use]
    fn names_visitor(_goal: &Self::Goal) -> bool {
        false
    }

    /// What an account must name where no page does, and misses.
    fn misses(account: &Self::Account) -> [Option<&'static str>; 2];

    /// What the account's interface needs of a goal and misses there.
    #[must_use]
    fn lacks(_account: &Self::Account, _goal: &Self::Goal) -> Option<&'static str> {
        None
    }

    /// What tells the platform, as drafts of requests.
    ///
    /// # Errors
    /// Why it cannot be told.
    fn requests(told: &Told<'_, Self>, drafts: &mut Drafts) -> Result<(), Reason>;
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
    pub fn warn_counted_at_arrival(&self, platform: PlatformName, drafts: &mut Drafts) {
        if self.at.is_some() {
            drafts.warn(platform, Code::CountedAtArrival, "at");
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

/// The entries of a JSON object that a user wrote. What is not there, or `null`, is nothing; what is there and of no use
/// is nothing too, and its name is kept as a flaw.
#[derive(Debug)]
pub struct Entries<'a> {
    members: Members<'a>,
    flaws: Vec<&'static str>,
}

impl<'a> Entries<'a> {
    /// What `read` makes of the entries, and the names of those that are of no use: `name` where this is no object at all.
    pub fn read<T>(json: Json<'a>, name: &'static str, read: fn(&mut Self) -> T) -> (T, Vec<&'static str>) {
        let mut entries = Self::of(json, name);
        let value = read(&mut entries);
        (value, entries.flaws)
    }

    fn of(json: Json<'a>, name: &'static str) -> Self {
        let mut entries = Entries { members: json.members(), flaws: Vec::new() };
        if !json.is_object() {
            entries.refuse(name);
        }
        entries
    }

    /// The entry of that name, not looked into.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        self.members.get(name)
    }

    /// That entry is of no use.
    pub fn refuse(&mut self, name: &'static str) {
        if !self.flaws.contains(&name) {
            self.flaws.push(name);
        }
    }

    /// An entry that must be there.
    pub fn require<T>(&mut self, name: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.refuse(name);
        }
        value
    }

    /// What `parse` makes of the entry.
    pub fn entry<T>(&mut self, name: &'static str, parse: impl Fn(Json<'a>) -> Option<T>) -> Option<T> {
        let json = self.members.get(name)?;
        let value = parse(json);
        self.require(name, value)
    }

    /// An id.
    pub fn id(&mut self, name: &'static str) -> Option<Id> {
        self.entry(name, Id::from_json)
    }

    /// An id that counts something: not zero, and small enough for a JavaScript number.
    pub fn goal_id(&mut self, name: &'static str) -> Option<Id> {
        self.entry(name, goal_id)
    }

    /// A list of ids.
    pub fn ids(&mut self, name: &'static str) -> Option<Vec<Id>> {
        self.entry(name, from_json_array)
    }

    /// The name of a host.
    pub fn host(&mut self, name: &'static str) -> Option<HostName> {
        self.entry(name, |json| HostName::parse(&json.text()?))
    }

    /// A text that `fits`.
    pub fn text(&mut self, name: &'static str, fits: fn(&str) -> bool) -> Option<String> {
        self.entry(name, |json| json.text().filter(|text| fits(text)))
    }

    /// One of these words, and what it stands for.
    pub fn one_of<T: Copy>(&mut self, name: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.get(name)?.text().unwrap_or_default();
        for (word, choice) in choices {
            if *word == text {
                return Some(*choice);
            }
        }
        self.refuse(name);
        None
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.entry(name, |json| json.is_bool().then_some(json.is_true()))
    }
}

/// An id that counts something: not zero, and small enough for a JavaScript number.
fn goal_id(json: Json<'_>) -> Option<Id> {
    Id::from_json(json).filter(|id| (1..=Id::MAX_SAFE).contains(&id.number()))
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
