//! `aftercall sync FILE…` and `aftercall retry`: deliver.

use crate::{
    args::{Arguments, InputArguments, RunArguments},
    commands,
    config::{Config, Limits, Secrets},
    delivery::{self, Reading, left_out::LeftOut, tally::Tally},
    exit::Exit,
    fault::Fault,
    input::Input,
    ledger::{Ledger, State},
};
use std::{
    path::Path,
    sync::{Arc, atomic::AtomicU64},
};

/// Delivers what was not delivered yet.
///
/// # Errors
/// Configuration, input or ledger cannot be used.
pub fn sync(
    arguments: &Arguments,
    config: &Config,
    input: &InputArguments,
    run: RunArguments,
    limits: Limits,
    left_out: Option<&Path>,
) -> Result<Exit, Fault> {
    let secrets = Secrets::of(config)?;
    let (job, columns) = commands::job(config, &secrets, input)?;
    let read = Arc::new(AtomicU64::new(0));
    // All of them are opened before anything is sent: a misspelt name is found out now, not half-way.
    let inputs = input.files.iter().map(|path| Input::open(path, &columns, &read)).collect::<Result<Vec<_>, _>>()?;
    let total =
        input.files.iter().map(|path| std::fs::metadata(path).ok().filter(|it| it.is_file()).map(|it| it.len()));
    let left_out = left_out.map(LeftOut::create).transpose()?;
    let reading = Reading { job, inputs, files: input.files.clone(), total: total.sum(), read, left_out };
    let ledger = if run.no_ledger { Ledger::none() } else { Ledger::open(&config.ledger(), run.wait, &secrets)? };
    let tally = delivery::run(config, &secrets, ledger, Some(reading), arguments.quiet || arguments.json)?;
    Ok(finish(arguments, &tally, &limits, true))
}

/// Sends again what is pending or dead and, on the user's word, what is in doubt.
///
/// # Errors
/// Configuration or ledger cannot be used.
pub fn retry(arguments: &Arguments, config: &Config, in_doubt: bool, run: RunArguments) -> Result<Exit, Fault> {
    let secrets = Secrets::of(config)?;
    let mut ledger = commands::known_ledger(config, run.wait, &secrets)?;
    ledger.begin(0)?;
    ledger.recover()?;
    ledger.revive(State::Dead)?;
    if in_doubt {
        ledger.revive(State::InDoubt)?;
    }
    ledger.commit()?;
    let has_work = !ledger.waiting(0, ledger.highest()?, 1)?.is_empty();
    let has_doubt = !has_work && ledger.counts()?.iter().any(|(_, state, ..)| *state == State::InDoubt);
    let tally = delivery::run(config, &secrets, ledger, None, arguments.quiet || arguments.json)?;
    if !has_work && !arguments.json && !arguments.quiet {
        println!("Nothing is pending or dead: there is nothing to send again.");
        if has_doubt {
            println!("Some are in doubt: `aftercall retry --in-doubt` sends them again, on your word.");
        }
        return Ok(Exit::Done);
    }
    Ok(finish(arguments, &tally, &Limits::default(), false))
}

fn finish(arguments: &Arguments, tally: &Tally, limits: &Limits, reads: bool) -> Exit {
    if arguments.json {
        println!("{}", tally.json());
    } else if !arguments.quiet {
        tally.print(reads);
    }
    tally.exit(limits)
}
