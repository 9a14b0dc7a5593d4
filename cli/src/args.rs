//! The command line.

use crate::{config::Share, input::columns::Preset, setup::optimizely::Generation};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Tell Optimizely, VWO, Kameleoon and Convert about conversions that happened after the visit, each once.
///
/// Exit codes: 0 everything delivered or skipped · 2 something rejected, pending, dead or in doubt · 3 configuration, input or ledger
/// unusable · 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "aftercall", version, arg_required_else_help = true)]
pub struct Arguments {
    /// The settings; default: aftercall.toml, where there is one.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The ledger, instead of that of the settings.
    #[arg(long, global = true, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// For a trial: send to this address of `aftercall simulate` instead. With a --ledger of its own, for what it takes counts as
    /// delivered.
    #[arg(long, global = true, value_name = "URL")]
    pub via: Option<String>,
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    pub json: bool,
    /// Print nothing but errors.
    #[arg(long, global = true)]
    pub quiet: bool,
    /// Tell on standard error what happens to each request: platform, host, answer, time. No ids, bodies, tokens or secrets.
    #[arg(long, short, global = true)]
    pub verbose: bool,
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
    /// Deliver every conversion of the files that was not delivered yet. It can be killed at any moment and run again.
    Sync {
        #[command(flatten)]
        input: InputArguments,
        #[command(flatten)]
        run: RunArguments,
        /// Fail the run where fewer rows have a token or ids, such as 50%.
        #[arg(long, value_name = "SHARE")]
        min_coverage: Option<Share>,
        /// Fail the run where more rows are rejected, such as 1%; rejected rows below that fail nothing.
        #[arg(long, value_name = "SHARE")]
        max_reject: Option<Share>,
        /// Write a line for every row that is skipped or rejected: its file, line, id, code and the reason, as JSON.
        #[arg(long, value_name = "FILE")]
        left_out: Option<PathBuf>,
    },
    /// Send again what is pending or dead.
    Retry {
        /// Also what may have arrived already. Only you can know: look into the platform first.
        #[arg(long)]
        in_doubt: bool,
        #[command(flatten)]
        run: RunArguments,
    },
    /// Count the ledger's requests by platform and state.
    Status,
    /// Print one line for each request of the ledger.
    Report {
        /// How.
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        /// Only these: pending, in-flight, delivered, rejected, dead, in-doubt or changed.
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
    },
    /// Ask Kameleoon whether it has recorded what was delivered.
    Verify {
        #[command(flatten)]
        input: InputArguments,
    },
    /// Forget what nothing has happened to for longer than [retention] says; what is pending stays.
    Prune,
    /// Forget a conversion by its id, or a visitor by the token. It stays delivered: nothing is sent twice.
    Forget {
        /// Ids of conversions, tokens, or user ids of VWO FullStack.
        #[arg(required = true, value_name = "ID|TOKEN")]
        what: Vec<String>,
    },
    /// Set up a platform or a call tracker through its API, once. Logins come from the environment or are typed unseen.
    Setup {
        #[command(subcommand)]
        what: Setup,
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

/// What to set up.
#[derive(Debug, Subcommand)]
pub enum Setup {
    /// Choose or make the event that a phone call will be, and write its ids into aftercall.toml.
    ///
    /// AFTERCALL_OPTIMIZELY_TOKEN is a personal access token; without it, it is asked for.
    /// AFTERCALL_OPTIMIZELY_CLASSIC_TOKEN is a token of Optimizely Classic. For --oauth: AFTERCALL_OPTIMIZELY_CLIENT_ID,
    /// AFTERCALL_OPTIMIZELY_CLIENT_SECRET and, where nobody can be asked, AFTERCALL_OPTIMIZELY_CODE.
    Optimizely(OptimizelySetup),
    /// Add our cookie to those that CallRail captures, and leave the others.
    ///
    /// AFTERCALL_CALLRAIL_KEY is an API v3 key; without it, it is asked for.
    Callrail(CallrailSetup),
}

/// For Optimizely.
#[derive(Debug, Args)]
pub struct OptimizelySetup {
    /// The project; default: that of the settings, or the only one.
    #[arg(long, value_name = "ID")]
    pub project: Option<String>,
    /// The event's key or name; one that is not there is made. Default: that of the settings.
    #[arg(long, value_name = "NAME")]
    pub event: Option<String>,
    /// Today's events, or goals of Optimizely Classic; default: that of the settings, or what the project has.
    #[arg(long, value_enum)]
    pub api: Option<Generation>,
    /// Only list: the projects or, with --project, its events.
    #[arg(long)]
    pub list: bool,
    /// Log in by OAuth 2.0: prints an address for the browser, and takes the code that comes back.
    #[arg(long)]
    pub oauth: bool,
    /// For --oauth: the address that is registered with the application.
    #[arg(long, value_name = "URL", requires = "oauth")]
    pub redirect_uri: Option<String>,
    /// For --oauth: keep the tokens in this file, and use them the next time. Without it they are forgotten.
    #[arg(long, value_name = "FILE", requires = "oauth")]
    pub tokens: Option<PathBuf>,
    #[command(flatten)]
    pub how: SetupArguments,
}

/// For CallRail.
#[derive(Debug, Args)]
pub struct CallrailSetup {
    /// The account; default: the only one.
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// A company, may be repeated; default: the only one.
    #[arg(long, value_name = "ID")]
    pub company: Vec<String>,
    /// All companies of the account that are not disabled.
    #[arg(long, conflicts_with = "company")]
    pub all_companies: bool,
    /// The cookie that the page writes: the script tag's data-cookie.
    #[arg(long, value_name = "NAME", default_value = "aftercall_ctx")]
    pub cookie: String,
    /// Cookies that a long token may take: NAME, NAME2, NAME3 …
    #[arg(long, value_name = "NUMBER", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=9))]
    pub parts: u8,
    /// Where a company has switched the capture of cookies off, switch it on.
    #[arg(long)]
    pub activate: bool,
    #[command(flatten)]
    pub how: SetupArguments,
}

/// How to set up.
#[derive(Clone, Copy, Debug, Args)]
pub struct SetupArguments {
    /// Say what would be done, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Ask nothing, even at a terminal.
    #[arg(long)]
    pub no_input: bool,
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
    /// Tokens by call tracker's visitor id: one {"id": …, "token": …} a line; without id, those in the token.
    #[arg(long, value_name = "FILE")]
    pub contexts: Option<PathBuf>,
    /// VWO's detailed report: who saw which variation.
    #[arg(long, value_name = "FILE")]
    pub vwo_report: Option<PathBuf>,
}

/// How to run.
#[derive(Clone, Copy, Debug, Args)]
pub struct RunArguments {
    /// Where another run holds the ledger, wait for its end instead of stopping.
    #[arg(long)]
    pub wait: bool,
    /// Keep no ledger. For measurements only: nothing protects from sending twice.
    #[arg(long, hide = true)]
    pub no_ledger: bool,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For spreadsheets; formulas are neutralised.
    Csv,
    /// For programs: one object a line.
    Jsonl,
}
