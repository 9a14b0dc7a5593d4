//! VWO's endpoint for offline conversions of Mobile campaigns.
//!
//! ```text
//! GET https://dacdn.visualwebsiteoptimizer.com/[<prefix>/]track-goal
//!     ?account_id&experiment_id&u=<md5 of the user id> | user_id=<user id>&combination&goal_id&random[&r=<revenue>]
//! ```
//! Source: the vendor's document "VWO: Offline Conversions". Its example names the visitor `uid`, which its own table
//! and every SDK call `u`, and ends in a stray `;`. With `user_id` the server ignores `u`, so only one of them is sent.

use super::{COMMA, Goal, Hit, Md5UserId, Visitor, push_random};
use crate::values::{
    idempotency::IdempotencyKey,
    personal::{is_ip_address, is_personal},
    problem::{Code, PlatformName, Reason},
    request::Drafts,
    template::{
        Value::{Decimal, Folder, Id, Ids, Raw, Text},
        filled, maybe,
    },
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
    if goal.send_user_id && (is_personal(user_id) || is_ip_address(user_id)) {
        drafts.warn(PlatformName::Vwo, Code::PersonalData, "userId");
    }
    let mut random = String::new();
    push_random(&mut random, key.nonce(user_id));
    Ok(filled(
        "https://dacdn.visualwebsiteoptimizer.com/@track-goal\
         ?account_id=@&experiment_id=@&user_id=@&u=@&combination=@&goal_id=@&random=@&r=@",
        &[
            Folder(prefix),
            Id(hit.account),
            Id(hit.campaign),
            maybe(goal.send_user_id.then_some(user_id), Text),
            maybe((!goal.send_user_id).then_some(md5.as_str()), Text),
            Ids(hit.variations, COMMA),
            Id(hit.goal),
            Raw(&random),
            maybe(hit.revenue, Decimal),
        ],
    ))
}
