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

use super::{Convert, add_new, counted::Counted};
use crate::{
    platform::Told,
    values::{
        idempotency::IdempotencyKey,
        money::Cents,
        problem::PlatformName,
        request::{Drafts, Endpoint, Refused, Repeat},
        template::Form,
        text::{all, behind},
    },
};
use alloc::vec::Vec;

static ENDPOINT: Endpoint = Endpoint { platform: PlatformName::Convert, format: None, limit: 0 };

const URL: &str = "https://@.track.convertexperiments.com/track/?c=@&p=@&e=@&ea=@&g=@&ga=@&t=@|@|@|@";

pub(super) fn add(
    told: &Told<'_, Convert>,
    counted: &Counted<'_>,
    key: &IdempotencyKey,
    drafts: &mut Drafts,
) -> Result<(), Refused> {
    let (visitor, goals) = (told.visitor, &counted.goals);

    let mut ids = Vec::new();
    add_new(&mut ids, &told.goal.first_view_of);
    let seen_now = u64::try_from(ids.len()).ok();
    for (id, _) in visitor.experiences.iter() {
        add_new(&mut ids, &[id]);
    }
    let mut experiences = Form::new("");
    for id in ids {
        experiences.then(",@-@-@");
        experiences.number(id.number());
        experiences.ids(visitor.experiences.get(id), ".");
        experiences.ids(visitor.goals.get(id), ".");
    }
    let experiences = experiences.finish();
    let experiences = behind(&experiences, b',');

    let mut form = Form::new(URL);
    form.id(counted.project);
    form.id(counted.account);
    form.id(counted.project);
    form.raw(experiences);
    form.number(experiences.and(seen_now));
    form.ids(&**goals, ",");
    form.number(u64::try_from(counted.hit_now).ok().filter(|_| !goals.is_empty()));
    if let Some(transaction) = counted.transaction {
        // Whether Convert's server reads them encoded is not known, and raw they would end the id too early.
        if transaction.id.is_some_and(|id| !all(id, |byte| !matches!(byte, b'|' | b'&' | b'#'))) {
            return Err(drafts.refuse_invalid("transaction.id"));
        }
        form.ids(transaction.goals, ".");
        form.text(transaction.id);
        form.amount(transaction.amount, Cents::push_fixed);
        form.number(told.facts.quantity.unwrap_or(1));
    } else if experiences.is_none() && goals.is_empty() {
        return Err(drafts.refuse_invalid("goalIds"));
    }
    drafts.add(&ENDPOINT, &mut form, key, Repeat::CountsTwice);
    Ok(())
}
