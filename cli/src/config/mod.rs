//! `aftercall.toml`. `aftercall.example.toml` shows every key; what is not in it is an error with a suggestion.

mod accounts;
mod limits;
mod secrets;
mod vwo_fullstack;

pub use accounts::{Convert, Kameleoon, Optimizely, Vwo};
pub use limits::{Age, Share};
pub use secrets::Secrets;
pub use vwo_fullstack::VwoFullstack;

use crate::{
    fault::{Code, Fault},
    input::{
        amount::Amounts,
        columns::{Field, Names},
        filter::Where,
        time::{DateOrder, Times},
    },
};
use aftercall::deliver::via::Via;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the ledger is; default `aftercall.db`, next to where the command runs.
    pub ledger: Option<PathBuf>,
    /// The zone of times that name none, such as `Europe/Berlin`.
    pub timezone: Option<String>,
    /// Which number comes first in `03/04/2026`.
    pub date_order: Option<DateOrder>,
    /// The decimal separator of amounts.
    pub decimal: Option<char>,
    /// The currency of the accounts; amounts in another one are rejected.
    pub currency: Option<String>,
    /// What the input's fields are called.
    pub columns: BTreeMap<Field, Names>,
    /// Which rows count.
    #[serde(rename = "where")]
    pub filter: Where,
    /// When a run has failed.
    pub limits: Limits,
    /// How requests go out.
    pub delivery: Delivery,
    /// Rates by host name.
    pub hosts: BTreeMap<String, Host>,
    /// How long the ledger remembers.
    pub retention: Retention,
    /// Optimizely's account and event.
    pub optimizely: Option<Optimizely>,
    /// VWO's account and goals.
    pub vwo: Option<Vwo>,
    /// VWO FullStack's settings.
    pub vwo_fullstack: Option<VwoFullstack>,
    /// Kameleoon's site and goal.
    pub kameleoon: Option<Kameleoon>,
    /// Convert's account and goals.
    pub convert: Option<Convert>,
}

/// When a run has failed although it came to its end.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The least share of rows that must have a token or ids.
    pub min_coverage: Option<Share>,
    /// The largest share of rows that may be rejected.
    pub max_reject: Option<Share>,
}

/// How requests go out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// Requests on the wire at once.
    pub concurrency: usize,
    /// Attempts a request, the first included.
    pub attempts: u32,
    /// Seconds for an answer; as many again for a new connection.
    pub timeout: f64,
    /// Seconds before the second attempt, at most; each further wait may be twice as long.
    pub backoff: f64,
    /// Seconds that a wait never exceeds, `Retry-After` apart.
    pub backoff_limit: f64,
    /// Conversions in one request, where a platform takes several.
    pub batch: usize,
    /// Requests a second to one host; 0 is no limit. `[hosts]` has the exceptions.
    pub rate: f64,
    /// What the platforms see. Some refuse or drop what looks like a bot.
    pub user_agent: String,
    /// For tests and demos: send to this loopback address instead.
    pub via: Option<String>,
}

impl Default for Delivery {
    fn default() -> Self {
        Delivery {
            concurrency: 16,
            attempts: 5,
            timeout: 10.0,
            backoff: 0.5,
            backoff_limit: 60.0,
            batch: 500,
            rate: 50.0,
            user_agent: format!("Aftercall/{}", env!("CARGO_PKG_VERSION")),
            via: None,
        }
    }
}

/// The rate of one host.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Requests a second; 0 is no limit.
    pub rate: f64,
}

/// How long the ledger remembers what is settled.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Days.
    pub days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Retention { days: 90 }
    }
}

impl Config {
    /// The configuration in a file; without a file an empty one.
    ///
    /// # Errors
    /// `bad-config`, in words.
    pub fn read(path: Option<&Path>) -> Result<Self, Fault> {
        let default = Path::new("aftercall.toml");
        let path = match path {
            Some(path) => path,
            None if default.exists() => default,
            None => return Ok(Config::default()),
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| Fault::new(Code::BadConfig, format!("{}: {error}.", path.display())))?;
        Self::parse(&text).map_err(|fault| Fault { message: format!("{}: {}", path.display(), fault.message), ..fault })
    }

