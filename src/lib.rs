//! scaffold
#![cfg_attr(feature = "lean", no_std)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::string_slice)
)]
extern crate alloc;

#[cfg(feature = "bindings")]
pub mod bindings;
pub mod capture;
pub mod conversion;
pub mod platform;
pub mod stash;
pub mod values;
pub mod visitor;
