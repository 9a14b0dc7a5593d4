//! The faces that JavaScript sees. A face adds bindings, never rules.

pub mod lean;
pub mod page;
#[cfg(all(feature = "lean", target_arch = "wasm32"))]
mod runtime;
