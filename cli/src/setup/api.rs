//! One call of a vendor's API, and what its answer means.
//!
//! Questions are repeated as long as the settings' `[delivery]` allows, by the policy that conversions have too. What makes or
//! changes something is repeated only where it surely was not obeyed: it never left, or the vendor says 429. In all other
//! cases whoever gave the order looks again first.

use super::secret::Secret;
use crate::{
    config::{Config, Secrets},
    delivery::wire::{Got, Wire},
    fault::{Code, Fault},
    table,
};
use aftercall::{
    deliver::policy::{Answer, Policy, Verdict},
    values::request::Repeat,
};
use hyper::header::{HeaderName, HeaderValue};
use serde_json::Value;
use std::{
    cell::RefCell,
    hash::{BuildHasher, Hasher, RandomState},
    time::Duration,
};

/// Of a vendor's own words so many characters are shown.
const SAID: usize = 200;

/// Somebody who sits before it hears of a wait that is longer.
const NOTICED: u64 = 2_000;

/// An API, and how it is spoken to.
pub struct Api {
    vendor: &'static str,
    wire: Wire,
    policy: Policy,
    hidden: RefCell<Vec<Secret>>,
}

/// One call.
#[derive(Clone)]
pub struct Call {
    /// Of HTTP.
    pub method: &'static str,
    /// https, with all of its query.
    pub url: String,
    /// Beside those that every request has.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What goes with it.
    pub body: Body,
    /// What it does, for messages: "listing the projects".
    pub what: &'static str,
    /// Is it the login itself? Then a refusal is about that.
    pub is_login: bool,
}

/// A body.
#[derive(Clone)]
pub enum Body {
    /// None.
    Nothing,
    /// JSON.
    Json(Value),
    /// Fields of a form, encoded.
    Form(String),
}

impl Call {
    /// A question.
    pub fn get(url: String, what: &'static str) -> Self {
        Call { method: "GET", url, headers: Vec::new(), body: Body::Nothing, what, is_login: false }
    }

    /// An order.
    pub fn order(method: &'static str, url: String, body: Body, what: &'static str) -> Self {
        Call { method, url, headers: Vec::new(), body, what, is_login: false }
    }

    fn is_question(&self) -> bool {
        self.method == "GET"
    }
}

/// Why a call brought nothing.
#[derive(Clone, Debug)]
pub struct Failure {
    vendor: &'static str,
    what: &'static str,
    is_login: bool,
    answer: Answer,
    said: String,
}

impl Failure {
    /// The status, where there was one.
    pub fn status(&self) -> Option<u16> {
        match self.answer {
            Answer::Status { status, .. } => Some(status),
            _ => None,
        }
    }

    /// Nobody can tell from it whether the order was obeyed.
    pub fn is_unclear(&self) -> bool {
        matches!(self.answer, Answer::NoAnswer | Answer::Status { status: 200..=399 | 408 | 500..=599, .. })
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        let Failure { vendor, what, is_login, answer, said } = failure;
        let said = if said.is_empty() { String::new() } else { format!(" It says: {said}") };
        let (code, message) = match answer {
            Answer::NeverLeft => (Code::VendorUnreachable, format!("{vendor} cannot be reached ({what}).")),
            Answer::NoAnswer => (Code::VendorUnreachable, format!("{vendor} did not answer in time ({what}).")),
            Answer::Status { status: status @ 400..=403, .. } if is_login => {
                (Code::BadLogin, format!("{vendor} refuses {what} ({status}).{said}"))
            }
            Answer::Status { status, .. } => match status {
                401 => (Code::BadLogin, format!("{vendor} does not accept this login ({what}: 401).{said}")),
                403 => (Code::NotAllowed, format!("{vendor} does not allow this login {what} (403).{said}")),
                404 => (
                    Code::NotThere,
                    format!("{vendor} knows no such thing, or hides it from this login ({what}: 404).{said}"),
                ),
                429 => (
                    Code::TooManyRequests,
                    format!(
                        "{vendor} takes no more requests for now ({what}: 429). What was done stays done: run the same command again later.{said}"
                    ),
                ),
                200..=399 => (
                    Code::BadAnswer,
                    format!("{vendor} answered {what} in a way that its documentation does not know ({status}).{said}"),
                ),
                500..=599 | 408 | 425 => (
                    Code::VendorUnreachable,
                    format!(
                        "{vendor} has a fault of its own ({what}: {status}). Run the same command again later.{said}"
                    ),
                ),
                _ => (Code::RefusedByPlatform, format!("{vendor} refuses {what} ({status}).{said}")),
            },
        };
        Fault::new(code, message)
    }
}

