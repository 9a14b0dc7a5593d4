//! The decision: which variation a user has in each campaign of a call, and whether the goal counts in it.
//!
//! Within a campaign the order is: whitelist, user storage, conditions and traffic, group, bucket. What comes first wins.
//! Where the SDK throws, nothing of the call counts; what it did until then (storage, decisions) stays done.
//! Source: `vwo-node-sdk` 1.73.0 `track`, `DecisionUtil`, `VariationDecider`.

use super::{
    bucketing::{BUCKETS, pick, pick_equal, pick_scaled},
    call::{Call, Campaigns},
    decision::Decision,
    murmur,
    options::Options,
    reason::{Line, Reason},
    segmentation::Variables,
    settings::{Campaign, Goal, GoalType, Group, Settings, Thrown, Variation},
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

/// Who goes without: the campaign alone, or the whole call.
enum Stop {
    Campaign(Reason),
    Call(Reason),
}

/// How a user came to a variation.
struct Assigned<'c> {
    variation: &'c Variation,
    how: Reason,
    /// The goals that the storage remembers.
    goals: Option<String>,
}

/// What the storage remembers of a user in a campaign.
enum Lookup<'c> {
    NoStorage,
    Nothing,
    /// A variation that the settings no longer have.
    Gone,
    /// With the goals; an error where the SDK stumbles over them.
    Variation(&'c Variation, Result<Option<String>, Thrown>),
}

