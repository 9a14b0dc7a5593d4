//! The face of the page build: [`json_face`] for JavaScript, one text in, one text out, one crossing a task.
//!
//! Nothing but numbers and texts crosses: `www/engine.ts`, the other side, is written by hand.

use crate::json_face;
use alloc::boxed::Box;
use wasm_bindgen::prelude::wasm_bindgen;

// What is asked for, as `www/core.ts` has it; anything else is to check settings.
const CAPTURE: u32 = 0;
const STASH: u32 = 1;
const UNSTASH: u32 = 2;
const CONVERSION_REQUESTS: u32 = 3;
#[cfg(not(feature = "tag"))]
const CONVERSION_BATCHES: u32 = 4;

/// Asks the core. `max_length` is for the parts of a token.
///
/// The answer ends with a NUL, which neither JSON nor a token holds: its address alone says where it is. It is the caller's.
#[wasm_bindgen]
pub fn ask(what: u32, text: &str, max_length: usize) -> *const u8 {
    let mut answer = match what {
        CAPTURE => json_face::capture(text),
        STASH => json_face::stash(text, max_length),
        UNSTASH => json_face::unstash(text),
        CONVERSION_REQUESTS => json_face::conversion_requests(text),
        #[cfg(not(feature = "tag"))]
        CONVERSION_BATCHES => json_face::conversion_batches(text),
        _ => json_face::check_settings(text),
    };
    answer.push('\0');
    let answer = Box::leak(answer.into_boxed_str());
    #[cfg(all(feature = "tag", target_arch = "wasm32", not(test)))]
    super::runtime::arena::over();
    answer.as_ptr()
}
