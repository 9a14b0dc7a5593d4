//! `[vwo_fullstack] storage = FILE`: what the site's own user storage holds, one record a line, as VWO's SDK hands it to
//! `set`: `{"userId": …, "campaignKey": …, "variationName": …, "goalIdentifier": …}`.
//!
//! It is read and never written: what the command tracks, its ledger remembers.

use super::lines::each_entry;
use crate::fault::Fault;
use aftercall::fullstack::{Record, Storage, StorageFailed};
use std::{collections::HashMap, path::Path};

/// User → campaign's key → record. It is held in memory: it is as long as the users who saw a test.
#[derive(Debug, Default)]
pub struct VwoUsers(HashMap<String, Vec<(String, String)>>);

impl VwoUsers {
    /// Reads a file; the last line about a user and a campaign counts.
    ///
    /// # Errors
    /// `bad-input`, with the line.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let mut users: HashMap<String, Vec<(String, String)>> = HashMap::new();
        let wanted = r#"{"userId": "…", "campaignKey": "…", "variationName": "…"}"#;
        each_entry(path, wanted, |line, entry| {
            let text = |name| entry.get(name)?.as_str();
            let (user, campaign, _) = (text("userId")?, text("campaignKey")?, text("variationName")?);
            let records = users.entry(user.to_owned()).or_default();
            records.retain(|(own, _)| own != campaign);
            records.push((campaign.to_owned(), line.to_owned()));
            Some(())
        })?;
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
