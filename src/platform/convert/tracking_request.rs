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
        id::Id,
        problem::Reason,
        template::{Value, fill, filled, maybe},
        text,
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

    let mut url = filled(
        "https://@.track.convertexperiments.com/track/?c=@&p=@",
        &[Value::Id(project), Value::Id(account), Value::Id(project)],
    );
    let mut before = "&e=@";
    for experience in &experiences {
        let seen = maybe(visitor.experiences.get(*experience).filter(|ids| !ids.is_empty()), dotted);
        let hit = maybe(visitor.goals.get(*experience).filter(|ids| !ids.is_empty()), dotted);
        fill(&mut url, before, &[Value::Number(experience.number())]);
        fill(&mut url, "-@-@", &[seen, hit]);
        before = ",@";
    }
    if !experiences.is_empty() {
        fill(&mut url, "&ea=@", &[Value::Number(u64::try_from(seen_now).unwrap_or(0))]);
    }
    if !goals.is_empty() {
        let hit_now = Value::Number(u64::try_from(counted.hit_now).unwrap_or(0));
        fill(&mut url, "&g=@&ga=@", &[Value::Ids(goals, ","), hit_now]);
    }
    if let Some(transaction) = counted.transaction {
        // Whether Convert's server reads them encoded is not known, and raw they would end the id too early.
        if transaction.id.is_some_and(|id| !text::all(id, |byte| !matches!(byte, b'|' | b'&' | b'#'))) {
            return Err(invalid("transaction.id"));
        }
        let id = maybe(transaction.id, Value::Text);
        let products = Value::Number(told.facts.quantity.unwrap_or(1));
        fill(&mut url, "&t=@|@|@|@", &[dotted(transaction.goals), id, Value::Fixed(transaction.amount), products]);
    } else if experiences.is_empty() && goals.is_empty() {
        return Err(invalid("goalIds"));
    }
    Ok(url)
}

/// Ids with a point between them.
fn dotted(ids: &[Id]) -> Value<'_> {
    Value::Ids(ids, ".")
}
