//! `--left-out FILE`: every row that goes nowhere, or not everywhere, with its reason. Nothing of the row but its id is in it.

use crate::{
    fault::{Code, Fault},
    job::Told,
};
use serde_json::json;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

/// The file that is written.
pub struct LeftOut {
    path: PathBuf,
    out: BufWriter<File>,
}

impl LeftOut {
    /// Begins the file anew.
    ///
    /// # Errors
    /// `bad-config`: it cannot be written.
    pub fn create(path: &Path) -> Result<Self, Fault> {
        let file = File::create(path).map_err(|error| unwritable(path, &error))?;
        Ok(LeftOut { path: path.to_owned(), out: BufWriter::new(file) })
    }

    /// One line for each reason of a row.
    ///
    /// # Errors
    /// As above.
    pub fn add(&mut self, file: &Path, told: &Told) -> Result<(), Fault> {
        for reason in &told.reasons {
            let line = json!({
                "file": file, "line": told.line, "conversion": told.conversion,
                "platform": reason.platform.map(|platform| platform.name()),
                "outcome": if reason.rejected { "rejected" } else { "skipped" },
                "code": reason.code, "message": reason.message,
            });
            writeln!(self.out, "{line}").map_err(|error| unwritable(&self.path, &error))?;
        }
        Ok(())
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Fault {
    Fault::new(Code::BadConfig, format!("{}: {error}.", path.display()))
}
