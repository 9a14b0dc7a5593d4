//! VWO FullStack: which variation a user has in a campaign, decided from the settings file alone.
//!
//! The rules are those of `vwo-node-sdk` 1.73.0, for the conversion belongs to the variation that the server's SDK gave.
//! That SDK is JavaScript, and its decisions hang on what JavaScript does with text and numbers.

pub mod javascript;
pub mod murmur;
pub mod regex;
pub mod segmentation;