    /// The configuration in a text.
    ///
    /// # Errors
    /// `bad-config`, in words.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let config: Config = toml::from_str(text)
            .map_err(|error| Fault::new(Code::BadConfig, in_words(text, error.span(), error.message())))?;
        config.check().map_err(|message| Fault::new(Code::BadConfig, message))?;
        Ok(config)
    }

    /// With what the command line says instead.
    ///
    /// # Errors
    /// `bad-config`, in words.
    pub fn with(mut self, ledger: Option<&Path>, via: Option<&str>) -> Result<Self, Fault> {
        self.ledger = ledger.map(Path::to_owned).or(self.ledger);
        self.delivery.via = via.map(String::from).or(self.delivery.via);
        self.check().map_err(|message| Fault::new(Code::BadConfig, message))?;
        Ok(self)
    }

    fn check(&self) -> Result<(), String> {
        let delivery = &self.delivery;
        let seconds = [delivery.timeout, delivery.backoff, delivery.backoff_limit];
        if delivery.concurrency == 0 || delivery.concurrency > 1024 {
            return Err("delivery.concurrency is a number from 1 to 1024.".into());
        }
        if delivery.attempts == 0 || delivery.batch == 0 {
            return Err("delivery.attempts and delivery.batch are at least 1.".into());
        }
        if !seconds.iter().all(|seconds| (0.001..=86_400.0).contains(seconds)) {
            return Err("delivery.timeout, backoff and backoff_limit are seconds, above 0.".into());
        }
        let rates = self.hosts.values().map(|host| host.rate).chain([delivery.rate]);
        if rates.into_iter().any(|rate| !(0.0..=1e9).contains(&rate)) {
            return Err("A rate is a number of requests a second; 0 is no limit.".into());
        }
        if let Some(host) = self.hosts.keys().find(|host| host.contains(['/', ':', '*'])) {
            return Err(format!("hosts.\"{host}\" must be a plain host name."));
        }
        if let Some(decimal) = self.decimal.filter(|decimal| !matches!(decimal, '.' | ',')) {
            return Err(format!("decimal is \".\" or \",\", not \"{decimal}\"."));
        }
        if self.currency.as_ref().is_some_and(|code| code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase())) {
            return Err("currency is three capital letters, such as EUR.".into());
        }
        if !delivery.user_agent.bytes().all(|b| (0x20..0x7f).contains(&b)) || delivery.user_agent.trim().is_empty() {
            return Err("delivery.user_agent is plain ASCII text.".into());
        }
        if delivery.via.as_ref().is_some_and(|via| Via::parse(via).is_none()) {
            return Err("delivery.via is a loopback address, such as http://127.0.0.1:8788.".into());
        }
        self.times().map(drop)
    }

    /// How times are written.
    ///
    /// # Errors
    /// A zone that nobody knows, in words.
    pub fn times(&self) -> Result<Times, String> {
        let zone = match &self.timezone {
            Some(name) => Some(
                jiff::tz::TimeZone::get(name)
                    .map_err(|_| format!("timezone \"{name}\" is unknown; write it like \"Europe/Berlin\"."))?,
            ),
            None => None,
        };
        Ok(Times { zone, order: self.date_order })
    }

    /// How amounts are written.
    pub fn amounts(&self) -> Amounts {
        Amounts { decimal: self.decimal, currency: self.currency.clone() }
    }

    /// Where the ledger is.
    pub fn ledger(&self) -> PathBuf {
        self.ledger.clone().unwrap_or_else(|| PathBuf::from("aftercall.db"))
    }

    /// The rate of a host; nothing where there is no limit.
    pub fn rate(&self, host: &str) -> Option<f64> {
        let rate = self.hosts.get(host).map_or(self.delivery.rate, |host| host.rate);
        (rate > 0.0).then_some(rate)
    }
}

