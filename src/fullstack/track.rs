//! The decision: which variation a user has in each campaign of a call, and whether the goal counts in it.
//!
//! Within a campaign the order is: whitelist, user storage, conditions and traffic, group, bucket. What comes first wins.
//! Where the SDK throws, nothing of the call counts; what it did until then (storage, decisions) stays done.
//! Source: `vwo-node-sdk` 1.73.0 `track`, `DecisionUtil`, `VariationDecider`.

use super::{
    Outcome,
    bucketing::{BUCKETS, Weight, allocate, pick_equal, pick_scaled},
    call::{Call, Campaigns},
    decision::Decision,
    goal_type::GoalType,
    murmur,
    options::Options,
    reason::{Line, Reason},
    segmentation::Variables,
    settings::{Campaign, Goal, Group, Settings, Thrown, Variation},
    storage::{Record, Remembered, Storage, has_goal, with_goal},
    value::{PROTO, has_own},
};
use crate::{platform::vwo::UuidV5, values::json::Json};
use alloc::{borrow::Cow, string::String, vec::Vec};

/// What was decided about one campaign of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict<'c> {
    /// The campaign's key, as the call or the settings have it.
    pub campaign_key: Cow<'c, str>,
    /// Does the conversion count in it?
    pub tracked: bool,
    /// The name of the variation that the user has, where that was found out.
    pub variation: Option<&'c str>,
    /// Why.
    pub reason: Reason,
}

/// A conversion that counts.
#[derive(Clone, Copy)]
pub(super) struct Hit<'c> {
    pub(super) campaign: &'c Campaign,
    pub(super) variation: &'c Variation,
    pub(super) goal: &'c Goal,
}

/// One call on its way through its campaigns.
pub(super) struct Track<'c, 't, 's> {
    settings: &'c Settings,
    options: &'c Options,
    call: &'t Call<'t>,
    user_id: &'t str,
    goal: &'t str,
    storage: Option<&'s mut dyn Storage>,
    /// May the storage be written to?
    keep: bool,
    /// The goals that count; nothing for all.
    goal_type: Option<GoalType>,
    /// May a conversion count again?
    pub(super) returning: bool,
    uuid: Option<UuidV5>,
    custom_variables: Option<Variables<'t>>,
    /// The targeting variables, with the user's own id.
    targeting_variables: Option<Variables<'t>>,
    /// The hash of the user's id with nothing before it.
    bare_hash: Option<u32>,
    pub(super) hits: Vec<Hit<'c>>,
    /// The event properties that the amount goes by, of all campaigns that came so far.
    pub(super) revenue_props: Vec<&'c str>,
    /// What the call comes to, but for its request.
    pub(super) outcome: Outcome<'c>,
}

impl<'c, 't, 's> Track<'c, 't, 's> {
    pub(super) fn new(
        settings: &'c Settings,
        options: &'c Options,
        call: &'t Call<'t>,
        storage: Option<&'s mut dyn Storage>,
        keep: bool,
    ) -> Self {
        let most = call.campaigns.count().unwrap_or(settings.campaigns.len());
        Track {
            settings,
            options,
            call,
            user_id: &call.user_id,
            goal: &call.goal,
            storage,
            keep,
            goal_type: call.goal_type.or(options.goal_type).filter(|goal_type| *goal_type != GoalType::All),
            returning: call.returning.or(options.returning).unwrap_or_default(),
            uuid: None,
            custom_variables: None,
            targeting_variables: None,
            bare_hash: None,
            hits: Vec::with_capacity(most),
            revenue_props: Vec::new(),
            outcome: Outcome {
                verdicts: Vec::with_capacity(most),
                request: None,
                decisions: Vec::new(),
                failure: None,
                notes: Vec::new(),
                unguarded: false,
                development: options.development,
            },
        }
    }

    /// Decides about every campaign of the call; where the call as a whole comes to nothing, as far as it gets.
    pub(super) fn run(&mut self) -> Result<(), Thrown> {
        let (settings, call) = (self.settings, self.call);
        match &call.campaigns {
            Campaigns::One(key) => self.named(key, true)?,
            Campaigns::Several(keys) => {
                for (index, key) in keys.iter().enumerate() {
                    for before in keys.iter().take(index) {
                        if before == key {
                            self.note(Reason::DuplicateKey, &key.text);
                            break;
                        }
                    }
                    self.named(&key.text, key.is_text)?;
                }
            }
            Campaigns::All => {
                let Ok(places) = settings.campaigns_with(self.goal) else {
                    return self.fail(Reason::BrokenSettings, "goals");
                };
                for place in places {
                    if let Some((campaign, goal)) = settings.at(*place)
                        && self.is_asked(goal)
                    {
                        self.known(campaign)?;
                    }
                }
            }
        }
        // A result of which nothing is left but what JavaScript does not keep is empty, too.
        let mut empty = true;
        for verdict in &self.outcome.verdicts {
            empty &= *verdict.campaign_key == *PROTO;
        }
        if empty {
            return self.fail(Reason::NoCampaign, "");
        }
        if !self.hits.is_empty() {
            if settings.event_architecture && call.event_properties.is_some_and(Json::is_null) {
                return self.fail(Reason::BrokenEventProperties, "");
            }
            self.outcome.unguarded = !self.returning && self.storage.is_none();
        }
        Ok(())
    }

