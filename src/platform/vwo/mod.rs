//! VWO: what it knows of a visitor (`visitor`), its three kinds of visitor identity (`identity`), the mobile endpoint
//! `track-goal`, the page's own goal hit (`web_goal`) and the one of FullStack's SDKs (`server_side`).

pub mod identity;
pub mod server_side;
mod track_goal;
pub mod visitor;
mod web_goal;

pub use identity::{Md5UserId, UuidV5, WebUuid};
pub use visitor::Visitor;

use super::{Entries, Platform, Told, account_id, is_whole_text};
use crate::values::{
    fields::{Fields, Shape, read_map},
    id::{self, Id, IdMap},
    idempotency::IdempotencyKey,
    json::Json,
    money::Cents,
    page::Page,
    problem::{Code, PlatformName, Problem, Reason},
    request::{Draft, Drafts, Repeat, Url},
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
}

/// Where VWO's conversions go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub account: Option<Id>,
    /// The interface; it must be named.
    pub api: Option<Api>,
    /// The account's region on VWO's hosts, e.g. `eu01`: letters and digits only, for it becomes a part of the path.
    pub collection_prefix: Option<String>,
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
    /// The site's own id of the visitor, as the mobile app passed it to VWO.
    pub user_id: Option<String>,
    /// Send it as it is (`user_id`) instead of its MD5.
    pub send_user_id: bool,
    /// Entries that these requests have no parameter for.
    pub unsupported: Option<&'static str>,
}

impl Platform for Vwo {
    const NAME: PlatformName = PlatformName::Vwo;
    type Visitor = Visitor;
    type Account = Account;
    type Goal = Goal;

    fn capture(page: &Page<'_>, problems: &mut Vec<Problem>) -> Option<Visitor> {
        visitor::capture(page, problems)
    }

    fn walk(visitor: &mut Visitor, walker: &mut dyn Fields) {
        visitor::walk(visitor, walker);
    }

    fn is_somebody(_: &Visitor) -> bool {
        true
    }

    fn read_account(entries: &mut Entries<'_>) -> Account {
        Account {
            account: entries.id("accountId"),
            api: entries.entry("api", |api| match api.text()?.as_str() {
                "track-goal" => Some(Api::TrackGoal),
                "web-goal" => Some(Api::WebGoal),
                _ => None,
            }),
            collection_prefix: entries.text("collectionPrefix", |text| text.len() <= 16 && is_all(text, ALPHANUMERIC)),
        }
    }

    fn read_goal(entries: &mut Entries<'_>) -> Goal {
        let goals = entries.entry("goals", read_goals).unwrap_or_default();
        let goal = entries.goal_id("goalId");
        if goals.is_empty() {
            entries.require("goalId", goal);
        }
        Goal {
            goals,
            goal,
            campaigns: entries.ids("campaignIds"),
            user_id: entries.entry("userId", |id| id.scalar().filter(|text| is_whole_text(text))),
            send_user_id: entries.flag("sendUserId").unwrap_or_default(),
            unsupported: entries.get("event").map(|_| "event"),
        }
    }

    fn needs(account: &Account) -> Vec<(&'static str, Code, bool)> {
        Vec::from([
            ("accountId", Code::NoAccount, account.account.is_some()),
            ("api", Code::InvalidAccount, account.api.is_some()),
        ])
    }

    fn requests(told: &Told<'_, Self>, drafts: &mut Drafts) -> Result<(), Reason> {
        let (account, api) = resolve(told.account, told.visitor, told.captured_here)?;
        let goal = told.goal;
        let campaigns = campaigns(told.visitor, goal)?;
        let revenue = told.facts.positive_revenue()?;
        if let Some(option) = goal.unsupported {
            drafts.warn(Self::NAME, Code::UnsupportedOption, option);
        }
        let prefix = told.account.collection_prefix.as_deref();
        for (campaign, goal_id, variations) in campaigns {
            let key = IdempotencyKey::new(
                Self::NAME.name(),
                &account.text(),
                &campaign.text(),
                &goal_id.text(),
                &told.facts.id,
            );
            let hit = Hit { account, campaign, goal: goal_id, variations, revenue };
            let url = match api {
                Api::TrackGoal => track_goal::url(&hit, told.visitor, goal, &key, prefix, drafts)?,
                Api::WebGoal => web_goal::url(&hit, told.visitor, prefix)?,
            };
            drafts.requests.push(Draft { platform: Self::NAME, url, post: None, key, repeat: Repeat::CountsTwice });
        }
        told.facts.warn_counted_at_arrival(Self::NAME, drafts);
        Ok(())
    }
}

