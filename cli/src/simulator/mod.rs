//! `aftercall simulate`: stands in for all platforms' endpoints, on this machine, strictly.
//!
//! A request keeps its documented URL in the header `Aftercall-Url`; without one, the request's own host and path are taken.
//! What a platform's documents do not allow is answered with 400 and the reasons, even where the platform itself would
//! answer 200 and drop it: here the mistake shall be seen.
//!
//! ```text
//! GET  /_stats         counts
//! GET  /_log           what came, one JSON object a line: ?after=<number>&limit=<lines>; of its
//!                      `conversions`, how many it made count, and how many were repeats
//! GET  /_arrived       what was counted: one line a conversion, `<times> <what>`
//! POST /_faults        {"seed": 1, "rules": [{"kind": "status", "status": 429, "retryAfter": 1, "share": 0.1}]}
//! POST /_reset         forgets all that came, and the faults
//! ```

mod faults;
mod log;
mod platforms;
mod query;
mod server;

pub use server::serve;

use faults::{Fault, Faults};
use log::Log;
use platforms::{Check, Endpoint};
use std::time::Duration;

/// What came in.
pub struct Incoming<'a> {
    pub method: &'a str,
    /// The documented URL.
    pub url: &'a str,
    pub content_type: Option<&'a str>,
    pub user_agent: Option<&'a str>,
    pub body: &'a [u8],
    /// Ms since the epoch.
    pub now: u64,
}

/// What goes back.
#[derive(Debug, PartialEq)]
pub enum Reply {
    Answer {
        status: u16,
        body: String,
        retry_after: Option<u64>,
        delay: Duration,
    },
    /// The connection ends without an answer.
    Reset,
    /// Nothing ever comes back.
    Hang,
}

/// The state of the simulator.
pub struct Simulator {
    log: Log,
    faults: Faults,
    kameleoon: platforms::Recorded,
}

impl Simulator {
    /// One that remembers so many requests in full.
    pub fn new(keep: usize) -> Self {
        Simulator { log: Log::new(keep), faults: Faults::default(), kameleoon: platforms::Recorded::default() }
    }

    /// Takes a request for a platform.
    pub fn take(&mut self, incoming: &Incoming<'_>) -> Reply {
        let Some((host, path, query)) = split(incoming.url) else {
            return self.refuse(incoming, "nobody", vec!["The URL is not https://<host>/<path>.".into()], 404);
        };
        let Some(endpoint) = Endpoint::of(host, path) else {
            return self.refuse(incoming, "nobody", vec!["No platform has this endpoint.".into()], 404);
        };
        let fault = self.faults.draw(host, path, incoming.body);
        match &fault {
            Some(Fault::Status { status, retry_after }) => {
                self.log.fault(incoming, endpoint.name());
                return Reply::Answer {
                    status: *status,
                    body: String::new(),
                    retry_after: *retry_after,
                    delay: Duration::ZERO,
                };
            }
            Some(Fault::Reset { counted: false }) => {
                self.log.fault(incoming, endpoint.name());
                return Reply::Reset;
            }
            Some(Fault::Hang { counted: false }) => {
                self.log.fault(incoming, endpoint.name());
                return Reply::Hang;
            }
            _ => {}
        }
        let parameters = query::parse(query);
        let mut check = Check::new(incoming, parameters);
        // What is dropped is not recorded either.
        let mut nowhere = platforms::Recorded::default();
        let recorded = if matches!(fault, Some(Fault::Drop)) { &mut nowhere } else { &mut self.kameleoon };
        let (status, body) = endpoint.check(host, path, &mut check, recorded);
        let Check { problems, conversions, dropped, .. } = check;
        if !problems.is_empty() {
            return self.refuse(incoming, endpoint.name(), problems, if status >= 400 { status } else { 400 });
        }
        let dropped = dropped || matches!(fault, Some(Fault::Drop));
        self.log.accepted(incoming, endpoint.name(), status, conversions, dropped, endpoint.dedupes());
        match fault {
            Some(Fault::Reset { .. }) => Reply::Reset,
            Some(Fault::Hang { .. }) => Reply::Hang,
            Some(Fault::Latency(delay)) => Reply::Answer { status, body, retry_after: None, delay },
            _ => Reply::Answer { status, body, retry_after: None, delay: Duration::ZERO },
        }
    }

    fn refuse(&mut self, incoming: &Incoming<'_>, endpoint: &'static str, problems: Vec<String>, status: u16) -> Reply {
        let body = problems.join("\n");
        self.log.refused(incoming, endpoint, status, problems);
        Reply::Answer { status, body, retry_after: None, delay: Duration::ZERO }
    }

    /// Takes a request of the person who uses the simulator.
    pub fn administer(&mut self, method: &str, path: &str, query: &str, body: &[u8]) -> (u16, String) {
        match (method, path) {
            ("GET", "/_stats") => (200, self.log.stats().to_string()),
            ("GET", "/_log") => {
                let parameters = query::parse(query);
                let number = |name: &str| query::get(&parameters, name).and_then(|text| text.parse::<u64>().ok());
                (200, self.log.lines(number("after").unwrap_or(0), number("limit").unwrap_or(u64::MAX)))
            }
            ("GET", "/_arrived") => (200, self.log.arrived()),
            ("POST", "/_faults") => match self.faults.order(body) {
                Ok(()) => (200, String::from("{}")),
                Err(message) => (400, message),
            },
            ("POST", "/_reset") => {
                *self = Simulator::new(self.log.keep());
                (200, String::from("{}"))
            }
            _ => (404, String::from("There are GET /_stats, /_log, /_arrived and POST /_faults, /_reset.")),
        }
    }
}

/// Host, path and query of an https URL.
fn split(url: &str) -> Option<(&str, &str, &str)> {
    let rest = url.strip_prefix("https://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at_checked(end)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    Some((host, path, query))
}
