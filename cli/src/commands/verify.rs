//! `aftercall verify FILE…`: has Kameleoon recorded what was delivered?
//!
//! ```text
//! GET https://<data host>/visit/visitor?siteCode&visitorCode|mappingValue&maxNumberPreviousVisits=25&currentVisit=true&conversion=true
//! ```
//! Source: the vendor's document "Processing offline goal conversions in experiments" and its API reference. Without Feature
//! Experimentation a visit shows some 30 minutes after its last activity. The ledger knows no visitors, so the files are read
//! again: each row that was delivered is looked for by goal, amount and time.

use crate::{
    args::{Arguments, InputArguments},
    commands::{self, now},
    config::{Config, Secrets},
    delivery::wire::Wire,
    exit::Exit,
    fault::{Code, Fault},
    input::Input,
    job::{self, Hosts, Work},
    ledger::{Ledger, State},
    table::{self, thousands},
};
use aftercall::{deliver::policy::Answer, values::problem::PlatformName};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

/// A conversion younger than this may not show yet.
const UNTIL_SHOWN: i64 = 40 * 60;

/// Two clocks may differ by so much.
const CLOCKS: i64 = 5 * 60;

/// Rows that are shown one by one.
const SHOWN: usize = 10;

/// Asks for every delivered row.
///
/// # Errors
/// Configuration, input or ledger cannot be used.
pub fn run(arguments: &Arguments, config: &Config, input: &InputArguments) -> Result<Exit, Fault> {
    let secrets = Secrets::from_environment()?;
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
    let local = tokio::task::LocalSet::new();
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
                let state = local.block_on(&runtime, ask(&wire, work, at, config));
                *states.entry(state).or_default() += 1;
                if state == "absent" && absent.len() < SHOWN {
                    absent.push((path.clone(), told.line, work.conversion.clone()));
                }
            }
        }
    }
    let bad = ["absent", "unreachable"].iter().any(|state| states.contains_key(state));
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

async fn ask(wire: &Wire, work: &Work, at: i64, config: &Config) -> &'static str {
    let Some((url, event)) = question(work) else { return "unreachable" };
    if let Some(rate) = job::host(&url).and_then(|host| config.rate(host)) {
        tokio::time::sleep(Duration::from_secs_f64(1.0 / rate)).await;
    }
    let got = wire.exchange("GET", &url, Some("application/json"), None, String::new()).await;
    let visits: Value = match got.answer {
        Answer::Status { status: 200, .. } => serde_json::from_slice(&got.text).unwrap_or_default(),
        _ => return "unreachable",
    };
    let since = at.saturating_sub(CLOCKS).saturating_mul(1000);
    if is_recorded(&visits, &event, since) {
        "recorded"
    } else if i64::try_from(now().seconds()).unwrap_or(0).saturating_sub(at) < UNTIL_SHOWN {
        "not-yet"
    } else {
        "absent"
    }
}

/// The URL to ask, and the event to look for.
fn question(work: &Work) -> Option<(String, Value)> {
    let post = work.draft.post.as_ref()?;
    let who = post.url_alone().replace("&json=true", "");
    let url = work.draft.url.replacen("/visit/events?", "/visit/visitor?", 1);
    let url = format!("{url}{who}&maxNumberPreviousVisits=25&currentVisit=true&conversion=true");
    Some((url, serde_json::from_str(post.event()).ok()?))
}

/// Is there a conversion of this goal, with this amount, since then?
fn is_recorded(visits: &Value, event: &Value, since: i64) -> bool {
    let amount = |data: &Value| data.get("revenue").and_then(Value::as_f64).unwrap_or(0.0);
    let negative = |data: &Value| data.get("negative").and_then(Value::as_bool).unwrap_or(false);
    let listed = visits.get("previousVisits").and_then(Value::as_array).into_iter().flatten();
    listed
        .chain(visits.get("currentVisit"))
        .filter_map(|visit| visit.get("conversionEvents").and_then(Value::as_array))
        .flatten()
        .filter(|recorded| recorded.get("time").and_then(Value::as_i64).is_some_and(|time| time >= since))
        .filter_map(|recorded| recorded.get("data"))
        .any(|data| {
            data.get("goalId") == event.get("goalId")
                && (amount(data) - amount(event)).abs() < 0.005
                && negative(data) == negative(event)
        })
}
