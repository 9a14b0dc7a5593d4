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
    values::{
        problem::{Code, Error, Problem},
        time::Time,
    },
    visitor::{VisitorContext, known},
};
use alloc::{string::String, vec::Vec};
use bits::Bits;
use envelope::Section;

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
    if context.is_known() { envelope::seal(&sections_of(context)) } else { String::new() }
}

/// The same token, cut to fit fields of that many characters. Fields of less than 40 are taken as 40.
#[must_use]
pub fn stash_parts(context: &VisitorContext, max_length: usize) -> Vec<String> {
    let token = stash(context);
    if token.is_empty() {
        return Vec::new();
    }
    if token.len() <= max_length {
        return alloc::vec![token];
    }
    envelope::split(&sections_of(context), max_length.max(40))
}

/// The context of a token, given whole or in its parts, in any order; empty texts among them do not count.
///
/// # Errors
/// `malformed-stash`, `truncated-stash`, `unknown-version`, `missing-part`, `mixed-parts`.
pub fn unstash<'a>(tokens: impl IntoIterator<Item = &'a str>) -> Result<VisitorContext, Error> {
    let sections = envelope::open(tokens)?;
    let mut context = VisitorContext::default();
    let mut known_sections: Vec<Section> = Vec::new();
    for (tag, value) in sections {
        match read(&mut context, tag, &value) {
            Some(true) => known_sections.push((tag, value)),
            Some(false) => context.problems.push(Problem::of_page(Code::UnknownSection)),
            None => return Err(Error::new(Code::MalformedStash, "")),
        }
    }
    if context.is_known() && known_sections == sections_of(&context) {
        Ok(context)
    } else {
        Err(Error::new(Code::MalformedStash, ""))
    }
}

/// The sections of a context, tags ascending.
fn sections_of(context: &VisitorContext) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut add = |tag, write: &dyn Fn(&mut Bits)| {
        let mut bits = Bits::writer();
        write(&mut bits);
        sections.push((tag, bits.finish().unwrap_or_default()));
    };
    if let Some(day) = known(context.captured_at).map(Time::day).filter(|day| *day > 0) {
        add(DAY, &|bits| {
            bits.number(day);
        });
    }
    if let Some(visitor) = &context.optimizely {
        add(OPTIMIZELY, &|bits| {
            sections::optimizely(bits, Some(visitor));
        });
    }
    if let Some(visitor) = &context.vwo {
        add(VWO, &|bits| {
            sections::vwo(bits, Some(visitor));
        });
    }
    if let Some(visitor) = &context.kameleoon {
        add(KAMELEOON, &|bits| {
            sections::kameleoon(bits, Some(visitor));
        });
    }
    if let Some(visitor) = &context.convert {
        add(CONVERT, &|bits| {
            sections::convert(bits, Some(visitor));
        });
    }
    if let Some(visitor) = context.optimizely.as_ref().filter(|visitor| !visitor.decisions.is_empty()) {
        add(DECISIONS, &|bits| {
            sections::decisions(bits, &visitor.decisions);
        });
    }
    if !context.call_trackers.is_empty() {
        add(CALL_TRACKERS, &|bits| {
            sections::call_trackers(bits, &context.call_trackers);
        });
    }
    sections
}

/// Puts a section into the context: is its tag one of ours? Nothing where its value makes no sense.
fn read(context: &mut VisitorContext, tag: u8, value: &[u8]) -> Option<bool> {
    let mut bits = Bits::reader(value);
    match tag {
        DAY => context.captured_at = Time::from_day(bits.number(0))?,
        OPTIMIZELY => context.optimizely = Some(sections::optimizely(&mut bits, None)?),
        VWO => context.vwo = Some(sections::vwo(&mut bits, None)?),
        KAMELEOON => context.kameleoon = Some(sections::kameleoon(&mut bits, None)?),
        CONVERT => context.convert = Some(sections::convert(&mut bits, None)?),
        DECISIONS => context.optimizely.as_mut()?.decisions = sections::decisions(&mut bits, &[])?,
        CALL_TRACKERS => context.call_trackers = sections::call_trackers(&mut bits, &[]),
        PART => return None,
        _ => return Some(false),
    }
    bits.finish().map(|_| true)
}
