//! VWO's event endpoint, for a visitor of a website.
//!
//! ```text
//! POST https://dev.visualwebsiteoptimizer.com/[<prefix>/]events/t?en=<event>&a=<account>
//! {"d":{"msgId":"<uuid>-<ms>","visId":"<web uuid>",
//!       "event":{"props":{"isCustomEvent":true,"vwoMeta":{"metric":{"id_<campaign>":["g_<goal>"],…}}[,"revenue":<decimal>]},
//!                "name":"<event>","time":<ms>},
//!       "sessionId":<seconds>}}
//! ```
//! VWO documents this endpoint for nobody but its SDKs. The frame around `props` is what VWO's web library sends (May
//! 2025); `isCustomEvent` and `vwoMeta` stand in the events that a partner's server sends for visitors of websites
//! (`segmentio/action-destinations`, "VWO Cloud Mode"). The form of `metric` is that of `vwo-node-sdk` 1.73.0 and
//! `wingify/vwo-android` 2.16.2, `revenue` as a property of its own that of `wingify/vwo-fme-node-sdk` 1.35.0: for web
//! visitors neither was seen. There is no page, for nobody was on one.
//!
//! It takes one event a request. `time` says when it happened; that VWO books it then is documented nowhere, and neither
//! is what it does with a `msgId` that it has had before.

use super::{Vwo, campaigns, endpoint};
use crate::{
    platform::Told,
    values::{
        id::{Id, push_number},
        idempotency::IdempotencyKey,
        json::Writer,
        problem::{Code, PlatformName, Reason},
        request::{Draft, Drafts, Format, Post, PostVisitor, Repeat},
    },
};
use alloc::string::String;

pub(super) fn request(told: &Told<'_, Vwo>, account: Id, drafts: &mut Drafts) -> Result<(), Reason> {
    let goal = told.goal;
    let event = goal.event.as_deref().ok_or(Reason::new(Code::InvalidConversion, "event"))?;
    let uuid = told.visitor.uuid.as_ref().ok_or(Reason::new(Code::NoVisitorId, "_vwo_uuid"))?.as_str();
    let time = told.facts.time().ok_or(Reason::new(Code::InvalidConversion, "at"))?;
    let metrics = if goal.names_goal() { campaigns(told.visitor, goal)? } else { Default::default() };
    let revenue = told.facts.positive_revenue()?;

    let mut url = endpoint("dev", told.account.collection_prefix.as_deref(), "events/t");
    url.text("en", event);
    url.id("a", account);

    let mut message = String::from(uuid);
    message.push('-');
    push_number(&mut message, time.ms());
    let mut out = Writer::default();
    out.open('{');
    out.name("d");
    out.open('{');
    out.member("msgId", &message);
    out.member("visId", uuid);
    out.name("event");
    out.open('{');
    out.name("props");
    out.open('{');
    out.flag("isCustomEvent", true);
    out.name("vwoMeta");
    out.open('{');
    out.name("metric");
    out.open('{');
    for (campaign, own, _) in metrics {
        out.texts(&prefixed("id_", campaign), [prefixed("g_", own).as_str()].into_iter());
    }
    out.close('}');
    out.close('}');
    if let Some(revenue) = revenue {
        let mut amount = String::new();
        revenue.push_decimal(&mut amount);
        out.name("revenue");
        out.raw(&amount);
    }
    out.close('}');
    out.member("name", event);
    out.number("time", time.ms());
    out.close('}');
    out.number("sessionId", told.visitor.session.map_or(time.seconds(), Id::number));
    out.close('}');
    out.close('}');

    drafts.requests.push(Draft {
        platform: PlatformName::Vwo,
        url: url.finish(),
        post: Some(Post {
            format: Format::Json,
            limit: 0,
            head: String::new(),
            tail: "",
            visitor: PostVisitor::default(),
            event: out.finish(),
        }),
        key: IdempotencyKey::new(PlatformName::Vwo.name(), &account.text(), "", event, &told.facts.id),
        repeat: Repeat::Unproven,
    });
    Ok(())
}

/// `id_8`, `g_201`
fn prefixed(prefix: &str, id: Id) -> String {
    let mut out = String::from(prefix);
    id.push_to(&mut out);
    out
}
