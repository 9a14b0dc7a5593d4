//! Rows of VWO FullStack's users: the settings file decides, as the SDK on the site's servers did, which variations a user has.

use super::{Reason, Told, Work, rejected, skipped, visitor_hash};
use crate::{
    config::{Config, Secrets, VwoFullstack},
    fault::{Code, Fault},
    input::{columns::Field, row::Row, vwo_users::VwoUsers},
};
use aftercall::{
    fullstack::{self, Call, Campaigns, Client, Key, Line, Storage},
    values::{
        json::Json,
        money::Cents,
        problem::{self, PlatformName, Problem},
        time::Time,
    },
};
use std::borrow::Cow;

/// All that these rows are read with.
pub struct Fullstack {
    client: Client,
    users: Option<VwoUsers>,
    config: VwoFullstack,
}

impl Fullstack {
    /// As the settings have it, where they have it at all.
    ///
    /// # Errors
    /// `bad-config` and `bad-input`, where a file is of no use.
    pub fn new(config: &Config, secrets: &Secrets) -> Result<Option<Self>, Fault> {
        let Some(config) = &config.vwo_fullstack else { return Ok(None) };
        let users = config.storage.as_deref().map(VwoUsers::read).transpose()?;
        Ok(Some(Fullstack { client: config.client(secrets)?, users, config: config.clone() }))
    }

    /// What VWO is to hear of a row of this user; why not, otherwise.
    pub fn tell(&self, user: &str, row: &Row, revenue: Option<Cents>, now: Time, told: &mut Told) {
        if let Err(reason) = self.try_tell(user, row, revenue, now, told) {
            told.reasons.push(Reason { platform: Some(PlatformName::Vwo), ..reason });
        }
    }

    fn try_tell(
        &self,
        user: &str,
        row: &Row,
        revenue: Option<Cents>,
        now: Time,
        told: &mut Told,
    ) -> Result<(), Reason> {
        let goal = row.get(Field::VwoGoal).or(self.config.goal.as_deref()).ok_or_else(|| {
            rejected(Code::BadRow, "The row names no goal: fill the column vwo_goal, or set [vwo_fullstack] goal.")
        })?;
        let campaigns = self.campaigns(row)?;
        let is_named = campaigns != Campaigns::All;
        let variables = variables_of(row, Field::VwoVariables, "vwo_variables")?;
        let targeting = variables_of(row, Field::VwoTargeting, "vwo_targeting")?;
        let amount = amount(revenue)?;
        let mut call = Call::new(campaigns, user, goal);
        call.custom_variables = variables.as_deref().and_then(Json::parse);
        call.targeting_variables = targeting.as_deref().and_then(Json::parse);
        call.revenue = amount.as_deref().and_then(Json::parse);
        let at = told.at;
        if let (Some(age), Some(at)) = (self.config.max_age.and_then(|age| age.0), at)
            && now.ms().saturating_sub(at.ms()) > age
        {
            return Err(skipped(Code::TooOld, "The conversion is older than [vwo_fullstack] max_age."));
        }
        let mut users = self.users.as_ref();
        let storage = users.as_mut().map(|users| users as &mut dyn Storage);
        let (outcome, conversions) = self.client.conversions(&call, storage, &told.conversion, at.unwrap_or(now).ms());
        let failed = outcome.failure.is_some();
        told.reasons.extend(outcome.failure.map(|line| reason(&line, is_named)));
        let others = outcome.verdicts.iter().filter(|verdict| !verdict.tracked && !failed);
        told.reasons.extend(
            others.map(|verdict| reason(&Line::new(verdict.reason, verdict.campaign_key.to_string()), is_named)),
        );
        for conversion in conversions {
            if at.is_some() && conversion.draft.post.is_none() {
                Problem::new(PlatformName::Vwo, problem::Code::CountedAtArrival, "at").report(&mut told.warnings);
            }
            told.works.push(Work {
                draft: conversion.draft,
                conversion: told.conversion.clone(),
                revenue: revenue.map(Cents::number),
                visitor: visitor_hash(user),
            });
        }
        Ok(())
    }

    /// The campaigns of a row: one key, several with commas between, or a JSON list; none is all that have the goal.
    fn campaigns<'a>(&'a self, row: &'a Row) -> Result<Campaigns<'a>, Reason> {
        let mut keys: Vec<Cow<'a, str>> = match row.get(Field::VwoCampaignKey) {
            None => self.config.campaign_keys.iter().map(|key| Cow::Borrowed(key.as_str())).collect(),
            Some(list) if list.starts_with('[') => {
                let keys: Vec<String> = serde_json::from_str(list)
                    .map_err(|_| rejected(Code::BadRow, "vwo_campaign_key is a key, or a list of keys."))?;
                keys.into_iter().map(Cow::Owned).collect()
            }
            Some(list) => list.split([',', ';', '|']).map(|key| Cow::Borrowed(key.trim())).collect(),
        };
        // A key that is named twice is one conversion.
        let mut seen = std::collections::HashSet::new();
        keys.retain(|key| !key.is_empty() && seen.insert(key.clone()));
        Ok(match keys.len() {
            0 => Campaigns::All,
            1 => Campaigns::One(keys.pop().unwrap_or_default()),
            _ => Campaigns::Several(keys.into_iter().map(Key::from).collect()),
        })
    }
}

/// The amount, where it is one for VWO: nothing is no amount, as it is for the SDK.
fn amount(revenue: Option<Cents>) -> Result<Option<String>, Reason> {
    let Some(revenue) = revenue.filter(|revenue| revenue.number() != 0) else { return Ok(None) };
    if revenue.is_negative() {
        return Err(Reason {
            code: problem::Code::InvalidConversion.name(),
            ..rejected(Code::BadAmount, "VWO takes no conversion back: the amount is negative.")
        });
    }
    let mut text = String::new();
    revenue.push_decimal(&mut text);
    Ok(Some(text))
}

/// `{"country": "de"}`, or `country=de; age=30`.
fn variables_of(row: &Row, field: Field, name: &str) -> Result<Option<String>, Reason> {
    let Some(text) = row.get(field) else { return Ok(None) };
    let bad = || rejected(Code::BadRow, format!("{name} is a JSON object, or written like country=de; age=30."));
    if text.starts_with('{') {
        let is_object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok();
        return if is_object { Ok(Some(text.to_owned())) } else { Err(bad()) };
    }
    let mut all = serde_json::Map::new();
    for pair in text.split(';').filter(|pair| !pair.trim().is_empty()) {
        let (name, value) = pair.split_once('=').ok_or_else(bad)?;
        all.insert(name.trim().to_owned(), value.trim().into());
    }
    Ok(Some(serde_json::Value::Object(all).to_string()))
}

/// Why a campaign hears nothing. Who is not in it, or comes at the wrong time, is no fault of the row.
fn reason(line: &Line, is_named: bool) -> Reason {
    use fullstack::Reason as Why;
    let skipped = match line.reason {
        Why::NotRunning
        | Why::OtherGoalType
        | Why::NotActivated
        | Why::NotInSegment
        | Why::NotInTraffic
        | Why::OtherOfGroup
        | Why::NoVariation
        | Why::AlreadyTracked
        | Why::GroupGap => true,
        Why::Rollout => !is_named,
        _ => false,
    };
    Reason { platform: Some(PlatformName::Vwo), code: line.reason.name(), message: line.message(), rejected: !skipped }
}
