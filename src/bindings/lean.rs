//! The face of the page build: [`json_face`](crate::json_face) for JavaScript, one crossing a task.

use crate::{
    json_face, stash,
    values::{
        json::Json,
        problem::{Code, Problem},
    },
    visitor::VisitorContext,
};
use alloc::{string::String, vec::Vec};
use wasm_bindgen::prelude::wasm_bindgen;

/// Does what JavaScript asks for: each function here is one task.
fn task(work: impl FnOnce() -> String) -> String {
    #[cfg(all(feature = "tag", target_arch = "wasm32", not(test)))]
    let _under_way = super::runtime::arena::Task::begin();
    work()
}

/// See [`json_face::capture`].
#[wasm_bindgen]
pub fn capture(page: &str) -> String {
    task(|| json_face::capture(page))
}

/// The context of the page that this runs in. `options`: `{globals?, url?, now, stash?}`; globals that the page itself tells
/// come first, `url` is an address in place of today's: where the visitor arrived, before the page changed its own. Where
/// `stash` is true the context's token follows, in a line of its own: whoever wants both need not hand the context back.
#[wasm_bindgen(js_name = capturePage)]
pub fn capture_page(options: &str) -> String {
    task(|| {
        let options = json_face::json(options).members();
        let now = json_face::now(&options);
        let mut context = match super::page::capture(options.get("globals"), options.text("url"), now) {
            Some(context) => context,
            None => VisitorContext {
                captured_at: now,
                problems: Vec::from([Problem::of_page(Code::NoPage)]),
                ..VisitorContext::default()
            },
        };
        let mut answer = context.write();
        if options.get("stash").is_some_and(Json::is_true) {
            answer.push('\n');
            stash::push_tokens(&mut answer, &mut context, usize::MAX);
        }
        answer
    })
}

/// See [`json_face::stash`].
#[wasm_bindgen]
pub fn stash(visitor: &str, max_length: usize) -> String {
    task(|| json_face::stash(visitor, max_length))
}

/// See [`json_face::unstash`].
#[wasm_bindgen]
pub fn unstash(tokens: &str) -> String {
    task(|| json_face::unstash(tokens))
}

/// See [`json_face::conversion_requests`].
#[wasm_bindgen(js_name = conversionRequests)]
pub fn conversion_requests(input: &str) -> String {
    task(|| json_face::conversion_requests(input))
}

/// See [`json_face::conversion_batches`].
#[cfg(not(feature = "tag"))]
#[wasm_bindgen(js_name = conversionBatches)]
pub fn conversion_batches(input: &str) -> String {
    task(|| json_face::conversion_batches(input))
}

/// See [`json_face::check_settings`].
#[wasm_bindgen(js_name = checkSettings)]
pub fn check_settings(input: &str) -> String {
    task(|| json_face::check_settings(input))
}