    /// The call as a whole comes to nothing.
    #[cold]
    fn fail(&mut self, reason: Reason, about: &str) -> Result<(), Thrown> {
        self.outcome.failure = Some(Line::new(reason, String::from(about)));
        Err(Thrown)
    }

    fn note(&mut self, reason: Reason, about: &str) {
        Line::note(&mut self.outcome.notes, reason, about);
    }

    /// Is the goal of the type to track?
    fn is_asked(&self, goal: &Goal) -> bool {
        self.goal_type.is_none() || self.goal_type == goal.kind
    }

    /// The user's id in the account; empty where the account has none.
    fn uuid(&mut self) -> &str {
        self.uuid = self.take_uuid();
        self.uuid.as_ref().map_or("", UuidV5::as_str)
    }

    /// The same, for good.
    pub(super) fn take_uuid(&mut self) -> Option<UuidV5> {
        self.uuid.take().or_else(|| UuidV5::within(self.settings.namespace.as_ref()?, self.user_id))
    }

    fn named(&mut self, key: &str, is_text: bool) -> Result<(), Thrown> {
        if is_text && let Some(campaign) = self.settings.campaign(key) {
            return self.known(campaign);
        }
        self.outcome.verdicts.push(Verdict {
            campaign_key: Cow::Owned(String::from(key)),
            tracked: false,
            variation: None,
            reason: Reason::UnknownCampaign,
        });
        Ok(())
    }

    fn known(&mut self, campaign: &'c Campaign) -> Result<(), Thrown> {
        if campaign.multi_armed && self.storage.is_none() {
            // The SDK looks for bandits without a storage only where a call names one campaign.
            if matches!(self.call.campaigns, Campaigns::One(_)) {
                return self.fail(Reason::NoStorageForMab, &campaign.key);
            }
            self.note(Reason::MabUnchecked, &campaign.key);
        }
        let mut variation = None;
        let verdict = self.decide(campaign, &mut variation);
        let (Ok(reason) | Err(reason)) = verdict;
        self.outcome.verdicts.push(Verdict {
            campaign_key: Cow::Borrowed(&campaign.key),
            tracked: verdict.is_ok(),
            variation,
            reason,
        });
        if is_of_call(reason) { self.fail(reason, &campaign.key) } else { Ok(()) }
    }

    /// Does the conversion count in this campaign, and how did the user come to the variation, whose name is `name`? An error
    /// is why not.
    fn decide(&mut self, campaign: &'c Campaign, name: &mut Option<&'c str>) -> Result<Reason, Reason> {
        if !campaign.running {
            return Err(Reason::NotRunning);
        }
        if campaign.is_rollout() {
            return Err(Reason::Rollout);
        }
        let goal_name = self.goal;
        let goal = self.settings.goal(campaign, goal_name).map_err(|_| Reason::BrokenSettings)?;
        let goal = goal.ok_or(Reason::UnknownGoal)?;
        if !self.is_asked(goal) {
            return Err(Reason::OtherGoalType);
        }
        if goal.kind == Some(GoalType::Revenue) {
            self.check_revenue(goal)?;
            if goal.names_prop {
                self.revenue_props.push(&goal.needed_prop);
            }
        }
        let mut goals = Ok(None);
        let (variation, how) = self.assign(campaign, &mut goals)?;
        *name = variation.name.as_deref();
        let name = name.ok_or(Reason::NoVariation)?;
        if let Ok(Some(goals)) = &goals {
            if !has_goal(goals, goal_name) {
                self.remember(campaign, name, &with_goal(goals, goal_name));
            } else if !self.returning && !goal.repeats {
                return Err(Reason::AlreadyTracked);
            }
        }
        self.hits.push(Hit { campaign, variation, goal });
        self.remember(campaign, name, goal_name);
        Ok(how)
    }

    /// Is there an amount, where the goal needs one?
    fn check_revenue(&self, goal: &Goal) -> Result<(), Reason> {
        if self.call.revenue.is_some() {
            return Ok(());
        }
        let event_architecture = self.settings.event_architecture;
        if event_architecture && goal.repeats && !goal.names_prop {
            return Ok(());
        }
        if event_architecture && let Some(properties) = self.call.event_properties {
            if has_own(properties, &goal.needed_prop).ok_or(Reason::BrokenEventProperties)? {
                return Ok(());
            }
            for name in self.call.unset_properties() {
                if *name == *goal.needed_prop {
                    return Ok(());
                }
            }
        }
        Err(Reason::NoRevenue)
    }

