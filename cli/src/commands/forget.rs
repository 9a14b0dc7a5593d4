//! `aftercall prune` and `aftercall forget`: what the ledger need not know any more.

use crate::{
    args::Arguments,
    clock::now,
    commands,
    config::{Config, Secrets},
    exit::Exit,
    fault::Fault,
    job::visitor_hash,
    table::counted,
};
use serde_json::json;

/// Forgets what was settled longer ago than the settings say.
///
/// # Errors
/// The ledger cannot be written.
pub fn prune(arguments: &Arguments, config: &Config) -> Result<Exit, Fault> {
    let ledger = commands::known_ledger(config, false, &Secrets::default())?;
    let age = i64::from(config.retention.days).saturating_mul(86_400);
    let before = i64::try_from(now().seconds()).unwrap_or(0).saturating_sub(age);
    let pruned = ledger.prune(before)?;
    say(arguments, "pruned", pruned);
    Ok(Exit::Done)
}

/// Forgets conversions by their id, or by the token of their visitor.
///
/// # Errors
/// The ledger cannot be written.
pub fn forget(arguments: &Arguments, config: &Config, what: &[String]) -> Result<Exit, Fault> {
    let ledger = commands::known_ledger(config, false, &Secrets::default())?;
    let mut forgotten = 0;
    for text in what {
        forgotten += ledger.forget(text, &visitor_hash(text))?;
    }
    say(arguments, "forgotten", forgotten);
    Ok(Exit::Done)
}

fn say(arguments: &Arguments, what: &str, requests: u64) {
    if arguments.json {
        println!("{}", json!({ what: requests }));
    } else if !arguments.quiet {
        println!("{} {what}.", counted(requests, "request"));
    }
}
