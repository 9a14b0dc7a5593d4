//! VWO's endpoint for offline conversions of Mobile campaigns.
//!
//! ```text
//! GET https://dacdn.visualwebsiteoptimizer.com/[<prefix>/]track-goal
//!     ?account_id&experiment_id&u=<md5 of the user id> | user_id=<user id>&combination&goal_id&random[&r=<revenue>]
//! ```
//! Source: the vendor's document "VWO: Offline Conversions". Its example names the visitor `uid`, which its own table
//! and every SDK call `u`, and ends in a stray `;`. With `user_id` the server ignores `u`, so only one of them is sent.

use super::{Goal, Hit, Md5UserId, Visitor, endpoint, push_random};
use crate::values::{
    idempotency::IdempotencyKey,
    personal::{is_ip_address, is_personal},
    problem::{Code, PlatformName, Reason},
    request::Drafts,
};
use alloc::string::String;

pub(super) fn url(
    hit: &Hit<'_>,
    visitor: &Visitor,
    goal: &Goal,
    key: &IdempotencyKey,
    prefix: Option<&str>,
    drafts: &mut Drafts,
) -> Result<String, Reason> {
    let user_id = goal.user_id(visitor)?;
    let md5 = Md5UserId::new(user_id).ok_or(Reason::new(Code::NoVisitorId, "userId"))?;
    let mut url = endpoint("dacdn", prefix, "track-goal");
    url.id("account_id", hit.account);
    url.id("experiment_id", hit.campaign);
    if goal.send_user_id {
        if is_personal(user_id) || is_ip_address(user_id) {
            drafts.warn(PlatformName::Vwo, Code::PersonalData, "userId");
        }
        url.text("user_id", user_id);
    } else {
        url.text("u", md5.as_str());
    }
    url.text("combination", &hit.combination());
    url.id("goal_id", hit.goal);
    push_random(url.name("random"), key.nonce(user_id));
    hit.push_revenue(&mut url);
    Ok(url.finish())
}
