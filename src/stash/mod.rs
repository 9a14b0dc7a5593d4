//! Stash: a visitor context as a short token, and back.
//!
//! ```text
//! token    = "A" base64url( version length body checksum )
//! version  = 1 byte: 1
//! length   = LEB128: bytes of the body
//! body     = *( tag length value )           tags ascending, each at most once
//! checksum = 4 bytes, most significant first: CRC-32 (IEEE 802.3) of all bytes before it
//! ```
//! `docs/token.md` has the whole grammar with golden tokens. A token says the same thing in one way only: reading ends
//! with writing again what was read, and what is not byte for byte the same is refused. Everything in a token is hostile
//! input; it is not signed and never chooses where anything is sent. Version 1 decodes for ever.

mod bits;
mod envelope;
mod sections;

use crate::{
    platform::{Convert, Kameleoon, Optimizely, Platform, Vwo},
    values::{
        id::insert_sorted,
        problem::{Code, Error, Problem},
        time::Time,
    },
    visitor::VisitorContext,
};
use alloc::{string::String, vec::Vec};
use bits::Bits;

// The tags. None is ever used for anything else.
const DAY: u8 = 1;
const OPTIMIZELY: u8 = 2;
const VWO: u8 = 3;
const KAMELEOON: u8 = 4;
const CONVERT: u8 = 5;
const DECISIONS: u8 = 6;
const CALL_TRACKERS: u8 = 7;
/// A part of a token: the checksum of the whole, then which part of how many it is, then its bytes.
const PART: u8 = 8;

/// The context as one token; empty where no platform knows the visitor.
#[must_use]
pub fn stash(context: &VisitorContext) -> String {
    token_in_parts(&mut sorted(context), usize::MAX).pop().unwrap_or_default()
}

/// The same token, cut to fit fields of that many characters. Fields of less than 40 are taken as 40.
#[must_use]
pub fn stash_parts(context: &VisitorContext, max_length: usize) -> Vec<String> {
    token_in_parts(&mut sorted(context), max_length)
}

/// A copy whose lists of pairs are sorted, as those of a context read from a page or from JSON are.
fn sorted(context: &VisitorContext) -> VisitorContext {
    let mut context = context.clone();
    for (tracker, id) in core::mem::take(&mut context.call_trackers) {
        insert_sorted(&mut context.call_trackers, tracker, id);
    }
    if let Some(visitor) = &mut context.optimizely {
        for (segment, value) in core::mem::take(&mut visitor.segments) {
            insert_sorted(&mut visitor.segments, segment, value);
        }
    }
    context
}

/// The token, in parts where it is longer than that. (Writing walks over the context as reading does, so it wants one that
/// it may fill; it fills it with what was there.)
pub(crate) fn token_in_parts(context: &mut VisitorContext, max_length: usize) -> Vec<String> {
    if !context.is_known() {
        return Vec::new();
    }
    let sections = sections_of(context);
    let token = envelope::seal(&sections);
    if token.len() <= max_length { Vec::from([token]) } else { envelope::split(&sections, max_length.max(40)) }
}

/// The context of a token, given whole or in its parts, in any order; empty texts among them do not count.
///
/// # Errors
/// `malformed-stash`, `truncated-stash`, `unknown-version`, `missing-part`, `mixed-parts`.
pub fn unstash<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Result<VisitorContext, Error> {
    let mut context = VisitorContext::default();
    let mut ours = Vec::new();
    let malformed = Error::new(Code::MalformedStash, "");
    for (tag, value) in envelope::open(tokens)? {
        if tag == 0 || tag > CALL_TRACKERS {
            Problem::of_page(Code::UnknownSection).report(&mut context.problems);
        } else if code(&mut Bits::reader(&value), tag, &mut context).is_some() {
            ours.push((tag, value));
        } else {
            return Err(malformed);
        }
    }
    // What reads well but would be written differently is a second token for one context. A context without anybody is
    // no token, unless a later release knows somebody.
    let known = context.is_known() || !context.problems.is_empty();
    if known && ours == sections_of(&mut context) { Ok(context) } else { Err(malformed) }
}

