//! `aftercall verify FILE…`: has Kameleoon recorded what was delivered?
//!
//! What is asked, and what an answer means, is the core's: `platform::kameleoon::visit_visitor`. The ledger knows no visitors,
//! so the files are read again: each row that was delivered is looked for by goal, amount and time.

use crate::{
    args::{Arguments, InputArguments},
    clock::now,
    commands,
    config::{Config, Secrets},
    delivery::wire::Wire,
    exit::Exit,
    fault::{Code, Fault},
    input::Input,
    job::{self, Hosts},
    ledger::{Ledger, State},
    table::{self, thousands},
};
use aftercall::{
    deliver::policy::Answer,
    platform::kameleoon::visit_visitor::Query,
    values::{json::Json, problem::PlatformName, time::Time},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

/// Ms that two clocks may differ by.
const CLOCKS: u64 = 5 * 60_000;

/// What is said where nobody answers as documented.
const UNREACHABLE: &str = "unreachable";

/// Rows that are shown one by one.
const SHOWN: usize = 10;

/// Asks for every delivered row.
///
/// # Errors
/// Configuration, input or ledger cannot be used.
pub fn run(arguments: &Arguments, config: &Config, input: &InputArguments) -> Result<Exit, Fault> {
    let secrets = Secrets::of(config)?;
    if config.kameleoon.is_none() {
        return Err(Fault::new(Code::BadConfig, "Only Kameleoon can be asked, and there is no [kameleoon]."));
    }
    let (mut job, columns) = commands::job(config, &secrets, input)?;
    let ledger = Ledger::look_into(&config.ledger())?;
    let hosts = Hosts::of(config);
    let wire = Wire::new(config, &secrets)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new(Code::BadConfig, format!("The system gives no event queue: {error}.")))?;
    let mut states: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut absent: Vec<(PathBuf, u64, String)> = Vec::new();
    for path in &input.files {
        let mut rows = Input::open(path, &columns, &Arc::new(AtomicU64::new(0)))?;
        if let Some(zone) = rows.zone() {
            job.use_zone(zone)?;
        }
        while let Some(row) = rows.next() {
            let told = row.map_or_else(job::unreadable, |row| job.tell(&row));
            for work in told.works.iter().filter(|work| work.draft.platform == PlatformName::Kameleoon) {
                let Some((State::Delivered, at)) = ledger.state(&work.draft.key)? else { continue };
                if !hosts.name(&work.draft.url) {
                    continue;
                }
                let delivered = u64::try_from(at).unwrap_or(0).saturating_mul(1000);
                let since = Time::from_ms(delivered.saturating_sub(CLOCKS)).unwrap_or_default();
                let state = match Query::of(&work.draft, since) {
                    Some(query) => runtime.block_on(ask(&wire, &query, config)),
                    None => UNREACHABLE,
                };
                *states.entry(state).or_default() += 1;
                if state == "absent" && absent.len() < SHOWN {
                    absent.push((path.clone(), told.line, work.conversion.clone()));
                }
            }
        }
        rows.end()?;
    }
    let bad = ["absent", UNREACHABLE].iter().any(|state| states.contains_key(state));
    if arguments.json {
        let absent: Vec<Value> = absent
            .iter()
            .map(|(path, line, conversion)| json!({ "file": path, "line": line, "conversion": conversion }))
            .collect();
        println!("{}", json!({ "states": states, "firstAbsent": absent }));
    } else if !arguments.quiet {
        let rows: Vec<Vec<String>> =
            states.iter().map(|(state, count)| vec![String::from(*state), thousands(*count)]).collect();
        table::print(&["state", "conversions"], &rows);
        for (path, line, conversion) in &absent {
            println!("  {}:{line}: {} is absent", path.display(), table::plain(conversion));
        }
    }
    Ok(if bad { Exit::Partly } else { Exit::Done })
}

async fn ask(wire: &Wire, query: &Query, config: &Config) -> &'static str {
    let url = query.url();
    if let Some(rate) = job::host(&url).and_then(|host| config.rate(host)) {
        tokio::time::sleep(Duration::from_secs_f64(1.0 / rate)).await;
    }
    let got = wire.exchange("GET", &url, Some("application/json"), &[], String::new()).await;
    let answer: Value = match got.answer {
        Answer::Status { status: 200, .. } => serde_json::from_slice(&got.text).unwrap_or_default(),
        _ => return UNREACHABLE,
    };
    let text = answer.to_string();
    let Some(answer) = Json::parse(&text).filter(|answer| answer.is_object()) else { return UNREACHABLE };
    // Seen from the time that was asked from: what is overdue is that by the ledger's own clock.
    let now = now().ms().saturating_sub(CLOCKS);
    query.judge(answer, Time::from_ms(now).unwrap_or_default()).name()
}
