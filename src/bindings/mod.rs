//! The faces that JavaScript sees.
pub mod lean;
#[cfg(all(feature = "lean", target_arch = "wasm32"))]
mod runtime;
