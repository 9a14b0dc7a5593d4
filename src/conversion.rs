//! Convert: visitor, conversion and accounts become the requests that tell every platform.

use crate::{
    platform::{Convert, Entries, Facts, Kameleoon, Optimizely, Platform, Told, Vwo, each_platform, is_whole_text},
    values::{
        id::Id,
        json::{Json, Members},
        money::Cents,
        problem::{Code, Error, Problem, Reason},
        request::ConversionPlan,
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

            /// The conversion in a JSON object, as the public contract has it.
            ///
            /// # Errors
            /// `invalid-conversion` where `id` or `at` are of no use. Whatever concerns one platform stays with it.
            pub fn from_json(json: Json<'_>) -> Result<Self, Error> {
                let json = json.members();
                let (facts, flaw) = read_facts(&json)?;
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
            let mut plan = ConversionPlan::default();
            $(
                if let Some(goal) = &conversion.$field
                    && let Err(reason) = tell::<$platform>(
                        visitor.$field.as_ref(),
                        captured_here,
                        visitor::known(visitor.captured_at),
                        accounts.$field.as_ref(),
                        goal,
                        &conversion.facts,
                        &mut plan,
                    )
                {
                    plan.skipped.push(Problem { platform: Some($platform::NAME), reason });
                }
            )+
            plan
        }

        /// For a settings window: what is wrong with these accounts and goals, entry by entry.
        ///
        /// Every account that is named must be complete; a goal must have one.
        #[must_use]
        pub fn check_settings(accounts: Json<'_>, conversion: Option<Json<'_>>) -> Vec<Problem> {
            let named = Accounts::from_json(accounts);
            let conversion = conversion.unwrap_or_default().members();
            let mut problems = Vec::new();
            if let Err(reason) = read_optional_facts(&conversion) {
                problems.push(Problem { platform: None, reason });
            }
            $(
                let goal = conversion.get(stringify!($field));
                let account = match (&named.$field, goal) {
                    (Some(Ok(account)), _) => $platform::check_account(account),
                    (Some(Err(reason)), _) => Err(*reason),
                    (None, Some(_)) => Err(Reason::new(Code::NoAccount, stringify!($field))),
                    (None, None) => Ok(()),
                };
                let goal = goal.map_or(Ok(()), |json| read_goal::<$platform>(json).map(|_| ()));
                for reason in [account, goal].into_iter().filter_map(Result::err) {
                    problems.push(Problem { platform: Some($platform::NAME), reason });
                }
            )+
            problems
        }
    };
}

each_platform!(types);

fn read_goal<P: Platform>(json: Json<'_>) -> Result<P::Goal, Reason> {
    Entries::read(json, P::NAME.name(), Code::InvalidConversion, P::read_goal)
}

fn read_account<P: Platform>(json: Json<'_>) -> Result<P::Account, Reason> {
    Entries::read(json, P::NAME.name(), Code::InvalidAccount, P::read_account)
}

fn tell<P: Platform>(
    visitor: Option<&P::Visitor>,
    captured_here: bool,
    captured_at: Option<Time>,
    account: Option<&Result<P::Account, Reason>>,
    goal: &Result<P::Goal, Reason>,
    facts: &Facts,
    plan: &mut ConversionPlan,
) -> Result<(), Reason> {
    let goal = goal.as_ref().map_err(|reason| *reason)?;
    let visitor = visitor.ok_or(Reason::new(Code::NoVisitorId, P::NAME.name()))?;
    let nowhere = P::Account::default();
    let account = match account {
        Some(account) => account.as_ref().map_err(|reason| *reason)?,
        None => &nowhere,
    };
    P::requests(&Told { visitor, captured_here, captured_at, account, goal, facts }, plan)
}

/// The facts; and what is wrong with the ones that concern the platforms one by one.
fn read_facts(json: &Members<'_>) -> Result<(Facts, Option<Reason>), Error> {
    let error = |about| Error::new(Code::InvalidConversion, about);
    let id = json.text("id").filter(|id| is_whole_text(id)).ok_or(error("id"))?;
    let at = match json.get_or_null("at") {
        // `null` is what becomes of an invalid Date on its way through JSON: no reason to take the time of now.
        Some(at) => Some(Time::from_json(at).ok_or(error("at"))?),
        None => None,
    };
    let (revenue, revenue_flaw) = optional(json, "revenue", Cents::from_json);
    let (quantity, quantity_flaw) = optional(json, "quantity", quantity);
    Ok((Facts { id, at, now: None, revenue, quantity }, revenue_flaw.or(quantity_flaw)))
}

/// For settings: facts that are there must be of use, but none need be there.
fn read_optional_facts(json: &Members<'_>) -> Result<(), Reason> {
    let invalid = |about| Reason::new(Code::InvalidConversion, about);
    if json.get("id").is_some_and(|id| id.text().is_none_or(|id| id.is_empty())) {
        return Err(invalid("id"));
    }
    if json.get_or_null("at").is_some_and(|at| Time::from_json(at).is_none()) {
        return Err(invalid("at"));
    }
    let (_, revenue) = optional(json, "revenue", Cents::from_json);
    let (_, quantity) = optional(json, "quantity", quantity);
    revenue.or(quantity).map_or(Ok(()), Err)
}

fn optional<T>(
    json: &Members<'_>,
    name: &'static str,
    parse: impl Fn(Json<'_>) -> Option<T>,
) -> (Option<T>, Option<Reason>) {
    match json.get_or_null(name) {
        None => (None, None),
        Some(value) => match parse(value) {
            Some(value) => (Some(value), None),
            None => (None, Some(Reason::new(Code::InvalidConversion, name))),
        },
    }
}

/// A whole number of products.
fn quantity(json: Json<'_>) -> Option<u64> {
    Id::parse(json.number()?).map(Id::number).filter(|number| *number <= Id::MAX_SAFE)
}
