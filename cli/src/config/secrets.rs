//! Secrets come from the environment, and leave only with a request.

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
    /// The secrets of the environment.
    pub fn from_environment() -> Self {
        let get = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Secrets {
            vwo_sdk_key: get("AFTERCALL_VWO_SDK_KEY"),
            convert_sdk_key: get("AFTERCALL_CONVERT_SDK_KEY"),
            convert_secret: get("AFTERCALL_CONVERT_SDK_KEY_SECRET"),
        }
    }

    /// The secrets that stand in URLs, each with the mark that stands for it in the ledger. The mark cannot be part of a URL.
    fn marks(&self) -> impl Iterator<Item = (&str, &'static str)> {
        [(&self.vwo_sdk_key, "{vwo-sdk-key}"), (&self.convert_sdk_key, "{convert-sdk-key}")]
            .into_iter()
            .filter_map(|(secret, mark)| Some((secret.as_deref()?, mark)))
    }

    /// A URL as the ledger may keep it.
    pub fn hide(&self, url: &str) -> String {
        self.marks().fold(url.to_owned(), |url, (secret, mark)| url.replace(secret, mark))
    }

    /// A URL out of the ledger, as it goes out; nothing where a secret of it is not set any more.
    pub fn reveal(&self, url: &str) -> Option<String> {
        let url = self.marks().fold(url.to_owned(), |url, (secret, mark)| url.replace(mark, secret));
        (!url.contains('{')).then_some(url)
    }
}

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
        let hidden = secrets.hide(url);
        assert!(!hidden.contains("abc123"), "{hidden}");
        assert_eq!(secrets.reveal(&hidden).as_deref(), Some(url));
        assert_eq!(Secrets::default().reveal(&hidden), None);
        assert_eq!(format!("{secrets:?}"), "Secrets");
    }
}
