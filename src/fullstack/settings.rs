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
    javascript::{is_space, parse_float},
    reason::{Line, Reason},
    schema,
    segmentation::Segments,
    value::{Scalar, is_truthy, number, property},
};
use crate::{
    platform::vwo::identity::Namespace,
    values::{
        digits::push_number,
        json::{Json, Members},
        percent,
        text::{DIGIT, behind, split_leading},
    },
};
use alloc::{string::String, sync::Arc, vec::Vec};

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
    /// Key → the first campaign that has it. Sorted.
    by_key: Vec<(Arc<str>, usize)>,
    /// Goal's name → the campaigns that have it, each with the place of the goal. Sorted.
    by_goal: Vec<(String, Vec<(usize, usize)>)>,
}

#[derive(Debug)]
pub(super) struct Campaign {
    pub(super) id: Scalar,
    pub(super) key: Arc<str>,
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
    pub(super) group: Membership,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Membership {
    None,
    /// In a group that the settings do not have.
    Lost,
    Of(usize),
}

#[derive(Debug)]
pub(super) struct Variation {
    pub(super) id: Scalar,
    /// Nothing where it is missing or empty: the SDK takes that for no variation. (A number serves as its text.)
    pub(super) name: Option<Arc<str>>,
    pub(super) weight: Weight,
    pub(super) range: Range,
    /// Who is whitelisted for it.
    pub(super) whitelist: Option<Segments>,
}

#[derive(Debug)]
pub(super) struct Goal {
    pub(super) id: Scalar,
    identifier: String,
    pub(super) kind: Option<GoalType>,
    /// The event property that the amount is, where the goal names one: a text that is not empty.
    pub(super) revenue_prop: Option<Arc<str>>,
    /// The event property that the SDK asks for, whether the goal names one or not.
    pub(super) needed_prop: Arc<str>,
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
}

#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: Scalar,
    pub(super) name: Option<String>,
    /// Nothing where the group has no list: the SDK throws.
    pub(super) members: Option<Vec<Member>>,
    /// All members have the same chance.
    pub(super) random: bool,
    /// The ids that win over the others; nothing where looking at them throws.
    pub(super) priority: Option<Vec<String>>,
    /// Looking for a member's weight throws.
    pub(super) broken_weights: bool,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) campaign: usize,
    pub(super) weight: Option<Weight>,
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
        let invalid = |path| InvalidSettings { path };
        let json = Json::parse_deep(text).ok_or_else(|| invalid(String::new()))?;
        let root = json.members();
        schema::check(&root).map_err(invalid)?;
        let flag = |name| root.get(name).is_some_and(is_truthy);
        let account = Scalar::new(root.get("accountId"));
        let mut settings = Settings {
            namespace: Namespace::new(&account.text),
            sdk_key: root.text("sdkKey"),
            prefix: root.text("collectionPrefix").filter(|prefix| !prefix.is_empty()).map(|prefix| {
                let mut encoded = String::new();
                percent::encode(&mut encoded, &prefix);
                encoded
            }),
            event_architecture: flag("isEventArchEnabled"),
            account,
            campaigns: Vec::new(),
            groups: Vec::new(),
            by_key: Vec::new(),
            by_goal: Vec::new(),
        };
        let flags = Flags { nb: flag("isNB"), nb2: flag("isNBv2") };
        for json in schema::campaigns(&root).items() {
            let place = settings.campaigns.len();
            let mut campaign = Campaign::new(&json.members(), flags, &settings.account.text)
                .ok_or_else(|| invalid(schema::path(place, "variations")))?;
            campaign.namesake = match settings.by_key.binary_search_by(|(key, _)| key.cmp(&campaign.key)) {
                Ok(at) => settings.by_key.get(at).map_or(place, |(_, first)| *first),
                Err(at) => {
                    settings.by_key.insert(at, (campaign.key.clone(), place));
                    place
                }
            };
            settings.campaigns.push(campaign);
        }
        settings.index_goals();
        settings.read_groups(&root);
        Ok(settings)
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
                log.push(Line::new(Reason::NoLongerRunning, String::from(&*campaign.key)));
            }
        }
    }

    /// The first campaign with that key.
    pub(super) fn campaign(&self, key: &str) -> Option<&Campaign> {
        let at = self.by_key.binary_search_by(|(own, _)| (**own).cmp(key)).ok()?;
        self.campaigns.get(self.by_key.get(at)?.1)
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
    pub(super) fn campaigns_with(&self, identifier: &str) -> Result<&[(usize, usize)], Thrown> {
        for campaign in &self.campaigns {
            if campaign.broken_goals && !campaign.key.is_empty() {
                self.goal(campaign, identifier)?;
            }
        }
        let at = self.by_goal.binary_search_by(|(own, _)| own.as_str().cmp(identifier)).ok();
        Ok(at.and_then(|at| self.by_goal.get(at)).map_or(&[], |(_, places)| places))
    }

    /// The campaign and the goal in such a place.
    pub(super) fn at(&self, (campaign, goal): (usize, usize)) -> Option<(&Campaign, &Goal)> {
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
            Membership::None => Ok(None),
            Membership::Lost => Err(Thrown),
            Membership::Of(at) => Ok(self.groups.get(at)),
        }
    }

    fn index_goals(&mut self) {
        for (place, campaign) in self.campaigns.iter().enumerate() {
            let Some(owner) = self.campaigns.get(campaign.namesake).filter(|owner| !owner.key.is_empty()) else {
                continue;
            };
            for (at, goal) in owner.goals.iter().enumerate() {
                let name = goal.identifier.as_str();
                let row = match self.by_goal.binary_search_by(|(own, _)| own.as_str().cmp(name)) {
                    Ok(row) => row,
                    Err(row) => {
                        self.by_goal.insert(row, (name.into(), Vec::new()));
                        row
                    }
                };
                if let Some((_, places)) = self.by_goal.get_mut(row)
                    && places.last().is_none_or(|(last, _)| *last != place)
                {
                    places.push((place, at));
                }
            }
        }
    }

    fn read_groups(&mut self, root: &Members<'_>) {
        let memberships = root.get("campaignGroups").unwrap_or_default();
        let groups = root.get("groups").unwrap_or_default();
        let mut links = Vec::with_capacity(self.campaigns.len());
        for campaign in &self.campaigns {
            let Some(id) = property(memberships, &campaign.id.text) else {
                links.push(Membership::None);
                continue;
            };
            let name = Scalar::new(Some(id)).text;
            let link = match property(groups, &name).filter(|group| !group.is_null()) {
                None => Membership::Lost,
                Some(_) if !is_truthy(id) => Membership::None,
                Some(group) => {
                    let known = self.groups.iter().position(|known| known.id.text == name);
                    Membership::Of(known.unwrap_or_else(|| {
                        let group = Group::new(id, &group.members(), &self.campaigns);
                        self.groups.push(group);
                        self.groups.len().saturating_sub(1)
                    }))
                }
            };
            links.push(link);
        }
        for (campaign, link) in self.campaigns.iter_mut().zip(links) {
            campaign.group = link;
        }
    }
}

