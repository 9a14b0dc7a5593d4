//! Delivery: what every sender has in common, whatever carries its requests.
//!
//! ```text
//! request ──outgoing──► what leaves from here ──transport──► answer ──course──► outcome
//!                                                  ▲                    │
//!                                                  └── policy: again? ──┘
//! ```
//! [`policy`] says what an answer means and how long to wait, [`course`] what became of one request, [`outgoing`] how a
//! request leaves from a page and from elsewhere, [`via`] how it goes to a stand-in on this machine. All of that is pure;
//! what carries requests is `fetch` here and the command's own wire.

pub mod course;
#[cfg(feature = "deliver-bindings")]
pub mod fetch;
pub mod outgoing;
pub mod policy;
pub mod via;

/// What requests from outside a page name as their sender: Kameleoon refuses, and Convert silently drops, what looks like a
/// bot or names nobody.
pub const PRODUCT: &str = concat!("aftercall/", env!("CARGO_PKG_VERSION"));
