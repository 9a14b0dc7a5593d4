//! Capture: a page's state becomes a visitor context. Never fails.

use crate::{
    call_trackers,
    platform::{Convert, Kameleoon, Optimizely, Platform, Vwo, each_platform},
    values::{page::Page, problem::Problem},
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
                $($field: of::<$platform>(page, &mut problems),)+
                call_trackers: call_trackers::capture(page, &mut problems),
                problems,
            }
        };
    }
    each_platform!(all)
}

// What a platform's reading keeps on the stack has short addresses as long as it is alone there: that makes it small.
#[inline(never)]
fn of<P: Platform>(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<P::Visitor> {
    P::capture(page, problems)
}