/// serde's message with the line it is about, and with the known key that is most like an unknown one.
fn in_words(text: &str, span: Option<std::ops::Range<usize>>, message: &str) -> String {
    let line =
        span.and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count().saturating_add(1));
    let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
    let mut names = message.split('`').skip(1).step_by(2);
    match names.next() {
        Some("sdk_key" | "sdk_key_secret") if message.starts_with("unknown field") => {
            format!(
                "{place}keys are secrets: set AFTERCALL_VWO_SDK_KEY, AFTERCALL_CONVERT_SDK_KEY or AFTERCALL_CONVERT_SDK_KEY_SECRET in the environment."
            )
        }
        Some(unknown) if message.starts_with("unknown") => {
            let known: Vec<&str> = names.collect();
            let near = known
                .iter()
                .map(|known| (strsim::jaro_winkler(unknown, known), known))
                .filter(|(likeness, _)| *likeness > 0.75)
                .max_by(|(a, _), (b, _)| a.total_cmp(b));
            match near {
                Some((_, near)) => format!("{place}there is no key `{unknown}`; did you mean `{near}`?"),
                None => format!("{place}there is no key `{unknown}`; there are: {}.", known.join(", ")),
            }
        }
        _ => format!("{place}{message}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../aftercall.example.toml");

    #[test]
    fn the_example_is_a_configuration() {
        Config::parse(EXAMPLE).unwrap();
    }

    /// Every key that is commented out in the example is a key too.
    #[test]
    fn the_example_with_all_its_keys_is_a_configuration() {
        Config::parse(&all_keys()).unwrap();
    }

    fn all_keys() -> String {
        EXAMPLE.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }

    /// serde lists the keys of a table when it meets an unknown one: all of them stand in the example.
    #[test]
    fn the_example_names_every_key() {
        let table: toml::Table = toml::from_str(&all_keys()).unwrap();
        for name in [
            "",
            "where",
            "limits",
            "delivery",
            "retention",
            "optimizely",
            "vwo",
            "vwo_fullstack",
            "kameleoon",
            "convert",
        ] {
            let head = if name.is_empty() { String::new() } else { format!("[{name}]\n") };
            let error = toml::from_str::<Config>(&format!("{head}no-such-key = 1")).unwrap_err();
            let known: Vec<&str> = error.message().split('`').skip(3).step_by(2).collect();
            assert!(!known.is_empty(), "{error}");
            let there = if name.is_empty() { &table } else { table[name].as_table().unwrap() };
            for key in known {
                assert!(there.contains_key(key), "[{name}] {key}");
            }
        }
        let columns = table["columns"].as_table().unwrap();
        for field in Field::ALL {
            assert!(columns.contains_key(field.name()), "[columns] {}", field.name());
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_with_a_suggestion() {
        for (text, message) in [
            ("[kameloon]\nsite_code = \"a\"", "line 1: there is no key `kameloon`; did you mean `kameleoon`?"),
            ("[delivery]\n\nconcurency = 3", "line 3: there is no key `concurency`; did you mean `concurrency`?"),
            ("[columns]\nrevenu = \"value\"", "line 2: there is no key `revenu`; did you mean `revenue`?"),
        ] {
            assert_eq!(Config::parse(text).unwrap_err().message, message);
        }
        let secret = Config::parse("[vwo]\nsdk_key = \"a\"").unwrap_err().message;
        assert!(secret.contains("AFTERCALL_VWO_SDK_KEY") && !secret.contains("\"a\""), "{secret}");
    }

    #[test]
    fn a_wrong_value_is_an_error() {
        for text in [
            "timezone = \"Mars/Olympus\"",
            "decimal = \";\"",
            "currency = \"euro\"",
            "[delivery]\nvia = \"http://example.com\"",
            "[delivery]\nconcurrency = 0",
            "[delivery]\nrate = -1",
            "[limits]\nmax_reject = \"120%\"",
            "[hosts.\"https://a.b\"]\nrate = 1",
        ] {
            assert!(Config::parse(text).is_err(), "{text}");
        }
    }
}
