//! Convert: visitor, conversion and accounts become the requests that tell every platform.

use crate::{
    platform::{Convert, Entries, Facts, Kameleoon, Optimizely, Platform, Told, Vwo, each_platform, is_whole_text},
    values::{
        id::Id,
        json::{Json, Members},
        money::Cents,
        problem::{Code, Error, PlatformName, Problem, Reason},
        request::{ConversionPlan, Drafts},
        time::Time,
    },
    visitor::{self, VisitorContext},
};
use alloc::vec::Vec;

/// What somebody names, or not; and may name in a way that is of no use.
pub type Named<T> = Option<Result<T, Reason>>;

macro_rules! types {
    ($($field:ident: $platform:ident),+) => {
        /// What happened, and what it is to each platform that shall hear of it.
        #[derive(Clone, Debug)]
        pub struct Conversion {
            /// What all platforms share.
            pub facts: Facts,
            $(
                #[doc = concat!("What it is to [`", stringify!($platform), "`].")]
                pub $field: Named<<$platform as Platform>::Goal>,
            )+
        }

        /// Where conversions go.
        #[derive(Clone, Debug, Default)]
        pub struct Accounts {
            $(
                #[doc = concat!("Where [`", stringify!($platform), "`]'s go.")]
                pub $field: Named<<$platform as Platform>::Account>,
            )+
        }

        impl Conversion {
            /// A conversion that no platform hears of yet.
            #[must_use]
            pub fn new(facts: Facts) -> Self {
                Conversion { facts, $($field: None,)+ }
            }

            /// The same conversion, known at that time: it stands in for a missing [`Facts::at`]. The epoch says that nobody
            /// knows.
            #[must_use]
            pub fn known_at(mut self, now: Time) -> Self {
                self.facts.now = visitor::known(now);
                self
            }

            /// The conversion in a JSON object, as the public contract has it.
            ///
            /// # Errors
            /// `invalid-conversion` where `id` or `at` are of no use. Whatever concerns one platform stays with it.
            pub fn from_json(json: Json<'_>) -> Result<Self, Error> {
                let json = json.members();
                let (facts, flaws) = read_facts(&json);
                let flaw = match flaws.first() {
                    Some(&about @ ("id" | "at")) => return Err(Error::new(Code::InvalidConversion, about)),
                    flaw => flaw.map(|about| Reason::new(Code::InvalidConversion, about)),
                };
                let mut conversion = Conversion::new(facts);
                $(
                    conversion.$field = json.get(stringify!($field)).map(|json| match flaw {
                        Some(flaw) => Err(flaw),
                        None => read_goal::<$platform>(json),
                    });
                )+
                Ok(conversion)
            }
        }

        impl Accounts {
            /// The accounts in a JSON object, as the public contract has it.
            #[must_use]
            pub fn from_json(json: Json<'_>) -> Self {
                let json = json.members();
                Accounts {
                    $($field: json.get(stringify!($field)).map(read_account::<$platform>),)+
                }
            }
        }

        /// The requests for every platform that the conversion names and the visitor belongs to.
        ///
        /// `captured_here` says that the visitor was captured in this very page (or by this very request): only then may
        /// account ids in it choose the destination. For a token, or anything that was kept somewhere, it is false.
        #[must_use]
        pub fn conversion_requests(
            visitor: &VisitorContext,
            captured_here: bool,
            conversion: &Conversion,
            accounts: &Accounts,
        ) -> ConversionPlan {
            drafts(visitor, captured_here, conversion, accounts).finish()
        }

        /// The same, before it is decided which requests carry it: what [`batches`](crate::batches) puts together.
        #[must_use]
        pub fn drafts(
            visitor: &VisitorContext,
            captured_here: bool,
            conversion: &Conversion,
            accounts: &Accounts,
        ) -> Drafts {
            let mut drafts = Drafts::default();
            $(
                if let Some(goal) = &conversion.$field
                    && let Err(reason) = tell::<$platform>(
                        visitor.$field.as_ref(),
                        captured_here,
                        visitor::known(visitor.captured_at),
                        accounts.$field.as_ref(),
                        goal,
                        &conversion.facts,
                        &mut drafts,
                    )
                {
                    drafts.skipped.push(Problem { platform: Some($platform::NAME), reason });
                }
            )+
            drafts
        }

        /// For a settings window: what is wrong with these accounts and goals, entry by entry.
        ///
        /// Every account that is named must be complete; a goal must have one.
        #[must_use]
        pub fn check_settings(accounts: Json<'_>, conversion: Option<Json<'_>>) -> Vec<Problem> {
            let accounts = accounts.members();
            let conversion = conversion.unwrap_or_default().members();
            let mut problems = Vec::new();
            for about in read_facts(&conversion).1 {
                // A conversion of settings has no id yet.
                if about == "id" && conversion.get_or_null("id").is_none() {
                    continue;
                }
                problems.push(Problem { platform: None, reason: Reason::new(Code::InvalidConversion, about) });
            }
            $(
                check::<$platform>(accounts.get(stringify!($field)), conversion.get(stringify!($field)), &mut problems);
            )+
            problems
        }
    };
}

