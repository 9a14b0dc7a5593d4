//! Goal hits: a GET for each campaign that the conversion counts in.
//!
//! Three endpoints take them, each from visitors of its own kind: [`track_goal`], [`web_goal`] and [`server_side`] say how
//! their URLs look. They are [templates](crate::values::template) of the same values:
//!
//! ```text
//! A  the account's region, as a folder        E  the variations seen             I  seconds: the session, or the time
//! B  the account                              F  the name of the user's id       J  decimals that look random
//! C  the campaign                             G  the user's id                   K  the key of FullStack's environment
//! D  the goal                                 H  the revenue
//! ```

use super::{Api, Goal, Md5UserId, UuidV5, Visitor, Vwo, server_side, track_goal, web_goal, web_uuid};
use crate::{
    platform::{Platform, Told},
    values::{
        id::Id,
        idempotency::IdempotencyKey,
        money::Cents,
        personal::{is_ip_address, is_personal},
        problem::Code,
        request::{Drafts, Endpoint, Refused, Repeat},
        template::Form,
    },
};
use alloc::string::String;

static ENDPOINT: Endpoint = Endpoint { platform: Vwo::NAME, format: None, limit: 0 };

pub(super) fn requests(told: &Told<'_, Vwo>, account: Id, api: Api, drafts: &mut Drafts) -> Result<(), Refused> {
    let Told { visitor, account: named, goal, facts, .. } = *told;
    expect_campaign(visitor, goal, drafts)?;
    facts.expect_positive_revenue(drafts)?;

    let user_id = if api == Api::WebGoal { "" } else { goal.user_id(visitor, drafts)? };
    let (mut name, mut seconds) = ("u", visitor.session);
    let hashed;
    let (url, user) = match api {
        Api::TrackGoal if goal.send_user_id => {
            if is_personal(user_id) || is_ip_address(user_id) {
                drafts.warn(Code::PersonalData, "userId");
            }
            name = "user_id";
            (track_goal::URL, user_id)
        }
        Api::TrackGoal => {
            hashed = String::from(Md5UserId::of(user_id));
            (track_goal::URL, &*hashed)
        }
        Api::ServerSide => {
            if named.sdk_key.is_none() {
                return Err(drafts.refuse(Code::NoAccount, "sdkKey"));
            }
            let time = facts.expect_time(drafts)?;
            seconds = Id::from_number(time.ms().div_ceil(1000));
            hashed = String::from(UuidV5::of(account, user_id));
            (server_side::URL, &*hashed)
        }
        _ => (web_goal::URL, web_uuid(visitor, drafts)?),
    };

    for (campaign, variations) in visitor.campaigns.iter() {
        let Some(own) = goal.of(campaign) else { continue };
        let key = IdempotencyKey::new(Vwo::NAME.name(), &account.text(), &campaign.text(), &own.text(), &facts.id);
        let mut form = Form::new(url);
        while let Some(letter) = form.letter() {
            match letter {
                b'A' => form.folder(named.collection_prefix.as_deref()),
                b'B' => form.id(account),
                b'C' => form.id(campaign),
                b'D' => form.id(own),
                b'E' => form.ids(variations, "%2C"),
                b'F' => form.raw(name),
                b'G' => form.text(user),
                b'H' => form.amount(facts.revenue, Cents::push_decimal),
                b'I' => form.id(seconds),
                b'J' => form.decimals(key.number(user_id)),
                _ => form.text(named.sdk_key.as_deref()),
            }
        }
        drafts.add(&ENDPOINT, &mut form, &key, Repeat::CountsTwice);
    }
    Ok(())
}

/// One of the visitor's campaigns must be one that the conversion counts in, and which goal is whose must be clear.
pub(super) fn expect_campaign(visitor: &Visitor, goal: &Goal, drafts: &mut Drafts) -> Result<(), Refused> {
    let per_campaign = !goal.goals.is_empty();
    if !per_campaign && goal.campaigns.is_none() && visitor.campaigns.len() > 1 {
        return Err(drafts.refuse(Code::AmbiguousGoal, "goals"));
    }
    for (campaign, _) in visitor.campaigns.iter() {
        if goal.of(campaign).is_some() {
            return Ok(());
        }
    }
    Err(drafts.refuse(Code::NoCampaign, if per_campaign { "goals" } else { "campaignIds" }))
}
