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

use super::{
    Convert,
    counted::{Counted, invalid},
    unique,
};
use crate::{
    platform::Told,
    values::{
        id::{self, Id},
        percent,
        problem::Reason,
        request::Url,
    },
};
use alloc::string::String;

pub(super) fn url(told: &Told<'_, Convert>, counted: &Counted<'_>, account: Id, project: Id) -> Result<String, Reason> {
    let visitor = told.visitor;
    let goals = &counted.goals;

    let mut experiences = told.goal.first_view_of.clone();
    let seen_now = experiences.len();
    experiences.extend(visitor.experiences.iter().map(|(id, _)| id));
    let experiences = unique(experiences);

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
        id::push_joined(url.name("g"), goals, ",");
        url.number("ga", u64::try_from(counted.hit_now).unwrap_or(0));
    }
    if let Some(transaction) = counted.transaction {
        let out = url.name("t");
        id::push_joined(out, transaction.goals, ".");
        out.push('|');
        if let Some(id) = transaction.id {
            // Whether Convert's server reads them encoded is not known, and raw they would end the id too early.
            if id.bytes().any(|byte| matches!(byte, b'|' | b'&' | b'#')) {
                return Err(invalid("transaction.id"));
            }
            percent::encode(out, id);
            out.push('|');
        }
        transaction.amount.push_fixed(out);
        out.push('|');
        id::push_number(out, told.facts.quantity.unwrap_or(1));
    } else if experiences.is_empty() && goals.is_empty() {
        return Err(invalid("goalIds"));
    }
    Ok(url.finish())
}
