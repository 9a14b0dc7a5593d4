//! The goal hit that VWO's own library sends from a page.
//!
//! ```text
//! GET https://dev.visualwebsiteoptimizer.com/[<prefix>/]c.gif
//!     ?account_id&experiment_id&goal_id&combination&u=<web uuid>[&r=<revenue>][&sId=<session>]
//! ```
//! Source: VWO's web library, builds of 2022 and May 2025. The page also sends its referrer and version numbers, which a
//! conversion by phone does not have.

use super::{COMMA, Hit, Visitor};
use crate::values::{
    problem::{Code, Reason},
    template::{
        Value::{Decimal, Folder, Id, Ids, Text},
        filled, maybe,
    },
};
use alloc::string::String;

pub(super) fn url(hit: &Hit<'_>, visitor: &Visitor, prefix: Option<&str>) -> Result<String, Reason> {
    let uuid = visitor.uuid.as_ref().ok_or(Reason::new(Code::NoVisitorId, "_vwo_uuid"))?;
    Ok(filled(
        "https://dev.visualwebsiteoptimizer.com/@c.gif\
         ?account_id=@&experiment_id=@&goal_id=@&combination=@&u=@&r=@&sId=@",
        &[
            Folder(prefix),
            Id(hit.account),
            Id(hit.campaign),
            Id(hit.goal),
            Ids(hit.variations, COMMA),
            Text(uuid.as_str()),
            maybe(hit.revenue, Decimal),
            maybe(visitor.session, Id),
        ],
    ))
}