impl Api {
    /// The API of a vendor, with the settings' ways.
    ///
    /// # Errors
    /// `bad-config`.
    pub fn new(vendor: &'static str, config: &Config) -> Result<Self, Fault> {
        let delivery = &config.delivery;
        let ms = |seconds: f64| Duration::from_secs_f64(seconds).as_millis().try_into().unwrap_or(u64::MAX);
        Ok(Api {
            vendor,
            wire: Wire::new(config, &Secrets::default())?,
            policy: Policy {
                attempts: delivery.attempts,
                first_wait: ms(delivery.backoff),
                longest_wait: ms(delivery.backoff_limit),
            },
            hidden: RefCell::default(),
        })
    }

    /// Never shows this one, whatever an answer says.
    pub fn hide(&self, secret: &Secret) {
        self.hidden.borrow_mut().push(secret.clone());
    }

    /// A failure that the call's words go with.
    pub fn not_understood(&self, what: &'static str, said: &str) -> Failure {
        Failure {
            vendor: self.vendor,
            what,
            is_login: false,
            answer: Answer::Status { status: 200, retry_after: None },
            said: self.shown(said),
        }
    }

    /// Asks, or gives an order.
    ///
    /// # Errors
    /// What came instead of an answer.
    pub async fn call(&self, call: &Call) -> Result<Value, Failure> {
        let mut attempt = 1;
        loop {
            let (kind, body) = match &call.body {
                Body::Nothing => (None, String::new()),
                Body::Json(value) => (Some("application/json"), value.to_string()),
                Body::Form(fields) => (Some("application/x-www-form-urlencoded"), fields.clone()),
            };
            let got = self.wire.exchange(call.method, &call.url, kind, &call.headers, body).await;
            let failure = || self.failure(call, &got);
            if !call.is_question() && failure().is_unclear() && !accepted(&got) {
                return Err(failure());
            }
            match self.policy.judge(got.answer, attempt, Repeat::Safe, chance()) {
                Verdict::Accepted => return self.read(&got).ok_or_else(failure),
                Verdict::Again { after } => {
                    if after >= NOTICED {
                        eprintln!("{} asks for patience: {} s …", self.vendor, after.div_ceil(1000));
                    }
                    tokio::time::sleep(Duration::from_millis(after)).await;
                    attempt = attempt.saturating_add(1);
                }
                _ => return Err(failure()),
            }
        }
    }

    /// A wait between two tries of something larger than a call.
    pub async fn pause(&self, attempt: u32) {
        let none = Answer::Status { status: 503, retry_after: None };
        if let Verdict::Again { after } = self.policy.judge(none, attempt, Repeat::Safe, chance()) {
            tokio::time::sleep(Duration::from_millis(after)).await;
        }
    }

    fn read(&self, got: &Got) -> Option<Value> {
        if got.text.is_empty() { Some(Value::Null) } else { serde_json::from_slice(&got.text).ok() }
    }

    fn failure(&self, call: &Call, got: &Got) -> Failure {
        let value: Value = serde_json::from_slice(&got.text).unwrap_or_default();
        // Optimizely says `message`, CallRail `error`, OAuth 2.0 (RFC 6749, 5.2) `error_description` and `error`.
        let said = ["message", "error_description", "error"].iter().find_map(|name| value.get(name)?.as_str());
        Failure {
            vendor: self.vendor,
            what: call.what,
            is_login: call.is_login,
            answer: got.answer,
            said: self.shown(said.unwrap_or_default()),
        }
    }

    /// A vendor's words, without secrets, cut, and fit for a terminal.
    fn shown(&self, said: &str) -> String {
        let said = self.hidden.borrow().iter().fold(said.to_owned(), |said, secret| secret.hide(&said));
        table::plain(&said.chars().take(SAID).collect::<String>())
    }
}

fn accepted(got: &Got) -> bool {
    matches!(got.answer, Answer::Status { status: 200..=299, .. })
}

/// A number that nobody expects: the standard library draws the keys of its maps anew for each.
fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}
