//! What the host, JavaScript itself, answers in WebAssembly: one import each.
//!
//! What needs no question, for all JSON comes from `JSON.stringify`: numbers are printed, and array indexes come first.

use crate::values::json::Json;
use alloc::string::String;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// `parseFloat`: the number that the text starts with, NaN where it starts with none.
    #[wasm_bindgen(js_name = parseFloat)]
    pub fn parse_float(text: &str) -> f64;
    /// `Number(text)`
    #[wasm_bindgen(js_name = Number)]
    pub fn text_number(text: &str) -> f64;
    /// `String(number)`
    #[wasm_bindgen(js_name = String)]
    pub fn number_text(number: f64) -> String;
}

#[wasm_bindgen(module = "/src/fullstack/host.js")]
extern "C" {
    /// `parseInt(text, 10)`
    #[wasm_bindgen(js_name = parseInteger)]
    pub fn parse_int(text: &str) -> f64;
    /// `text.toLowerCase()`
    pub fn lower(text: &str) -> String;
    /// `text.trim()`
    pub fn trim(text: &str) -> String;
    /// `String(JSON.parse(json))`; nothing where that throws.
    #[wasm_bindgen(js_name = valueText)]
    pub fn value_text(json: &str) -> Option<String>;
    /// `new RegExp(pattern).test(text)`; not where the pattern is none.
    pub fn test(pattern: &str, text: &str) -> bool;
}

/// Is the number written as JavaScript prints it?
pub fn is_printed_so(_number: &str) -> bool {
    true
}

/// The property that `Object.keys` names first, and its value; nothing where there is none.
pub fn first_property<'a>(object: Json<'a>) -> Option<(String, Json<'a>)> {
    object.entries().next()
}
