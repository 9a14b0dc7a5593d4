//! The goal hit that VWO's own library sends from a page.
//!
//! ```text
//! GET https://dev.visualwebsiteoptimizer.com/[<prefix>/]c.gif
//!     ?account_id&experiment_id&goal_id&combination&u=<web uuid>[&r=<revenue>][&sId=<session>]
//! ```
//! Source: VWO's web library, builds of 2022 and May 2025. The page also sends its referrer and version numbers, which a
//! conversion by phone does not have.

/// The URL, of [what all of them are made of](super::hits).
pub(super) const URL: &str = "https://dev.visualwebsiteoptimizer.com/@Ac.gif\
    ?account_id=@B&experiment_id=@C&goal_id=@D&combination=@E&u=@G&r=@H&sId=@I";
