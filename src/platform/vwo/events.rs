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

use super::{Vwo, hits::campaigns};
use crate::{
    platform::Told,
    values::{
        id::Id,
        idempotency::IdempotencyKey,
        problem::{Code, PlatformName, Reason},
        request::{Draft, Drafts, Format, Post, Repeat},
        template::{
            Value::{self, Decimal, Folder, Number, Raw, Text},
            fill, filled, maybe,
        },
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

    let url = filled(
        "https://dev.visualwebsiteoptimizer.com/@events/t?en=@&a=@",
        &[Folder(told.account.collection_prefix.as_deref()), Text(event), Value::Id(account)],
    );
    let mut metric = String::new();
    for (campaign, own, _) in metrics {
        if !metric.is_empty() {
            metric.push(',');
        }
        fill(&mut metric, r#""id_@":["g_@"]"#, &[Value::Id(campaign), Value::Id(own)]);
    }
    let mut body = filled(
        r#"

{"d":{"msgId":"@-@","visId":@,"event":{"props":{"isCustomEvent":true,"vwoMeta":{"metric":{@}}"#,
        &[Raw(uuid), Number(time.ms()), Text(uuid), Raw(&metric)],
    );
    let session = told.visitor.session.map_or(time.seconds(), Id::number);
    fill(
        &mut body,
        r#","revenue":@},"name":@,"time":@},"sessionId":@}}"#,
        &[maybe(revenue, Decimal), Text(event), Number(time.ms()), Number(session)],
    );

    drafts.requests.push(Draft {
        platform: PlatformName::Vwo,
        url,
        post: Some(Post::new(Format::Json, 0, body)),
        key: IdempotencyKey::new(PlatformName::Vwo.name(), &account.text(), "", event, &told.facts.id),
        repeat: Repeat::Unproven,
    });
    Ok(())
}
