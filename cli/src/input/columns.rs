//! What a row can say, and under which names exports and webhooks say it.

use serde::Deserialize;
use std::collections::BTreeMap;

macro_rules! fields {
    ($($(#[$doc:meta])+ $variant:ident $name:literal)+) => {
        /// Something that a row can say.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Field { $($(#[$doc])+ $variant,)+ }

        impl Field {
            /// All of them.
            pub const ALL: &'static [Field] = &[$(Field::$variant,)+];

            /// The name in `[columns]`.
            #[cfg(test)]
            pub fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)+ }
            }

            /// Its place in a list of all.
            pub fn index(self) -> usize {
                self as usize
            }
        }
    };
}

fields! {
    /// The user's id of the call, order or lead.
    Id "id"
    /// The token, or its first part.
    Token "token"
    /// When it happened.
    At "at"
    /// What it was worth.
    Revenue "revenue"
    /// The currency of that.
    Currency "currency"
    /// Products in the transaction.
    Quantity "quantity"
    /// Where the call came from: coverage is counted by it.
    Source "source"
    /// Seconds.
    Duration "duration"
    /// The call's status.
    Status "status"
    /// Is it the caller's first call?
    FirstCall "first_call"
    /// The call tracker's id of the visitor.
    TrackerId "tracker_id"
    /// VWO: the user id given to the SDK.
    VwoUserId "vwo_user_id"
    /// VWO: the web visitor's id.
    VwoUuid "vwo_uuid"
    /// VWO: the campaign.
    VwoCampaign "vwo_campaign"
    /// VWO: the variation.
    VwoCombination "vwo_combination"
    /// VWO FullStack: the campaign's key, or several.
    VwoCampaignKey "vwo_campaign_key"
    /// VWO FullStack: the goal's identifier.
    VwoGoal "vwo_goal"
    /// VWO FullStack: what campaigns' conditions ask for.
    VwoVariables "vwo_variables"
    /// VWO FullStack: what whitelists ask for.
    VwoTargeting "vwo_targeting"
    /// Kameleoon: the visitor code.
    KameleoonVisitorCode "kameleoon_visitor_code"
    /// Optimizely: the end user id.
    OptimizelyUser "optimizely_user"
    /// Optimizely: experiments and variations.
    OptimizelyVariations "optimizely_variations"
    /// Convert: the visitor id.
    ConvertVisitor "convert_visitor"
    /// Convert: experiences and variations.
    ConvertExperiences "convert_experiences"
}

/// One name, or several to try in turn.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a column is a name in quotation marks, or a list of them")]
pub enum Names {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Names {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Names::One(name) => std::slice::from_ref(name),
            Names::Several(names) => names,
        }
    }
}

/// Whose names a file has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Preset {
    /// The usual names.
    #[default]
    Generic,
    /// CallRail: webhook (`custom` holds the captured cookies), API v3 and export.
    Callrail,
    /// CallTrackingMetrics: the token as a custom field.
    Ctm,
    /// Invoca: Transactions API, nested (`custom_data`) or flat.
    Invoca,
    /// Infinity: custom variables have the prefix `c_`.
    Infinity,
    /// Ringba: call log or pixel, tags of the type `User`.
    Ringba,
    /// WhatConverts: webhook and export.
    Whatconverts,
    /// Google's template for offline conversions, with one more column for the token.
    Google,
}

