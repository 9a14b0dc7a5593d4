//! What an integration is told of a decision.
//!
//! Source: `vwo-node-sdk` 1.73.0, `DecisionUtil` and `HooksManager`. A member without a value is left out.

use super::{
    call::Call,
    reason::Reason,
    settings::{Campaign, Group, Variation},
};
use crate::{
    platform::vwo::server_side::SDK,
    values::json::{Json, Writer},
};
use alloc::string::String;

/// A decision about one campaign of a call.
pub(super) struct Decision<'d> {
    pub(super) call: &'d Call<'d>,
    pub(super) campaign: &'d Campaign,
    pub(super) group: Option<&'d Group>,
    /// Is the variation one of a rollout? (Of a group that has another campaign in place of the called one.)
    pub(super) of_rollout: bool,
    /// Nothing where the user's bucket is in no range.
    pub(super) variation: Option<&'d Variation>,
    pub(super) how: Reason,
    pub(super) uuid: &'d str,
}

impl Decision<'_> {
    /// The object that the callback is given.
    pub(super) fn to_json(&self) -> String {
        let Decision { call, campaign, .. } = self;
        let name = self.variation.and_then(|variation| variation.name.as_deref());
        let mut out = Writer::default();
        out.open('{');
        out.flag("fromUserStorageService", self.how == Reason::Stored && name.is_some());
        out.flag("isUserWhitelisted", self.how == Reason::Whitelisted && name.is_some());
        if self.of_rollout {
            out.flag("isFeatureEnabled", name.is_some());
        } else {
            if let Some(name) = name {
                out.member("variationName", name);
            }
            raw(&mut out, "variationId", self.variation.and_then(|variation| variation.id.json.as_deref()));
        }
        raw(&mut out, "campaignId", campaign.id.json.as_deref());
        out.member("campaignKey", &campaign.key);
        out.member("campaignType", &campaign.kind);
        if let Some(name) = &campaign.name {
            out.member("campaignName", name);
        }
        raw(&mut out, "customVariables", call.custom_variables.map(Json::as_str));
        out.member("event", "CAMPAIGN_DECISION");
        out.member("goalIdentifier", &call.goal);
        if let Some(forced) = campaign.forced {
            out.flag("isForcedVariationEnabled", forced);
        }
        out.member("sdkVersion", SDK.1);
        out.member("source", "track");
        out.member("userId", &call.user_id);
        raw(&mut out, "variationTargetingVariables", Some(call.targeting_variables.map_or("{}", Json::as_str)));
        out.member("vwoUserId", self.uuid);
        if let Some(group) = self.group {
            raw(&mut out, "groupId", Some(&group.id));
            raw(&mut out, "groupName", group.name.as_deref());
        }
        out.close('}');
        out.finish()
    }
}

#[inline(never)]
fn raw(out: &mut Writer, name: &str, json: Option<&str>) {
    if let Some(json) = json {
        out.name(name);
        out.raw(json);
    }
}
