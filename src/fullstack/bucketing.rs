//! Which of several a user falls to, by weight: variations of a campaign, whitelisted variations, campaigns of a group.
//!
//! Each gets a range of buckets from 1 to 10,000, as wide as its weight; [`murmur`](super::murmur) says in which bucket
//! the user is. All of it is the SDK's own arithmetic, in doubles: a weight that is text, or NaN, goes through it as it
//! does there. Source: `vwo-node-sdk` 1.73.0 `CampaignUtil`, `BucketingService`.

use super::{
    javascript::{ceil, number_text, text_number},
    value::{Scalar, is_truthy, number},
};
use crate::values::json::Json;
use alloc::string::String;

/// The number of buckets.
pub(super) const BUCKETS: f64 = 10_000.0;

/// A weight, in percent.
#[derive(Clone, Debug)]
pub(super) struct Weight {
    /// `Number(weight)`
    number: f64,
    /// `String(weight)`
    text: String,
    is_text: bool,
    truthy: bool,
}

impl Weight {
    /// The weight in a value of the settings.
    pub(super) fn new(json: Option<Json<'_>>) -> Self {
        Weight {
            number: json.map_or(f64::NAN, number),
            text: Scalar::new(json).text,
            // As an object does that is added to something.
            is_text: json.is_some_and(|json| json.text().is_some() || json.is_array() || json.is_object()),
            truthy: json.is_some_and(is_truthy),
        }
    }

    /// How many buckets it takes.
    pub(super) fn step(&self) -> f64 {
        if self.truthy { width(self.number) } else { 0.0 }
    }
}

/// `Math.min(Math.ceil(weight * 100), 10000)`: NaN stays NaN.
fn width(weight: f64) -> f64 {
    let width = ceil(weight * 100.0);
    if width > BUCKETS { BUCKETS } else { width }
}

/// The first and the last bucket of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) first: f64,
    pub(super) last: f64,
}

impl Range {
    /// Is the bucket one of these?
    pub(super) fn holds(self, bucket: f64) -> bool {
        bucket >= self.first && bucket <= self.last
    }
}

/// The range behind those that were given out.
pub(super) fn allocate(allocated: &mut f64, step: f64) -> Range {
    let before = *allocated;
    *allocated += step;
    if step == 0.0 || step.is_nan() {
        return Range { first: -1.0, last: -1.0 };
    }
    Range { first: before + 1.0, last: before + step }
}

/// Which of these does the bucket fall to, when their weights make up the whole? (The whitelisted variations of a user.)
///
/// The SDK adds the weights as JavaScript does: where one is text, they are strung together, and the sum is huge.
pub(super) fn pick_scaled<T: Copy>(weights: &[(T, &Weight)], bucket: f64) -> Option<T> {
    let mut text = String::new();
    let mut total = 0.0;
    let mut count = 0.0;
    for (_, weight) in weights {
        count += 1.0;
        if text.is_empty() && !weight.is_text {
            total += weight.number;
        } else {
            if text.is_empty() {
                text = number_text(total);
            }
            text.push_str(&weight.text);
        }
    }
    if !text.is_empty() {
        total = text_number(&text);
    }
    // Text is truthy, whatever it says.
    let equal = text.is_empty() && (total == 0.0 || total.is_nan());
    let mut allocated = 0.0;
    for (owner, weight) in weights {
        let share = if equal { 100.0 / count } else { weight.number / total * 100.0 };
        if allocate(&mut allocated, if share.is_nan() { 0.0 } else { width(share) }).holds(bucket) {
            return Some(*owner);
        }
    }
    None
}

/// Which of so many does the bucket fall to, when all have the same whole percentage? (The campaigns of a group.)
pub(super) fn pick_equal(count: usize, bucket: f64) -> Option<usize> {
    let share = 100_u32.checked_div(u32::try_from(count).ok()?)?;
    let mut allocated = 0.0;
    (0..count).find(|_| allocate(&mut allocated, width(share.into())).holds(bucket))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn weights(json: &str) -> Vec<Weight> {
        Json::parse(json).unwrap().items().map(|weight| Weight::new(Some(weight))).collect()
    }

    fn ranges(json: &str) -> Vec<(f64, f64)> {
        let mut allocated = 0.0;
        let range = |weight: &Weight| allocate(&mut allocated, weight.step());
        weights(json).iter().map(range).map(|range| (range.first, range.last)).collect()
    }

    #[test]
    fn ranges_round_up() {
        assert_eq!(ranges("[33.3333,33.3333,33.3333]"), [(1.0, 3334.0), (3335.0, 6668.0), (6669.0, 10002.0)]);
        assert_eq!(ranges("[0,\"50\",1e9]"), [(-1.0, -1.0), (1.0, 5000.0), (5001.0, 15000.0)]);
        // What is no number takes all ranges behind it along.
        assert!(ranges("[50,\"x\",50]")[2].0.is_nan());
        assert_eq!(ranges("[50,null,\"\",50]")[3], (5001.0, 10000.0));
    }

    #[test]
    fn several_whitelisted_share_by_weight() {
        let pick = |json: &str, bucket| pick_scaled(&weights(json).iter().enumerate().collect::<Vec<_>>(), bucket);
        assert_eq!(pick("[70,10]", 8750.0), Some(0));
        assert_eq!(pick("[70,10]", 8751.0), Some(1));
        assert_eq!(pick("[0,0]", 5000.0), Some(0));
        assert_eq!(pick("[0,0]", 5001.0), Some(1));
        // "0" + "50" + "50" is 5050: two ranges of one per cent each.
        assert_eq!(pick("[\"50\",\"50\"]", 100.0), Some(0));
        assert_eq!(pick("[\"50\",\"50\"]", 200.0), Some(1));
        assert_eq!(pick("[\"50\",\"50\"]", 201.0), None);
        // "0" + "33.3" + "null" is no number: no ranges at all.
        assert_eq!(pick("[\"33.3\",null]", 1.0), None);
        // 0 + [] + 100 is "0100".
        assert_eq!(pick("[[],100]", 1.0), Some(1));
    }

    #[test]
    fn a_group_of_three_leaves_a_gap() {
        assert_eq!(pick_equal(3, 9900.0), Some(2));
        assert_eq!(pick_equal(3, 9901.0), None);
        assert_eq!(pick_equal(2, 10_000.0), Some(1));
        assert_eq!(pick_equal(0, 1.0), None);
        assert_eq!(pick_equal(101, 1.0), None);
    }
}
