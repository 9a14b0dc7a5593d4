//! The endpoints, one file a platform: what its documents require of a request, as questions.

mod convert;
mod kameleoon;
mod optimizely;
mod vwo;

pub use kameleoon::Recorded;

use super::{
    Incoming,
    query::{self, Parameters},
};
use serde_json::Value;

/// An endpoint of a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    OptimizelyClassic,
    OptimizelyEvents,
    VwoTrackGoal,
    VwoWebGoal,
    VwoServerSide,
    VwoEvents,
    VwoBatchEvents,
    KameleoonEvents,
    KameleoonVisitor,
    ConvertTrack,
    ConvertV1,
}

impl Endpoint {
    /// The endpoint at a host and path.
    pub fn of(host: &str, path: &str) -> Option<Self> {
        let path = path.trim_end_matches('/');
        // VWO puts the account's region in front: /eu01/c.gif.
        let vwo = match path.trim_start_matches('/').split_once('/') {
            Some((prefix, rest)) if !matches!(prefix, "server-side" | "events") => format!("/{rest}"),
            _ => path.to_owned(),
        };
        Some(match (host, path) {
            (_, "/event") if label(host, ".log.optimizely.com").is_some_and(digits) => Endpoint::OptimizelyClassic,
            ("logx.optimizely.com" | "eu.logx.optimizely.com", "/v1/events") => Endpoint::OptimizelyEvents,
            ("dacdn.visualwebsiteoptimizer.com", _) if vwo == "/track-goal" => Endpoint::VwoTrackGoal,
            ("dev.visualwebsiteoptimizer.com", _) => match vwo.as_str() {
                "/c.gif" => Endpoint::VwoWebGoal,
                "/server-side/track-goal" => Endpoint::VwoServerSide,
                "/events/t" => Endpoint::VwoEvents,
                "/server-side/batch-events" => Endpoint::VwoBatchEvents,
                _ => return None,
            },
            (_, "/visit/events") => Endpoint::KameleoonEvents,
            (_, "/visit/visitor") => Endpoint::KameleoonVisitor,
            (_, "/track") if label(host, ".track.convertexperiments.com").is_some_and(digits) => Endpoint::ConvertTrack,
            (_, _) if path.starts_with("/v1/track/") || path.starts_with("/metrics/v1/track/") => Endpoint::ConvertV1,
            _ => return None,
        })
    }

    /// Could this be a platform's host?
    pub fn is_host(host: &str) -> bool {
        ["optimizely.com", "visualwebsiteoptimizer.com", "kameleoon.io", "kameleoon.eu", "convertexperiments.com"]
            .iter()
            .any(|domain| label(host, domain).is_some())
    }

    pub fn name(self) -> &'static str {
        match self {
            Endpoint::OptimizelyClassic => "optimizely classic",
            Endpoint::OptimizelyEvents => "optimizely events",
            Endpoint::VwoTrackGoal => "vwo track-goal",
            Endpoint::VwoWebGoal => "vwo web-goal",
            Endpoint::VwoServerSide => "vwo server-side",
            Endpoint::VwoEvents => "vwo events",
            Endpoint::VwoBatchEvents => "vwo batch-events",
            Endpoint::KameleoonEvents => "kameleoon events",
            Endpoint::KameleoonVisitor => "kameleoon visitor",
            Endpoint::ConvertTrack => "convert tracking-request",
            Endpoint::ConvertV1 => "convert v1",
        }
    }

    /// Is it documented that the platform counts a repeat once?
    pub fn dedupes(self) -> bool {
        self == Endpoint::OptimizelyEvents
    }

    /// Looks at a request; the status and the body of the answer to a sound one come back.
    pub fn check(self, host: &str, path: &str, check: &mut Check<'_>, recorded: &mut Recorded) -> (u16, String) {
        match self {
            Endpoint::OptimizelyClassic => optimizely::classic(host, check),
            Endpoint::OptimizelyEvents => optimizely::events(check),
            Endpoint::VwoTrackGoal => vwo::track_goal(check),
            Endpoint::VwoWebGoal => vwo::web_goal(check),
            Endpoint::VwoServerSide => vwo::server_side(check),
            Endpoint::VwoEvents => vwo::events(check),
            Endpoint::VwoBatchEvents => vwo::batch_events(check),
            Endpoint::KameleoonEvents => kameleoon::events(check, recorded),
            Endpoint::KameleoonVisitor => kameleoon::visitor(check, recorded),
            Endpoint::ConvertTrack => convert::tracking_request(host, check),
            Endpoint::ConvertV1 => convert::v1(path, check),
        }
    }
}