impl Preset {
    /// The names to try, in turn. Case does not matter. A point leads into a JSON object, brackets to the entry of that name
    /// in a list of `{name, value}`.
    ///
    /// Trackers' names are those of their documents, where these were at hand; the usual ones follow for their CSV exports.
    fn names(self, field: Field) -> &'static [&'static str] {
        use Field::{At, Currency, Duration, FirstCall, Id, Revenue, Source, Status, Token, TrackerId};
        match (self, field) {
            (Preset::Callrail, Id) => &["resource_id", "id", "call id"],
            (Preset::Callrail, Token) => &["custom.aftercall_ctx", "form_data.aftercall_ctx", "aftercall_ctx"],
            (Preset::Callrail, At) => &["start_time", "submitted_at", "start time"],
            (Preset::Callrail, Source) => &["tracker_resource_id", "source_name", "source", "tracking_phone_number"],
            (Preset::Callrail, Status) => &["lead_status", "call_type"],
            (Preset::Callrail, FirstCall) => &["first_call", "first_form"],
            (Preset::Callrail, TrackerId) => &["session_uuid", "person_id"],

            (Preset::Ctm, Id) => &["id", "call id"],
            (Preset::Ctm, Token) => &["custom_fields.aftercall_ctx", "aftercall_ctx"],
            (Preset::Ctm, At) => &["called_at", "start_time"],
            (Preset::Ctm, TrackerId) => &["visitor_sid", "ctm_visitor_sid"],

            (Preset::Invoca, Id) => &["complete_call_id", "transaction_id"],
            (Preset::Invoca, Token) => &["custom_data[aftercall_ctx]", "aftercall_ctx"],
            (Preset::Invoca, At) => &["start_time_utc", "start_time_local"],
            (Preset::Invoca, TrackerId) => &["invoca_id"],

            (Preset::Infinity, Id) => &["callref"],
            (Preset::Infinity, Token) => &["c_aftercall_ctx"],
            (Preset::Infinity, TrackerId) => &["vid"],

            (Preset::Ringba, Id) => &["inboundcallid", "call:inboundcallid"],
            (Preset::Ringba, Token) => &["user:aftercall_ctx", "tag:user:aftercall_ctx", "aftercall_ctx"],

            (Preset::Whatconverts, Id) => &["lead_id", "lead id"],
            (Preset::Whatconverts, Token) => &["additional_fields.aftercall_ctx", "aftercall_ctx"],
            (Preset::Whatconverts, At) => &["date_created", "date created"],
            (Preset::Whatconverts, TrackerId) => &["user_id"],

            (Preset::Google, Id) => &["order id", "transaction id"],
            (Preset::Google, At) => &["conversion time"],
            (Preset::Google, Revenue) => &["conversion value"],
            (Preset::Google, Currency) => &["conversion currency"],
            (Preset::Google, Source) => &["conversion name"],

            (_, Id) => &["id", "call_id", "call id", "conversion_id", "order_id", "order id", "lead_id", "lead id"],
            (_, Token) => &["aftercall_ctx", "aftercall", "token"],
            (_, At) => &["at", "time", "start_time", "start time", "date", "created_at"],
            (_, Revenue) => &["revenue", "value", "amount", "sale_amount", "sales value", "sales_value"],
            (_, Currency) => &["currency"],
            (_, Duration) => &["duration", "duration_in_seconds", "call duration", "duration (seconds)"],
            (_, Status) => &["status", "lead_status", "call status"],
            (_, FirstCall) => &["first_call", "first call", "first-time caller"],
            (_, Source) => &["source", "tracking_number", "tracking number"],
            (_, TrackerId) => &["tracker_id", "session_uuid", "visitor_sid", "invoca_id", "vid"],
            (_, Field::Quantity) => &["quantity"],
            (_, Field::VwoUserId) => &["vwo_user_id"],
            (_, Field::VwoUuid) => &["vwo_uuid", "_vwo_uuid"],
            (_, Field::VwoCampaign) => &["vwo_campaign", "experiment_id"],
            (_, Field::VwoCombination) => &["vwo_combination", "combination"],
            (_, Field::VwoCampaignKey) => &["vwo_campaign_key", "campaign_key", "campaignkey", "campaign key"],
            (_, Field::VwoGoal) => &["vwo_goal", "goal_identifier", "goalidentifier", "goal identifier"],
            (_, Field::VwoVariables) => &["vwo_variables", "custom_variables", "customvariables"],
            (_, Field::VwoTargeting) => &["vwo_targeting", "variationtargetingvariables"],
            (_, Field::KameleoonVisitorCode) => &["kameleoonvisitorcode", "kameleoon_visitor_code"],
            (_, Field::OptimizelyUser) => &["optimizely_user", "optimizelyenduserid"],
            (_, Field::OptimizelyVariations) => &["optimizely_variations", "optimizelybuckets"],
            (_, Field::ConvertVisitor) => &["convert_visitor"],
            (_, Field::ConvertExperiences) => &["convert_experiences"],
        }
    }
}

/// For every field the names under which it is looked for, in lower case.
#[derive(Clone, Debug)]
pub struct Columns(Vec<Vec<String>>);

impl Columns {
    /// The user's names where there are some, else the preset's.
    pub fn new(preset: Preset, own: &BTreeMap<Field, Names>) -> Self {
        let names = |field: &Field| match own.get(field) {
            Some(names) => names.all().iter().map(|name| name.trim().to_lowercase()).collect(),
            None => preset.names(*field).iter().map(|name| String::from(*name)).collect(),
        };
        Columns(Field::ALL.iter().map(names).collect())
    }

    /// The names of one field.
    pub fn names(&self, field: Field) -> &[String] {
        self.0.get(field.index()).map_or(&[], Vec::as_slice)
    }
}
