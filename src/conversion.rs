//! Convert: visitor, conversion and accounts become the requests that tell every platform.

use crate::{
    platform::{Convert, Entries, Facts, Kameleoon, Optimizely, Platform, Told, Vwo, each_platform, is_whole_text},
    values::{
        id::Id,
        json::Json,
        money::Cents,
        problem::{Code, Error, PlatformName, Problem, Reason, report},
        request::{ConversionPlan, Drafts, Refused},
        time::Time,
    },
    visitor::{self, VisitorContext},
};
use alloc::vec::Vec;

macro_rules! types {
    ($($field:ident: $platform:ident),+) => {
        /// What happened, and what it is to each platform that shall hear of it.
        #[derive(Clone, Debug)]
        pub struct Conversion {
            /// What all platforms share.
            pub facts: Facts,
            $(
                #[doc = concat!("What it is to [`", stringify!($platform), "`].")]
                pub $field: Option<<$platform as Platform>::Goal>,
            )+
            problems: Vec<Problem>,
        }

        /// Where conversions go.
        #[derive(Clone, Debug, Default)]
        pub struct Accounts {
            $(
                #[doc = concat!("Where [`", stringify!($platform), "`]'s go.")]
                pub $field: <$platform as Platform>::Account,
            )+
            problems: Vec<Problem>,
        }

        impl Conversion {
            /// A conversion that no platform hears of yet.
            #[must_use]
            pub fn new(facts: Facts) -> Self {
                Conversion { facts, $($field: None,)+ problems: Vec::new() }
            }

            /// What a JSON object says of a conversion. Each problem costs a platform the goal that it is about; one of the
            /// facts costs all of them theirs.
            /// `is_new`: it is one of settings, and needs no id yet. `problems`: those that are known before.
            pub(crate) fn read(json: Json<'_>, is_new: bool, problems: Vec<Problem>) -> Self {
                let mut conversion = Conversion::new(Facts::default());
                conversion.problems = problems;
                let problems = &mut conversion.problems;
                let mut entries = Entries::of(json, Code::InvalidConversion, problems);
                if !is_new {
                    entries.require("id");
                }
                read_facts(&mut conversion.facts, &mut entries);
                $(
                    if entries.begin($platform::NAME) {
                        $platform::read_goal(conversion.$field.insert(Default::default()), &mut entries);
                    }
                )+
                conversion
            }
        }

        impl Accounts {
            /// The accounts in a JSON object, as the public contract has it.
            #[must_use]
            pub fn from_json(json: Json<'_>) -> Self {
                let mut accounts = Accounts::default();
                let mut entries = Entries::of(json, Code::InvalidAccount, &mut accounts.problems);
                $(
                    if entries.begin($platform::NAME) {
                        $platform::read_account(&mut accounts.$field, &mut entries);
                    }
                )+
                accounts
            }
        }

        /// The same, before it is decided which requests carry it: what [`batches`](crate::batches) puts together.
        #[must_use]
        pub fn drafts(
            visitor: &VisitorContext,
            captured_here: bool,
            conversion: &Conversion,
            accounts: &Accounts,
        ) -> Drafts {
            let case = Case { captured_here, captured_at: visitor::known(visitor.captured_at), conversion, accounts };
            let mut drafts = Drafts::default();
            $(
                if let Some(goal) = &conversion.$field {
                    let (visitor, account) = (visitor.$field.as_ref(), &accounts.$field);
                    // Why a platform cannot be told stands in the drafts.
                    let _ = tell::<$platform>(visitor, account, goal, &case, &mut drafts);
                }
            )+
            drafts
        }

        /// For a settings window: what is wrong with these accounts and goals, entry by entry.
        ///
        /// Every account that is named must be complete; a goal must have one.
        #[must_use]
        pub fn check_settings(accounts: Json<'_>, conversion: Option<Json<'_>>) -> Vec<Problem> {
            let mut accounts = Accounts::from_json(accounts);
            let found = core::mem::take(&mut accounts.problems);
            let conversion = Conversion::read(conversion.unwrap_or_default(), true, found);
            let found = &conversion.problems;
            let mut problems = Vec::new();
            pick(found, None, true, None, &mut problems);
            $(
                let lacks = conversion.$field.as_ref().and_then(|goal| $platform::lacks(&accounts.$field, goal));
                pick(found, Some($platform::NAME), conversion.$field.is_some(), lacks, &mut problems);
            )+
            problems
        }
    };
}

each_platform!(types);

impl Conversion {
    /// The conversion in a JSON object, as the public contract has it.
    ///
    /// # Errors
    /// `invalid-conversion` where `id` or `at` are of no use. Whatever concerns one platform stays with it.
    pub fn from_json(json: Json<'_>) -> Result<Self, Error> {
        let conversion = Self::read(json, false, Vec::new());
        conversion.check()?;
        Ok(conversion)
    }

