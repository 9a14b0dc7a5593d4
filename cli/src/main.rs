//! The command `aftercall`: what a file of conversions comes to, and a stand-in for the platforms.
//!
//! ```text
//! file ──input──► Row ──job──► Work
//! ```
//! `input` reads what people export; `job` asks the core for the requests. `simulator` stands in for the platforms.
#![allow(dead_code)] // until `sync` and the ledger stand next to it
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic))]

mod args;
mod commands;
mod config;
mod delivery;
mod exit;
mod fault;
mod input;
mod job;
mod simulator;
mod table;

use args::{Arguments, Command};
use clap::Parser;
use config::Config;
use exit::Exit;
use fault::Fault;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // A wrong command line is an unusable configuration; asking for help is not.
            let _ = error.print();
            return if error.use_stderr() { Exit::Unusable.into() } else { Exit::Done.into() };
        }
    };
    match run(&arguments) {
        Ok(exit) => exit.into(),
        Err(fault) => {
            eprintln!("aftercall: {fault}");
            Exit::Unusable.into()
        }
    }
}

fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let config = || Config::read(arguments.config.as_deref());
    match &arguments.command {
        Command::Inspect { tokens } => commands::inspect::run(arguments, tokens),
        Command::Plan { input } => commands::plan::run(arguments, &config()?, input),
        Command::Simulate { port, keep } => commands::simulate::run(arguments, *port, *keep),
    }
}
