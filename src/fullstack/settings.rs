//! A settings file, read once into what `track` asks for: ranges, seeds, goals by name.
//!
//! ```text
//! {version, accountId, sdkKey?, isEventArchEnabled?, collectionPrefix?, isNB?, isNBv2?,
//!  campaigns: [{id, key, type, status, percentTraffic, segments, isBucketingSeedEnabled?, isOB?, isOBv2?, isMAB?,
//!               isForcedVariationEnabled?, isUserListEnabled?,
//!               variations: [{id, name, weight, segments?}],
//!               goals: [{id, identifier, type, revenueProp?, mca?}]}],
//!  campaignGroups?: {campaign id: group id}, groups?: {group id: {name, campaigns: [id], et?, p?: [id], wt?: {id: weight}}}}
//! ```
//! What it must look like is said in `schema`. Ranges that a file brings along are not used.
//! Source: `vwo-node-sdk` 1.73.0 `SettingsFileManager`, `CampaignUtil`, `BucketingService`.

use super::{
    bucketing::{Range, Weight, allocate},
    javascript::{parse_float, parse_int},
    members::{flag, number, scalar, string, text, truthy},
    reason::{Line, Reason},
    schema,
    segmentation::Segments,
    value::{Scalar, is_truthy, property},
};
use crate::{
    platform::vwo::identity::Namespace,
    values::{
        digits::push_number,
        json::{Json, Members},
        percent,
    },
};
use alloc::{string::String, vec::Vec};
use core::cmp::Ordering;

/// Why a settings file is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSettings {
    /// What is missing or wrong, e.g. `campaigns[2].percentTraffic`; empty where the text is no JSON.
    pub path: String,
}

impl core::fmt::Display for InvalidSettings {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.message())
    }
}

impl core::error::Error for InvalidSettings {}

impl InvalidSettings {
    /// The sentence for a person.
    #[must_use]
    pub fn message(&self) -> String {
        Line::from(self).message()
    }
}

impl From<&InvalidSettings> for Line {
    fn from(invalid: &InvalidSettings) -> Self {
        let mut about = String::from(&*invalid.path);
        about.push_str(if about.is_empty() { "it is no JSON." } else { " is missing or wrong." });
        Line::new(Reason::InvalidSettings, about)
    }
}

/// A settings file.
#[derive(Debug)]
pub struct Settings {
    pub(super) account: Scalar,
    pub(super) sdk_key: Option<String>,
    /// Fit for a path.
    pub(super) prefix: Option<String>,
    pub(super) event_architecture: bool,
    /// Where the users' ids live; nothing where the account's id is empty, and then nobody has one.
    pub(super) namespace: Option<Namespace>,
    pub(super) campaigns: Vec<Campaign>,
    pub(super) groups: Vec<Group>,
    /// The first campaign of each key. Sorted by key.
    by_key: Vec<Place>,
    /// The goals of each campaign. Sorted by name; of the same name, in the order of the campaigns.
    by_goal: Vec<Place>,
}

/// Where a campaign stands, and where in it a goal; or [`KEY`], for the campaign itself.
pub(super) type Place = (usize, usize);

const KEY: usize = usize::MAX;

#[derive(Debug)]
pub(super) struct Campaign {
    pub(super) id: Scalar,
    pub(super) key: String,
    pub(super) kind: String,
    pub(super) name: Option<String>,
    pub(super) running: bool,
    pub(super) multi_armed: bool,
    /// Are there whitelists? Nothing where the settings do not say.
    pub(super) forced: Option<bool>,
    pub(super) user_list: bool,
    pub(super) segments: Segments,
    /// In percent.
    pub(super) traffic: f64,
    /// What stands before the user's id where traffic is decided.
    pub(super) seed: String,
    /// What stands before the user's id where the variation is decided.
    pub(super) bucket_seed: String,
    pub(super) multiplier: f64,
    pub(super) variations: Vec<Variation>,
    /// In place of a list the settings have an object: the SDK throws where it looks for a whitelist, and finds no stored
    /// variation.
    pub(super) variations_are_object: bool,
    /// The object has properties that are no variations: the SDK throws where it comes to them.
    pub(super) broken_variations: bool,
    goals: Vec<Goal>,
    /// The SDK throws as soon as it finds no goal.
    broken_goals: bool,
    /// The first campaign with the same key: the SDK looks for goals and stored variations there.
    pub(super) namesake: usize,
    /// The place of its group, or [`LOST`].
    group: Option<usize>,
}

