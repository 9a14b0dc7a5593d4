//! Exit codes: what cron and systemd see.

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything was delivered or skipped, or there was nothing to do.
    Done = 0,
    /// Something was rejected, is pending, dead or in doubt, or a limit of the configuration was passed.
    Partly = 2,
    /// Configuration, input or ledger cannot be used.
    Unusable = 3,
    /// Somebody pressed Ctrl-C, or the system asked to stop.
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Partly => 2,
            Exit::Unusable => 3,
            Exit::Interrupted => 130,
        })
    }
}
