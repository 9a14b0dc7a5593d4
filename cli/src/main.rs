//! The command `aftercall`: conversions out of a file, each delivered once.
//!
//! ```text
//! file ──input──► Row ──job──► Work ──ledger──► in flight ──delivery──► the platform's answer ──ledger──► settled
//! ```
//! `input` reads what people export; `job` asks the core for the requests; `ledger` writes down each one before it leaves
//! and what came back; `delivery` decides what leaves when, and is the wire. `simulator` stands in for the platforms.
//! `setup` speaks with the APIs that platforms and call trackers have for their settings.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

/// As the standard library's, but whoever reads along may go at any time (`| head`): that ends no run.
macro_rules! println {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

/// The same for what is said besides.
macro_rules! eprintln {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}

mod args;
mod clock;
mod commands;
mod config;
mod delivery;
mod exit;
mod fault;
mod input;
mod job;
mod ledger;
mod setup;
mod simulator;
mod table;

use args::{Arguments, Command};
use clap::Parser;
use config::{Config, Limits};
use exit::Exit;
use fault::Fault;
use std::process::ExitCode;

/// Rows are made on one thread and sent on another: the system's allocator is slow at that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // A wrong command line is an unusable configuration; asking for help is not.
            let _ = error.print();
            return if error.use_stderr() { Exit::Unusable.into() } else { Exit::Done.into() };
        }
    };
    if arguments.verbose {
        tell();
    }
    match run(&arguments) {
        Ok(exit) => exit.into(),
        Err(fault) => {
            eprintln!("aftercall: {fault}");
            Exit::Unusable.into()
        }
    }
}

/// Only what this program says: what libraries would tell of a request is not in our hands.
fn tell() {
    use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};
    let ours = Targets::new().with_target(env!("CARGO_BIN_NAME"), tracing::Level::DEBUG);
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(false);
    tracing_subscriber::registry().with(ours).with(lines).init();
}

fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let config =
        || Config::read(arguments.config.as_deref())?.with(arguments.ledger.as_deref(), arguments.via.as_deref());
    match &arguments.command {
        Command::Inspect { tokens } => commands::inspect::run(arguments, tokens),
        Command::Plan { input } => commands::plan::run(arguments, &config()?, input),
        Command::Sync { input, run, min_coverage, max_reject, left_out } => {
            let config = config()?;
            let limits = Limits {
                min_coverage: min_coverage.or(config.limits.min_coverage),
                max_reject: max_reject.or(config.limits.max_reject),
            };
            commands::sync::sync(arguments, &config, input, *run, limits, left_out.as_deref())
        }
        Command::Retry { in_doubt, run } => commands::sync::retry(arguments, &config()?, *in_doubt, *run),
        Command::Status => commands::report::status(arguments, &config()?),
        Command::Report { format, state } => commands::report::report(&config()?, *format, state.as_deref()),
        Command::Verify { input } => commands::verify::run(arguments, &config()?, input),
        Command::Prune => commands::forget::prune(arguments, &config()?),
        Command::Forget { what } => commands::forget::forget(arguments, &config()?, what),
        Command::Setup { what } => commands::setup::run(arguments, what),
        Command::Simulate { port, keep } => commands::simulate::run(arguments, *port, *keep),
    }
}
