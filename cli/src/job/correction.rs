//! A conversion that was delivered and now has another revenue: Kameleoon can take the old one back.
//!
//! Its Data API has conversions with `negative: true`, "to cancel"; a correction is one of these with the old amount, then
//! the conversion anew. Optimizely, VWO and Convert have nothing of the kind in the requests that are sent here.

use super::Work;
use aftercall::values::{digits::push_hex, idempotency::IdempotencyKey, money::Cents, problem::PlatformName};
use serde_json::{Map, Value, json};

/// What takes the old conversion back, and the new one. `was`: the old revenue.
pub fn corrections(work: &Work, was: Option<i64>) -> Option<[Work; 2]> {
    if work.draft.platform != PlatformName::Kameleoon {
        return None;
    }
    let event: Map<String, Value> = serde_json::from_str(work.draft.post.as_ref()?.event()).ok()?;
    // What took something back itself is not taken back: nobody documents what that would mean.
    if was.is_some_and(|was| was < 0) || event.get("negative").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let mut back = event.clone();
    back.insert("negative".into(), json!(true));
    match was {
        Some(was) => {
            let mut amount = String::new();
            Cents::from_number(was)?.push_decimal(&mut amount);
            back.insert("revenue".into(), serde_json::from_str(&amount).ok()?);
        }
        None => {
            back.remove("revenue");
        }
    }
    Some([part(work, back, "back", was)?, part(work, event, "anew", work.revenue)?])
}

fn part(work: &Work, mut event: Map<String, Value>, what: &str, revenue: Option<i64>) -> Option<Work> {
    // A correction is a conversion of its own: each amount is told and taken back once, whatever happens.
    let amount = revenue.map_or_else(String::new, |revenue| revenue.to_string());
    let number = IdempotencyKey::new("correction", "", "", what, &amount);
    let key = IdempotencyKey::of_all([work.draft.key, number].iter());
    let mut nonce = String::new();
    push_hex(&mut nonce, &key.nonce(""));
    event.insert("nonce".into(), json!(nonce));
    let mut part = work.clone();
    part.draft.key = key;
    let post = part.draft.post.as_mut()?;
    *post = post.with_event(&Value::Object(event).to_string());
    part.revenue = revenue;
    Some(part)
}
