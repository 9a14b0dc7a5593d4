//! The faces that JavaScript sees. A face adds bindings, never rules.

#[cfg(feature = "deliver-bindings")]
pub mod deliver;
#[cfg(feature = "fullstack-bindings")]
pub mod fullstack;
#[cfg(feature = "bindings")]
pub mod lean;
#[cfg(all(
    any(feature = "lean", feature = "fullstack-bindings", feature = "deliver-bindings"),
    target_arch = "wasm32",
    not(test)
))]
mod runtime;