/// One call on its way through its campaigns.
pub(super) struct Track<'c, 't, 's> {
    settings: &'c Settings,
    options: &'c Options,
    call: &'t Call<'t>,
    storage: Option<&'s mut dyn Storage>,
    /// May the storage be written to?
    keep: bool,
    /// May a conversion count again?
    pub(super) returning: bool,
    uuid: Option<UuidV5>,
    custom_variables: Option<Variables<'t>>,
    /// The targeting variables, with the user's own id.
    targeting_variables: Option<Variables<'t>>,
    /// The hash of the user's id with nothing before it.
    bare_hash: Option<u32>,
    pub(super) verdicts: Vec<Verdict<'c>>,
    pub(super) hits: Vec<Hit<'c>>,
    /// The event properties that the amount goes by, of all campaigns that came so far.
    pub(super) revenue_props: Vec<&'c str>,
    pub(super) decisions: Vec<String>,
    pub(super) notes: Vec<Line>,
    /// Nothing keeps a conversion from counting again.
    pub(super) unguarded: bool,
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
            storage,
            keep,
            returning: call.returning.or(options.returning).unwrap_or_default(),
            uuid: None,
            custom_variables: None,
            targeting_variables: None,
            bare_hash: None,
            verdicts: Vec::with_capacity(most),
            hits: Vec::with_capacity(most),
            revenue_props: Vec::new(),
            decisions: Vec::new(),
            notes: Vec::new(),
            unguarded: false,
        }
    }

    /// Decides about every campaign of the call. An error is why the call as a whole comes to nothing.
    pub(super) fn run(&mut self) -> Result<(), Line> {
        let (settings, call) = (self.settings, self.call);
        let goal_type = call.goal_type.or(self.options.goal_type).unwrap_or(GoalType::All);
        match &call.campaigns {
            Campaigns::One(key) => {
                let campaign = settings.campaign(key);
                if let Some(campaign) = campaign.filter(|campaign| campaign.multi_armed)
                    && self.storage.is_none()
                {
                    return Err(about(campaign, Reason::NoStorageForMab));
                }
                self.named(key, campaign, goal_type)?;
            }
            Campaigns::Several(keys) => {
                for (index, key) in keys.iter().enumerate() {
                    if keys.iter().take(index).any(|before| before == key) {
                        self.notes.push(Line::new(Reason::DuplicateKey, String::from(&*key.text)));
                    }
                    let campaign = if key.is_text { settings.campaign(&key.text) } else { None };
                    self.note_mab(campaign);
                    self.named(&key.text, campaign, goal_type)?;
                }
            }
            Campaigns::All => {
                let campaigns = settings.campaigns_with(&call.goal);
                let campaigns = campaigns.map_err(|_| Line::new(Reason::BrokenSettings, "goals"))?;
                for (campaign, goal) in campaigns.iter().filter_map(|place| settings.at(*place)) {
                    if goal_type == GoalType::All || goal.kind == Some(goal_type) {
                        self.note_mab(Some(campaign));
                        self.known(campaign, goal_type)?;
                    }
                }
            }
        }
        // A result of which nothing is left but what JavaScript does not keep is empty, too.
        if self.verdicts.iter().all(|verdict| *verdict.campaign_key == *PROTO) {
            return Err(Line::new(Reason::NoCampaign, ""));
        }
        if settings.event_architecture && !self.hits.is_empty() && call.event_properties.is_some_and(Json::is_null) {
            return Err(Line::new(Reason::BrokenEventProperties, ""));
        }
        self.unguarded = !self.returning && self.storage.is_none() && !self.hits.is_empty();
        Ok(())
    }

    /// The user's id in the account; empty where the account has none.
    fn uuid(&mut self) -> &str {
        self.uuid = self.take_uuid();
        self.uuid.as_ref().map_or("", UuidV5::as_str)
    }

    /// The same, for good.
    pub(super) fn take_uuid(&mut self) -> Option<UuidV5> {
        self.uuid.take().or_else(|| UuidV5::within(self.settings.namespace.as_ref()?, &self.call.user_id))
    }

    /// The SDK looks for bandits without a storage only where a call names one campaign.
    fn note_mab(&mut self, campaign: Option<&Campaign>) {
        if let Some(campaign) = campaign.filter(|campaign| campaign.multi_armed)
            && self.storage.is_none()
        {
            self.notes.push(about(campaign, Reason::MabUnchecked));
        }
    }

    fn named(&mut self, key: &str, campaign: Option<&'c Campaign>, goal_type: GoalType) -> Result<(), Line> {
        if let Some(campaign) = campaign {
            return self.known(campaign, goal_type);
        }
        self.verdicts.push(Verdict {
            campaign_key: Cow::Owned(String::from(key)),
            tracked: false,
            variation: None,
            reason: Reason::UnknownCampaign,
        });
        Ok(())
    }

    fn known(&mut self, campaign: &'c Campaign, goal_type: GoalType) -> Result<(), Line> {
        let mut variation = None;
        let verdict = self.decide(campaign, goal_type, &mut variation);
        let (tracked, reason) = match verdict {
            Ok(how) => (true, how),
            Err(Stop::Campaign(reason) | Stop::Call(reason)) => (false, reason),
        };
        self.verdicts.push(Verdict {
            campaign_key: Cow::Borrowed(&campaign.key),
            tracked,
            variation: variation.and_then(|variation: &'c Variation| variation.name.as_deref()),
            reason,
        });
        if matches!(verdict, Err(Stop::Call(_))) { Err(about(campaign, reason)) } else { Ok(()) }
    }

    /// Does the conversion count in this campaign, and how did the user come to the variation?
    fn decide(
        &mut self,
        campaign: &'c Campaign,
        goal_type: GoalType,
        variation: &mut Option<&'c Variation>,
    ) -> Result<Reason, Stop> {
        if !campaign.running {
            return Err(Stop::Campaign(Reason::NotRunning));
        }
        if campaign.is_rollout() {
            return Err(Stop::Campaign(Reason::Rollout));
        }
        let goal = self.settings.goal(campaign, &self.call.goal).map_err(|_| Stop::Call(Reason::BrokenSettings))?;
        let goal = goal.ok_or(Stop::Campaign(Reason::UnknownGoal))?;
        if goal_type != GoalType::All && goal.kind != Some(goal_type) {
            return Err(Stop::Campaign(Reason::OtherGoalType));
        }
        if goal.kind == Some(GoalType::Revenue) {
            self.check_revenue(goal)?;
            if goal.names_prop && !self.revenue_props.contains(&&*goal.needed_prop) {
                self.revenue_props.push(&goal.needed_prop);
            }
        }
        let assigned = self.assign(campaign)?;
        *variation = Some(assigned.variation);
        let name = assigned.variation.name.as_deref().ok_or(Stop::Campaign(Reason::NoVariation))?;
        let goal_name = &*self.call.goal;
        if let Some(goals) = &assigned.goals {
            if !has_goal(goals, goal_name) {
                if !self.settings.event_architecture {
                    self.save(campaign, name, &with_goal(goals, goal_name));
                }
            } else if !self.returning && !goal.repeats {
                return Err(Stop::Campaign(Reason::AlreadyTracked));
            }
        }
        self.hits.push(Hit { campaign, variation: assigned.variation, goal });
        if !self.settings.event_architecture {
            self.save(campaign, name, goal_name);
        }
        Ok(assigned.how)
    }

    /// Is there an amount, where the goal needs one?
    fn check_revenue(&self, goal: &Goal) -> Result<(), Stop> {
        if self.call.revenue.is_some() {
            return Ok(());
        }
        if !self.settings.event_architecture {
            return Err(Stop::Campaign(Reason::NoRevenue));
        }
        if goal.repeats && !goal.names_prop {
            return Ok(());
        }
        let properties = self.call.event_properties.ok_or(Stop::Campaign(Reason::NoRevenue))?;
        match has_own(properties, &goal.needed_prop) {
            None => Err(Stop::Call(Reason::BrokenEventProperties)),
            Some(true) => Ok(()),
            Some(false) if self.call.unset_properties().any(|name| *name == *goal.needed_prop) => Ok(()),
            Some(false) => Err(Stop::Campaign(Reason::NoRevenue)),
        }
    }

    fn assign(&mut self, campaign: &'c Campaign) -> Result<Assigned<'c>, Stop> {
        if self.settings.namespace.is_none() {
            return Err(Stop::Call(Reason::BrokenSettings));
        }
        let group = self.settings.group(campaign).map_err(|_| Stop::Call(Reason::UnknownGroup))?;
        if let Some(variation) = self.whitelisted(campaign, campaign.user_list)? {
            self.tell(campaign, group, (campaign, Some(variation)), Reason::Whitelisted);
            return Ok(Assigned { variation, how: Reason::Whitelisted, goals: None });
        }
        match self.look_up(campaign)? {
            Lookup::Variation(variation, goals) => {
                self.tell(campaign, group, (campaign, Some(variation)), Reason::Stored);
                let goals = goals.map_err(|_| Stop::Call(Reason::StorageFailed))?;
                return Ok(Assigned { variation, how: Reason::Stored, goals });
            }
            Lookup::Nothing => return Err(Stop::Campaign(Reason::NotActivated)),
            Lookup::NoStorage | Lookup::Gone => {}
        }
        if !self.in_segments(campaign) {
            return Err(Stop::Campaign(Reason::NotInSegment));
        }
        if !self.in_traffic(campaign) {
            return Err(Stop::Campaign(Reason::NotInTraffic));
        }
        let winner = match group {
            Some(group) => self.winner(campaign, group)?,
            None => campaign,
        };
        let variation = self.bucketed(winner)?;
        if let Some(name) = variation.and_then(|variation| variation.name.as_deref()) {
            self.save(winner, name, &self.call.goal);
        }
        self.tell(campaign, group, (winner, variation), Reason::Bucketed);
        let variation = variation.ok_or(Stop::Campaign(Reason::NoVariation))?;
        Ok(Assigned { variation, how: Reason::Bucketed, goals: None })
    }

    /// The variation that the user is whitelisted for. Of several, their weights decide.
    fn whitelisted(&mut self, campaign: &'c Campaign, by_uuid: bool) -> Result<Option<&'c Variation>, Stop> {
        if campaign.forced != Some(true) {
            return Ok(None);
        }
        if campaign.variations_are_object {
            return Err(Stop::Call(Reason::BrokenSettings));
        }
        let targeting = self.call.targeting_variables.unwrap_or_default();
        let targets = if by_uuid {
            targets(campaign, &Variables::new(targeting, Some(self.uuid())))
        } else {
            let user_id = &*self.call.user_id;
            let variables = || Variables::new(targeting, Some(user_id));
            targets(campaign, self.targeting_variables.get_or_insert_with(variables))
        };
        if targets.len() < 2 {
            return Ok(targets.first().copied());
        }
        let bucket = murmur::bucket(self.hash(&campaign.seed), BUCKETS, 1.0);
        let weights: Vec<_> = targets.iter().map(|variation| &variation.weight).collect();
        let picked = pick_scaled(&weights, bucket);
        Ok(picked.and_then(|index| targets.get(index)).copied())
    }

    /// What the user storage remembers.
    fn look_up(&mut self, campaign: &'c Campaign) -> Result<Lookup<'c>, Stop> {
        let Some(storage) = &mut self.storage else { return Ok(Lookup::NoStorage) };
        let failed = || Stop::Call(Reason::StorageFailed);
        let stored = storage.get(&self.call.user_id, &campaign.key).map_err(|_| failed())?;
        let stored = match &stored {
            Some(text) => Json::parse_deep(text).ok_or_else(failed)?,
            None => Json::default(),
        };
        let remembered = Remembered::read(stored, self.call.storage_data);
        let Some(name) = remembered.variation_name() else { return Ok(Lookup::Nothing) };
        let Some(variation) = self.settings.variation(campaign, &name) else { return Ok(Lookup::Gone) };
        Ok(Lookup::Variation(variation, remembered.goals()))
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
    fn bucketed(&mut self, campaign: &'c Campaign) -> Result<Option<&'c Variation>, Stop> {
        let bucket = murmur::bucket(self.hash(&campaign.bucket_seed), BUCKETS, campaign.multiplier);
        match campaign.variations.iter().find(|variation| variation.range.holds(bucket)) {
            None if campaign.broken_variations => Err(Stop::Call(Reason::BrokenSettings)),
            variation => Ok(variation.filter(|variation| variation.name.is_some())),
        }
    }

    /// The campaign of the group that the user belongs to. It is the called one, or the called one goes without.
    fn winner(&mut self, called: &'c Campaign, group: &'c Group) -> Result<&'c Campaign, Stop> {
        let other = || Stop::Campaign(Reason::OtherOfGroup);
        let members = group.members.as_ref().ok_or(Stop::Call(Reason::UnknownGroup))?;
        let settings = self.settings;
        if members.is_empty() {
            return Err(other());
        }
        for member in members {
            let Some(member) = settings.campaigns.get(member.campaign) else { continue };
            if member.id.json != called.id.json
                && (self.whitelisted(member, called.user_list)?.is_some()
                    || matches!(self.look_up(member)?, Lookup::Variation(..)))
            {
                return Err(other());
            }
        }
        let mut eligible = Vec::new();
        for member in members {
            let Some(campaign) = settings.campaigns.get(member.campaign) else { continue };
            if self.in_segments(campaign) && self.in_traffic(campaign) {
                eligible.push((campaign, member));
            }
        }
        if let [(only, _)] = eligible.as_slice() {
            return Ok(only);
        }
        let bucket = murmur::bucket(murmur::hash(&[&group.id.text, "_", &self.call.user_id]), BUCKETS, 1.0);
        let winner = if group.random {
            let place = pick_equal(eligible.len(), bucket).ok_or(Stop::Call(Reason::GroupGap))?;
            eligible.get(place)
        } else {
            if group.broken_priority {
                return Err(Stop::Call(Reason::UnknownGroup));
            }
            let mut winner = None;
            let mut best = usize::MAX;
            for candidate in &eligible {
                if let Some(priority) = candidate.1.priority.filter(|priority| *priority < best) {
                    best = priority;
                    winner = Some(candidate);
                }
            }
            if winner.is_none() {
                if group.broken_weights && !eligible.is_empty() {
                    return Err(Stop::Call(Reason::UnknownGroup));
                }
                eligible.retain(|(_, member)| member.step.is_some());
                let mut steps = Vec::new();
                for (_, member) in &eligible {
                    steps.extend(member.step);
                }
                winner = pick(&steps, bucket).and_then(|place| eligible.get(place));
            }
            winner
        };
        winner.map(|(winner, _)| *winner).filter(|winner| winner.id.json == called.id.json).ok_or_else(other)
    }

    /// The hash of the user's id behind a seed.
    fn hash(&mut self, seed: &str) -> u32 {
        let user_id = &*self.call.user_id;
        if seed.is_empty() {
            return *self.bare_hash.get_or_insert_with(|| murmur::hash(&[user_id]));
        }
        murmur::hash(&[seed, user_id])
    }

    fn save(&mut self, campaign: &Campaign, variation_name: &str, goal_identifier: &str) {
        let Some(storage) = self.storage.as_mut().filter(|_| self.keep) else { return };
        let record = Record {
            user_id: &self.call.user_id,
            variation_name,
            campaign_key: &campaign.key,
            goal_identifier,
            meta_data: self.call.meta_data,
        };
        if storage.set(&record).is_err() {
            self.notes.push(about(campaign, Reason::StorageNotWritten));
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
            self.decisions.push(decision);
        }
    }
}

/// The variations that someone with these variables is whitelisted for.
fn targets<'c>(campaign: &'c Campaign, variables: &Variables<'_>) -> Vec<&'c Variation> {
    let mut targets = Vec::new();
    for variation in &campaign.variations {
        if variation.whitelist.is_conditional() && variation.whitelist.matches(variables) {
            targets.push(variation);
        }
    }
    targets
}

fn about(campaign: &Campaign, reason: Reason) -> Line {
    Line::new(reason, String::from(&*campaign.key))
}
