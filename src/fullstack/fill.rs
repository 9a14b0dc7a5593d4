//! Templates: a URL, a body or a name as one readable line, with places for texts.

use crate::values::{json::push_string, percent};
use alloc::string::String;

/// Appends the template with these texts in its places: one for each `%` in percent-encoding, for each `$` as a JSON string,
/// for each `#` as it stands.
#[inline(never)]
pub(super) fn fill(out: &mut String, template: &str, texts: &[&str]) {
    let mut texts = texts.iter();
    let mut rest = template;
    while let Some(place) = rest.bytes().position(|byte| matches!(byte, b'#'..=b'%'))
        && let Some((literal, tail)) = rest.split_at_checked(place)
        && let Some(text) = texts.next()
    {
        out.push_str(literal);
        match tail.as_bytes().first() {
            Some(b'%') => percent::encode(out, text),
            Some(b'$') => push_string(out, text),
            _ => out.push_str(text),
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// What [`fill`] appends to nothing.
#[inline(never)]
pub(super) fn filled(template: &str, texts: &[&str]) -> String {
    let mut out = String::new();
    fill(&mut out, template, texts);
    out
}
