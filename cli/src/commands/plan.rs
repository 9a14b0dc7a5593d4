//! `aftercall plan FILE…`: what `sync` would send. It touches no network and no ledger.

use crate::{
    args::{Arguments, InputArguments},
    clock::now,
    commands,
    config::{Config, Secrets},
    exit::Exit,
    fault::Fault,
    input::Input,
    job::{self, Told},
    table::{self, counted, plain, thousands},
};
use aftercall::values::{idempotency::IdempotencyKey, problem::Code, time::Time};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
};

/// Rows that are shown one by one.
const SHOWN: usize = 10;

/// Sources that are counted one by one: a file may name a source of its own in every row.
const SOURCES: usize = 1000;

#[derive(Default)]
struct Count {
    conversions: u64,
    /// Conversions of an earlier day that the platform will count today.
    counted_today: u64,
}

#[derive(Default)]
struct Summary {
    rows: u64,
    covered: u64,
    rejected: u64,
    twice: u64,
    platforms: BTreeMap<&'static str, Count>,
    /// Rows by code, platform, whether that rejects them, and what is to be said.
    reasons: BTreeMap<(&'static str, &'static str, bool, String), u64>,
    warnings: BTreeMap<(&'static str, &'static str), (u64, String)>,
    sources: BTreeMap<String, (u64, u64)>,
    first_rejected: Vec<(PathBuf, u64, &'static str, String)>,
    keys: HashSet<IdempotencyKey>,
}

/// Reads the files and says what would be sent.
///
/// # Errors
/// Configuration or input cannot be used.
pub fn run(arguments: &Arguments, config: &Config, input: &InputArguments) -> Result<Exit, Fault> {
    let (mut job, columns) = commands::job(config, &Secrets::of(config)?, input)?;
    let now = now();
    let mut summary = Summary::default();
    for path in &input.files {
        let mut rows = Input::open(path, &columns, &Arc::new(AtomicU64::new(0)))?;
        if let Some(zone) = rows.zone() {
            job.use_zone(zone)?;
        }
        while let Some(row) = rows.next() {
            let told = row.map_or_else(job::unreadable, |row| job.tell(&row));
            summary.add(path, told, now);
        }
        rows.end()?;
    }
    if arguments.json {
        println!("{}", summary.json());
    } else if !arguments.quiet {
        summary.print();
    }
    Ok(if summary.rejected > 0 { Exit::Partly } else { Exit::Done })
}

impl Summary {
    fn add(&mut self, path: &std::path::Path, told: Told, now: Time) {
        self.rows += 1;
        self.covered += u64::from(told.covered);
        if self.sources.len() < SOURCES || told.source.as_ref().is_some_and(|source| self.sources.contains_key(source))
        {
            let source = self.sources.entry(told.source.unwrap_or_default()).or_default();
            source.0 += 1;
            source.1 += u64::from(told.covered);
        }
        for work in told.works {
            if !self.keys.insert(work.draft.key) {
                self.twice += 1;
                continue;
            }
            let count = self.platforms.entry(work.draft.platform.name()).or_default();
            count.conversions += 1;
            let late = told.warnings.iter().any(|warning| {
                warning.code() == Code::CountedAtArrival && warning.platform == Some(work.draft.platform)
            });
            if late && told.at.is_some_and(|at| at.day() < now.day()) {
                count.counted_today += 1;
            }
        }
        for warning in &told.warnings {
            if warning.code() != Code::CountedAtArrival {
                let name = warning.platform.map_or("", |platform| platform.name());
                let entry = self.warnings.entry((name, warning.code().name())).or_default();
                *entry = (entry.0 + 1, warning.reason.message());
            }
        }
        self.rejected += u64::from(told.reasons.iter().any(|reason| reason.rejected));
        for reason in told.reasons {
            let name = reason.platform.map_or("", |platform| platform.name());
            *self.reasons.entry((reason.code, name, reason.rejected, reason.message.clone())).or_default() += 1;
            if reason.rejected && self.first_rejected.len() < SHOWN {
                self.first_rejected.push((path.to_owned(), told.line, reason.code, reason.message));
            }
        }
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "rows": self.rows,
            "covered": self.covered,
            "rejected": self.rejected,
            "twiceInTheInput": self.twice,
            "platforms": self.platforms.iter().map(|(name, count)| {
                (String::from(*name), json!({ "conversions": count.conversions, "countedToday": count.counted_today }))
            }).collect::<serde_json::Map<_, _>>(),
            "reasons": self.reasons.iter().map(|((code, platform, rejected, message), rows)| {
                json!({ "code": code, "platform": platform, "rejected": rejected, "rows": rows, "message": message })
            }).collect::<Vec<_>>(),
            "warnings": self.warnings.iter().map(|((platform, code), (rows, message))| {
                json!({ "code": code, "platform": platform, "rows": rows, "message": message })
            }).collect::<Vec<_>>(),
            "sources": self.sources.iter().map(|(source, (rows, covered))| {
                json!({ "source": source, "rows": rows, "covered": covered })
            }).collect::<Vec<_>>(),
            "firstRejected": self.first_rejected.iter().map(|(path, line, code, message)| {
                json!({ "file": path, "line": line, "code": code, "message": message })
            }).collect::<Vec<_>>(),
        })
    }

    fn print(&self) {
        println!("{}, {} with a token or ids; nothing was sent.\n", counted(self.rows, "row"), thousands(self.covered));
        let rows: Vec<Vec<String>> = self
            .platforms
            .iter()
            .map(|(name, count)| {
                vec![String::from(*name), thousands(count.conversions), thousands(count.counted_today)]
            })
            .collect();
        table::print(&["platform", "conversions", "of earlier days, counted today"], &rows);
        if self.twice > 0 {
            println!("\n{} stand in the input twice and would go out once.", thousands(self.twice));
        }
        for (title, rejected) in [("skipped", false), ("rejected", true)] {
            let reasons = self.reasons.iter().filter(|((_, _, is, _), _)| *is == rejected);
            let rows: Vec<Vec<String>> = reasons
                .map(|((code, platform, _, message), rows)| {
                    vec![thousands(*rows), String::from(*code), String::from(*platform), message.clone()]
                })
                .collect();
            if !rows.is_empty() {
                println!();
                table::print(&[title, "code", "platform", "why"], &rows);
            }
        }
        if !self.first_rejected.is_empty() {
            println!("\nThe first rejected rows:");
            for (path, line, code, message) in &self.first_rejected {
                println!("  {}:{line}: {message} ({code})", path.display());
            }
        }
        if !self.warnings.is_empty() {
            println!();
            let rows: Vec<Vec<String>> = self
                .warnings
                .iter()
                .map(|((platform, code), (rows, message))| {
                    vec![thousands(*rows), String::from(*code), String::from(*platform), message.clone()]
                })
                .collect();
            table::print(&["warnings", "code", "platform", "what"], &rows);
        }
        if self.sources.len() > 1 {
            println!();
            let rows: Vec<Vec<String>> = self
                .sources
                .iter()
                .map(|(source, (rows, covered))| vec![plain(source), thousands(*rows), thousands(*covered)])
                .collect();
            table::print(&["source", "rows", "with a token"], &rows);
        }
    }
}
