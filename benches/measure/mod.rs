//! Counting what happens in a second.

use std::time::{Duration, Instant};

/// Rounds that count.
pub const ROUNDS: usize = 11;
/// How long one of them takes.
pub const ROUND: Duration = Duration::from_millis(250);

/// Calls `work` over and over, with a number that is never the same; it says how many things it did.
pub fn measure(title: &str, unit: &str, budget: Option<f64>, mut work: impl FnMut(u64) -> usize) {
    let mut call = 0;
    let mut round = |length: Duration| {
        let (mut done, began) = (0, Instant::now());
        while began.elapsed() < length {
            for _ in 0..16 {
                call += 1;
                done += work(call);
            }
        }
        done as f64 / began.elapsed().as_secs_f64()
    };
    round(ROUND); // caches, branch predictors and the clock of the processor warm up
    let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round(ROUND)).collect();
    rounds.sort_by(f64::total_cmp);
    let verdict = budget.map_or_else(String::new, |budget| {
        format!("  ≥ {} {}", thousands(budget), if rounds[ROUNDS / 2] >= budget { "met" } else { "missed" })
    });
    println!(
        "{title:<58} {:>10} {unit:<11} ({} to {}){verdict}",
        thousands(rounds[ROUNDS / 2]),
        thousands(rounds[0]),
        thousands(rounds[ROUNDS - 1])
    );
}

fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}
