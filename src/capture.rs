//! Capture: a page's state becomes a visitor context. Never fails.

use crate::{
    call_trackers,
    platform::{Convert, Kameleoon, Optimizely, Platform, Vwo, each_platform},
    values::page::Page,
    visitor::VisitorContext,
};
use alloc::vec::Vec;

/// What all platforms know of the visitor of this page, and call trackers' ids. What is present but unusable is named in `problems`; a problem
/// of one platform costs the others nothing.
#[must_use]
pub fn capture(page: &Page<'_>) -> VisitorContext {
    let mut problems = Vec::new();
    macro_rules! all {
        ($($field:ident: $platform:ident),+) => {
            VisitorContext {
                captured_at: page.now,
                $($field: $platform::capture(page, &mut problems),)+
                call_trackers: call_trackers::capture(page, &mut problems),
                problems,
            }
        };
    }
    each_platform!(all)
}
