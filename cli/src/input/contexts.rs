//! `--contexts FILE`: tokens by the call tracker's id of the visitor, one `{"id": …, "token": …}` a line. Without an `id` the
//! token's own call trackers (`callTrackers`) say it.

use super::lines::each_entry;
use crate::fault::Fault;
use aftercall::stash;
use serde_json::Value;
use std::{collections::HashMap, path::Path};

/// Tracker id → token. It is held in memory: it is as long as the visitors who called, not as the rows.
#[derive(Debug, Default)]
pub struct Contexts(HashMap<String, String>);

impl Contexts {
    /// Reads a file; the last line about an id counts, for it is the newest.
    ///
    /// # Errors
    /// `bad-input`, with the line.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let mut tokens = HashMap::new();
        each_entry(path, r#"{"id": "…", "token": "…"}"#, |_, entry| {
            let text = |name| entry.get(name).and_then(Value::as_str);
            let token = text("token")?;
            let id = match entry.get("id") {
                Some(Value::Number(id)) => Some(id.to_string()),
                _ => text("id").map(String::from),
            };
            let ids = match id {
                Some(id) => vec![id],
                None => stash::unstash([token]).ok()?.call_trackers.into_iter().map(|(_, id)| id).collect(),
            };
            for id in ids {
                tokens.insert(id, token.to_owned());
            }
            Some(())
        })?;
        Ok(Contexts(tokens))
    }

    /// The token of that visitor.
    pub fn token(&self, tracker_id: &str) -> Option<&str> {
        self.0.get(tracker_id).map(String::as_str)
    }
}
