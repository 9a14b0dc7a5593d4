//! The user storage service: what the site remembers of its users, so that a conversion counts once and for the
//! variation that the user was given.
//!
//! ```text
//! get(userId, campaignKey) → {userId, campaignKey, variationName, goalIdentifier?, metaData?}
//! goalIdentifier = goal { "_vwo_" goal }
//! ```
//! Source: the vendor's page on the user storage service and `vwo-node-sdk` 1.73.0, `DecisionUtil`.

use super::value::is_truthy;
use crate::values::{
    json::{Json, Writer},
    text::cut_at,
};
use alloc::string::String;

/// A site's storage of users.
pub trait Storage {
    /// What [`set`](Storage::set) was given last for this user and campaign, as [JSON](Record::to_json).
    ///
    /// # Errors
    /// Where the storage cannot be asked. `track` then answers null.
    fn get(&mut self, user_id: &str, campaign_key: &str) -> Result<Option<String>, StorageFailed>;

    /// Keeps a record in place of an older one for the same user and campaign.
    ///
    /// # Errors
    /// Where it cannot be kept. The conversion counts all the same.
    fn set(&mut self, record: &Record<'_>) -> Result<(), StorageFailed>;
}

/// The storage did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageFailed;

/// What is remembered of a user in a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The user.
    pub user_id: &'a str,
    /// The variation that the user was given.
    pub variation_name: &'a str,
    /// The campaign.
    pub campaign_key: &'a str,
    /// The goals that were tracked; the SDK remembers the last one only.
    pub goal_identifier: &'a str,
    /// What the call said besides.
    pub meta_data: Option<Json<'a>>,
}

impl Record<'_> {
    /// `{userId, variationName, campaignKey, goalIdentifier, metaData?}`
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = Writer::default();
        out.open('{');
        out.member("userId", self.user_id);
        out.member("variationName", self.variation_name);
        out.member("campaignKey", self.campaign_key);
        out.member("goalIdentifier", self.goal_identifier);
        if let Some(data) = self.meta_data {
            out.name("metaData");
            out.raw(data.as_str());
        }
        out.close('}');
        out.finish()
    }
}

/// What separates goals in a record.
const SEPARATOR: &str = "_vwo_";

/// A record as it was read, a call's `userStorageData` laid over it.
#[derive(Debug)]
pub(super) struct Remembered<'a> {
    campaign_key: Json<'a>,
    variation_name: Json<'a>,
    goals: Json<'a>,
}

impl<'a> Remembered<'a> {
    /// Of two, the later one counts, member by member.
    pub(super) fn read(stored: Json<'a>, laid_over: Option<Json<'a>>) -> Self {
        let (stored, laid_over) = (stored.members(), laid_over.unwrap_or_default().members());
        let get = |name| laid_over.get_or_null(name).or_else(|| stored.get_or_null(name)).unwrap_or_default();
        Remembered {
            campaign_key: get("campaignKey"),
            variation_name: get("variationName"),
            goals: get("goalIdentifier"),
        }
    }

    /// The variation's name, where the record is of one. Which campaign it names is not looked at; a name that is no text
    /// is no variation's.
    pub(super) fn variation_name(&self) -> Option<String> {
        let is_one = is_truthy(self.campaign_key) && is_truthy(self.variation_name);
        is_one.then(|| self.variation_name.text().unwrap_or_default())
    }

    /// The goals; an error where the SDK stumbles over them.
    pub(super) fn goals(&self) -> Result<Option<String>, super::settings::Thrown> {
        if is_truthy(self.goals) { self.goals.text().map(Some).ok_or(super::settings::Thrown) } else { Ok(None) }
    }
}

/// Is the goal one of these?
pub(super) fn has_goal(goals: &str, goal: &str) -> bool {
    let mut rest = goals;
    while let Some((own, others)) = cut_at(rest, SEPARATOR) {
        if own == goal {
            return true;
        }
        rest = others;
    }
    rest == goal
}

/// These goals, and one more.
pub(super) fn with_goal(goals: &str, goal: &str) -> String {
    let mut all = String::from(goals);
    all.push_str(SEPARATOR);
    all.push_str(goal);
    all
}
