//! scaffold
#![cfg_attr(feature = "lean", no_std)]
extern crate alloc;

#[cfg(feature = "bindings")]
pub mod bindings;
