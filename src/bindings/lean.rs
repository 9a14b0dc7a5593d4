//! The face of the page build: [`json_face`](crate::json_face) for JavaScript, one crossing a task.

use crate::json_face;
use alloc::string::String;
use wasm_bindgen::prelude::wasm_bindgen;

/// Does what JavaScript asks for: each function here is one task.
fn task(work: impl FnOnce() -> String) -> String {
    #[cfg(all(feature = "tag", target_arch = "wasm32", not(test)))]
    let _under_way = super::runtime::arena::Task::begin();
    work()
}

/// See [`json_face::capture`].
#[wasm_bindgen]
pub fn capture(input: &str) -> String {
    task(|| json_face::capture(input))
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
