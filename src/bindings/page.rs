//! The page that this runs in, which `page.js` beside this file reads.

use crate::{
    json_face,
    values::{json::Json, time::Time},
    visitor::VisitorContext,
};
use alloc::string::String;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/bindings/page.js")]
extern "C" {
    /// `PageState` as JSON, without a time; nothing where there is no page.
    #[wasm_bindgen(js_name = readPage)]
    fn read_page() -> Option<String>;
}

/// What all platforms know of the visitor of this page; nothing where there is no page. `globals` serve where the page itself
/// does not tell; `url` is an address in place of the page's.
#[must_use]
pub fn capture(globals: Option<Json<'_>>, url: Option<String>, now: Time) -> Option<VisitorContext> {
    let text = read_page()?;
    let page = json_face::json(&text).members();
    Some(json_face::read(&page, globals, url, now))
}
