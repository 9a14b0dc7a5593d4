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

use super::{Goal, Visitor};
use crate::{
    platform::{Facts, account_and_project},
    values::{
        id::{self, Id},
        idempotency::IdempotencyKey,
        percent,
        problem::{Code, PlatformName, Reason},
        request::{Draft, Drafts, Repeat, Url},
        text::{UNRESERVED, is},
    },
};
use alloc::string::String;

const PLATFORM: PlatformName = PlatformName::Optimizely;

pub(super) fn request(
    visitor: &Visitor,
    account: Id,
    project: Id,
    goal: &Goal,
    facts: &Facts,
    drafts: &mut Drafts,
) -> Result<(), Reason> {
    let revenue = facts.positive_revenue()?;
    let user = visitor.counted_by()?;
    let mut url = Url::new(&["https://", &project.text(), ".log.optimizely.com/event"]);
    url.id("a", project);
    url.id("d", account);
    url.text("n", &goal.event);
    url.text("u", user.as_str());
    for (experiment, variations) in visitor.experiments.iter() {
        id::push_joined(url.name(&name("x", experiment)), variations, "_");
    }
    for (segment, value) in &visitor.segments {
        push_segment(url.name(&name("s", *segment)), value);
    }
    if let Some(revenue) = revenue {
        revenue.push_cents(url.name("v"));
    }
    if let Some(at) = facts.at {
        url.number("time", at.seconds());
    }
    if let Some(anonymize) = goal.anonymize_ip {
        url.text("y", if anonymize { "true" } else { "false" });
    }
    if percent::decode(&goal.event).is_some_and(|decoded| decoded != goal.event) {
        drafts.warn(PLATFORM, Code::LooksEncoded, "event");
    }
    for option in &goal.events_only {
        drafts.warn(PLATFORM, Code::UnsupportedOption, option);
    }
    drafts.requests.push(Draft {
        platform: PLATFORM,
        url: url.finish(),
        post: None,
        key: IdempotencyKey::new(PLATFORM.name(), &account_and_project(account, project), "", &goal.event, &facts.id),
        repeat: Repeat::CountsTwice,
    });
    Ok(())
}

/// `x12`, `s34`
fn name(letter: &str, id: Id) -> String {
    let mut out = String::from(letter);
    id.push_to(&mut out);
    out
}

/// Optimizely stores segment values percent-encoded and sends them as they are; a value that is not fit for a URL was
/// stored by somebody else and is encoded here.
fn push_segment(out: &mut String, value: &str) {
    let fit = value.bytes().all(|byte| byte == b'%' || is(byte, UNRESERVED));
    if fit && percent::decode(value).is_some() {
        out.push_str(value);
    } else {
        percent::encode(out, value);
    }
}