    /// The user's variation, and how he came to it. `goals`: those that the storage remembers.
    fn assign(
        &mut self,
        campaign: &'c Campaign,
        goals: &mut Result<Option<String>, Thrown>,
    ) -> Result<(&'c Variation, Reason), Reason> {
        if self.settings.namespace.is_none() {
            return Err(Reason::BrokenSettings);
        }
        let group = self.settings.group(campaign).map_err(|_| Reason::UnknownGroup)?;
        let mut owner = campaign;
        let mut how = Reason::Whitelisted;
        let mut variation = self.whitelisted(campaign, campaign.user_list)?;
        if variation.is_none() {
            how = Reason::Stored;
            variation = self.look_up(campaign, goals)?;
        }
        if variation.is_none() {
            how = Reason::Bucketed;
            if !self.in_segments(campaign) {
                return Err(Reason::NotInSegment);
            }
            if !self.in_traffic(campaign) {
                return Err(Reason::NotInTraffic);
            }
            if let Some(group) = group {
                owner = self.winner(campaign, group)?;
            }
            variation = self.bucketed(owner)?;
            if let Some(name) = variation.and_then(|variation| variation.name.as_deref()) {
                self.save(owner, name, self.goal);
            }
        }
        self.tell(campaign, group, (owner, variation), how);
        if goals.is_err() {
            return Err(Reason::StorageFailed);
        }
        Ok((variation.ok_or(Reason::NoVariation)?, how))
    }

    /// The variation that the user is whitelisted for. Of several, their weights decide.
    fn whitelisted(&mut self, campaign: &'c Campaign, by_uuid: bool) -> Result<Option<&'c Variation>, Reason> {
        if campaign.forced != Some(true) {
            return Ok(None);
        }
        if campaign.variations_are_object {
            return Err(Reason::BrokenSettings);
        }
        let targeting = self.call.targeting_variables.unwrap_or_default();
        let targets = if by_uuid {
            targets(campaign, &Variables::new(targeting, Some(self.uuid())))
        } else {
            let user_id = self.user_id;
            let variables = || Variables::new(targeting, Some(user_id));
            targets(campaign, self.targeting_variables.get_or_insert_with(variables))
        };
        if targets.len() < 2 {
            return Ok(targets.first().map(|(only, _)| *only));
        }
        let bucket = murmur::bucket(self.hash(&campaign.seed), BUCKETS, 1.0);
        Ok(pick_scaled(&targets, bucket))
    }

    /// The variation that the user storage remembers, and its goals; an error where they are such that the SDK stumbles over
    /// them. Nothing where there is no storage, or the settings no longer have the variation.
    fn look_up(
        &mut self,
        campaign: &'c Campaign,
        goals: &mut Result<Option<String>, Thrown>,
    ) -> Result<Option<&'c Variation>, Reason> {
        let Some(storage) = &mut self.storage else { return Ok(None) };
        let Ok(stored) = storage.get(self.user_id, &campaign.key) else { return Err(Reason::StorageFailed) };
        let stored = Json::parse_deep(stored.as_deref().unwrap_or("null")).ok_or(Reason::StorageFailed)?;
        let remembered = Remembered::read(stored, self.call.storage_data);
        let name = remembered.variation_name().ok_or(Reason::NotActivated)?;
        let variation = self.settings.variation(campaign, &name);
        if variation.is_some() {
            *goals = remembered.goals();
        }
        Ok(variation)
    }

    fn in_segments(&mut self, campaign: &Campaign) -> bool {
        if !campaign.segments.is_conditional() {
            return true;
        }
        let custom = self.call.custom_variables.unwrap_or_default();
        campaign.segments.matches(self.custom_variables.get_or_insert_with(|| Variables::new(custom, None)))
    }

    fn in_traffic(&mut self, campaign: &Campaign) -> bool {
        let bucket = murmur::bucket(self.hash(&campaign.seed), 100.0, 1.0);
        bucket != 0.0 && bucket <= campaign.traffic
    }