/// One goal hit in one campaign.
struct Hit<'a> {
    account: Id,
    campaign: Id,
    goal: Id,
    variations: &'a [Id],
    revenue: Option<Cents>,
}

impl Hit<'_> {
    /// `combination`: the ids as VWO keeps them in its cookie, with commas.
    fn push_combination(&self, url: &mut Url) {
        let mut text = String::new();
        id::push_joined(&mut text, self.variations, ",");
        url.text("combination", &text);
    }

    fn push_revenue(&self, url: &mut Url) {
        if let Some(revenue) = self.revenue {
            revenue.push_decimal(url.name("r"));
        }
    }
}

/// `https://<host>/[<prefix>/]<path>`
fn endpoint(host: &str, prefix: Option<&str>, path: &str) -> Url {
    let (prefix, slash) = prefix.map_or(("", ""), |prefix| (prefix, "/"));
    Url::new(&["https://", host, ".visualwebsiteoptimizer.com/", prefix, slash, path])
}

/// A number from 0 to below 1, with sixteen decimals.
fn push_random(out: &mut String, nonce: [u8; 8]) {
    let mut digits = String::new();
    // A leading 1 keeps the zeros behind it.
    id::push_number(
        &mut digits,
        (u64::from_be_bytes(nonce) % 10_000_000_000_000_000).wrapping_add(10_000_000_000_000_000),
    );
    out.push_str("0.");
    out.push_str(digits.strip_prefix('1').unwrap_or(&digits));
}

fn resolve(account: &Account, visitor: &Visitor, captured_here: bool) -> Result<(Id, Api), Reason> {
    Ok((
        account_id(account.account.as_ref(), visitor.account.as_ref(), captured_here, "accountId")?,
        account.api.ok_or(Reason::new(Code::InvalidAccount, "api"))?,
    ))
}

/// Campaign → goal, where all of it is that.
fn read_goals(json: Json<'_>) -> Option<IdMap> {
    let mut goals = IdMap::default();
    read_map(json, Shape::One, &mut goals);
    let is_goal = |(_, ids): (Id, &[Id])| ids.iter().all(|id| (1..=Id::MAX_SAFE).contains(&id.number()));
    (json.is_object() && goals.len() == json.entries().count() && goals.iter().all(is_goal)).then_some(goals)
}

/// A campaign, its goal, and the variations seen.
type CampaignHit<'a> = (Id, Id, &'a [Id]);

/// The visitor's campaigns that the conversion counts in.
fn campaigns<'a>(visitor: &'a Visitor, goal: &Goal) -> Result<Vec<CampaignHit<'a>>, Reason> {
    let per_campaign = !goal.goals.is_empty();
    let mut seen = 0_u32;
    let mut hits = Vec::new();
    for (campaign, variations) in visitor.campaigns.iter() {
        if goal.campaigns.as_ref().is_some_and(|named| !named.contains(&campaign)) {
            continue;
        }
        seen = seen.wrapping_add(1);
        // Where goals are named per campaign, `goalId` is for none of the others.
        let own = if per_campaign { goal.goals.get(campaign).and_then(<[Id]>::first).copied() } else { goal.goal };
        if let Some(own) = own {
            hits.push((campaign, own, variations));
        }
    }
    if !per_campaign && goal.campaigns.is_none() && seen > 1 {
        return Err(Reason::new(Code::AmbiguousGoal, "goals"));
    }
    if hits.is_empty() {
        return Err(Reason::new(Code::NoCampaign, if per_campaign { "goals" } else { "campaignIds" }));
    }
    Ok(hits)
}
