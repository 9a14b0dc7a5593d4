//! scaffold
#![cfg_attr(feature = "lean", no_std)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects))]
extern crate alloc;

#[cfg(feature = "bindings")]
pub mod bindings;
pub mod values;