    /// The variation whose range the user's bucket is in, where it has a name.
    fn bucketed(&mut self, campaign: &'c Campaign) -> Result<Option<&'c Variation>, Reason> {
        let bucket = murmur::bucket(self.hash(&campaign.bucket_seed), BUCKETS, campaign.multiplier);
        for variation in &campaign.variations {
            if variation.range.holds(bucket) {
                return Ok(Some(variation).filter(|variation| variation.name.is_some()));
            }
        }
        if campaign.broken_variations { Err(Reason::BrokenSettings) } else { Ok(None) }
    }

    /// The campaign of the group that the user belongs to. It is the called one, or the called one goes without.
    fn winner(&mut self, called: &'c Campaign, group: &'c Group) -> Result<&'c Campaign, Reason> {
        let members = group.members.as_ref().ok_or(Reason::UnknownGroup)?;
        if members.is_empty() {
            return Err(Reason::OtherOfGroup);
        }
        let campaigns = &self.settings.campaigns;
        for member in members {
            let Some(member) = campaigns.get(member.campaign) else { continue };
            if member.id.json == called.id.json {
                continue;
            }
            if self.whitelisted(member, called.user_list)?.is_some() {
                return Err(Reason::OtherOfGroup);
            }
            match self.look_up(member, &mut Ok(None)) {
                Ok(Some(_)) => return Err(Reason::OtherOfGroup),
                Err(Reason::StorageFailed) => return Err(Reason::StorageFailed),
                _ => {}
            }
        }
        let mut eligible = Vec::new();
        for member in members {
            let Some(campaign) = campaigns.get(member.campaign) else { continue };
            if self.in_segments(campaign) && self.in_traffic(campaign) {
                eligible.push((campaign, member));
            }
        }
        if let [(only, _)] = eligible.as_slice() {
            return Ok(only);
        }
        let bucket = murmur::bucket(murmur::hash(&[&group.id, "_", self.user_id]), BUCKETS, 1.0);
        let mut winner = None;
        if group.random {
            winner = eligible.get(pick_equal(eligible.len(), bucket).ok_or(Reason::GroupGap)?);
        } else {
            if group.broken_priority {
                return Err(Reason::UnknownGroup);
            }
            let mut best = usize::MAX;
            for entry in &eligible {
                if let Some(priority) = entry.1.priority.filter(|priority| *priority < best) {
                    best = priority;
                    winner = Some(entry);
                }
            }
            if winner.is_none() && group.broken_weights && !eligible.is_empty() {
                return Err(Reason::UnknownGroup);
            }
            let mut allocated = 0.0;
            for entry in &eligible {
                if let Some(step) = entry.1.step
                    && winner.is_none()
                    && allocate(&mut allocated, step).holds(bucket)
                {
                    winner = Some(entry);
                }
            }
        }
        match winner {
            Some((winner, _)) if winner.id.json == called.id.json => Ok(winner),
            _ => Err(Reason::OtherOfGroup),
        }
    }

    /// The hash of the user's id behind a seed.
    fn hash(&mut self, seed: &str) -> u32 {
        let user_id = self.user_id;
        if seed.is_empty() {
            return *self.bare_hash.get_or_insert_with(|| murmur::hash(&[user_id]));
        }
        murmur::hash(&[seed, user_id])
    }

    /// [`save`](Track::save), which in event architecture is done where the user is bucketed only.
    fn remember(&mut self, campaign: &Campaign, variation_name: &str, goal_identifier: &str) {
        if !self.settings.event_architecture {
            self.save(campaign, variation_name, goal_identifier);
        }
    }

    fn save(&mut self, campaign: &Campaign, variation_name: &str, goal_identifier: &str) {
        let Some(storage) = self.storage.as_mut().filter(|_| self.keep) else { return };
        let record = Record {
            user_id: self.user_id,
            variation_name,
            campaign_key: &campaign.key,
            goal_identifier,
            meta_data: self.call.meta_data,
        };
        if storage.set(&record).is_err() {
            self.note(Reason::StorageNotWritten, &campaign.key);
        }
    }

    /// Tells those who want to hear of decisions: the variation, and whose it is.
    fn tell(
        &mut self,
        campaign: &Campaign,
        group: Option<&Group>,
        (owner, variation): (&Campaign, Option<&Variation>),
        how: Reason,
    ) {
        if self.options.integrations {
            let (call, of_rollout) = (self.call, owner.is_rollout());
            let decision = Decision { call, campaign, group, of_rollout, variation, how, uuid: self.uuid() }.to_json();
            self.outcome.decisions.push(decision);
        }
    }
}

/// The variations that someone with these variables is whitelisted for, each with its weight.
fn targets<'c>(campaign: &'c Campaign, variables: &Variables<'_>) -> Vec<(&'c Variation, &'c Weight)> {
    let mut targets = Vec::new();
    for variation in &campaign.variations {
        if variation.whitelist.is_conditional() && variation.whitelist.matches(variables) {
            targets.push((variation, &variation.weight));
        }
    }
    targets
}

/// Where the SDK throws: then the whole call goes without, not the campaign alone.
fn is_of_call(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::UnknownGroup
            | Reason::GroupGap
            | Reason::BrokenSettings
            | Reason::BrokenEventProperties
            | Reason::StorageFailed
    )
}
