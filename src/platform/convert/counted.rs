//! What a conversion counts at Convert, whichever interface is told of it.

use super::{Convert, TransactionId, add_new, is_transaction_id};
use crate::{
    platform::{Told, account_id},
    values::{
        id::Id,
        money::Cents,
        request::{Drafts, Refused},
        room,
    },
};
use alloc::{string::String, vec::Vec};

/// What a conversion counts, and where.
#[derive(Debug)]
pub(super) struct Counted<'a> {
    /// The account.
    pub account: Id,
    /// The project.
    pub project: Id,
    /// Goals, each once: those hit now, then those that it names although they were hit before, then the others of before.
    pub goals: Vec<Id>,
    /// How many of them were hit now.
    pub hit_now: usize,
    /// How many it names.
    named: usize,
    /// The transaction, where there is revenue.
    pub transaction: Option<Booking<'a>>,
}

/// A transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booking<'a> {
    /// Goals that the amount belongs to: at least one.
    pub goals: &'a [Id],
    /// Its id, unless that is left out.
    pub id: Option<&'a str>,
    /// What it is worth.
    pub amount: Cents,
}

impl<'a> Counted<'a> {
    /// What there is to count.
    ///
    /// # Errors
    /// `account-mismatch` or `no-account`; `invalid-conversion` where the visitor never saw an experience that is named, or
    /// where a transaction lacks something.
    pub fn of(told: &Told<'a, Convert>, drafts: &mut Drafts) -> Result<Self, Refused> {
        let (named, visitor, goal, here) = (told.account, told.visitor, told.goal, told.captured_here);
        let account = account_id(named.account, visitor.account, here, "accountId", drafts)?;
        let project = account_id(named.project, visitor.project, here, "projectId", drafts)?;
        if goal.first_view_of.iter().any(|id| visitor.experiences.get(*id).is_none()) {
            return Err(drafts.refuse_invalid("firstViewOf"));
        }
        let transaction = transaction(told, drafts)?;

        let mut known = Vec::new();
        for (_, goals) in visitor.goals.iter() {
            known.extend_from_slice(goals);
        }
        let past = goal.past_goals.as_ref().unwrap_or(&known);
        let mut goals = Vec::new();
        for id in &goal.goals {
            if goal.repeat || !known.contains(id) && !past.contains(id) {
                goals.push(*id);
            }
        }
        let hit_now = goals.len();
        add_new(&mut goals, &goal.goals);
        add_new(&mut goals, past);
        Ok(Counted { account, project, goals, hit_now, named: goal.goals.len(), transaction })
    }

    /// Does it name goals that were hit before? They do not count again.
    pub fn again(&self) -> bool {
        self.hit_now < self.named
    }

    /// The goals hit now.
    pub fn hit_now(&self) -> &[Id] {
        self.goals.get(..self.hit_now).unwrap_or(&[])
    }
}

fn transaction<'a>(told: &Told<'a, Convert>, drafts: &mut Drafts) -> Result<Option<Booking<'a>>, Refused> {
    let (goal, facts) = (told.goal, told.facts);
    let named = &goal.transaction;
    facts.expect_positive_revenue(drafts)?;
    let Some(amount) = facts.revenue else {
        return if named.named { Err(drafts.refuse_invalid("revenue")) } else { Ok(None) };
    };
    let goals = named.goals.as_ref().unwrap_or(&goal.goals);
    if goals.is_empty() {
        return Err(drafts.refuse_invalid("transaction.goalIds"));
    }
    let id = named.id.as_ref().map_or(facts.id.as_str(), TransactionId::as_str);
    if !named.without_id && !is_transaction_id(id) {
        return Err(drafts.refuse_invalid("transaction.id"));
    }
    Ok(Some(Booking { goals, id: (!named.without_id).then_some(id), amount }))
}

/// The goals that a conversion names, as its idempotency key has them: which were hit is what counts, not in which order
/// they were named.
pub(super) fn key_goals(goals: &[Id]) -> String {
    let mut out = room::text(40);
    let mut last = None;
    loop {
        let mut next = None;
        for id in goals {
            if Some(*id) > last && next.is_none_or(|next| *id < next) {
                next = Some(*id);
            }
        }
        let Some(id) = next else { return out };
        id.push_to(&mut out);
        out.push(',');
        last = next;
    }
}
