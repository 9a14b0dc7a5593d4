//! Stash: a visitor context as a short token, and back.
//!
//! ```text
//! token    = "A" base64url( version length body checksum )
//! version  = 1 byte: 1
//! length   = LEB128: bytes of the body
//! body     = *( tag length value )           tags ascending, each at most once
//! checksum = 4 bytes, most significant first: CRC-32 (IEEE 802.3) of all bytes before it
//! ```
//! `docs/token.md` has the whole grammar with golden tokens. A token says the same thing in one way only: what could be said
//! in another way is refused where it is read. Everything in a token is hostile input; it is not signed and never chooses
//! where anything is sent. Version 1 decodes for ever.

mod envelope;

use crate::{
    platform::{Optimizely, Platform},
    values::{
        bits::Bits,
        fields::{Walker, tag},
        id::insert_sorted,
        problem::{Code, Error, Problem},
        text::parts,
        time::Time,
    },
    visitor::VisitorContext,
};
use alloc::{string::String, vec::Vec};

/// The context as one token; empty where no platform knows the visitor.
#[must_use]
pub fn stash(context: &VisitorContext) -> String {
    let mut token = String::new();
    push_tokens(&mut token, &mut sorted(context), usize::MAX);
    token
}

/// The same token, cut to fit fields of that many characters. Fields of less than 40 are taken as 40.
#[must_use]
pub fn stash_parts(context: &VisitorContext, max_length: usize) -> Vec<String> {
    let mut tokens = String::new();
    push_tokens(&mut tokens, &mut sorted(context), max_length);
    parts(&tokens, b' ').filter(|token| !token.is_empty()).map(String::from).collect()
}

/// A copy whose lists of pairs are sorted, as those of a context read from a page or from JSON are, and in which nobody is
/// unknown.
fn sorted(context: &VisitorContext) -> VisitorContext {
    let mut context = context.clone();
    for (tracker, id) in core::mem::take(&mut context.call_trackers) {
        insert_sorted(&mut context.call_trackers, tracker, id);
    }
    context.optimizely = context.optimizely.filter(Optimizely::is_somebody);
    if let Some(visitor) = &mut context.optimizely {
        for (segment, value) in core::mem::take(&mut visitor.segments) {
            insert_sorted(&mut visitor.segments, segment, value);
        }
    }
    context
}

/// Appends the token; in parts, with spaces between them, where it is longer than that. (Writing walks over the context as
/// reading does, so it wants one that it may fill; it fills it with what was there.)
pub(crate) fn push_tokens(out: &mut String, context: &mut VisitorContext, max_length: usize) {
    if context.is_known() {
        let mut bits = Bits::writer();
        code(&mut bits, context);
        envelope::push_tokens(out, &bits.written(), max_length);
    }
}

/// The context of a token, given whole or in its parts, in any order; empty texts among them do not count.
///
/// # Errors
/// `malformed-stash`, `truncated-stash`, `unknown-version`, `missing-part`, `mixed-parts`.
pub fn unstash<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Result<VisitorContext, Error> {
    let mut context = VisitorContext::default();
    match unstash_into(&mut context, tokens) {
        Ok(()) => Ok(context),
        Err(code) => Err(Error::new(code, "")),
    }
}

/// Fills a context that is empty; on failure something may be in it.
pub(crate) fn unstash_into<'a>(
    context: &mut VisitorContext,
    tokens: impl IntoIterator<Item = &'a str>,
) -> Result<(), Code> {
    envelope::open(tokens, |token| read(token, context))
}

/// What the bytes of a token say, version and all. Do they make sense?
fn read(token: Vec<u8>, context: &mut VisitorContext) -> bool {
    // Version, length and body stand as tag, length and value do.
    let mut bits = Bits::reader(token);
    let mut has_others = bits.open(0, false);
    code(&mut bits, context);
    has_others |= bits.others(tag::PART);
    if has_others {
        Problem::of_page(Code::UnknownSection).report(&mut context.problems);
    }
    // A context without anybody is no token, unless a later release knows somebody.
    bits.made_sense() && (has_others || context.is_known())
}

/// Writes the sections of a context, or reads them into it.
fn code(bits: &mut Bits, context: &mut VisitorContext) {
    let day = context.captured_at.day();
    if bits.open(tag::DAY, day > 0) {
        let day = Time::from_day(bits.number(day));
        bits.close();
        context.captured_at = day.unwrap_or_default();
        // Where nobody knows the day, nobody says so.
        bits.refuse_unless(context.captured_at.day() > 0);
    }
    context.walk(&mut Walker::Token(bits));
    if let Some(visitor) = &mut context.optimizely
        && bits.open(tag::DECISIONS, !visitor.decisions.is_empty())
    {
        bits.decisions(&mut visitor.decisions);
        bits.close();
    }
    if bits.open(tag::CALL_TRACKERS, !context.call_trackers.is_empty()) {
        bits.pairs(&mut context.call_trackers);
        bits.close();
    }
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
