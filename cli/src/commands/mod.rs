//! One file a command.

pub mod forget;
pub mod inspect;
pub mod plan;
pub mod report;
pub mod setup;
pub mod setup_callrail;
pub mod setup_optimizely;
pub mod simulate;
pub mod sync;
pub mod verify;

use crate::{
    args::InputArguments,
    clock::now,
    config::{Config, Secrets},
    fault::Fault,
    input::{columns::Columns, contexts::Contexts, vwo_report::VwoReport},
    job::Job,
    ledger::Ledger,
};

/// The ledger, to write; none is made where there is none: whoever forgets or retries means one that is there.
fn known_ledger(config: &Config, wait: bool, secrets: &Secrets) -> Result<Ledger, Fault> {
    let path = config.ledger();
    Ledger::look_into(&path)?;
    Ledger::open(&path, wait, secrets)
}

/// What rows are read with.
fn job(config: &Config, secrets: &Secrets, input: &InputArguments) -> Result<(Job, Columns), Fault> {
    let mut job = Job::new(config, secrets, now())?;
    if let Some(path) = &input.contexts {
        job = job.with_contexts(Contexts::read(path)?);
    }
    if let Some(path) = &input.vwo_report {
        job = job.with_report(VwoReport::read(path)?);
    }
    Ok((job, Columns::new(input.from, &config.columns)))
}
