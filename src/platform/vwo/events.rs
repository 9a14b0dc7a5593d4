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

use super::{Vwo, hits::expect_campaign, web_uuid};
use crate::{
    platform::Told,
    values::{
        id::Id,
        idempotency::IdempotencyKey,
        money::Cents,
        problem::PlatformName,
        request::{Drafts, Endpoint, Format, Refused, Repeat},
        template::Form,
    },
};
/// It takes one event a request.
static ENDPOINT: Endpoint = Endpoint { platform: PlatformName::Vwo, format: Some(Format::Json), limit: 0 };

const REQUEST: &str = r#"https://dev.visualwebsiteoptimizer.com/@events/t?en=@&a=@


{"d":{"msgId":"@-@","visId":@,"event":{"props":{"isCustomEvent":true,"vwoMeta":{"metric":{"#;

const REST: &str = r#","revenue":@},"name":@,"time":@},"sessionId":@}}"#;

pub(super) fn request(told: &Told<'_, Vwo>, account: Id, drafts: &mut Drafts) -> Result<(), Refused> {
    let goal = told.goal;
    let event = goal.event.as_deref().ok_or_else(|| drafts.refuse_invalid("event"))?;
    let uuid = web_uuid(told.visitor, drafts)?;
    let time = told.facts.expect_time(drafts)?;
    if goal.names_goal() {
        expect_campaign(told.visitor, goal, drafts)?;
    }
    told.facts.expect_positive_revenue(drafts)?;

    let mut form = Form::new(REQUEST);
    form.folder(told.account.collection_prefix.as_deref());
    form.text(event);
    form.id(account);
    form.raw(uuid);
    form.number(time.ms());
    form.text(uuid);
    let mut metric = r#""id_@":["g_@"]"#;
    for (campaign, _) in told.visitor.campaigns.iter() {
        if let Some(own) = goal.of(campaign) {
            form.then(metric);
            form.id(campaign);
            form.id(own);
            metric = r#","id_@":["g_@"]"#;
        }
    }
    form.then("}}");
    form.then(REST);
    form.amount(told.facts.revenue, Cents::push_decimal);
    form.text(event);
    form.number(time.ms());
    form.number(told.visitor.session.map_or(time.seconds(), Id::number));
    let key = IdempotencyKey::new(PlatformName::Vwo.name(), &account.text(), "", event, &told.facts.id);
    drafts.add(&ENDPOINT, &mut form, &key, Repeat::Unproven);
    Ok(())
}