/// The place of a group that the settings do not have.
const LOST: usize = usize::MAX;

#[derive(Debug)]
pub(super) struct Variation {
    pub(super) id: Scalar,
    /// Nothing where it is missing or empty: the SDK takes that for no variation. (A number serves as its text.)
    pub(super) name: Option<String>,
    pub(super) weight: Weight,
    pub(super) range: Range,
    /// Who is whitelisted for it: nobody, where it sets no conditions.
    pub(super) whitelist: Segments,
}

#[derive(Debug)]
pub(super) struct Goal {
    pub(super) id: Scalar,
    pub(super) identifier: String,
    pub(super) kind: Option<GoalType>,
    /// The event property that the SDK asks for, whether the goal names one or not.
    pub(super) needed_prop: String,
    /// The goal names one, and that is what the amount is.
    pub(super) names_prop: bool,
    /// `mca` is -1: every conversion counts.
    pub(super) repeats: bool,
}

/// What a goal counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoalType {
    /// `REVENUE_TRACKING`
    Revenue,
    /// `CUSTOM_GOAL`
    Custom,
    /// `ALL`: not a goal's type, but what may be asked for.
    All,
}

impl GoalType {
    /// The type with that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "REVENUE_TRACKING" => Some(GoalType::Revenue),
            "CUSTOM_GOAL" => Some(GoalType::Custom),
            "ALL" => Some(GoalType::All),
            _ => None,
        }
    }

    /// What an option says; an error is the option's name.
    pub(super) fn named(json: Option<Json<'_>>) -> Result<Option<Self>, &'static str> {
        let Some(json) = json else { return Ok(None) };
        match json.text().as_deref().and_then(Self::parse) {
            None => Err("goalTypeToTrack"),
            kind => Ok(kind),
        }
    }
}

#[derive(Debug)]
pub(super) struct Group {
    /// A number, as text and as JSON.
    pub(super) id: String,
    pub(super) name: Option<String>,
    /// Nothing where the group has no list: the SDK throws.
    pub(super) members: Option<Vec<Member>>,
    /// All members have the same chance.
    pub(super) random: bool,
    /// Looking for the members that win over the others throws.
    pub(super) broken_priority: bool,
    /// Looking for a member's weight throws.
    pub(super) broken_weights: bool,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) campaign: usize,
    /// How many buckets it takes, where it has a weight.
    pub(super) step: Option<f64>,
    /// Where it stands among those that win over the others.
    pub(super) priority: Option<usize>,
}

