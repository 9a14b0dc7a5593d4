//! The file that a ledger writes first, SQLite's write-ahead log: flushed, and taken over into the ledger, beside a run that
//! goes on writing.

use crate::fault::{Code, Fault};
use rusqlite::Connection;
use std::{ffi::OsString, fs::File, time::Duration};

/// Pages of the log from which on they are taken over. The log is begun anew then, so it need not grow, which makes a flush
/// cheaper.
const LONG: i64 = 4000;

/// So long it waits for a transaction to end, when it takes over the last pages.
const PATIENCE: Duration = Duration::from_millis(20);

/// The log of a ledger that is open.
pub struct Log {
    file: File,
    connection: Connection,
}

impl Log {
    /// The log of the ledger at that path.
    pub fn of(path: &str) -> Result<Self, Fault> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        let mut log = OsString::from(path);
        log.push("-wal");
        Ok(Log { file: File::open(log).map_err(unusable)?, connection })
    }

    /// When it comes back, what was committed before stands on the disk, also when the power goes.
    ///
    /// # Errors
    /// `ledger-unusable`: nobody knows what stands there.
    pub fn flush(&self) -> Result<(), Fault> {
        self.file.sync_data().map_err(unusable)
    }

    /// Takes over what the log holds, where that is much.
    ///
    /// # Errors
    /// `ledger-unusable`, where the disk is full, say.
    pub fn shorten(&self) -> Result<(), Fault> {
        if self.checkpoint("NOOP")? >= LONG {
            // Most of it beside the run; then the rest, for which the run waits.
            self.checkpoint("PASSIVE")?;
            self.checkpoint("RESTART")?;
        }
        Ok(())
    }

    /// How many pages the log holds.
    fn checkpoint(&self, mode: &str) -> Result<i64, Fault> {
        Ok(self.connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(1))?)
    }
}

fn unusable(error: std::io::Error) -> Fault {
    Fault::new(Code::LedgerUnusable, format!("The ledger cannot be written: {error}."))
}
