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
    let mut context = VisitorContext::default();
    fill(&mut context, page);
    context
}

/// Fills an empty context.
pub(crate) fn fill(context: &mut VisitorContext, page: &Page<'_>) {
    context.captured_at = page.now;
    macro_rules! all {
        ($($field:ident: $platform:ident),+) => {
            $(of::<$platform>(&mut context.$field, page, &mut context.problems);)+
        };
    }
    each_platform!(all);
    call_trackers::capture(&mut context.call_trackers, page, &mut context.problems);
}

// What a platform's reading keeps on the stack has short addresses as long as it is alone there: that makes it small.
#[inline(never)]
fn of<P: Platform>(visitor: &mut Option<P::Visitor>, page: &Page<'_>, problems: &mut Vec<Problem>) {
    if !P::capture(visitor.get_or_insert_default(), page, problems) {
        *visitor = None;
    }
}
