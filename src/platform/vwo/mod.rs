//! VWO: what it knows of a visitor (`visitor`), its three kinds of visitor identity (`identity`), the mobile endpoint
//! `track-goal` and the page's own goal hit (`web_goal`).

pub mod identity;
mod track_goal;
pub mod visitor;
mod web_goal;

pub use identity::{Md5UserId, UuidV5, WebUuid};
pub use visitor::Visitor;

use super::{Platform, Told, account_id, boolean, entry, goal_id, ids};
use crate::values::{
    id::{self, Id, IdMap, Variations},
    idempotency::IdempotencyKey,
    json::{Json, Writer},
    page::Page,
    problem::{Code, PlatformName, Problem, Reason},
    request::{ConversionPlan, ConversionRequest, Repeat, Url},
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
    /// Campaign → goal.
    pub goals: IdMap<Id>,
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

    fn read_visitor(json: Json<'_>) -> Option<Visitor> {
        Some(visitor::read(json))
    }

    fn write_visitor(visitor: &Visitor, out: &mut Writer) {
        visitor::write(visitor, out);
    }

    fn read_account(json: Json<'_>) -> Result<Account, Reason> {
        Ok(Account {
            account: entry(json, "accountId", Code::InvalidAccount, Id::from_json)?,
            api: entry(json, "api", Code::InvalidAccount, |api| match api.text()?.as_str() {
                "track-goal" => Some(Api::TrackGoal),
                "web-goal" => Some(Api::WebGoal),
                _ => None,
            })?,
            collection_prefix: entry(json, "collectionPrefix", Code::InvalidAccount, |prefix| {
                prefix
                    .text()
                    .filter(|text| (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric()))
            })?,
        })
    }

    fn read_goal(json: Json<'_>) -> Result<Goal, Reason> {
        let goals = entry(json, "goals", Code::InvalidConversion, |goals| {
            let map = IdMap::from_json(Some(goals), goal_id);
            (goals.is_object() && map.len() == goals.entries().count()).then_some(map)
        })?;
        let goal = entry(json, "goalId", Code::InvalidConversion, goal_id)?;
        if goal.is_none() && goals.as_ref().is_none_or(IdMap::is_empty) {
            return Err(Reason::new(Code::InvalidConversion, "goalId"));
        }
        Ok(Goal {
            goals: goals.unwrap_or_default(),
            goal,
            campaigns: entry(json, "campaignIds", Code::InvalidConversion, ids)?,
            user_id: entry(json, "userId", Code::InvalidConversion, |id| {
                id.scalar().filter(|text| !text.is_empty() && !text.contains('\u{FFFD}'))
            })?,
            send_user_id: entry(json, "sendUserId", Code::InvalidConversion, boolean)?.unwrap_or_default(),
            unsupported: json.get("event").map(|_| "event"),
        })
    }

    fn check_account(account: &Account) -> Result<(), Reason> {
        resolve(account, None, false).map(|_| ())
    }

    fn requests(told: &Told<'_, Self>, plan: &mut ConversionPlan) -> Result<(), Reason> {
        let (account, api) = resolve(told.account, Some(told.visitor), told.captured_here)?;
        let goal = told.goal;
        let campaigns = campaigns(told.visitor, goal)?;
        let revenue = told.facts.positive_revenue()?;
        if let Some(option) = goal.unsupported {
            plan.warn(Self::NAME, Code::UnsupportedOption, option);
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
                Api::TrackGoal => track_goal::url(&hit, told.visitor, goal, &key, prefix, plan)?,
                Api::WebGoal => web_goal::url(&hit, told.visitor, prefix)?,
            };
            plan.requests.push(ConversionRequest {
                platform: Self::NAME,
                url,
                body: None,
                key,
                repeat: Repeat::CountsTwice,
            });
        }
        told.facts.warn_counted_at_arrival(Self::NAME, plan);
        Ok(())
    }
}

/// One goal hit in one campaign.
struct Hit<'a> {
    account: Id,
    campaign: Id,
    goal: Id,
    variations: &'a Variations,
    revenue: Option<crate::values::money::Cents>,
}

impl Hit<'_> {
    /// `combination`: the ids as VWO keeps them in its cookie, with commas.
    fn push_combination(&self, url: &mut Url) {
        let mut text = String::new();
        id::push_joined(&mut text, self.variations.ids(), ',');
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

fn resolve(account: &Account, visitor: Option<&Visitor>, captured_here: bool) -> Result<(Id, Api), Reason> {
    let visitors = visitor.and_then(|visitor| visitor.account.as_ref());
    Ok((
        account_id(account.account.as_ref(), visitors, captured_here, "accountId")?,
        account.api.ok_or(Reason::new(Code::InvalidAccount, "api"))?,
    ))
}

/// The visitor's campaigns that the conversion counts in, each with its goal.
fn campaigns<'a>(visitor: &'a Visitor, goal: &Goal) -> Result<Vec<(Id, Id, &'a Variations)>, Reason> {
    let named = |campaign: Id| goal.campaigns.as_ref().is_none_or(|campaigns| campaigns.contains(&campaign));
    let seen: Vec<_> = visitor.campaigns.iter().filter(|(campaign, _)| named(*campaign)).collect();
    if goal.goals.is_empty() && goal.campaigns.is_none() && seen.len() > 1 {
        return Err(Reason::new(Code::AmbiguousGoal, "goals"));
    }
    // Where goals are named per campaign, `goalId` is for none of the others.
    let fallback = goal.goal.filter(|_| goal.goals.is_empty());
    let hits: Vec<_> = seen
        .into_iter()
        .filter_map(|(campaign, variations)| {
            Some((campaign, goal.goals.get(campaign).copied().or(fallback)?, variations))
        })
        .collect();
    if hits.is_empty() {
        let about = if goal.goals.is_empty() { "campaignIds" } else { "goals" };
        return Err(Reason::new(Code::NoCampaign, about));
    }
    Ok(hits)
}
