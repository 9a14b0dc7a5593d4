//! `[vwo_fullstack]`: the settings file of VWO FullStack's SDKs, and what one of them would be launched with.

use super::{Age, Secrets};
use crate::fault::{Code, Fault};
use aftercall::fullstack::{self, Client, Options, Settings};
use serde::Deserialize;
use std::path::PathBuf;

/// `[vwo_fullstack]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VwoFullstack {
    /// The settings file.
    pub settings: PathBuf,
    /// The goal of rows that name none.
    pub goal: Option<String>,
    /// The campaigns of rows that name none; without it, all that have the goal.
    #[serde(default)]
    pub campaign_keys: Vec<String>,
    /// Which goals count; default: all.
    pub goal_type_to_track: Option<GoalType>,
    /// May a user's goal count again in a campaign?
    #[serde(default)]
    pub should_track_returning_user: bool,
    /// What the site's own user storage holds.
    pub storage: Option<PathBuf>,
    /// How old a conversion may be.
    pub max_age: Option<Age>,
}

/// The names are the SDK's.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GoalType {
    /// Goals with an amount.
    RevenueTracking,
    /// The others.
    CustomGoal,
    /// Both.
    All,
}

impl From<GoalType> for fullstack::GoalType {
    fn from(kind: GoalType) -> Self {
        match kind {
            GoalType::RevenueTracking => fullstack::GoalType::Revenue,
            GoalType::CustomGoal => fullstack::GoalType::Custom,
            GoalType::All => fullstack::GoalType::All,
        }
    }
}

impl VwoFullstack {
    /// The settings in the file.
    ///
    /// # Errors
    /// `bad-config`: no such file, or what is wrong in it.
    fn read(&self) -> Result<Settings, Fault> {
        let bad = |why: String| self.bad(&why);
        let text = std::fs::read_to_string(&self.settings).map_err(|error| bad(format!("{error}.")))?;
        Settings::parse(text.trim_start_matches('\u{feff}')).map_err(|invalid| bad(invalid.message()))
    }

    fn bad(&self, why: &str) -> Fault {
        Fault::new(Code::BadConfig, format!("[vwo_fullstack] settings = \"{}\": {why}", self.settings.display()))
    }

    /// The environment's key: of the settings file, or the one that is set for it.
    ///
    /// # Errors
    /// `bad-config`: no key, or two different ones.
    pub fn sdk_key(&self, set: Option<&str>) -> Result<String, Fault> {
        match (self.read()?.sdk_key(), set) {
            (Some(own), Some(set)) if own != set => Err(self.bad(
                "AFTERCALL_VWO_SDK_KEY is the key of another environment than the file's: unset it, or fetch the \
                 settings of that environment.",
            )),
            (Some(own), _) if !Secrets::is_plain(own) => Err(self.bad("sdkKey is no key of VWO's.")),
            (Some(key), _) | (None, Some(key)) => Ok(key.to_owned()),
            (None, None) => {
                Err(self.bad("it names no sdkKey: set AFTERCALL_VWO_SDK_KEY, or VWO's reports miss the conversions."))
            }
        }
    }

    /// A client with these settings.
    ///
    /// # Errors
    /// `bad-config`, as above.
    pub fn client(&self, secrets: &Secrets) -> Result<Client, Fault> {
        let options = Options {
            goal_type: self.goal_type_to_track.map(fullstack::GoalType::from),
            returning: Some(self.should_track_returning_user),
            sdk_key: secrets.vwo_sdk_key.clone(),
            ..Options::default()
        };
        Ok(Client::new(self.read()?, options))
    }
}
