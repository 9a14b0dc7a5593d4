//! Convert's tracking request.
//!
//! ```text
//! GET https://<project>.track.convertexperiments.com/track/?c=<account>&p=<project>
//!     [&e=<experience>-<variation>[-<goal>.<goal>…],…&ea=<seen now>][&g=<goal>,…&ga=<hit now>]
//!     [&t=<goal>.…|[<transaction>|]<value>|<products>]
//! ```
//! The first `ea` of `e` and the first `ga` of `g` are new, so what is new stands first. `t` fires no conversion: its
//! goal must stand in `g` too. There is no visitor in it, and no time. Sources: the vendor's document "Convert: Tracking
//! Request Structure (Advanced Integrations)"; its host and path, missing there, are those of the vendor's article
//! 205160045. A newer revision of that article has `t` without the transaction: both are on offer.

use super::{Convert, TransactionId};
use crate::{
    platform::{Told, account_and_project},
    values::{
        id::{self, Id, insert_sorted},
        idempotency::IdempotencyKey,
        percent,
        problem::{Code, PlatformName, Reason},
        request::{Draft, Drafts, Repeat, Url},
    },
};
use alloc::{string::String, vec::Vec};

const PLATFORM: PlatformName = PlatformName::Convert;

pub(super) fn request(told: &Told<'_, Convert>, account: Id, project: Id, drafts: &mut Drafts) -> Result<(), Reason> {
    let invalid = |about| Reason::new(Code::InvalidConversion, about);
    let (visitor, goal) = (told.visitor, told.goal);

    let known = super::unique(visitor.goals.iter().flat_map(|(_, goals)| goals).copied().collect());
    let (mut goals, mut counted): (Vec<Id>, Vec<Id>) =
        goal.goals.iter().partition(|id| goal.repeat || !known.contains(id));
    let hit_now = goals.len();
    let again = !counted.is_empty();
    counted.extend(goal.past_goals.as_ref().unwrap_or(&known));
    goals.extend(counted);
    let goals = super::unique(goals);

    let mut experiences = goal.first_view_of.clone();
    if experiences.iter().any(|id| visitor.experiences.get(*id).is_none()) {
        return Err(invalid("firstViewOf"));
    }
    let seen_now = experiences.len();
    experiences.extend(visitor.experiences.iter().map(|(id, _)| id));
    let experiences = super::unique(experiences);

    let mut url = Url::new(&["https://", &project.text(), ".track.convertexperiments.com/track/"]);
    url.id("c", account);
    url.id("p", project);
    if !experiences.is_empty() {
        let out = url.name("e");
        for (index, experience) in experiences.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            experience.push_to(out);
            let hit = visitor.goals.get(*experience).unwrap_or(&[]);
            for ids in [visitor.experiences.get(*experience).unwrap_or(&[]), hit] {
                if !ids.is_empty() {
                    out.push('-');
                    id::push_joined(out, ids, ".");
                }
            }
        }
        url.number("ea", u64::try_from(seen_now).unwrap_or(0));
    }
    if !goals.is_empty() {
        id::push_joined(url.name("g"), &goals, ",");
        url.number("ga", u64::try_from(hit_now).unwrap_or(0));
    }
    if let Some(revenue) = told.facts.positive_revenue()? {
        let goals = goal.transaction.goals.as_ref().unwrap_or(&goal.goals);
        if goals.is_empty() {
            return Err(invalid("transaction.goalIds"));
        }
        let own = TransactionId::parse(&told.facts.id);
        let out = url.name("t");
        id::push_joined(out, goals, ".");
        out.push('|');
        if !goal.transaction.without_id {
            let id = goal.transaction.id.as_ref().or(own.as_ref()).ok_or(invalid("transaction.id"))?;
            percent::encode(out, id.as_str());
            out.push('|');
        }
        revenue.push_fixed(out);
        out.push('|');
        id::push_number(out, told.facts.quantity.unwrap_or(1));
    } else if goal.transaction.named {
        return Err(invalid("revenue"));
    } else if experiences.is_empty() && goals.is_empty() {
        return Err(invalid("goalIds"));
    }
    if again {
        drafts.warn(PLATFORM, Code::AlreadyCounted, "goalIds");
    }
    told.facts.warn_counted_at_arrival(PLATFORM, drafts);

    // Which goals were hit is what counts, not in which order they were named.
    let mut sorted = Vec::new();
    for id in &goal.goals {
        insert_sorted(&mut sorted, *id, ());
    }
    let mut counted = String::new();
    for (id, ()) in sorted {
        id.push_to(&mut counted);
        counted.push(',');
    }
    drafts.requests.push(Draft {
        platform: PLATFORM,
        url: url.finish(),
        post: None,
        key: IdempotencyKey::new(PLATFORM.name(), &account_and_project(account, project), "", &counted, &told.facts.id),
        repeat: Repeat::CountsTwice,
    });
    Ok(())
}