    /// Can anybody be told?
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.problems.first() {
            Some(Problem { platform: None, reason: Reason { about: about @ ("id" | "at"), code } }) => {
                Err(Error::new(*code, about))
            }
            _ => Ok(()),
        }
    }

    /// The same conversion, known at that time: it stands in for a missing [`Facts::at`]. The epoch says that nobody knows.
    #[must_use]
    pub fn known_at(mut self, now: Time) -> Self {
        self.facts.now = visitor::known(now);
        self
    }

    /// This entry of a platform's goal is of no use: that platform is not told.
    pub fn refuse(&mut self, platform: PlatformName, about: &'static str) {
        report(&mut self.problems, platform, Code::InvalidConversion, about);
    }
}

/// The requests for every platform that the conversion names and the visitor belongs to.
///
/// `captured_here` says that the visitor was captured in this very page (or by this very request): only then may account ids
/// in it choose the destination. For a token, or anything that was kept somewhere, it is false.
#[must_use]
pub fn conversion_requests(
    visitor: &VisitorContext,
    captured_here: bool,
    conversion: &Conversion,
    accounts: &Accounts,
) -> ConversionPlan {
    drafts(visitor, captured_here, conversion, accounts).finish()
}

/// Picks one platform's problems out of those that were found. An account that is not named at all is a problem for a goal
/// alone; and what a goal lacks is told where nothing else is wrong with it.
fn pick(
    found: &[Problem],
    platform: Option<PlatformName>,
    has_goal: bool,
    mut lacks: Option<&'static str>,
    problems: &mut Vec<Problem>,
) {
    for problem in found {
        if problem.platform == platform {
            let is_nowhere = problem.reason == Reason::new(Code::NoAccount, platform.map_or("", PlatformName::name));
            if is_nowhere || problem.code() == Code::InvalidConversion {
                lacks = None;
            }
            if has_goal || !is_nowhere {
                problems.push(*problem);
            }
        }
    }
    if let Some(about) = lacks {
        problems.push(Problem { platform, reason: Reason::new(Code::InvalidConversion, about) });
    }
}

/// What is the same for all platforms.
struct Case<'a> {
    captured_here: bool,
    captured_at: Option<Time>,
    conversion: &'a Conversion,
    accounts: &'a Accounts,
}

impl Case<'_> {
    /// From here on the drafts are that platform's. Is nothing in its way?
    #[inline(never)]
    fn begin(&self, platform: PlatformName, is_visitor_known: bool, drafts: &mut Drafts) -> Result<(), Refused> {
        drafts.turn_to(platform);
        expect_sound(&self.conversion.problems, platform, drafts)?;
        if !is_visitor_known {
            return Err(drafts.refuse(Code::NoVisitorId, platform.name()));
        }
        expect_sound(&self.accounts.problems, platform, drafts)
    }
}

/// Refuses what was not read as a whole.
fn expect_sound(problems: &[Problem], platform: PlatformName, drafts: &mut Drafts) -> Result<(), Refused> {
    for problem in problems {
        // What is wrong with the facts is wrong for everyone; what an account misses, a page may have.
        if problem.platform.is_none_or(|of| of == platform) && problem.code() != Code::NoAccount {
            return Err(drafts.refuse(problem.code(), problem.reason.about));
        }
    }
    Ok(())
}

// What one platform keeps on the stack has short addresses where it is alone there: that makes it small.
#[inline(never)]
fn tell<P: Platform>(
    visitor: Option<&P::Visitor>,
    account: &P::Account,
    goal: &P::Goal,
    case: &Case<'_>,
    drafts: &mut Drafts,
) -> Result<(), Refused> {
    let visitor = visitor.or(P::stranger(goal));
    case.begin(P::NAME, visitor.is_some(), drafts)?;
    if let Some(visitor) = visitor {
        let Case { captured_here, captured_at, conversion, .. } = *case;
        P::requests(&Told { visitor, captured_here, captured_at, account, goal, facts: &conversion.facts }, drafts)?;
    }
    Ok(())
}

/// The facts. Of those that are of no use, `id` and `at` are told first.
fn read_facts(facts: &mut Facts, entries: &mut Entries<'_, '_>) {
    entries.entry("id", &mut facts.id, |id, json| {
        *id = json.text().unwrap_or_default();
        is_whole_text(id)
    });
    entries.entry("at", &mut facts.at, |at, json| {
        *at = Time::from_json(json);
        at.is_some()
    });
    entries.entry("revenue", &mut facts.revenue, |revenue, json| {
        *revenue = Cents::from_json(json);
        revenue.is_some()
    });
    entries.entry("quantity", &mut facts.quantity, |quantity, json| {
        // A whole number of products.
        *quantity = json.number().and_then(Id::parse).map(Id::number).filter(|number| *number <= Id::MAX_SAFE);
        quantity.is_some()
    });
}
