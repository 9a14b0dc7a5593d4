//! VWO: what it knows of a visitor (`visitor`), its three kinds of visitor identity (`identity`), the mobile endpoint
//! `track-goal`, the page's own goal hit (`web_goal`), the one of FullStack's SDKs (`server_side`) and the events of
//! accounts that count by them (`events`).

mod events;
mod hits;
pub mod identity;
pub mod server_side;
mod track_goal;
pub mod visitor;
mod web_goal;

pub use identity::{Md5UserId, UuidV5, WebUuid};
pub use visitor::Visitor;

use super::{Entries, Platform, Told, account_id, is_whole_text};
use crate::values::{
    fields::Walker,
    id::{Id, IdMap},
    json::Json,
    page::Page,
    problem::{Code, PlatformName, Problem},
    request::{Drafts, Refused},
    text::{ALPHANUMERIC, is_all},
};
use alloc::{string::String, vec::Vec};

/// VWO, as a [`Platform`].
#[derive(Debug)]
pub struct Vwo;

/// Which of VWO's interfaces is told. Each has its own kind of visitor identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Api {
    /// Mobile campaigns: `track-goal`, visitors by the MD5 of their user id.
    TrackGoal,
    /// Web campaigns: the page's own goal hit, visitors by the uuid of their cookie.
    WebGoal,
    /// FullStack campaigns: visitors by the UUID v5 of their user id.
    ServerSide,
    /// Events of the web: visitors by the uuid of their cookie.
    Events,
}

/// Where VWO's conversions go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub account: Option<Id>,
    /// The interface, where it is named; else the identity that a conversion names decides.
    pub api: Option<Api>,
    /// The account's region on VWO's hosts, e.g. `eu01`: letters and digits only, for it becomes a part of the path.
    pub collection_prefix: Option<String>,
    /// The key of an environment of FullStack.
    pub sdk_key: Option<String>,
}

impl Account {
    /// The interface: the one that is named, else the one for whom and what the conversion names.
    fn api(&self, goal: &Goal) -> Api {
        self.api.unwrap_or(if goal.user_id.is_some() {
            if self.sdk_key.is_some() { Api::ServerSide } else { Api::TrackGoal }
        } else if goal.event.is_some() && !goal.names_goal() {
            Api::Events
        } else {
            Api::WebGoal
        })
    }
}

/// What a conversion is to VWO. VWO numbers the goals of web campaigns per campaign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    /// Campaign → goal, one each.
    pub goals: IdMap,
    /// The goal, where there is one campaign only (or where it is the same one in each of `campaigns`).
    pub goal: Option<Id>,
    /// The only campaigns to tell.
    pub campaigns: Option<Vec<Id>>,
    /// The name of the event.
    pub event: Option<String>,
    /// The site's own id of the visitor, as the mobile app or the server passed it to VWO.
    pub user_id: Option<String>,
    /// Send it as it is (`user_id`) instead of its MD5.
    pub send_user_id: bool,
}

impl Goal {
    fn names_goal(&self) -> bool {
        self.goal.is_some() || !self.goals.is_empty()
    }

    /// The goal in that campaign, where the conversion counts in it.
    #[inline(never)]
    fn of(&self, campaign: Id) -> Option<Id> {
        if let Some(campaigns) = &self.campaigns
            && !campaigns.contains(&campaign)
        {
            None
        } else if self.goals.is_empty() {
            self.goal
        } else {
            // Where goals are named per campaign, `goalId` is for none of the others.
            self.goals.get(campaign)?.first().copied()
        }
    }

    /// The site's own id of the visitor, for an endpoint to which the uuid of a browser means nothing.
    fn user_id(&self, visitor: &Visitor, drafts: &mut Drafts) -> Result<&str, Refused> {
        let user_id = self.user_id.as_deref();
        let has_another = user_id.is_none() && visitor.uuid.is_some();
        let missing = if has_another { Code::WrongIdentity } else { Code::NoVisitorId };
        user_id.filter(|id| !id.is_empty()).ok_or_else(|| drafts.refuse(missing, "userId"))
    }
}

