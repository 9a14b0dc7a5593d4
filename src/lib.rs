//! Tell Optimizely, VWO, Kameleoon and Convert about conversions that happen after the visit.
//!
//! A visitor sees a variation of an A/B test, then phones, walks into the shop or signs on paper. Three steps bring that
//! conversion back into the test, each a pure function from one plain value to the next:
//!
//! ```text
//! Page ──capture──► VisitorContext ──stash──► token ~~~ days later ~~~► unstash ──conversion_requests──► ConversionPlan
//! ```
//!
//! - [`capture`](capture::capture) reads the platforms' cookies, storage and globals. It never fails: what is unusable
//!   becomes a [`Problem`](values::problem::Problem).
//! - [`stash`](stash::stash) makes a token of some 200 characters that a call tracker, a form or a CRM keeps with the
//!   call; [`unstash`](stash::unstash) reads it back, and refuses one that was cut or altered.
//! - [`conversion_requests`](conversion::conversion_requests) builds the exact requests that each platform documents.
//!
//! # Example
//! ```
//! use aftercall::{capture::capture, conversion, stash, values::{cookies::Cookies, json::Json, page::Page}};
//!
//! let cookie = "optimizelyEndUserId=oeu1403497108674r0.68; optimizelyBuckets=%7B%22876543210%22%3A%222222222%22%7D";
//! let page = Page { cookies: Cookies::parse(cookie), ..Page::default() };
//! let token = stash::stash(&capture(&page));
//!
//! // Days later, where the phone rings:
//! let json = |text| Json::parse(text).unwrap();
//! let conversion = r#"{"id": "call-17", "revenue": "49.90", "optimizely": {"event": "phone call"}}"#;
//! let conversion = conversion::Conversion::from_json(json(conversion))?;
//! let accounts = r#"{"optimizely": {"accountId": 12001, "projectId": 111001, "api": "classic"}}"#;
//! let accounts = conversion::Accounts::from_json(json(accounts));
//! let plan = conversion::conversion_requests(&stash::unstash([token.as_str()])?, false, &conversion, &accounts);
//! assert_eq!(
//!     plan.requests[0].url,
//!     "https://111001.log.optimizely.com/event?a=111001&d=12001&n=phone%20call\
//!      &u=oeu1403497108674r0.68&x876543210=2222222&v=4990",
//! );
//! # Ok::<(), aftercall::values::problem::Error>(())
//! ```
//!
//! # Scope
//! Nothing here sends a request (but the exports for JavaScript, where delivery is asked for), reads a clock, draws a random number or looks at its surroundings: time and page come in
//! as arguments, and what looks random in a request is a hash of what it counts. So the same input gives the same bytes
//! natively, in WebAssembly and in the JavaScript made from it.
//!
//! # Errors
//! Only an unreadable token, and a conversion without a usable `id` or `at`, are an [`Error`](values::problem::Error).
//! Whatever concerns one platform is `skipped` in the plan, with a stable [`Code`](values::problem::Code), and costs the
//! others nothing.
#![cfg_attr(any(feature = "lean", feature = "fullstack-bindings"), no_std)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice,
        clippy::panic
    )
)]

extern crate alloc;

pub mod batches;
#[cfg(any(feature = "bindings", feature = "deliver-bindings", feature = "fullstack-bindings"))]
pub mod bindings;
mod call_trackers;
pub mod capture;
pub mod conversion;
#[cfg(feature = "deliver")]
pub mod deliver;
#[cfg(feature = "fullstack")]
pub mod fullstack;
pub mod json_face;
pub mod platform;
pub mod stash;
pub mod values;
pub mod visitor;