/// The flags that choose how users are bucketed.
#[derive(Clone, Copy)]
struct Flags {
    nb: bool,
    nb2: bool,
}

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// Where the SDK would not take it.
    pub fn parse(text: &str) -> Result<Self, InvalidSettings> {
        let Some(json) = Json::parse_deep(text) else { return Err(InvalidSettings { path: String::new() }) };
        let root = json.members();
        match schema::check(&root) {
            Ok(campaigns) => Ok(Self::new(&root, &campaigns)),
            Err(path) => Err(InvalidSettings { path }),
        }
    }

    #[inline(never)]
    fn new(root: &Members<'_>, campaigns: &[Members<'_>]) -> Self {
        let account = scalar(root, "accountId");
        let mut prefix = String::new();
        percent::encode(&mut prefix, &text(root, "collectionPrefix"));
        let mut settings = Settings {
            namespace: Namespace::new(&account.text),
            sdk_key: root.text("sdkKey"),
            prefix: (!prefix.is_empty()).then_some(prefix),
            event_architecture: flag(root, "isEventArchEnabled"),
            account,
            campaigns: Vec::new(),
            groups: Vec::new(),
            by_key: Vec::new(),
            by_goal: Vec::new(),
        };
        let flags = Flags { nb: flag(root, "isNB"), nb2: flag(root, "isNBv2") };
        for json in campaigns {
            let campaign = Campaign::new(json, flags, &settings.account.text);
            settings.campaigns.push(campaign);
        }
        settings.index();
        settings.read_groups(root);
        settings
    }

    /// The key of its environment, where it names one.
    #[must_use]
    pub fn sdk_key(&self) -> Option<&str> {
        self.sdk_key.as_deref()
    }

    /// Notes the campaigns that run here and do not run in newer settings.
    pub(super) fn note_stopped(&self, newer: &Settings, log: &mut Vec<Line>) {
        for campaign in &self.campaigns {
            if campaign.running && !newer.campaign(&campaign.key).is_some_and(|campaign| campaign.running) {
                log.push(Line::new(Reason::NoLongerRunning, campaign.key.clone()));
            }
        }
    }

    /// The first campaign with that key.
    pub(super) fn campaign(&self, key: &str) -> Option<&Campaign> {
        let place = self.by_key.get(self.search(&self.by_key, Ordering::Less, key))?;
        self.campaigns.get(place.0).filter(|campaign| campaign.key == key)
    }

    /// How many of the places, which are sorted by name, have one that comes before this one, or at `most` is the same.
    fn search(&self, places: &[Place], most: Ordering, name: &str) -> usize {
        places.partition_point(|place| self.name(*place).cmp(name) <= most)
    }

    /// The name of what is in a place.
    fn name(&self, place: Place) -> &str {
        match self.campaigns.get(place.0) {
            Some(campaign) if place.1 == KEY => &campaign.key,
            _ => self.at(place).map_or("", |(_, goal)| &goal.identifier),
        }
    }

    /// The goal of that name which counts for a campaign; an error where looking for it throws.
    pub(super) fn goal(&self, campaign: &Campaign, identifier: &str) -> Result<Option<&Goal>, Thrown> {
        // The SDK asks whether the key is there at all.
        let Some(owner) = self.campaigns.get(campaign.namesake).filter(|owner| !owner.key.is_empty()) else {
            return Ok(None);
        };
        let goal = owner.goals.iter().find(|goal| goal.identifier == identifier);
        if goal.is_none() && owner.broken_goals { Err(Thrown) } else { Ok(goal) }
    }

    /// Where the campaigns stand that have a goal of that name, in the order of the file, and where in each the goal.
    pub(super) fn campaigns_with(&self, identifier: &str) -> Result<&[Place], Thrown> {
        for campaign in &self.campaigns {
            if campaign.broken_goals && !campaign.key.is_empty() {
                self.goal(campaign, identifier)?;
            }
        }
        let first = self.search(&self.by_goal, Ordering::Less, identifier);
        let behind = self.search(&self.by_goal, Ordering::Equal, identifier);
        Ok(self.by_goal.get(first..behind).unwrap_or_default())
    }

    /// The campaign and the goal in such a place.
    pub(super) fn at(&self, (campaign, goal): Place) -> Option<(&Campaign, &Goal)> {
        let campaign = self.campaigns.get(campaign)?;
        Some((campaign, self.campaigns.get(campaign.namesake)?.goals.get(goal)?))
    }

    /// The variation of that name, where the SDK looks for what was stored.
    pub(super) fn variation(&self, campaign: &Campaign, name: &str) -> Option<&Variation> {
        let owner = self.campaigns.get(campaign.namesake)?;
        let searched = !owner.key.is_empty() && !owner.variations_are_object;
        owner.variations.iter().filter(|_| searched).find(|variation| variation.name.as_deref() == Some(name))
    }

    /// The group that a campaign is in.
    pub(super) fn group(&self, campaign: &Campaign) -> Result<Option<&Group>, Thrown> {
        match campaign.group {
            None => Ok(None),
            Some(place) => self.groups.get(place).map(Some).ok_or(Thrown),
        }
    }

    #[inline(never)]
    fn index(&mut self) {
        let mut by_key = Vec::new();
        let mut by_goal = Vec::new();
        for place in 0..self.campaigns.len() {
            let namesake = self.enter(&mut by_key, (place, KEY));
            if let Some(campaign) = self.campaigns.get_mut(place) {
                campaign.namesake = namesake;
            }
            let mut goal = 0_usize;
            while let Some((campaign, _)) = self.at((place, goal)) {
                if !campaign.key.is_empty() {
                    self.enter(&mut by_goal, (place, goal));
                }
                goal = goal.saturating_add(1);
            }
        }
        self.by_key = by_key;
        self.by_goal = by_goal;
    }

    /// Adds a place to those that are sorted, behind those of the same name; but neither a key that is there, nor a goal
    /// that is there for the campaign. Of what is there then, the campaign.
    #[inline(never)]
    fn enter(&self, places: &mut Vec<Place>, place: Place) -> usize {
        let name = self.name(place);
        let at = self.search(places, Ordering::Equal, name);
        if let Some(last) = at.checked_sub(1).and_then(|last| places.get(last))
            && (place.1 == KEY || place.0 == last.0)
            && self.name(*last) == name
        {
            return last.0;
        }
        places.insert(at, place);
        place.0
    }

    #[inline(never)]
    fn read_groups(&mut self, root: &Members<'_>) {
        let memberships = root.get("campaignGroups").unwrap_or_default();
        let groups = root.get("groups").unwrap_or_default();
        for place in 0..self.campaigns.len() {
            let Some(campaign) = self.campaigns.get(place) else { return };
            // The schema lets nothing but numbers pass.
            let Some(json) = property(memberships, &campaign.id.text) else { continue };
            let id = string(Some(json));
            let link = match property(groups, &id).filter(|group| !group.is_null()) {
                None => LOST,
                Some(_) if !is_truthy(json) => continue,
                Some(group) => {
                    let known = self.groups.iter().position(|known| known.id == id);
                    known.unwrap_or_else(|| {
                        self.groups.push(Group::new(id, &group.members(), &self.campaigns));
                        self.groups.len().saturating_sub(1)
                    })
                }
            };
            if let Some(campaign) = self.campaigns.get_mut(place) {
                campaign.group = Some(link);
            }
        }
    }
}

