//! A call of `track`, checked as the SDK checks it.
//!
//! ```text
//! track(campaignKey, userId, goalIdentifier, options)
//! campaignKey = text, not empty | list of anything | null
//! ```
//! Nothing is trimmed. Amount, event properties and what is known of the browser are not checked at all.
//! Source: `vwo-node-sdk` 1.73.0, `track` and `ValidateUtil`.

use super::{
    goal_type::GoalType,
    javascript,
    members::{ANY, FLAG, OBJECT, OPTIONAL, Reader, string},
    value::is_truthy,
};
use crate::values::json::Json;
use alloc::{borrow::Cow, string::String, vec::Vec};

/// Which campaigns a call is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Campaigns<'a> {
    /// All that have the goal.
    All,
    /// The one with this key.
    One(Cow<'a, str>),
    /// Those with these keys.
    Several(Vec<Key<'a>>),
}

/// A key in a list of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// The key as text.
    pub text: Cow<'a, str>,
    /// Is it a text at all? The SDK compares strictly: to it 12 is not the key of the campaign `"12"`, nor any other's.
    pub is_text: bool,
}

impl<'a> From<Cow<'a, str>> for Key<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Key { text, is_text: true }
    }
}

impl Campaigns<'_> {
    /// The key in that place, where keys are named.
    pub(super) fn key(&self, place: usize) -> Option<&str> {
        match self {
            Campaigns::All => None,
            Campaigns::One(key) => (place == 0).then_some(&**key),
            Campaigns::Several(keys) => keys.get(place).map(|key| &*key.text),
        }
    }

    /// How many keys are named, where keys are named.
    pub(super) fn count(&self) -> Option<usize> {
        match self {
            Campaigns::All => None,
            Campaigns::One(_) => Some(1),
            Campaigns::Several(keys) => Some(keys.len()),
        }
    }

    /// Those in a JSON list: of anything, as the SDK has it.
    #[must_use]
    pub fn several(list: Json<'_>) -> Self {
        let mut keys = Vec::new();
        for item in list.items() {
            keys.push(Key { text: property_name(item), is_text: item.as_str().starts_with("\"") });
        }
        Campaigns::Several(keys)
    }
}

/// A call of `track`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// Which campaigns.
    pub campaigns: Campaigns<'a>,
    /// The user's id, the same as was given to `activate`.
    pub user_id: Cow<'a, str>,
    /// The goal's name.
    pub goal: Cow<'a, str>,
    /// Matched against a campaign's conditions.
    pub custom_variables: Option<Json<'a>>,
    /// Matched against whitelists.
    pub targeting_variables: Option<Json<'a>>,
    /// The amount; JavaScript takes anything that is truthy.
    pub revenue: Option<Json<'a>>,
    /// Which goals count; default: as launched.
    pub goal_type: Option<GoalType>,
    /// May the user's conversion count again? Default: as launched.
    pub returning: Option<bool>,
    /// What is laid over the record that the user storage has.
    pub storage_data: Option<Json<'a>>,
    /// Handed to the user storage.
    pub meta_data: Option<Json<'a>>,
    /// Properties of the event, in event architecture.
    pub event_properties: Option<Json<'a>>,
    /// The names of further event properties, in a list: those that have no value that JSON knows.
    pub unset_properties: Option<Json<'a>>,
    /// The visitor's browser.
    pub user_agent: Cow<'a, str>,
    /// The visitor's address.
    pub ip_address: Cow<'a, str>,
}

impl<'a> Call<'a> {
    /// A call without options.
    #[must_use]
    pub fn new(campaigns: Campaigns<'a>, user_id: &'a str, goal: &'a str) -> Self {
        Call {
            campaigns,
            user_id: Cow::Borrowed(user_id),
            goal: Cow::Borrowed(goal),
            custom_variables: None,
            targeting_variables: None,
            revenue: None,
            goal_type: None,
            returning: None,
            storage_data: None,
            meta_data: None,
            event_properties: None,
            unset_properties: None,
            user_agent: Cow::Borrowed(""),
            ip_address: Cow::Borrowed(""),
        }
    }

