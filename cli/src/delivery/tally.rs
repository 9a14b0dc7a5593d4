//! What a run came to, in numbers.

use crate::{
    config::Limits,
    exit::Exit,
    job::Told,
    ledger::State,
    table::{self, counted, thousands},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::PathBuf};

/// Rejected rows that are shown one by one.
const SHOWN: usize = 10;

/// Of one platform.
#[derive(Clone, Debug, Default)]
pub struct Count {
    pub delivered: u64,
    /// Delivered by an earlier run.
    pub before: u64,
    pub rejected: u64,
    pub dead: u64,
    pub in_doubt: u64,
    /// Left for the next run.
    pub pending: u64,
    pub changed: u64,
    pub corrected: u64,
}

/// Of the run.
#[derive(Debug, Default)]
pub struct Tally {
    pub rows: u64,
    pub covered: u64,
    pub rejected_rows: u64,
    pub skipped_rows: u64,
    pub requests: u64,
    pub platforms: BTreeMap<&'static str, Count>,
    pub reasons: BTreeMap<(&'static str, bool), u64>,
    pub first_rejected: Vec<(PathBuf, u64, &'static str, String)>,
    /// In doubt because an earlier run ended between request and answer.
    pub recovered: u64,
    pub seconds: f64,
    pub interrupted: bool,
}

impl Tally {
    /// Counts a row of the input.
    pub fn row(&mut self, path: &std::path::Path, told: &Told) {
        self.rows += 1;
        self.covered += u64::from(told.covered);
        let rejected = told.reasons.iter().any(|reason| reason.rejected);
        self.rejected_rows += u64::from(rejected);
        self.skipped_rows += u64::from(!rejected && told.works.is_empty());
        for reason in &told.reasons {
            *self.reasons.entry((reason.code, reason.rejected)).or_default() += 1;
            if reason.rejected && self.first_rejected.len() < SHOWN {
                self.first_rejected.push((path.to_owned(), told.line, reason.code, reason.message.clone()));
            }
        }
    }

    pub fn of(&mut self, platform: &'static str) -> &mut Count {
        self.platforms.entry(platform).or_default()
    }

    /// Counts a conversion that an earlier run took care of, or did not.
    pub fn known(&mut self, platform: &'static str, state: State) {
        let count = self.of(platform);
        match state {
            State::Delivered => count.before += 1,
            State::Rejected => count.rejected += 1,
            State::Dead => count.dead += 1,
            State::InDoubt => count.in_doubt += 1,
            // They are on their way in this very run.
            State::Pending | State::InFlight => {}
        }
    }

    /// Counts what became of conversions in this run.
    pub fn settled(&mut self, platform: &'static str, state: State, conversions: u64) {
        let count = self.of(platform);
        match state {
            State::Delivered => count.delivered += conversions,
            State::Rejected => count.rejected += conversions,
            State::Dead => count.dead += conversions,
            State::InDoubt => count.in_doubt += conversions,
            State::Pending | State::InFlight => {}
        }
    }

    fn sum(&self, of: impl Fn(&Count) -> u64) -> u64 {
        self.platforms.values().map(of).sum()
    }

    pub fn delivered(&self) -> u64 {
        self.sum(|count| count.delivered)
    }

    /// How the run ended.
    pub fn exit(&self, limits: &Limits) -> Exit {
        if self.interrupted {
            return Exit::Interrupted;
        }
        let rejected = self.rejected_rows + self.sum(|count| count.rejected);
        let too_many = match limits.max_reject {
            Some(share) => share.is_exceeded(rejected, self.rows),
            None => rejected > 0,
        };
        let too_few = limits.min_coverage.is_some_and(|share| share.is_missed(self.covered, self.rows));
        let open = self.sum(|count| count.dead + count.in_doubt + count.pending);
        if too_many || too_few || open > 0 { Exit::Partly } else { Exit::Done }
    }

    pub fn json(&self) -> Value {
        let platforms: serde_json::Map<String, Value> = self
            .platforms
            .iter()
            .map(|(name, count)| {
                let Count { delivered, before, rejected, dead, in_doubt, pending, changed, corrected } = count;
                let value = json!({
                    "delivered": delivered, "deliveredBefore": before, "rejected": rejected, "dead": dead,
                    "inDoubt": in_doubt, "pending": pending, "changed": changed, "corrected": corrected,
                });
                (String::from(*name), value)
            })
            .collect();
        let reasons: Vec<Value> = self
            .reasons
            .iter()
            .map(|((code, rejected), rows)| json!({ "code": code, "rejected": rejected, "rows": rows }))
            .collect();
        let first: Vec<Value> = self
            .first_rejected
            .iter()
            .map(|(path, line, code, message)| json!({ "file": path, "line": line, "code": code, "message": message }))
            .collect();
        json!({
            "rows": self.rows, "covered": self.covered, "skippedRows": self.skipped_rows,
            "rejectedRows": self.rejected_rows, "requests": self.requests, "platforms": platforms, "reasons": reasons,
            "firstRejected": first, "recoveredInDoubt": self.recovered, "seconds": self.seconds,
            "interrupted": self.interrupted,
        })
    }

    /// For people. `reads`: there was something to read.
    pub fn print(&self, reads: bool) {
        let rows = format!(
            "{}: {} skipped, {} rejected. ",
            counted(self.rows, "row"),
            thousands(self.skipped_rows),
            thousands(self.rejected_rows)
        );
        println!(
            "{}{} delivered with {} in {:.1} s.\n",
            if reads { &rows } else { "" },
            counted(self.delivered(), "conversion"),
            counted(self.requests, "request"),
            self.seconds
        );
        let rows: Vec<Vec<String>> = self
            .platforms
            .iter()
            .map(|(name, count)| {
                let Count { delivered, before, rejected, dead, in_doubt, pending, changed, .. } = count;
                let mut row = vec![String::from(*name)];
                row.extend(
                    [delivered, before, rejected, pending, dead, in_doubt, changed].map(|number| thousands(*number)),
                );
                row
            })
            .collect();
        table::print(&["platform", "delivered", "before", "rejected", "pending", "dead", "in doubt", "changed"], &rows);
        if !self.reasons.is_empty() {
            println!();
            let rows: Vec<Vec<String>> = self
                .reasons
                .iter()
                .map(|((code, rejected), rows)| {
                    vec![thousands(*rows), String::from(*code), if *rejected { "rejected" } else { "skipped" }.into()]
                })
                .collect();
            table::print(&["rows", "code", ""], &rows);
        }
        if !self.first_rejected.is_empty() {
            println!("\nThe first rejected rows:");
        }
        for (path, line, code, message) in &self.first_rejected {
            println!("  {}:{line}: {message} ({code})", path.display());
        }
        if self.sum(|count| count.dead) > 0 {
            println!("\nSome are dead: `aftercall report --state dead` says why, `aftercall retry` sends them again.");
        }
        if self.sum(|count| count.pending) > 0 {
            println!("\nSome are pending: their platform failed too often in a row. The next run sends them.");
        }
        if self.sum(|count| count.in_doubt) > 0 {
            println!(
                "\nSome are in doubt: they left, and no answer came. Look into the platform's reports; \
                 `aftercall retry --in-doubt` sends them again, on your word."
            );
        }
        if self.interrupted {
            println!("\nInterrupted; nothing is lost. Run the same command again to go on.");
        }
    }
}
