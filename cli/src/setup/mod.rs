//! Set-up by API: what a person else clicks together in a platform's or a call tracker's pages.
//!
//! ```text
//! login ──api──► what is there ──ask──► what is wanted ──api──► made, where it was missing ──settings──► aftercall.toml
//! ```
//! `api` is one call and what its answer means; `ask` is the person at the terminal; `settings` changes the file and leaves all
//! else in it as it stands. `optimizely` and `callrail` know their vendor. Everything looks first and then does what is missing:
//! run twice, it changes nothing. Secrets come from the environment or from a prompt, and leave only in a header or a body.

pub mod api;
pub mod ask;
pub mod callrail;
pub mod files;
pub mod optimizely;
pub mod secret;
pub mod settings;
