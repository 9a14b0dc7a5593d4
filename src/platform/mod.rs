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
    id::{Id, push_joined},
    json::{Json, Members},
    money::Cents,
    page::Page,
    problem::{Code, PlatformName, Problem, Reason},
    request::{Drafts, Refused},
    room,
    text::parts,
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
    type Account: Default;
    /// What a conversion is to it.
    type Goal: Default;

    /// What the page says of the visitor. Never fails: what is unusable becomes a problem.
    fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Self::Visitor>;

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
    fn stranger(_goal: &Self::Goal) -> Option<Self::Visitor> {
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

/// The entries of a JSON object that a user wrote: those that concern all platforms, or one platform's. What is not there, or
/// `null`, is nothing; what is there and of no use is a problem. Each entry is read into the place where it stays.
#[derive(Debug)]
pub struct Entries<'a, 'p> {
    all: Members<'a>,
    /// Whose entries are read; nobody's are what all platforms share: there `null` is of no use too.
    platform: Option<PlatformName>,
    members: Members<'a>,
    /// What is wrong with an entry that is of no use.
    code: Code,
    /// What is told to be wrong in place of each entry, if anything.
    about: Option<&'static str>,
    problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> Entries<'a, 'p> {
    /// The entries of an object that says something of all platforms.
    pub fn of(json: Json<'a>, code: Code, problems: &'p mut Vec<Problem>) -> Self {
        Entries { all: json.members(), platform: None, members: Members::default(), code, about: None, problems }
    }

    /// From here on the entries are that platform's. Are there any? An account that nobody names is missed.
    pub fn begin(&mut self, platform: PlatformName) -> bool {
        self.platform = Some(platform);
        let json = self.all.get(platform.name());
        match json {
            Some(json) => drop(self.enter(json, platform.name())),
            None if self.code == Code::InvalidAccount => self.tell(Code::NoAccount, platform.name()),
            None => {}
        }
        json.is_some()
    }

    /// Reads the entries of an object among these: one that is of no use makes all of it so.
    pub fn within<T>(&mut self, name: &'static str, place: &mut T, read: fn(&mut T, &mut Self)) {
        if let Some(json) = self.get(name) {
            self.about = Some(name);
            let outer = self.enter(json, name);
            read(place, self);
            self.members = outer;
            self.about = None;
        }
    }

    /// From here on the entries are those of that object. What they were before comes back.
    fn enter(&mut self, json: Json<'a>, name: &'static str) -> Members<'a> {
        if !json.is_object() {
            self.refuse(name);
        }
        core::mem::replace(&mut self.members, json.members())
    }

    /// The entry of that name, not looked into.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        match self.platform {
            Some(_) => self.members.get(name),
            None => self.all.get_or_null(name),
        }
    }

    /// There is a problem with that entry.
    pub fn tell(&mut self, code: Code, name: &'static str) {
        Problem { platform: self.platform, reason: Reason::new(code, self.about.unwrap_or(name)) }
            .report(self.problems);
    }

    /// That entry is of no use.
    pub fn refuse(&mut self, name: &'static str) {
        self.tell(self.code, name);
    }

    /// An entry that must be there.
    pub fn require(&mut self, name: &'static str) {
        if self.get(name).is_none() {
            self.refuse(name);
        }
    }

    /// An entry that an account must have where no page has it.
    pub fn expect(&mut self, name: &'static str) {
        if self.get(name).is_none() {
            self.tell(Code::NoAccount, name);
        }
    }

    /// Fills the place with the entry; what `fill` cannot use is a problem.
    // One function for places of all kinds.
    #[inline(never)]
    pub fn entry<T>(&mut self, name: &'static str, place: &mut T, fill: fn(&mut T, Json<'a>) -> bool) {
        if let Some(json) = self.get(name)
            && !fill(place, json)
        {
            self.refuse(name);
        }
    }

    /// An id.
    #[inline(always)]
    pub fn id(&mut self, name: &'static str, place: &mut Option<Id>) {
        self.entry(name, place, |place, json| {
            *place = Id::from_json(json);
            place.is_some()
        });
    }

    /// An id that counts something: not zero, and small enough for a JavaScript number.
    #[inline(always)]
    pub fn goal_id(&mut self, name: &'static str, place: &mut Option<Id>) {
        self.entry(name, place, |place, json| {
            *place = Id::from_json(json).filter(|id| id.is_goal());
            place.is_some()
        });
    }

    /// A list of ids, each once, where it stands first.
    #[inline(always)]
    pub fn ids(&mut self, name: &'static str, place: &mut Vec<Id>) {
        self.entry(name, place, fill_ids);
    }

    /// The same, where an empty list is not the same as none.
    #[inline(always)]
    pub fn list(&mut self, name: &'static str, place: &mut Option<Vec<Id>>) {
        self.entry(name, place, |place, json| fill_ids(place.get_or_insert_default(), json));
    }

    /// The name of a host.
    #[inline(always)]
    pub fn host(&mut self, name: &'static str, place: &mut Option<HostName>) {
        self.entry(name, place, |place, json| {
            *place = json.text().and_then(|text| HostName::parse(&text));
            place.is_some()
        });
    }

    /// Text that is not blank, without halves of characters.
    #[inline(always)]
    pub fn text(&mut self, name: &'static str, place: &mut Option<String>) {
        self.entry(name, place, |place, json| {
            *place = json.text().filter(|text| is_whole_text(text));
            place.is_some()
        });
    }

    /// Yes or no.
    #[inline(always)]
    pub fn flag(&mut self, name: &'static str, place: &mut Option<bool>) {
        self.entry(name, place, |place, json| {
            *place = Some(json.is_true());
            json.is_bool()
        });
    }

    /// Yes; no is what it is otherwise.
    #[inline(always)]
    pub fn yes(&mut self, name: &'static str, place: &mut bool) {
        self.entry(name, place, |place, json| {
            *place = json.is_true();
            json.is_bool()
        });
    }

    /// Which of these words it is, counted from 1; 0 where it is none of them.
    pub fn word(&mut self, name: &'static str, words: &str) -> usize {
        let Some(json) = self.get(name) else { return 0 };
        let text = json.text().unwrap_or_default();
        let mut place = 0_usize;
        for word in parts(words, b' ') {
            place = place.wrapping_add(1);
            if word == text {
                return place;
            }
        }
        self.refuse(name);
        0
    }
}

fn fill_ids(place: &mut Vec<Id>, json: Json<'_>) -> bool {
    for item in json.items() {
        let Some(id) = Id::from_json(item) else { return false };
        if !place.contains(&id) {
            place.push(id);
        }
    }
    json.is_array()
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