/// Where the SDK throws, and `track` answers null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Thrown;

impl Campaign {
    #[inline(never)]
    fn new(json: &Members<'_>, flags: Flags, account: &str) -> Self {
        let id = scalar(json, "id");
        let traffic = number(json, "percentTraffic");
        let mut seed = String::new();
        if flags.nb || flags.nb2 || flag(json, "isBucketingSeedEnabled") {
            seed.push_str(&id.text);
            seed.push('_');
        }
        let of_old = if flags.nb { flag(json, "isOB") } else { !flags.nb2 };
        let of_new = if flags.nb2 { flag(json, "isOBv2") } else { flags.nb && !of_old };
        let is_scaled = of_old && traffic != 0.0;
        let mut bucket_seed = String::new();
        if is_scaled || !of_new {
            bucket_seed.push_str(&seed);
        }
        if !is_scaled && !of_new {
            bucket_seed.push_str(account);
            bucket_seed.push('_');
        }
        let mut campaign = Campaign {
            id,
            key: text(json, "key"),
            kind: text(json, "type"),
            name: json.text("name"),
            running: text(json, "status") == "RUNNING",
            multi_armed: flag(json, "isMAB"),
            forced: json.get("isForcedVariationEnabled").map(Json::is_true),
            user_list: flag(json, "isUserListEnabled"),
            segments: Segments::compile(json.get("segments").unwrap_or_default()),
            traffic,
            seed,
            bucket_seed,
            multiplier: if is_scaled { 10_000.0 / traffic / 100.0 } else { 1.0 },
            variations: Vec::new(),
            variations_are_object: false,
            broken_variations: false,
            goals: Vec::new(),
            broken_goals: false,
            namesake: 0,
            group: None,
        };
        campaign.read_variations(json.get("variations").unwrap_or_default());
        campaign.read_goals(json.get("goals").unwrap_or_default());
        campaign
    }

