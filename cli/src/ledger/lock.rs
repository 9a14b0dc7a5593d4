//! One run at a time: a lock next to the ledger, which the system lets go of however the run ends.

use crate::fault::{Code, Fault};
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

/// Held as long as it lives.
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of that ledger, or waits for it.
    ///
    /// # Errors
    /// `ledger-busy`, or `ledger-unusable` where no file can be made there.
    pub fn take(ledger: &Path, wait: bool) -> Result<Self, Fault> {
        let mut path = ledger.as_os_str().to_owned();
        path.push(".lock");
        let unusable = |error: std::io::Error| {
            Fault::new(Code::LedgerUnusable, format!("{}: {error}.", Path::new(&path).display()))
        };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if wait => file.lock().map_err(unusable)?,
            Err(TryLockError::WouldBlock) => {
                let message = format!("Another run holds {}: wait for its end, or pass --wait.", ledger.display());
                return Err(Fault::new(Code::LedgerBusy, message));
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        Ok(Lock { _file: file })
    }
}