/// Where the SDK throws, and `track` answers null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Thrown;

impl Campaign {
    /// Nothing where the SDK throws at launch.
    fn new(json: &Members<'_>, flags: Flags, account: &str) -> Option<Self> {
        let flag = |name| json.get(name).is_some_and(is_truthy);
        let text = |name| json.text(name).unwrap_or_default();
        let id = Scalar::new(json.get("id"));
        let traffic = json.get("percentTraffic").map_or(0.0, number);
        let seeded = flags.nb || flags.nb2 || flag("isBucketingSeedEnabled");
        let seed = |own: &str, piece: &str| {
            let mut seed = String::from(own);
            seed.push_str(piece);
            seed.push('_');
            seed
        };
        let own = if seeded { seed("", &id.text) } else { String::new() };
        let old = (!flags.nb && !flags.nb2) || (flags.nb && flag("isOB"));
        let (bucket_seed, multiplier) = if old && traffic != 0.0 {
            (own.clone(), 10_000.0 / traffic / 100.0)
        } else if (flags.nb && !flag("isOB") && !flags.nb2) || (flags.nb2 && flag("isOBv2")) {
            (String::new(), 1.0)
        } else {
            (seed(&own, account), 1.0)
        };
        let listed = json.get("variations").unwrap_or_default();
        let (variations, broken_variations) =
            if listed.is_object() { variations_of(listed) } else { (read_variations(listed)?, false) };
        let (goals, broken_goals) = goals(json.get("goals").unwrap_or_default());
        Some(Campaign {
            id,
            key: text("key").into(),
            kind: text("type"),
            name: json.text("name"),
            running: text("status") == "RUNNING",
            multi_armed: flag("isMAB"),
            forced: json.get("isForcedVariationEnabled").map(Json::is_true),
            user_list: flag("isUserListEnabled"),
            segments: Segments::compile(json.get("segments").unwrap_or_default()),
            traffic,
            seed: own,
            bucket_seed,
            multiplier,
            variations_are_object: listed.is_object(),
            broken_variations,
            variations,
            goals,
            broken_goals,
            namesake: 0,
            group: Membership::None,
        })
    }

