//! Optimizely Classic's event URL.
//!
//! ```text
//! GET https://<project>.log.optimizely.com/event
//!     ?a=<project>&d=<account>&n=<event>&u=<visitor>[&x<experiment>=<variation>…][&s<segment>=<value>…]
//!     [&v=<cents>][&time=<seconds>][&y=<anonymize ip>]
//! ```
//! The vendor's "Create an offline conversion" prints `a=<account>` and no `d`. That was a slip of the document, which
//! Optimizely corrected itself on 2016-05-06 ("Fixing offline converesion documentation", its developer site's commits
//! ed7f33c and f4b0782): `a` is the project, `d` the account. `https`, `x`, `s`, `v` and `time` are as that site's
//! `events/api` has them.

use super::Optimizely;
use crate::{
    platform::Told,
    values::{
        id::Id,
        idempotency::IdempotencyKey,
        money::Cents,
        percent,
        problem::{Code, PlatformName},
        request::{Drafts, Endpoint, Refused, Repeat},
        template::Form,
        text::{self, UNRESERVED, is},
        time::Time,
    },
};

const PLATFORM: PlatformName = PlatformName::Optimizely;

static ENDPOINT: Endpoint = Endpoint { platform: PLATFORM, format: None, limit: 0 };

pub(super) fn request(
    told: &Told<'_, Optimizely>,
    account: Id,
    project: Id,
    key: &IdempotencyKey,
    drafts: &mut Drafts,
) -> Result<(), Refused> {
    let Told { visitor, goal, facts, .. } = *told;
    facts.expect_positive_revenue(drafts)?;
    let user = visitor.counted_by(drafts)?;
    let mut form = Form::new("https://@.log.optimizely.com/event?a=@&d=@&n=@&u=@");
    form.id(project);
    form.id(project);
    form.id(account);
    form.text(&*goal.event);
    form.text(user.as_str());
    for (experiment, variations) in visitor.experiments.iter() {
        form.then("&x@=@");
        form.id(experiment);
        form.ids(variations, "_");
    }
    for (segment, value) in &visitor.segments {
        form.then("&s@=@");
        form.id(*segment);
        if is_fit(value) {
            form.raw(&**value);
        } else {
            form.text(&**value);
        }
    }
    form.then("&v=@&time=@&y=@");
    form.amount(facts.revenue, Cents::push_cents);
    form.number(facts.at.map(Time::seconds));
    form.flag(goal.anonymize_ip);
    if percent::decode(&goal.event).is_some_and(|decoded| decoded != goal.event) {
        drafts.warn(Code::LooksEncoded, "event");
    }
    // The event's id is none of these: it says of the same event how the other interface calls it, and an account may have
    // visitors of both.
    drafts.warn_unsupported(goal.tags.is_some(), "tags");
    drafts.warn_unsupported(goal.attributes.is_some(), "attributes");
    drafts.warn_unsupported(goal.revision.is_some(), "revision");
    drafts.add(&ENDPOINT, &mut form, key, Repeat::CountsTwice);
    Ok(())
}

/// Optimizely stores segment values percent-encoded and sends them as they are; a value that is not fit for a URL was
/// stored by somebody else and is encoded here.
fn is_fit(value: &str) -> bool {
    text::all(value, |byte| *byte == b'%' || is(*byte, UNRESERVED)) && percent::decode(value).is_some()
}