fn label<'a>(host: &'a str, domain: &str) -> Option<&'a str> {
    host.strip_suffix(domain)
}

pub fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

pub fn hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A decimal without an exponent: `49.9`, `-5`.
pub fn decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    digits(whole) && digits(fraction)
}

pub fn whole(text: &str) -> bool {
    digits(text.strip_prefix('-').unwrap_or(text))
}

pub fn not_empty(text: &str) -> bool {
    !text.trim().is_empty()
}

/// Reads a request and collects what is wrong with it.
pub struct Check<'a> {
    pub incoming: &'a Incoming<'a>,
    pub parameters: Parameters,
    /// What is wrong; empty for a sound request.
    pub problems: Vec<String>,
    /// What is counted: a text that differs for two conversions.
    pub conversions: Vec<String>,
    /// The platform answers as always and counts nothing.
    pub dropped: bool,
}

impl<'a> Check<'a> {
    pub fn new(incoming: &'a Incoming<'a>, parameters: Parameters) -> Self {
        Check { incoming, parameters, problems: Vec::new(), conversions: Vec::new(), dropped: false }
    }

    pub fn problem(&mut self, message: impl Into<String>) {
        self.problems.push(message.into());
    }

    pub fn method(&mut self, method: &str) {
        if self.incoming.method != method {
            self.problem(format!("The method is {method}."));
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        query::get(&self.parameters, name)
    }

    /// A parameter that must be there and fit.
    pub fn require(&mut self, name: &str, fits: fn(&str) -> bool) {
        match self.get(name) {
            None => self.problem(format!("{name} is missing.")),
            Some(value) if !fits(value) => self.problem(format!("{name} is malformed.")),
            Some(_) => {}
        }
    }

    /// A parameter that must fit where it is there.
    pub fn allow(&mut self, name: &str, fits: fn(&str) -> bool) {
        if self.get(name).is_some_and(|value| !fits(value)) {
            self.problem(format!("{name} is malformed."));
        }
    }

    /// No parameter twice, and none that nobody documents.
    pub fn only(&mut self, known: impl Fn(&str) -> bool) {
        for (index, (name, _)) in self.parameters.iter().enumerate() {
            if !known(name) {
                self.problems.push(format!("{name} is not documented."));
            }
            if self.parameters.iter().take(index).any(|(other, _)| other == name) {
                self.problems.push(format!("{name} is there twice."));
            }
        }
    }

    /// The body as JSON.
    pub fn json(&mut self, types: &[&str], limit: usize) -> Value {
        self.method("POST");
        let media = self.incoming.content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !types.contains(&media) {
            self.problem(format!("Content-Type is {}.", types.join(" or ")));
        }
        if self.incoming.body.len() > limit {
            self.problem(format!("The body is larger than {limit} bytes."));
        }
        serde_json::from_slice(self.incoming.body).unwrap_or_else(|_| {
            self.problem("The body is no JSON.");
            Value::Null
        })
    }

    /// A member of an object, as text that fits.
    pub fn text<'v>(&mut self, object: &'v Value, name: &str, fits: fn(&str) -> bool) -> &'v str {
        let text = object.get(name).and_then(Value::as_str);
        if !text.is_some_and(fits) {
            self.problem(format!("{name} is missing or malformed."));
        }
        text.unwrap_or_default()
    }

    /// A member of an object that is a list with something in it.
    pub fn list<'v>(&mut self, object: &'v Value, name: &str) -> &'v [Value] {
        match object.get(name).and_then(Value::as_array) {
            Some(list) if !list.is_empty() => list,
            _ => {
                self.problem(format!("{name} is missing or empty."));
                &[]
            }
        }
    }

    /// Does the sender look like a bot, or like nobody? The platforms' filters are not published; these are the usual suspects.
    pub fn is_bot(&self) -> bool {
        let Some(agent) = self.incoming.user_agent.map(str::to_lowercase) else { return true };
        let first = agent.split([' ', '/']).next().unwrap_or_default();
        let libraries =
            ["node", "undici", "curl", "wget", "python-requests", "go-http-client", "axios", "java", "okhttp"];
        agent.trim().is_empty()
            || libraries.contains(&first)
            || ["bot", "spider", "crawl", "headless"].iter().any(|mark| agent.contains(mark))
    }
}