/// The visitor's uuid in the browser.
fn web_uuid<'a>(visitor: &'a Visitor, drafts: &mut Drafts) -> Result<&'a str, Refused> {
    match &visitor.uuid {
        Some(uuid) => Ok(uuid.as_str()),
        None => Err(drafts.refuse(Code::NoVisitorId, "_vwo_uuid")),
    }
}

impl Platform for Vwo {
    const NAME: PlatformName = PlatformName::Vwo;
    type Visitor = Visitor;
    type Account = Account;
    type Goal = Goal;

    fn capture(visitor: &mut Visitor, page: &Page<'_>, problems: &mut Vec<Problem>) -> bool {
        visitor::capture(visitor, page, problems)
    }

    fn walk(visitor: &mut Visitor, walker: &mut Walker<'_>) {
        visitor::walk(visitor, walker);
    }

    fn is_somebody(_: &Visitor) -> bool {
        true
    }

    fn read_account(account: &mut Account, entries: &mut Entries<'_, '_>) {
        entries.id("accountId", &mut account.account);
        account.api = match entries.word("api", "track-goal web-goal server-side events") {
            1 => Some(Api::TrackGoal),
            2 => Some(Api::WebGoal),
            3 => Some(Api::ServerSide),
            4 => Some(Api::Events),
            _ => None,
        };
        entries.entry("collectionPrefix", &mut account.collection_prefix, |place, prefix| {
            *place = prefix.text();
            place.as_deref().is_some_and(|prefix| prefix.len() <= 16 && is_all(prefix, ALPHANUMERIC))
        });
        entries.text("sdkKey", &mut account.sdk_key);
        entries.expect("accountId");
        if account.api == Some(Api::ServerSide) {
            entries.expect("sdkKey");
        }
    }

    fn read_goal(goal: &mut Goal, entries: &mut Entries<'_, '_>) {
        entries.entry("goals", &mut goal.goals, read_goals);
        entries.goal_id("goalId", &mut goal.goal);
        entries.list("campaignIds", &mut goal.campaigns);
        entries.text("event", &mut goal.event);
        entries.entry("userId", &mut goal.user_id, |place, id| {
            *place = id.text().or_else(|| Id::from_json(id).map(Id::text));
            place.as_deref().is_some_and(is_whole_text)
        });
        entries.yes("sendUserId", &mut goal.send_user_id);
        if goal.event.is_none() && !goal.names_goal() {
            entries.refuse("goalId");
        }
    }

    fn lacks(account: &Account, goal: &Goal) -> Option<&'static str> {
        match account.api(goal) {
            Api::Events => goal.event.is_none().then_some("event"),
            _ => (!goal.names_goal()).then_some("goalId"),
        }
    }

    fn requests(told: &Told<'_, Self>, drafts: &mut Drafts) -> Result<(), Refused> {
        let Told { visitor, account: named, goal, facts, .. } = *told;
        let account = account_id(named.account, visitor.account, told.captured_here, "accountId", drafts)?;
        let api = named.api(goal);
        if let Some(about) = Self::lacks(named, goal) {
            return Err(drafts.refuse_invalid(about));
        }
        if api == Api::Events {
            events::request(told, account, drafts)?;
            drafts.warn_unsupported(goal.user_id.is_some(), "userId");
            return Ok(());
        }
        hits::requests(told, account, api, drafts)?;
        // An event beside goals is for visitors whose interface is another, unless all of the account's have this one.
        drafts.warn_unsupported(named.api.is_some() && goal.event.is_some(), "event");
        facts.warn_counted_at_arrival(drafts);
        Ok(())
    }
}

/// Campaign → goal, each campaign once, where all of it is that; else nothing is left in its place.
fn read_goals(place: &mut IdMap, json: Json<'_>) -> bool {
    let mut is_sound = json.is_object();
    for (campaign, goal) in json.entries() {
        match (Id::parse(&campaign), goal.scalar().and_then(|goal| Id::parse(&goal))) {
            (Some(campaign), Some(goal)) if goal.is_goal() && place.get(campaign).is_none() => {
                place.insert(campaign, Vec::from([goal]));
            }
            _ => is_sound = false,
        }
    }
    if !is_sound {
        *place = IdMap::default();
    }
    is_sound
}
