//! Secrets come from the environment, and leave only with a request.

use super::Config;
use crate::fault::{Code, Fault};

/// What no file of ours may hold.
#[derive(Clone, Default)]
pub struct Secrets {
    /// `AFTERCALL_VWO_SDK_KEY`: VWO FullStack's key, a parameter of its requests.
    pub vwo_sdk_key: Option<String>,
    /// `AFTERCALL_CONVERT_SDK_KEY`: Convert's key, where the project is addressed by it.
    pub convert_sdk_key: Option<String>,
    /// `AFTERCALL_CONVERT_SDK_KEY_SECRET`: the bearer token that belongs to Convert's key.
    pub convert_secret: Option<String>,
}

impl Secrets {
    /// The secrets of a run: those of the environment, and the key in VWO FullStack's settings file.
    ///
    /// # Errors
    /// `bad-config`: a key that is none, or settings that are of no use.
    pub fn of(config: &Config) -> Result<Self, Fault> {
        let mut secrets = Self::from_environment()?;
        if let Some(fullstack) = &config.vwo_fullstack {
            secrets.vwo_sdk_key = Some(fullstack.sdk_key(secrets.vwo_sdk_key.as_deref())?);
        }
        Ok(secrets)
    }

    /// Keys are plain. One that an encoding could change would not be found again when it is to be hidden.
    pub fn is_plain(key: &str) -> bool {
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~/".contains(&b))
    }

    fn from_environment() -> Result<Self, Fault> {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let key = |name: &str| match get(name) {
            Some(key) if !Self::is_plain(&key) => {
                Err(Fault::new(Code::BadConfig, format!("{name} is no key: letters, digits and - _ . ~ / only.")))
            }
            key => Ok(key),
        };
        Ok(Secrets {
            vwo_sdk_key: key("AFTERCALL_VWO_SDK_KEY")?,
            convert_sdk_key: key("AFTERCALL_CONVERT_SDK_KEY")?,
            convert_secret: get("AFTERCALL_CONVERT_SDK_KEY_SECRET"),
        })
    }

    /// The secrets that stand in requests, each with the mark that stands for it in the ledger.
    fn marks(&self) -> impl Iterator<Item = (&str, &'static str)> {
        [&self.vwo_sdk_key, &self.convert_sdk_key]
            .into_iter()
            .zip(MARKS)
            .filter_map(|(secret, mark)| Some((secret.as_deref()?, mark)))
    }

    /// A text as the ledger may keep it.
    pub fn hide(&self, text: String) -> String {
        self.marks().fold(text, |text, (secret, mark)| text.replace(secret, mark))
    }

    /// A text out of the ledger, as it goes out; nothing where a secret of it is not set any more.
    pub fn reveal(&self, text: &str) -> Option<String> {
        let text = self.marks().fold(text.to_owned(), |text, (secret, mark)| text.replace(mark, secret));
        (!MARKS.iter().any(|mark| text.contains(mark))).then_some(text)
    }
}

/// What stands for a secret.
const MARKS: [&str; 2] = ["{vwo-sdk-key}", "{convert-sdk-key}"];

/// Never shown, not even by accident.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_secret_comes_back() {
        let secrets = Secrets { vwo_sdk_key: Some("abc123".into()), ..Secrets::default() };
        let url = "https://dev.visualwebsiteoptimizer.com/server-side/track-goal?env=abc123&r=1";
        let hidden = secrets.hide(url.to_owned());
        assert!(!hidden.contains("abc123"), "{hidden}");
        assert_eq!(secrets.reveal(&hidden).as_deref(), Some(url));
        assert_eq!(Secrets::default().reveal(&hidden), None);
        assert_eq!(format!("{secrets:?}"), "Secrets");
    }
}
