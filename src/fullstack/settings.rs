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
//! Ranges that a file brings along are not used.
//!
//! What is refused is what `SettingsFileSchema` refuses, as it works and not as it reads: its entries for goals, variations
//! and groups have an alternative that anything fits, so nothing in those is checked. Members that nobody knows are allowed
//! everywhere.
//! Source: `vwo-node-sdk` 1.73.0 `SettingsFileSchema`, `SettingsFileManager`, `CampaignUtil`, `BucketingService`.

use super::{
    bucketing::{Range, Weight, allocate},
    goal_type::GoalType,
    javascript::{parse_float, parse_int},
    members::{ANY, ANY_OBJECT, FLAG, NUMBER, OF_NUMBERS, OPTIONAL, Reader, TEXT, string},
    reason::{Line, Reason},
    segmentation::Segments,
    template::filled,
    value::{Scalar, is_truthy, property},
};
use crate::{
    platform::vwo::identity::Namespace,
    values::{digits::push_number, json::Json},
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
        let template = if invalid.path.is_empty() { "it is no JSON." } else { "# is missing or wrong." };
        Line::new(Reason::InvalidSettings, filled(template, &[&invalid.path]))
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
    /// The object has properties that are no variations: the SDK throws where it comes to them. Or the list has a `null`:
    /// it throws at launch.
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

/// What is wrong first: a member, and the campaign that it belongs to.
struct Flaw {
    campaign: Option<usize>,
    member: Option<&'static str>,
}

impl Settings {
    /// Reads a settings file.
    ///
    /// # Errors
    /// Where the SDK would not take it.
    pub fn parse(text: &str) -> Result<Self, InvalidSettings> {
        let invalid = |path| Err(InvalidSettings { path });
        let Some(json) = Json::parse_deep(text) else { return invalid(String::new()) };
        let mut flaw = Flaw { campaign: None, member: None };
        let settings = Self::read(json, &mut flaw);
        let Some(member) = flaw.member else { return Ok(settings) };
        let Some(place) = flaw.campaign else { return invalid(String::from(member)) };
        let mut number = String::new();
        push_number(&mut number, u64::try_from(place).unwrap_or_default());
        let template = if member.is_empty() { "campaigns[#]" } else { "campaigns[#].#" };
        invalid(filled(template, &[&number, member]))
    }

    #[inline(never)]
    fn read(json: Json<'_>, flaw: &mut Flaw) -> Self {
        let mut root = Reader::new(json);
        root.get("version", NUMBER | TEXT);
        let account = root.scalar("accountId", NUMBER | TEXT);
        let sdk_key = root.optional_text("sdkKey", TEXT | OPTIONAL);
        let memberships = root.value("campaignGroups", ANY_OBJECT | OF_NUMBERS | OPTIONAL);
        let groups = root.value("groups", ANY_OBJECT | OPTIONAL);
        let event_architecture = root.flag("isEventArchEnabled", FLAG | OPTIONAL);
        let prefix = filled("%", &[&root.text("collectionPrefix", TEXT | OPTIONAL)]);
        let flags = Flags { nb: root.flag("isNB", ANY), nb2: root.flag("isNBv2", ANY) };
        // None, where they are missing, falsy or an object.
        let campaigns = root.value("campaigns", ANY);
        if is_truthy(campaigns) {
            root.get("campaigns", ANY_OBJECT);
        }
        flaw.member = root.wrong;
        let mut settings = Settings {
            namespace: Namespace::new(&account.text),
            sdk_key,
            prefix: (!prefix.is_empty()).then_some(prefix),
            event_architecture,
            account,
            campaigns: Vec::new(),
            groups: Vec::new(),
            by_key: Vec::new(),
            by_goal: Vec::new(),
        };
        let mut thrown = None;
        for json in campaigns.items() {
            let place = settings.campaigns.len();
            let mut members = Reader::new(json);
            if !json.is_object() && !json.is_array() {
                members.refuse("");
            }
            let campaign = Campaign::new(&mut members, flags, &settings.account.text);
            if flaw.member.is_none() && members.wrong.is_some() {
                *flaw = Flaw { campaign: Some(place), member: members.wrong };
            }
            // Variations are given their ranges when all else is checked.
            if thrown.is_none() && campaign.broken_variations && !campaign.variations_are_object {
                thrown = Some(place);
            }
            settings.campaigns.push(campaign);
        }
        if flaw.member.is_none() && thrown.is_some() {
            *flaw = Flaw { campaign: thrown, member: Some("variations") };
        }
        settings.index();
        settings.link_groups(memberships, groups);
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
    /// (The standard library's search is code of its own for each closure.)
    fn search(&self, places: &[Place], most: Ordering, name: &str) -> usize {
        let (mut first, mut behind) = (0, places.len());
        while first < behind {
            let middle = first.midpoint(behind);
            match places.get(middle) {
                Some(place) if self.name(*place).cmp(name) <= most => first = middle.saturating_add(1),
                _ => behind = middle,
            }
        }
        first
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
    fn link_groups(&mut self, memberships: Json<'_>, groups: Json<'_>) {
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
                        self.groups.push(Group::new(id, group, &self.campaigns));
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
    fn new(json: &mut Reader<'_>, flags: Flags, account: &str) -> Self {
        // In the order of the schema: what is wrong first is named.
        let id = json.scalar("id", NUMBER | TEXT);
        let kind = json.text("type", TEXT);
        let key = json.text("key", TEXT);
        let running = json.text("status", TEXT) == "RUNNING";
        let traffic = json.number("percentTraffic", NUMBER);
        let goals = json.value("goals", ANY_OBJECT);
        let variations = json.value("variations", ANY_OBJECT);
        let segments = json.value("segments", ANY_OBJECT);
        let name = json.optional_text("name", TEXT | OPTIONAL);
        json.get("variables", ANY_OBJECT | OPTIONAL);
        let is_seeded = json.flag("isBucketingSeedEnabled", FLAG | OPTIONAL);
        let forced = json.get("isForcedVariationEnabled", FLAG | OPTIONAL).map(Json::is_true);
        let user_list = json.flag("isUserListEnabled", FLAG | OPTIONAL);
        let multi_armed = json.flag("isMAB", FLAG | OPTIONAL);
        let is_seeded = is_seeded || flags.nb || flags.nb2;
        let seed = filled(if is_seeded { "#_" } else { "" }, &[&id.text]);
        let of_old = if flags.nb { json.flag("isOB", ANY) } else { !flags.nb2 };
        let of_new = if flags.nb2 { json.flag("isOBv2", ANY) } else { flags.nb && !of_old };
        let is_scaled = of_old && traffic != 0.0;
        let template = match (is_scaled, of_new) {
            (true, _) => "#",
            (false, true) => "",
            (false, false) => "##_",
        };
        let mut campaign = Campaign {
            id,
            key,
            kind,
            name,
            running,
            multi_armed,
            forced,
            user_list,
            segments: Segments::compile(segments),
            traffic,
            bucket_seed: filled(template, &[&seed, account]),
            seed,
            multiplier: if is_scaled { 10_000.0 / traffic / 100.0 } else { 1.0 },
            variations: Vec::new(),
            variations_are_object: false,
            broken_variations: false,
            goals: Vec::new(),
            broken_goals: false,
            namesake: 0,
            group: None,
        };
        campaign.read_variations(variations);
        campaign.read_goals(goals);
        campaign
    }

    /// An object may pass for a list, as far as it goes. Its variations keep their ranges.
    #[inline(never)]
    fn read_variations(&mut self, json: Json<'_>) {
        let mut allocated = (!json.is_object()).then_some(0.0);
        for item in json.items() {
            if item.is_null() {
                self.broken_variations = true;
                return;
            }
            self.add_variation(item, &mut allocated);
        }
        self.variations_are_object = json.is_object();
        for (index, _) in json.entries().enumerate() {
            let mut name = String::new();
            push_number(&mut name, u64::try_from(index).unwrap_or_default());
            let Some(item) = property(json, &name).filter(|item| !item.is_null()) else {
                self.broken_variations = true;
                return;
            };
            self.add_variation(item, &mut allocated);
        }
    }

    /// With the range behind those that were given out; or with its own, where none are.
    #[inline(never)]
    fn add_variation(&mut self, json: Json<'_>, allocated: &mut Option<f64>) {
        let mut json = Reader::new(json);
        let weight = Weight::new(json.get("weight", ANY));
        let range = match allocated {
            Some(allocated) => allocate(allocated, weight.step()),
            None => Range {
                first: json.number("startVariationAllocation", ANY),
                last: json.number("endVariationAllocation", ANY),
            },
        };
        self.variations.push(Variation {
            id: json.scalar("id", ANY),
            name: json.flag("name", ANY).then(|| json.string("name", ANY)),
            weight,
            range,
            whitelist: Segments::compile(json.value("segments", ANY)),
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
            let mut item = Reader::new(item);
            let Some(identifier) = item.optional_text("identifier", ANY) else { continue };
            let kind = item.get("type", ANY);
            self.goals.push(Goal {
                id: item.scalar("id", ANY),
                identifier,
                kind: item.goal_type(kind),
                needed_prop: item.string("revenueProp", ANY),
                names_prop: item.flag("revenueProp", ANY),
                repeats: item.get("mca", ANY).is_some_and(|mca| is_number(mca, -1.0)),
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
    fn new(id: String, json: Json<'_>, campaigns: &[Campaign]) -> Self {
        let mut json = Reader::new(json);
        let listed = json.value("campaigns", ANY);
        let (priority, weights) = (json.get("p", ANY), json.get("wt", ANY));
        let mut group = Group {
            id,
            name: json.get("name", ANY).map(|name| String::from(name.as_str())),
            members: None,
            random: json.get("et", ANY).is_none_or(|et| is_number(et, 1.0)),
            broken_priority: priority.is_some_and(Json::is_null),
            broken_weights: weights.is_some_and(Json::is_null),
        };
        if !listed.is_array() {
            return group;
        }
        let (priority, weights) = (priority.unwrap_or_default(), weights.unwrap_or_default());
        let mut members = Vec::new();
        for id in listed.items() {
            let wanted = parse_int(&string(Some(id)));
            for (place, campaign) in campaigns.iter().enumerate() {
                if parse_int(&campaign.id.text) == wanted {
                    let weight = property(weights, &campaign.id.text);
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const CAMPAIGN: &str = r#""id":1,"type":"VISUAL_AB","key":"k","status":"RUNNING","percentTraffic":50,"goals":[],"variations":[],"segments":{}"#;

    fn checked(text: &str) -> Result<(), String> {
        Settings::parse(text).map(|_| ()).map_err(|invalid| invalid.path)
    }

    #[test]
    fn takes_what_the_sdk_takes() {
        for extra in [
            "",
            r#","goals":{}"#,
            r#","goals":[{"foo":1},null],"variations":[1]"#,
            r#","segments":[]"#,
            r#","id":"x","unknown":null"#,
        ] {
            let text = format!(r#"{{"version":"1","accountId":"a","campaigns":[{{{CAMPAIGN}{extra}}}],"zz":0}}"#);
            assert_eq!(checked(&text), Ok(()), "{extra}");
        }
        for campaigns in
            ["", r#","campaigns":{"a":1}"#, r#","campaigns":null"#, r#","campaigns":0"#, r#","campaigns":"""#]
        {
            assert_eq!(checked(&format!(r#"{{"version":1,"accountId":1{campaigns}}}"#)), Ok(()), "{campaigns}");
        }
    }

    #[test]
    fn names_the_path_of_what_is_wrong() {
        for (text, path) in [
            ("[]", "version"),
            (r#"{"version":1,"accountId":null}"#, "accountId"),
            (r#"{"version":1,"accountId":1,"sdkKey":5}"#, "sdkKey"),
            (r#"{"version":1,"accountId":1,"sdkKey":null}"#, "sdkKey"),
            (r#"{"version":1,"accountId":1,"campaignGroups":{"1":"2"}}"#, "campaignGroups"),
            (r#"{"version":1,"accountId":1,"isEventArchEnabled":"true"}"#, "isEventArchEnabled"),
            (r#"{"version":1,"accountId":1,"campaigns":"x"}"#, "campaigns"),
            (r#"{"version":1,"accountId":1,"campaigns":[1]}"#, "campaigns[0]"),
        ] {
            assert_eq!(checked(text), Err(path.into()), "{text}");
        }
        for (extra, path) in [
            (r#","percentTraffic":"50""#, "percentTraffic"),
            (r#","goals":null"#, "goals"),
            (r#","isMAB":"true""#, "isMAB"),
            (r#","name":null"#, "name"),
            (r#","variations":[1,null]"#, "variations"),
        ] {
            let text = format!(r#"{{"version":1,"accountId":1,"campaigns":[{{{CAMPAIGN}}},{{{CAMPAIGN}{extra}}}]}}"#);
            assert_eq!(checked(&text), Err(format!("campaigns[1].{path}")));
        }
    }
}