    /// Reads `{campaignKey, userId, goalIdentifier, options}`; a member that is missing is `undefined`.
    ///
    /// # Errors
    /// With the name of the argument for which the SDK answers null.
    pub fn from_json(json: Json<'a>) -> Result<Self, &'static str> {
        let arguments = json.members();
        let text = |name| arguments.get(name).and_then(Json::text).filter(|text| !text.is_empty());
        let campaigns = match arguments.get("campaignKey") {
            None => Campaigns::All,
            Some(list) if list.is_array() => Campaigns::several(list),
            Some(_) => Campaigns::One(Cow::Owned(text("campaignKey").ok_or("campaignKey")?)),
        };
        let mut call = Call::new(campaigns, "", "");
        let is_whole = arguments.get("userId").is_some_and(is_well_formed);
        call.user_id = Cow::Owned(text("userId").filter(|_| is_whole).ok_or("userId")?);
        call.goal = Cow::Owned(text("goalIdentifier").ok_or("goalIdentifier")?);
        if let Some(options) = arguments.get_or_null("options") {
            call.read_options(options)?;
        }
        Ok(call)
    }

    /// Takes the call's options from their JSON.
    ///
    /// # Errors
    /// With the name of the option for which the SDK answers null.
    pub fn read_options(&mut self, options: Json<'a>) -> Result<(), &'static str> {
        if !options.is_object() {
            return Err("options");
        }
        let mut options = Reader::new(options);
        self.custom_variables = options.get("customVariables", OBJECT | OPTIONAL);
        self.targeting_variables = options.get("variationTargetingVariables", OBJECT | OPTIONAL);
        self.storage_data = options.get("userStorageData", OBJECT | OPTIONAL);
        self.meta_data = options.get("metaData", OBJECT | OPTIONAL);
        self.returning = options.get("shouldTrackReturningUser", FLAG | OPTIONAL).map(Json::is_true);
        let goal_type = options.get("goalTypeToTrack", ANY);
        self.goal_type = options.goal_type(goal_type);
        self.revenue = options.get("revenueValue", ANY).filter(|value| is_truthy(*value));
        self.event_properties = options.get("eventProperties", ANY);
        self.unset_properties = options.get("unset", ANY);
        for (name, slot) in [("userAgent", &mut self.user_agent), ("userIpAddress", &mut self.ip_address)] {
            if let Some(value) = options.get(name, ANY).filter(|value| is_truthy(*value)) {
                *slot = Cow::Owned(string(Some(value)));
            }
        }
        options.wrong.map_or(Ok(()), Err)
    }

    /// The names of the event properties that have no value.
    pub(super) fn unset_properties(&self) -> impl Iterator<Item = String> {
        self.unset_properties.unwrap_or_default().items().filter_map(Json::text)
    }

    /// The argument for which the SDK answers null.
    pub(super) fn flaw(&self) -> Option<&'static str> {
        if matches!(&self.campaigns, Campaigns::One(key) if key.is_empty()) {
            Some("campaignKey")
        } else if self.user_id.is_empty() {
            Some("userId")
        } else if self.goal.is_empty() {
            Some("goalIdentifier")
        } else {
            None
        }
    }
}

/// Is the string free of half characters? A user's id is hashed, and half a character has no bytes to be hashed.
fn is_well_formed(json: Json<'_>) -> bool {
    let mut is_open = false;
    let mut take = |unit| {
        let fits = is_open == (0xDC00..0xE000).contains(&unit);
        is_open = (0xD800..0xDC00).contains(&unit);
        fits.then_some(())
    };
    json.each_unit(&mut take).is_some() && !is_open
}

/// The name of the property that a value becomes where it is used as one.
fn property_name<'a>(json: Json<'_>) -> Cow<'a, str> {
    Cow::Owned(javascript::text(json).unwrap_or_else(|| String::from("[object Object]")))
}
