//! The goal hit that VWO's own library sends from a page.
//!
//! ```text
//! GET https://dev.visualwebsiteoptimizer.com/[<prefix>/]c.gif
//!     ?account_id&experiment_id&goal_id&combination&u=<web uuid>[&r=<revenue>][&sId=<session>]
//! ```
//! Source: VWO's web library, builds of 2022 and May 2025. The page also sends its referrer and version numbers, which a
//! conversion by phone does not have.

use super::{Hit, Visitor, endpoint};
use crate::values::problem::{Code, Reason};
use alloc::string::String;

pub(super) fn url(hit: &Hit<'_>, visitor: &Visitor, prefix: Option<&str>) -> Result<String, Reason> {
    let uuid = visitor.uuid.as_ref().ok_or(Reason::new(Code::NoVisitorId, "_vwo_uuid"))?;
    let mut url = endpoint("dev", prefix, "c.gif");
    url.id("account_id", hit.account);
    url.id("experiment_id", hit.campaign);
    url.id("goal_id", hit.goal);
    url.text("combination", &hit.combination());
    url.text("u", uuid.as_str());
    hit.push_revenue(&mut url);
    if let Some(session) = visitor.session {
        url.id("sId", session);
    }
    Ok(url.finish())
}
