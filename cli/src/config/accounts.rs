//! The platforms' sections: accounts and goals, handed to the core as the JSON of its public contract.

use super::{Age, Secrets};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// An id, as text or as a number.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "an id is a number, or text in quotation marks")]
pub enum Id {
    /// A number.
    Number(u64),
    /// Text.
    Text(String),
}

impl From<&Id> for Value {
    fn from(id: &Id) -> Value {
        Value::String(match id {
            Id::Number(number) => number.to_string(),
            Id::Text(text) => text.clone(),
        })
    }
}

/// Members of a JSON object, those that are there.
#[derive(Default)]
struct Members(Map<String, Value>);

impl Members {
    fn put(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    fn ids(self, name: &str, ids: Option<&Vec<Id>>) -> Self {
        self.put(name, ids.map(|ids| ids.iter().map(Value::from).collect::<Vec<_>>()))
    }
}

/// `[optimizely]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Optimizely {
    account_id: Option<Id>,
    project_id: Option<Id>,
    api: Option<String>,
    region: Option<String>,
    event: Option<String>,
    event_id: Option<Id>,
    anonymize_ip: Option<bool>,
    /// How old a conversion may be.
    pub max_age: Option<Age>,
}

/// `[vwo]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Vwo {
    account_id: Option<Id>,
    api: Option<String>,
    collection_prefix: Option<String>,
    goal_id: Option<Id>,
    goals: Option<BTreeMap<String, Id>>,
    campaign_ids: Option<Vec<Id>>,
    event: Option<String>,
    send_user_id: Option<bool>,
    /// How old a conversion may be.
    pub max_age: Option<Age>,
}

/// `[kameleoon]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kameleoon {
    /// The project's code.
    pub site_code: Option<String>,
    /// The Data API's host.
    pub data_host: Option<String>,
    /// Of the body: `json` or `text`.
    pub format: Option<String>,
    /// The goal.
    pub goal_id: Option<Id>,
    /// Correct a conversion whose revenue changed: take the old one back, then send the new one.
    pub correct: Option<bool>,
    /// How old a conversion may be; default 7 days, Kameleoon's own window.
    pub max_age: Option<Age>,
}

/// `[convert]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Convert {
    account_id: Option<Id>,
    project_id: Option<Id>,
    api: Option<String>,
    /// A domain of the customer's own.
    pub domain: Option<String>,
    enrich_data: Option<bool>,
    goal_ids: Option<Vec<Id>>,
    repeat: Option<bool>,
    /// How old a conversion may be.
    pub max_age: Option<Age>,
}

impl super::Config {
    /// `Accounts` of the public contract.
    pub fn accounts(&self, secrets: &Secrets) -> Value {
        let mut all = Members::default();
        if let Some(it) = &self.optimizely {
            let account = Members::default()
                .put("accountId", it.account_id.as_ref())
                .put("projectId", it.project_id.as_ref())
                .put("api", it.api.clone())
                .put("region", it.region.clone());
            all = all.put("optimizely", Some(account.0));
        }
        if let Some(it) = &self.vwo {
            let account = Members::default()
                .put("accountId", it.account_id.as_ref())
                .put("api", it.api.clone())
                .put("collectionPrefix", it.collection_prefix.clone())
                .put("sdkKey", secrets.vwo_sdk_key.clone());
            all = all.put("vwo", Some(account.0));
        }
        if let Some(it) = &self.kameleoon {
            let account = Members::default()
                .put("siteCode", it.site_code.clone())
                .put("dataHost", it.data_host.clone())
                .put("format", it.format.clone());
            all = all.put("kameleoon", Some(account.0));
        }
        if let Some(it) = &self.convert {
            let account = Members::default()
                .put("accountId", it.account_id.as_ref())
                .put("projectId", it.project_id.as_ref())
                .put("api", it.api.clone())
                .put("domain", it.domain.clone())
                .put("enrichData", it.enrich_data)
                .put("sdkKey", secrets.convert_sdk_key.clone());
            all = all.put("convert", Some(account.0));
        }
        Value::Object(all.0)
    }

    /// What a conversion is to each platform: `Conversion` of the public contract, without id, time and revenue.
    pub fn goals(&self) -> Map<String, Value> {
        let mut all = Members::default();
        if let Some(it) = &self.optimizely {
            let goal = Members::default()
                .put("event", it.event.clone())
                .put("eventId", it.event_id.as_ref())
                .put("anonymizeIp", it.anonymize_ip);
            all = all.put("optimizely", Some(goal.0));
        }
        if let Some(it) = &self.vwo {
            let goals = it.goals.as_ref().map(|goals| {
                goals.iter().map(|(campaign, goal)| (campaign.clone(), Value::from(goal))).collect::<Map<_, _>>()
            });
            let goal = Members::default()
                .put("goals", goals)
                .put("goalId", it.goal_id.as_ref())
                .ids("campaignIds", it.campaign_ids.as_ref())
                .put("event", it.event.clone())
                .put("sendUserId", it.send_user_id);
            all = all.put("vwo", Some(goal.0));
        }
        if let Some(it) = &self.kameleoon {
            all = all.put("kameleoon", Some(Members::default().put("goalId", it.goal_id.as_ref()).0));
        }
        if let Some(it) = &self.convert {
            let goal = Members::default().ids("goalIds", it.goal_ids.as_ref()).put("repeat", it.repeat);
            all = all.put("convert", Some(goal.0));
        }
        all.0
    }
}

impl Vwo {
    /// The campaign, where the settings name exactly one.
    pub fn only_campaign(&self) -> Option<String> {
        match self.campaign_ids.as_deref() {
            Some([only]) => Value::from(only).as_str().map(String::from),
            _ => None,
        }
    }
}
