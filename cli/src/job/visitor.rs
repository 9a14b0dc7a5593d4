//! Who converted: out of a token, or out of ids in columns of their own.

use super::{Reason, rejected, visitor_hash};
use crate::{
    config::Config,
    fault::Code,
    input::{columns::Field, row::Row, vwo_report::VwoReport},
};
use aftercall::{stash::unstash, values::json::Json, visitor::VisitorContext};
use serde_json::{Map, Value, json};

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
        let mut context = Map::new();
        let mut put = |platform: &str, visitor: Value| context.insert(platform.to_owned(), visitor);
        if let Some(code) = row.get(Field::KameleoonVisitorCode) {
            put("kameleoon", json!({ "visitorCode": code }));
        }
        if let Some(user) = row.get(Field::OptimizelyUser) {
            let experiments = pairs(row.get(Field::OptimizelyVariations), "optimizely_variations")?;
            put("optimizely", json!({ "endUserId": user, "experiments": experiments }));
        }
        if let Some(visitor) = row.get(Field::ConvertVisitor) {
            let experiences = pairs(row.get(Field::ConvertExperiences), "convert_experiences")?;
            put("convert", json!({ "visitorId": visitor, "experiences": experiences }));
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
            let mut campaigns = Map::new();
            if let (Some(number), Some(combination)) = (number, combination) {
                let variations: Vec<&str> = combination.split(',').map(str::trim).collect();
                campaigns.insert(number.clone(), json!(variations));
                campaign = Some(number);
            }
            // `null` is what is not there.
            put("vwo", json!({ "uuid": uuid, "campaigns": campaigns }));
        }
        let text = Value::Object(context).to_string();
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
