//! The command line.

use crate::input::columns::Preset;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Tell Optimizely, VWO, Kameleoon and Convert about conversions that happened after the visit, each once.
///
/// Exit codes: 0 everything delivered or skipped · 2 something rejected, dead or in doubt · 3 configuration, input or ledger
/// unusable · 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "aftercall", version, arg_required_else_help = true)]
pub struct Arguments {
    /// The settings; default: aftercall.toml, where there is one.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    pub json: bool,
    /// Print nothing but errors.
    #[arg(long, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what a token knows of a visitor.
    Inspect {
        /// A token; several are the parts of one.
        #[arg(required = true)]
        tokens: Vec<String>,
    },
    /// Say what `sync` would send, and send nothing.
    Plan {
        #[command(flatten)]
        input: InputArguments,
    },
    /// Stand in for all platforms on this machine, strictly, and remember what came.
    Simulate {
        /// Where to listen, on 127.0.0.1; 0 takes any free port.
        #[arg(long, default_value_t = 8788)]
        port: u16,
        /// Requests to remember in full.
        #[arg(long, default_value_t = 100_000, value_name = "REQUESTS")]
        keep: usize,
    },
}

/// What to read.
#[derive(Debug, Args)]
pub struct InputArguments {
    /// CSV or JSONL files; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Whose field names the files have.
    #[arg(long, value_enum, default_value_t)]
    pub from: Preset,
    /// Tokens by call tracker's visitor id: one {"id": …, "token": …} a line.
    #[arg(long, value_name = "FILE")]
    pub contexts: Option<PathBuf>,
    /// VWO's detailed report: who saw which variation.
    #[arg(long, value_name = "FILE")]
    pub vwo_report: Option<PathBuf>,
}
