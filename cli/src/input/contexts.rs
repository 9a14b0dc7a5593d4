//! `--contexts FILE`: tokens by the call tracker's id of the visitor, one `{"id": …, "token": …}` a line. Without an `id` the
//! token's own call trackers (`callTrackers`) say it.

use crate::fault::{Code, Fault};
use aftercall::stash;
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
            let text = |name| entry.get(name).and_then(|text| text.as_str());
            let id = match entry.get("id") {
                Some(serde_json::Value::Number(id)) => Some(id.to_string()),
                _ => text("id").map(String::from),
            };
            let ids = match (id, text("token")) {
                (Some(id), Some(_)) => Some(vec![id]),
                (None, Some(token)) => stash::unstash([token])
                    .ok()
                    .map(|context| context.call_trackers.into_iter().map(|(_, id)| id).collect()),
                _ => None,
            };
            let (Some(ids), Some(token)) = (ids, text("token")) else {
                let line = index.saturating_add(1);
                return Err(bad(format!("line {line} is no {{\"id\": \"…\", \"token\": \"…\"}}.")));
            };
            for id in ids {
                tokens.insert(id, token.to_owned());
            }
        }
        Ok(Contexts(tokens))
    }

    /// The token of that visitor.
    pub fn token(&self, tracker_id: &str) -> Option<&str> {
        self.0.get(tracker_id).map(String::as_str)
    }
}
