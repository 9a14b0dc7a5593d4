//! The way to the platforms.

pub mod via;