    /// An object may pass for a list, as far as it goes. Its variations keep their ranges.
    #[inline(never)]
    fn read_variations(&mut self, json: Json<'_>) {
        let mut allocated = (!json.is_object()).then_some(0.0);
        for item in json.items() {
            self.add_variation(item, &mut allocated);
        }
        self.variations_are_object = json.is_object();
        let members = json.members();
        for index in 0..json.entries().count() {
            let mut name = String::new();
            push_number(&mut name, u64::try_from(index).unwrap_or_default());
            let Some(item) = members.get(&name) else {
                self.broken_variations = true;
                return;
            };
            self.add_variation(item, &mut allocated);
        }
    }

    /// With the range behind those that were given out; or with its own, where none are.
    #[inline(never)]
    fn add_variation(&mut self, json: Json<'_>, allocated: &mut Option<f64>) {
        let json = &json.members();
        let weight = Weight::new(json.get_or_null("weight"));
        let range = match allocated {
            Some(allocated) => allocate(allocated, weight.step()),
            None => {
                Range { first: number(json, "startVariationAllocation"), last: number(json, "endVariationAllocation") }
            }
        };
        self.variations.push(Variation {
            id: scalar(json, "id"),
            name: truthy(json, "name").map(|name| string(Some(name))),
            weight,
            range,
            whitelist: Segments::compile(json.get("segments").unwrap_or_default()),
        });
    }

    /// The goals up to one that is `null`.
    #[inline(never)]
    fn read_goals(&mut self, json: Json<'_>) {
        for item in json.items() {
            if item.is_null() {
                self.broken_goals = true;
                return;
            }
            let item = item.members();
            let Some(identifier) = item.text("identifier") else { continue };
            self.goals.push(Goal {
                id: scalar(&item, "id"),
                identifier,
                kind: GoalType::named(item.get("type")).unwrap_or_default(),
                needed_prop: string(item.get_or_null("revenueProp")),
                names_prop: flag(&item, "revenueProp"),
                repeats: item.get("mca").is_some_and(|mca| is_number(mca, -1.0)),
            });
        }
    }

    /// Can users be bucketed into it? Of a rollout there is nothing to track.
    pub(super) fn is_rollout(&self) -> bool {
        self.kind == "FEATURE_ROLLOUT"
    }
}

impl Group {
    #[inline(never)]
    fn new(id: String, json: &Members<'_>, campaigns: &[Campaign]) -> Self {
        let (et, weights) = (json.get_or_null("et"), json.get_or_null("wt"));
        let priority = json.get_or_null("p").unwrap_or_default();
        let mut group = Group {
            id,
            name: json.get_or_null("name").map(|name| String::from(name.as_str())),
            members: None,
            random: et.is_none_or(|et| is_number(et, 1.0)),
            broken_priority: json.get_or_null("p").is_some_and(Json::is_null),
            broken_weights: weights.is_some_and(Json::is_null),
        };
        let Some(list) = json.get("campaigns").filter(|list| list.is_array()) else { return group };
        let mut members = Vec::new();
        for id in list.items() {
            let wanted = parse_int(&string(Some(id)));
            for (place, campaign) in campaigns.iter().enumerate() {
                if parse_int(&campaign.id.text) == wanted {
                    let weight = weights.and_then(|weights| property(weights, &campaign.id.text));
                    members.push(Member {
                        campaign: place,
                        step: weight.map(|weight| Weight::new(Some(weight)).step()),
                        priority: priority.items().position(|id| Scalar::new(Some(id)).json == campaign.id.json),
                    });
                    break;
                }
            }
        }
        group.members = Some(members);
        group
    }
}

/// Is the value this number, and no text that reads like it?
fn is_number(json: Json<'_>, wanted: f64) -> bool {
    json.number().is_some_and(|number| parse_float(number) == wanted)
}
