//! Types without a platform: what a cookie, an id, an amount or a moment is.
//!
//! Each is parsed once, at the edge, from hostile text; behind the edge a wrong state cannot be written down.

pub mod base64;
pub mod bits;
pub mod blocks;
pub mod cookies;
pub mod decision;
pub mod digits;
pub mod fields;
pub mod host;
pub mod id;
pub mod idempotency;
pub mod index;
pub mod json;
pub mod md5;
pub mod money;
pub mod newest;
pub mod page;
pub mod percent;
pub mod personal;
pub mod problem;
pub mod request;
pub mod room;
#[cfg(any(feature = "lean", feature = "fullstack-bindings", test))]
mod rounds;
pub mod sha1;
pub mod template;
pub mod text;
pub mod text_id;
pub mod time;
pub mod utf8;
