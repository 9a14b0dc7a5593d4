//! `--contexts FILE`: tokens by the call tracker's id of the visitor, one `{"id": …, "token": …}` a line.

use crate::fault::{Code, Fault};
use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

/// Tracker id → token. It is held in memory: it is as long as the visitors who called, not as the rows.
#[derive(Debug, Default)]
pub struct Contexts(HashMap<String, String>);

impl Contexts {
    /// Reads a file; the last line about an id counts, for it is the newest.
    ///
    /// # Errors
    /// `bad-input`, with the line.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let bad = |message: String| Fault::new(Code::BadInput, format!("{}: {message}", path.display()));
        let file = File::open(path).map_err(|error| bad(format!("{error}.")))?;
        let mut tokens = HashMap::new();
        for (index, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(|error| bad(format!("{error}.")))?;
            let line = line.trim_start_matches('\u{feff}').trim();
            if line.is_empty() {
                continue;
            }
            let entry: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            match (entry.get("id").and_then(|id| id.as_str()), entry.get("token").and_then(|token| token.as_str())) {
                (Some(id), Some(token)) => tokens.insert(id.to_owned(), token.to_owned()),
                _ => {
                    let line = index.saturating_add(1);
                    return Err(bad(format!("line {line} is no {{\"id\": \"…\", \"token\": \"…\"}}.")));
                }
            };
        }
        Ok(Contexts(tokens))
    }

    /// The token of that visitor.
    pub fn token(&self, tracker_id: &str) -> Option<&str> {
        self.0.get(tracker_id).map(String::as_str)
    }
}
