//! The exports of the page build: JSON text in, JSON text out.
use alloc::string::String;
use wasm_bindgen::prelude::wasm_bindgen;

/// scaffold
#[wasm_bindgen]
pub fn capture(page: &str) -> String {
    String::from(page)
}
/// scaffold
#[wasm_bindgen(js_name = capturePage)]
pub fn capture_page(options: &str) -> String {
    String::from(options)
}
/// scaffold
#[wasm_bindgen]
pub fn stash(visitor: &str, max_length: u32) -> String {
    let _ = max_length;
    String::from(visitor)
}
/// scaffold
#[wasm_bindgen]
pub fn unstash(tokens: &str) -> String {
    String::from(tokens)
}
/// scaffold
#[wasm_bindgen(js_name = conversionRequests)]
pub fn conversion_requests(input: &str) -> String {
    String::from(input)
}
/// scaffold
#[wasm_bindgen(js_name = checkSettings)]
pub fn check_settings(input: &str) -> String {
    String::from(input)
}
