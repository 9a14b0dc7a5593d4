//! The hosts that the settings name. No request goes anywhere else, whatever a ledger or a token says.

use crate::config::{Config, Secrets};
use serde_json::Value;
use std::collections::BTreeSet;

/// The hosts that requests may go to.
#[derive(Clone, Debug, Default)]
pub struct Hosts(BTreeSet<String>);

impl Hosts {
    /// Those of the accounts in the settings.
    pub fn of(config: &Config) -> Self {
        let accounts = config.accounts(&Secrets::default());
        let text =
            |platform: &str, name: &str| accounts.get(platform)?.get(name).and_then(Value::as_str).map(String::from);
        let mut hosts = BTreeSet::new();
        if accounts.get("optimizely").is_some() {
            if let Some(project) = text("optimizely", "projectId") {
                hosts.insert(format!("{project}.log.optimizely.com"));
            }
            let eu = text("optimizely", "region").as_deref() == Some("eu");
            hosts.insert(if eu { "eu.logx.optimizely.com" } else { "logx.optimizely.com" }.to_owned());
        }
        if accounts.get("vwo").is_some() {
            hosts.extend(["dacdn", "dev"].map(|label| format!("{label}.visualwebsiteoptimizer.com")));
        }
        if config.vwo_fullstack.is_some() {
            hosts.insert("dev.visualwebsiteoptimizer.com".to_owned());
        }
        hosts.extend(text("kameleoon", "dataHost").map(|host| host.to_lowercase()));
        if accounts.get("convert").is_some() {
            if let Some(project) = text("convert", "projectId") {
                hosts.extend(["track", "metrics"].map(|label| format!("{project}.{label}.convertexperiments.com")));
            }
            hosts.insert("metrics.convertexperiments.com".to_owned());
            hosts.extend(text("convert", "domain").map(|host| host.to_lowercase()));
        }
        Hosts(hosts)
    }

    /// Does the settings' account lead to this URL's host?
    pub fn name(&self, url: &str) -> bool {
        host(url).is_some_and(|host| self.0.contains(host))
    }
}

/// The host of an https URL that has neither a user nor a port.
pub fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://")?;
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let host = rest.get(..end)?;
    (!host.is_empty() && !host.bytes().any(|byte| matches!(byte, b'@' | b':' | b'\\'))).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hosts_of_the_settings() {
        let config = Config::parse("[kameleoon]\nsite_code = \"a\"\ndata_host = \"eu-data.kameleoon.io\"").unwrap();
        let hosts = Hosts::of(&config);
        assert!(hosts.name("https://eu-data.kameleoon.io/visit/events?siteCode=a"));
        for url in [
            "https://na-data.kameleoon.io/visit/events",
            "http://eu-data.kameleoon.io/visit/events",
            "https://eu-data.kameleoon.io:8443/",
            "https://eu-data.kameleoon.io@evil.example/",
            "https://evil.example/?https://eu-data.kameleoon.io/",
            "https://dev.visualwebsiteoptimizer.com/",
        ] {
            assert!(!hosts.name(url), "{url}");
        }
    }
}
