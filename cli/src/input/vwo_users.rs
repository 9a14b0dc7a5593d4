//! `[vwo_fullstack] storage = FILE`: what the site's own user storage holds, one record a line, as VWO's SDK hands it to
//! `set`: `{"userId": …, "campaignKey": …, "variationName": …, "goalIdentifier": …}`.
//!
//! It is read and never written: what the command tracks, its ledger remembers.

use crate::fault::{Code, Fault};
use aftercall::fullstack::{Record, Storage, StorageFailed};
use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

/// User → campaign's key → record. It is held in memory: it is as long as the users who saw a test.
#[derive(Debug, Default)]
pub struct VwoUsers(HashMap<String, Vec<(String, String)>>);

impl VwoUsers {
    /// Reads a file; the last line about a user and a campaign counts.
    ///
    /// # Errors
    /// `bad-input`, with the line.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let bad = |message: String| Fault::new(Code::BadInput, format!("{}: {message}", path.display()));
        let file = File::open(path).map_err(|error| bad(format!("{error}.")))?;
        let mut users: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for (index, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(|error| bad(format!("{error}.")))?;
            let line = line.trim_start_matches('\u{feff}').trim();
            if line.is_empty() {
                continue;
            }
            let entry: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            let text = |name: &str| entry.get(name).and_then(|value| value.as_str());
            let (Some(user), Some(campaign), Some(_)) = (text("userId"), text("campaignKey"), text("variationName"))
            else {
                let line = index.saturating_add(1);
                return Err(bad(format!(
                    "line {line} is no {{\"userId\": \"…\", \"campaignKey\": \"…\", \"variationName\": \"…\"}}."
                )));
            };
            let records = users.entry(user.to_owned()).or_default();
            records.retain(|(own, _)| own != campaign);
            records.push((campaign.to_owned(), line.to_owned()));
        }
        Ok(VwoUsers(users))
    }
}

impl Storage for &VwoUsers {
    fn get(&mut self, user_id: &str, campaign_key: &str) -> Result<Option<String>, StorageFailed> {
        let mut records = self.0.get(user_id).into_iter().flatten();
        Ok(records.find(|(campaign, _)| campaign == campaign_key).map(|(_, record)| record.clone()))
    }

    fn set(&mut self, _: &Record<'_>) -> Result<(), StorageFailed> {
        Ok(())
    }
}
