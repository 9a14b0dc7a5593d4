//! A request that tells a platform about a conversion, and the plan that holds all of them.

use super::{
    id::{self, Id},
    idempotency::IdempotencyKey,
    json::Writer,
    percent,
    problem::{Code, PlatformName, Problem},
};
use alloc::{string::String, vec::Vec};

/// May a request go out again where nobody knows whether it arrived?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repeat {
    /// The platform documents that it dedupes.
    Safe,
    /// The request carries something to dedupe by; no document says that the platform does.
    Unproven,
    /// It would be counted again.
    CountsTwice,
}

impl Repeat {
    /// The name as text: what the JSON has.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Repeat::Safe => "safe",
            Repeat::Unproven => "unproven",
            Repeat::CountsTwice => "counts-twice",
        }
    }
}

/// One request, exactly as the platform documents it. A body makes it a POST; without one it is a GET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConversionRequest {
    /// Whom it tells.
    pub platform: PlatformName,
    /// Always https, always a host of the platform or one that the account names.
    pub url: String,
    /// JSON text; its `Content-Type` is the only header that any of these requests documents.
    pub body: Option<String>,
    /// The same for the same conversion, whatever the visitor's token says today.
    pub key: IdempotencyKey,
    /// Whether a repeat is harmless.
    pub repeat: Repeat,
}

impl ConversionRequest {
    /// `GET` or `POST`.
    #[must_use]
    pub fn method(&self) -> &'static str {
        if self.body.is_some() { "POST" } else { "GET" }
    }

    fn write(&self, out: &mut Writer) {
        out.open('{');
        out.member("platform", self.platform.name());
        out.member("method", self.method());
        out.member("url", &self.url);
        out.name("headers");
        out.open('{');
        if self.body.is_some() {
            out.member("Content-Type", "application/json");
        }
        out.close('}');
        if let Some(body) = &self.body {
            out.member("body", body);
        }
        out.member("idempotencyKey", self.key.hex());
        out.member("repeat", self.repeat.name());
        out.close('}');
    }
}

/// What a conversion comes to: the requests, the platforms that cannot be told, and what deserves a look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversionPlan {
    /// To be sent.
    pub requests: Vec<ConversionRequest>,
    /// Platforms that cannot be told, and why.
    pub skipped: Vec<Problem>,
    /// Built all the same.
    pub warnings: Vec<Problem>,
}

impl ConversionPlan {
    /// Adds a warning, once.
    pub fn warn(&mut self, platform: PlatformName, code: Code, about: &'static str) {
        Problem::new(platform, code, about).report(&mut self.warnings);
    }

    /// `{requests, skipped, warnings}`.
    pub fn write(&self, out: &mut Writer) {
        out.open('{');
        out.name("requests");
        out.open('[');
        for request in &self.requests {
            request.write(out);
        }
        out.close(']');
        out.name("skipped");
        Problem::write_all(&self.skipped, out);
        out.name("warnings");
        Problem::write_all(&self.warnings, out);
        out.close('}');
    }
}

/// Builds a URL: `Url::new("https://…")`, then its parameters in their order.
#[derive(Debug)]
pub struct Url {
    text: String,
    separator: char,
}

impl Url {
    /// A URL without parameters: these pieces, one after the other.
    #[must_use]
    pub fn new(pieces: &[&str]) -> Self {
        let mut text = String::with_capacity(256);
        for piece in pieces {
            text.push_str(piece);
        }
        Url { text, separator: '?' }
    }

    /// The finished text.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }

    /// A parameter whose value is text, percent-encoded here.
    pub fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        percent::encode(&mut self.text, value);
    }

    /// A parameter whose value is an id.
    pub fn id(&mut self, name: &str, id: Id) {
        self.number(name, id.number());
    }

    /// A parameter whose value is a number.
    pub fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        id::push_number(&mut self.text, number);
    }

    /// A parameter whose value the caller appends to the text that comes back; it must be fit for a URL.
    pub fn name(&mut self, name: &str) -> &mut String {
        self.text.push(core::mem::replace(&mut self.separator, '&'));
        self.text.push_str(name);
        self.text.push('=');
        &mut self.text
    }
}
