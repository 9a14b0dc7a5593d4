//! VWO's endpoint for offline conversions of Mobile campaigns.
//!
//! ```text
//! GET https://dacdn.visualwebsiteoptimizer.com/[<prefix>/]track-goal
//!     ?account_id&experiment_id&u=<md5 of the user id> | user_id=<user id>&combination&goal_id&random[&r=<revenue>]
//! ```
//! Source: the vendor's document "VWO: Offline Conversions". Its example names the visitor `uid`, which its own table
//! and every SDK call `u`, and ends in a stray `;`. With `user_id` the server ignores `u`, so only one of them is sent.

/// The URL, of [what all of them are made of](super::hits).
pub(super) const URL: &str = "https://dacdn.visualwebsiteoptimizer.com/@Atrack-goal\
    ?account_id=@B&experiment_id=@C&@F=@G&combination=@E&goal_id=@D&random=0.@J&r=@H";