/// The sections of a context, tags ascending.
fn sections_of(context: &mut VisitorContext) -> Vec<envelope::Section> {
    let mut sections = Vec::new();
    for tag in DAY..=CALL_TRACKERS {
        let there = match tag {
            DAY => context.captured_at.day() > 0,
            OPTIMIZELY => context.optimizely.as_ref().is_some_and(Optimizely::is_somebody),
            VWO => context.vwo.as_ref().is_some_and(Vwo::is_somebody),
            KAMELEOON => context.kameleoon.as_ref().is_some_and(Kameleoon::is_somebody),
            CONVERT => context.convert.as_ref().is_some_and(Convert::is_somebody),
            DECISIONS => context.optimizely.as_ref().is_some_and(|visitor| !visitor.decisions.is_empty()),
            _ => !context.call_trackers.is_empty(),
        };
        let mut bits = Bits::writer();
        if there && code(&mut bits, tag, context).is_some() {
            sections.push((tag, bits.finish()));
        }
    }
    sections
}

/// Writes the section of that tag out of the context, or reads it into the context; nothing where it makes no sense.
fn code(bits: &mut Bits, tag: u8, context: &mut VisitorContext) -> Option<()> {
    fn walk<P: Platform>(bits: &mut Bits, visitor: &mut Option<P::Visitor>) {
        let mut section = sections::Section { bits, keys: Vec::new() };
        P::walk(visitor.get_or_insert_default(), &mut section);
    }
    match tag {
        DAY => context.captured_at = Time::from_day(bits.number(context.captured_at.day()))?,
        OPTIMIZELY => walk::<Optimizely>(bits, &mut context.optimizely),
        VWO => walk::<Vwo>(bits, &mut context.vwo),
        KAMELEOON => walk::<Kameleoon>(bits, &mut context.kameleoon),
        CONVERT => walk::<Convert>(bits, &mut context.convert),
        DECISIONS => Optimizely::walk(context.optimizely.as_mut()?, &mut sections::Decisions(bits)),
        _ => context.call_trackers = sections::call_trackers(bits, &context.call_trackers),
    }
    bits.made_sense().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::id::Id;

    #[test]
    fn a_number_that_javascript_does_not_hold_is_not_in_a_token() {
        let visitor = |session: Option<u64>| VisitorContext {
            vwo: Some(crate::platform::vwo::Visitor {
                uuid: crate::platform::vwo::WebUuid::parse("D11BD6ED27A63F845ADFCBA2D9AA7835C"),
                session: session.map(|session| Id::from_number(session).unwrap()),
                ..Default::default()
            }),
            ..VisitorContext::default()
        };
        assert_eq!(stash(&visitor(Some(1 << 53))), stash(&visitor(None)));
        assert_ne!(stash(&visitor(Some((1 << 53) - 1))), stash(&visitor(None)));

        // Its VWO section says the session 347189110563176848.
        let token = "AAZABAQM9EpACLrvCYlTDctyEdSz9OssU53DRsZk3Y5DpcRyHS5uxyF1ujkLren5JRDvpPH4UU4gDGtEb1u0npr-EJ9_LotmqeDXIj-zRdqgV\
            AIGQBCGAqvtTmvmzk5NDW3Nja5NpuzO5myM0i5THDxOOD4yD8TAFGssCCniJh1LjYTEvR2SEgk3fYXo7d9xtPw_A1n7krg";
        assert_eq!(unstash([token]), Err(Error::new(Code::MalformedStash, "")));
    }

    #[test]
    fn what_a_caller_put_in_another_order_is_the_same_token() {
        let visitor = |segments: [(u64, &str); 2]| VisitorContext {
            optimizely: Some(crate::platform::optimizely::Visitor {
                end_user_id: crate::platform::optimizely::EndUserId::parse("oeu1"),
                segments: segments.map(|(id, value)| (Id::from_number(id).unwrap(), value.into())).into(),
                ..Default::default()
            }),
            ..VisitorContext::default()
        };
        let token = stash(&visitor([(2, "b"), (10, "a")]));
        assert_eq!(stash(&visitor([(10, "a"), (2, "b")])), token);
        assert_eq!(unstash([token.as_str()]), Ok(visitor([(2, "b"), (10, "a")])));
    }
}
