//! Who converted: out of a token, or out of ids in columns of their own.

use super::{Reason, rejected, visitor_hash};
use crate::{
    config::Config,
    fault::Code,
    input::{columns::Field, row::Row, vwo_report::VwoReport},
};
use aftercall::{stash::unstash, values::json::Json, visitor::VisitorContext};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is known of a visitor.
pub struct Known {
    /// The context.
    pub context: VisitorContext,
    /// MD5 of what it came from.
    pub hash: [u8; 16],
    /// VWO's user, where the row names one: it belongs to the goal, not to the visitor of a page.
    pub vwo_user_id: Option<String>,
    /// The campaign of that user.
    pub vwo_campaign: Option<String>,
}

/// The ids as a context in JSON. Its hash stands in ledgers, so the order of the members must stay.
#[derive(Default, Serialize)]
struct Ids<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    convert: Option<ConvertIds<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kameleoon: Option<KameleoonIds<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    optimizely: Option<OptimizelyIds<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vwo: Option<VwoIds<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConvertIds<'a> {
    experiences: Value,
    visitor_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KameleoonIds<'a> {
    visitor_code: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OptimizelyIds<'a> {
    end_user_id: &'a str,
    experiments: Value,
}

#[derive(Serialize)]
struct VwoIds<'a> {
    campaigns: BTreeMap<String, Vec<String>>,
    /// `null` is what is not there.
    uuid: Option<&'a str>,
}

/// The fields that name a visitor without a token.
const IDS: [Field; 4] = [Field::VwoUuid, Field::KameleoonVisitorCode, Field::OptimizelyUser, Field::ConvertVisitor];

/// Does the row name a visitor without a token? `or_user`: a VWO user is one; with `[vwo_fullstack]` these have a way of
/// their own.
pub fn has_ids(row: &Row, or_user: bool) -> bool {
    IDS.iter().any(|field| row.get(*field).is_some()) || or_user && row.get(Field::VwoUserId).is_some()
}

impl Known {
    /// The visitor of a token, given in its parts.
    pub fn of_token(parts: &[&str]) -> Result<Self, Reason> {
        let context = unstash(parts.iter().copied()).map_err(|error| Reason {
            platform: None,
            code: error.code().name(),
            message: error.message(),
            rejected: true,
        })?;
        Ok(Known { context, hash: visitor_hash(&parts.concat()), vwo_user_id: None, vwo_campaign: None })
    }

    /// The visitor that the row's columns name.
    pub fn of_ids(row: &Row, config: &Config, report: Option<&VwoReport>) -> Result<Self, Reason> {
        let mut ids = Ids::default();
        if let Some(visitor_code) = row.get(Field::KameleoonVisitorCode) {
            ids.kameleoon = Some(KameleoonIds { visitor_code });
        }
        if let Some(end_user_id) = row.get(Field::OptimizelyUser) {
            let experiments = pairs(row.get(Field::OptimizelyVariations), "optimizely_variations")?;
            ids.optimizely = Some(OptimizelyIds { end_user_id, experiments });
        }
        if let Some(visitor_id) = row.get(Field::ConvertVisitor) {
            let experiences = pairs(row.get(Field::ConvertExperiences), "convert_experiences")?;
            ids.convert = Some(ConvertIds { experiences, visitor_id });
        }
        let user = row.get(Field::VwoUserId).filter(|_| config.vwo_fullstack.is_none());
        let uuid = row.get(Field::VwoUuid);
        let mut campaign = None;
        if user.is_some() || uuid.is_some() {
            let number = row.get(Field::VwoCampaign).map(String::from).or_else(|| config.vwo.as_ref()?.only_campaign());
            let combination = match row.get(Field::VwoCombination) {
                Some(text) => Some(text.to_owned()),
                None => match (user.or(uuid), report) {
                    (Some(user), Some(report)) => report
                        .combination(user)
                        .map_err(|_| rejected(Code::BadIds, "VWO's report has this user in two variations."))?,
                    _ => None,
                }
                .map(|number| number.to_string()),
            };
            let mut campaigns = BTreeMap::new();
            if let (Some(number), Some(combination)) = (number, combination) {
                campaigns.insert(number.clone(), combination.split(',').map(|id| id.trim().to_owned()).collect());
                campaign = Some(number);
            }
            ids.vwo = Some(VwoIds { campaigns, uuid });
        }
        let text = serde_json::to_string(&ids).unwrap_or_default();
        let known = VisitorContext::from_json(Json::parse(&text).unwrap_or_default());
        if !known.is_known() {
            return Err(rejected(Code::BadIds, "The ids in this row are none of any platform."));
        }
        Ok(Known {
            context: known,
            hash: visitor_hash(&text),
            vwo_user_id: user.map(String::from),
            vwo_campaign: campaign,
        })
    }
}

/// `11:12 21:22`, with commas, semicolons or spaces between; or a JSON object, as the cookie has it.
fn pairs(text: Option<&str>, name: &str) -> Result<Value, Reason> {
    let bad = || rejected(Code::BadIds, format!("{name} is written like 11:12 21:22, or as a JSON object."));
    let text = text.unwrap_or_default();
    if text.starts_with('{') {
        return serde_json::from_str(text).map_err(|_| bad());
    }
    let mut all = Map::new();
    for pair in text.split([',', ';', ' ']).filter(|pair| !pair.is_empty()) {
        let (experiment, variation) = pair.split_once([':', '=']).ok_or_else(bad)?;
        all.insert(experiment.trim().to_owned(), json!(variation.trim()));
    }
    Ok(Value::Object(all))
}