each_platform!(types);

fn read_goal<P: Platform>(json: Json<'_>) -> Result<P::Goal, Reason> {
    sound(Entries::read(json, P::NAME.name(), P::read_goal), Code::InvalidConversion)
}

fn read_account<P: Platform>(json: Json<'_>) -> Result<P::Account, Reason> {
    sound(Entries::read(json, P::NAME.name(), P::read_account), Code::InvalidAccount)
}

/// What is wrong with the settings of one platform.
fn check<P: Platform>(account: Option<Json<'_>>, goal: Option<Json<'_>>, problems: &mut Vec<Problem>) {
    let account = account.map(|json| Entries::read(json, P::NAME.name(), P::read_account));
    let goal = goal.map(|json| Entries::read(json, P::NAME.name(), P::read_goal));
    let lacks = match (&account, &goal) {
        (Some((account, _)), Some((goal, _))) => P::lacks(account, goal),
        _ => None,
    };
    let account = account.map(|(account, flaws)| (flaws, P::misses(&account)));
    tell_flaws(P::NAME, account, goal.map(|(_, flaws)| (flaws, lacks)), problems);
}

type Missing = [Option<&'static str>; 2];

/// The flaws of an account and what it misses; then those of a goal, and what it lacks.
fn tell_flaws(
    platform: PlatformName,
    account: Option<(Vec<&'static str>, Missing)>,
    goal: Option<(Vec<&'static str>, Option<&'static str>)>,
    problems: &mut Vec<Problem>,
) {
    let mut add = |code, about| problems.push(Problem::new(platform, code, about));
    match account {
        Some((flaws, missing)) => {
            for about in &flaws {
                add(Code::InvalidAccount, *about);
            }
            for about in missing.into_iter().flatten() {
                if !flaws.contains(&about) {
                    add(Code::NoAccount, about);
                }
            }
        }
        None if goal.is_some() => add(Code::NoAccount, platform.name()),
        None => {}
    }
    if let Some((mut flaws, lacks)) = goal {
        if flaws.is_empty() {
            flaws.extend(lacks);
        }
        for about in flaws {
            add(Code::InvalidConversion, about);
        }
    }
}

/// What was read, or the first of its flaws.
fn sound<T>((value, flaws): (T, Vec<&'static str>), code: Code) -> Result<T, Reason> {
    match flaws.first() {
        Some(flaw) => Err(Reason::new(code, flaw)),
        None => Ok(value),
    }
}

fn tell<P: Platform>(
    visitor: Option<&P::Visitor>,
    captured_here: bool,
    captured_at: Option<Time>,
    account: Option<&Result<P::Account, Reason>>,
    goal: &Result<P::Goal, Reason>,
    facts: &Facts,
    drafts: &mut Drafts,
) -> Result<(), Reason> {
    let goal = goal.as_ref().map_err(|reason| *reason)?;
    let nobody = P::Visitor::default();
    let visitor = match visitor {
        Some(visitor) => visitor,
        None if P::names_visitor(goal) => &nobody,
        None => return Err(Reason::new(Code::NoVisitorId, P::NAME.name())),
    };
    let account = match account {
        Some(account) => account.as_ref().map_err(|reason| *reason)?,
        None => P::NOWHERE,
    };
    P::requests(&Told { visitor, captured_here, captured_at, account, goal, facts }, drafts)?;
    drafts.refuse_too_large()
}

/// The facts, and the names of those that are of no use: of `id` and `at` first.
fn read_facts(json: &Members<'_>) -> (Facts, Vec<&'static str>) {
    let mut flaws = Vec::new();
    let id = json.text("id").filter(|id| is_whole_text(id));
    if id.is_none() {
        flaws.push("id");
    }
    let facts = Facts {
        id: id.unwrap_or_default(),
        at: fact(json, "at", Time::from_json, &mut flaws),
        now: None,
        revenue: fact(json, "revenue", Cents::from_json, &mut flaws),
        quantity: fact(json, "quantity", quantity, &mut flaws),
    };
    (facts, flaws)
}

/// A fact that may be missing. `null` is what becomes of an invalid Date on its way through JSON: no reason to take the
/// time of now.
fn fact<T>(
    json: &Members<'_>,
    name: &'static str,
    parse: impl Fn(Json<'_>) -> Option<T>,
    flaws: &mut Vec<&'static str>,
) -> Option<T> {
    let value = parse(json.get_or_null(name)?);
    if value.is_none() {
        flaws.push(name);
    }
    value
}

/// A whole number of products.
fn quantity(json: Json<'_>) -> Option<u64> {
    Id::parse(json.number()?).map(Id::number).filter(|number| *number <= Id::MAX_SAFE)
}