    /// Can users be bucketed into it? Of a rollout there is nothing to track.
    pub(super) fn is_rollout(&self) -> bool {
        self.kind == "FEATURE_ROLLOUT"
    }
}

/// Nothing where one of them is `null`: giving it a range throws.
fn read_variations(json: Json<'_>) -> Option<Vec<Variation>> {
    let mut allocated = 0.0;
    let mut variations = Vec::new();
    for item in json.items() {
        if item.is_null() {
            return None;
        }
        let mut variation = Variation::new(&item.members());
        variation.range = allocate(&mut allocated, variation.weight.step());
        variations.push(variation);
    }
    Some(variations)
}

/// The variations in an object, as far as it can pass for a list, and whether it has more to it. They keep their ranges.
fn variations_of(object: Json<'_>) -> (Vec<Variation>, bool) {
    let members = object.members();
    let count = object.entries().count();
    let mut variations = Vec::new();
    for index in 0..count {
        let mut name = String::new();
        push_number(&mut name, u64::try_from(index).unwrap_or_default());
        let Some(item) = members.get(&name) else { return (variations, true) };
        variations.push(Variation::new(&item.members()));
    }
    (variations, false)
}

impl Variation {
    /// With the range that the settings give it.
    fn new(json: &Members<'_>) -> Self {
        let bucket = |name| json.get_or_null(name).map_or(f64::NAN, number);
        Variation {
            id: Scalar::new(json.get_or_null("id")),
            name: json.get("name").filter(|name| is_truthy(*name)).map(|name| Scalar::new(Some(name)).text),
            range: Range { first: bucket("startVariationAllocation"), last: bucket("endVariationAllocation") },
            weight: Weight::new(json.get_or_null("weight")),
            whitelist: json
                .get("segments")
                .filter(|json| json.is_object())
                .map(Segments::compile)
                .filter(Segments::is_conditional),
        }
    }
}

/// The goals up to one that is `null`, and whether there is one.
fn goals(json: Json<'_>) -> (Vec<Goal>, bool) {
    let mut goals = Vec::new();
    for item in json.items() {
        if item.is_null() {
            return (goals, true);
        }
        let item = item.members();
        let Some(identifier) = item.text("identifier") else { continue };
        let prop = item.get_or_null("revenueProp");
        goals.push(Goal {
            id: Scalar::new(item.get_or_null("id")),
            identifier,
            kind: item.text("type").as_deref().and_then(GoalType::parse),
            revenue_prop: prop.filter(|prop| is_truthy(*prop)).map(|prop| Scalar::new(Some(prop)).text),
            needed_prop: Scalar::new(prop).text,
            repeats: item.get("mca").and_then(Json::number).is_some_and(|mca| parse_float(mca) == -1.0),
        });
    }
    (goals, false)
}

impl Group {
    fn new(id: Json<'_>, json: &Members<'_>, campaigns: &[Campaign]) -> Self {
        let (et, weights) = (json.get_or_null("et"), json.get_or_null("wt"));
        let mut members = None;
        if let Some(list) = json.get("campaigns").filter(|list| list.is_array()) {
            let mut found = Vec::new();
            for id in list.items() {
                let wanted = parse_int(&Scalar::new(Some(id)).text);
                for (place, campaign) in campaigns.iter().enumerate() {
                    if parse_int(&campaign.id.text) == wanted {
                        let weight = weights.and_then(|weights| property(weights, &campaign.id.text));
                        found.push(Member { campaign: place, weight: weight.map(|weight| Weight::new(Some(weight))) });
                        break;
                    }
                }
            }
            members = Some(found);
        }
        let mut priority = Some(Vec::new());
        match (json.get_or_null("p"), &mut priority) {
            (Some(list), priority) if list.is_null() => *priority = None,
            (Some(list), Some(ids)) => {
                for id in list.items() {
                    ids.extend(Scalar::new(Some(id)).json);
                }
            }
            _ => {}
        }
        Group {
            id: Scalar::new(Some(id)),
            name: json.get_or_null("name").map(|name| String::from(name.as_str())),
            members,
            random: et.is_none_or(|et| et.number().is_some_and(|et| parse_float(et) == 1.0)),
            priority,
            broken_weights: weights.is_some_and(Json::is_null),
        }
    }
}

/// `parseInt(text, 10)`. NaN is like nothing, itself included.
fn parse_int(text: &str) -> f64 {
    let text = text.trim_start_matches(is_space);
    let unsigned = behind(text, b'-').or_else(|| behind(text, b'+')).unwrap_or(text);
    let number = parse_float(split_leading(unsigned, DIGIT).0);
    if text.starts_with('-') { -number } else { number }
}
