//! What a conversion counts at Convert, whichever interface is told of it.

use super::{Convert, TransactionId, unique};
use crate::{
    platform::Told,
    values::{
        id::{Id, insert_sorted},
        money::Cents,
        problem::{Code, Reason},
    },
};
use alloc::{string::String, vec::Vec};

/// What a conversion counts.
#[derive(Debug)]
pub(super) struct Counted<'a> {
    /// Goals hit now.
    pub goals: Vec<Id>,
    /// Goals that it names although the visitor hit them before: they do not count again.
    pub again: Vec<Id>,
    /// Goals hit before.
    pub past_goals: Vec<Id>,
    /// The transaction, where there is revenue.
    pub transaction: Option<Booking<'a>>,
}

/// A transaction.
#[derive(Debug)]
pub(super) struct Booking<'a> {
    /// Goals that the amount belongs to: at least one.
    pub goals: &'a [Id],
    /// Its id, unless that is left out.
    pub id: Option<TransactionId>,
    /// What it is worth.
    pub amount: Cents,
}

impl<'a> Counted<'a> {
    /// What there is to count.
    ///
    /// # Errors
    /// `invalid-conversion` where the visitor never saw an experience that is named, or where a transaction lacks
    /// something.
    pub fn of(told: &Told<'a, Convert>) -> Result<Self, Reason> {
        let (visitor, goal) = (told.visitor, told.goal);
        let known = unique(visitor.goals.iter().flat_map(|(_, goals)| goals).copied().collect());
        let past = goal.past_goals.as_deref();
        let hit_before = |id| known.contains(id) || past.unwrap_or_default().contains(id);
        let (goals, again) = goal.goals.iter().partition(|id| goal.repeat || !hit_before(id));
        if goal.first_view_of.iter().any(|id| visitor.experiences.get(*id).is_none()) {
            return Err(invalid("firstViewOf"));
        }
        let past_goals = past.map_or(known, Vec::from);
        Ok(Counted { goals, again, past_goals, transaction: transaction(told)? })
    }
}

fn transaction<'a>(told: &Told<'a, Convert>) -> Result<Option<Booking<'a>>, Reason> {
    let (goal, facts) = (told.goal, told.facts);
    let named = &goal.transaction;
    let Some(amount) = facts.positive_revenue()? else {
        return if named.named { Err(invalid("revenue")) } else { Ok(None) };
    };
    let goals = named.goals.as_ref().unwrap_or(&goal.goals);
    if goals.is_empty() {
        return Err(invalid("transaction.goalIds"));
    }
    let mut id = None;
    if !named.without_id {
        id = named.id.clone().or_else(|| TransactionId::parse(&facts.id));
        if id.is_none() {
            return Err(invalid("transaction.id"));
        }
    }
    Ok(Some(Booking { goals, id, amount }))
}

pub(super) fn invalid(about: &'static str) -> Reason {
    Reason::new(Code::InvalidConversion, about)
}

/// The goals that a conversion names, as its idempotency key has them: which were hit is what counts, not in which order
/// they were named.
pub(super) fn key_goals(goals: &[Id]) -> String {
    let mut sorted = Vec::new();
    for id in goals {
        insert_sorted(&mut sorted, *id, ());
    }
    let mut out = String::new();
    for (id, ()) in sorted {
        id.push_to(&mut out);
        out.push(',');
    }
    out
}
