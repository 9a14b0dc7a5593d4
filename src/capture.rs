//! Capture: a page's state becomes a visitor context. Never fails.

use crate::{
    call_trackers,
    platform::{Convert, Kameleoon, Optimizely, Platform, Vwo, each_platform},
    values::page::Page,
    visitor::VisitorContext,
};

/// What all platforms know of the visitor of this page, and call trackers' ids. What is present but unusable is named in `problems`; a problem
/// of one platform costs the others nothing.
#[must_use]
pub fn capture(page: &Page<'_>) -> VisitorContext {
    let mut context = VisitorContext { captured_at: page.now, ..VisitorContext::default() };
    macro_rules! all {
        ($($field:ident: $platform:ident),+) => {
            $(context.$field = $platform::capture(page, &mut context.problems);)+
        };
    }
    each_platform!(all);
    context.call_trackers = call_trackers::capture(page, &mut context.problems);
    context
}
