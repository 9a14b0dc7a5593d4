//! A request that tells a platform about a conversion, and the plan that holds all of them.

use super::{
    id::{self, Id},
    idempotency::IdempotencyKey,
    json::Writer,
    percent,
    problem::{Code, PlatformName, Problem, Reason, report},
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

/// What a body is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One JSON value.
    Json,
    /// Lines of text.
    Text,
}

impl Format {
    /// Its `Content-Type`.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Text => "text/plain",
        }
    }

    /// What stands between two visitors, or two events.
    fn separator(self) -> char {
        match self {
            Format::Json => ',',
            Format::Text => '\n',
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
    /// What it carries. Its `Content-Type` is the only header that any of these requests documents.
    pub body: Option<(Format, String)>,
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

    /// The text of the body, where there is one.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.body.as_ref().map(|(_, text)| text.as_str())
    }

    /// The members of the contract's `ConversionRequest`, into an object that is open.
    pub fn write_members(&self, out: &mut Writer) {
        out.member("platform", self.platform.name());
        out.member("method", self.method());
        out.member("url", &self.url);
        out.name("headers");
        out.open('{');
        if let Some((format, _)) = &self.body {
            out.member("Content-Type", format.content_type());
        }
        out.close('}');
        if let Some(body) = self.body() {
            out.member("body", body);
        }
        out.member("idempotencyKey", &self.key.hex());
        out.member("repeat", self.repeat.name());
    }
}

/// One conversion on its way into a request: into one of its own, or, where the platform takes many at once, into one that
/// it shares with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Whom it tells.
    pub platform: PlatformName,
    /// Where it goes.
    pub url: String,
    /// What a POST carries; a GET shares nothing.
    pub post: Option<Post>,
    /// What is counted.
    pub key: IdempotencyKey,
    /// Whether a repeat is harmless.
    pub repeat: Repeat,
}

/// The body of a POST in pieces:
///
/// ```text
/// head  visitor.head event separator event … visitor.tail  separator  visitor.head … visitor.tail  tail
/// ```
/// Two drafts share a request where all but visitor and event is the same, and a visitor's part where that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// What the body is made of.
    pub format: Format,
    /// Bytes that the platform takes in one body; 0 where it takes one event only.
    pub limit: usize,
    /// How the body begins.
    pub head: String,
    /// How it ends.
    pub tail: &'static str,
    /// Whose event it is.
    pub visitor: PostVisitor,
    /// The event.
    pub event: String,
}

/// How a POST names the visitor: around the visitor's events, or in the URL while it is about nobody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostVisitor {
    /// What begins the visitor's part.
    pub head: String,
    /// What ends it.
    pub tail: String,
    /// What the URL ends in while the request is about one visitor, and while it is about several.
    pub url: (String, &'static str),
    /// The member that begins each event while the request is about several visitors, with its comma.
    pub member: String,
}

impl Draft {
    /// One request for this draft and those that share it, in this order.
    #[must_use]
    pub fn join(self, others: &[Draft]) -> ConversionRequest {
        let Draft { platform, mut url, post, mut key, repeat } = self;
        if !others.is_empty() {
            key = IdempotencyKey::of_all(core::iter::once(&key).chain(others.iter().map(|draft| &draft.key)));
        }
        let body = post.map(|post| {
            let format = post.format;
            let others = others.iter().filter_map(|draft| draft.post.as_ref());
            let alone = others.clone().all(|other| other.visitor == post.visitor);
            url.push_str(if alone { &post.visitor.url.0 } else { post.visitor.url.1 });
            (format, post.body(others, alone))
        });
        ConversionRequest { platform, url, body, key, repeat }
    }
}

impl Post {
    /// Bytes that it adds to a body, at most.
    #[must_use]
    pub fn size(&self) -> usize {
        let visitor = &self.visitor;
        [&visitor.head, &visitor.tail, &visitor.member, &self.event]
            .iter()
            .fold(2, |size, part| size.saturating_add(part.len()))
    }

    /// Is it more than the platform takes, even alone?
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        let size = self.size().saturating_add(self.head.len()).saturating_add(self.tail.len());
        self.limit > 0 && size > self.limit
    }

    fn body<'a>(&'a self, others: impl Iterator<Item = &'a Post>, alone: bool) -> String {
        let mut out = self.head.clone();
        let mut visitor = &self.visitor;
        out.push_str(&visitor.head);
        for (index, post) in core::iter::once(self).chain(others).enumerate() {
            if index > 0 {
                if post.visitor == *visitor {
                    out.push(self.format.separator());
                } else {
                    out.push_str(&visitor.tail);
                    out.push(self.format.separator());
                    visitor = &post.visitor;
                    out.push_str(&visitor.head);
                }
            }
            match post.event.strip_prefix('{') {
                Some(rest) if !alone => {
                    out.push('{');
                    out.push_str(&visitor.member);
                    out.push_str(rest);
                }
                _ => out.push_str(&post.event),
            }
        }
        out.push_str(&visitor.tail);
        out.push_str(self.tail);
        out
    }
}

/// What one conversion comes to, before it is decided which requests carry it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafts {
    /// To be sent.
    pub requests: Vec<Draft>,
    /// Platforms that cannot be told, and why.
    pub skipped: Vec<Problem>,
    /// Built all the same.
    pub warnings: Vec<Problem>,
}

impl Drafts {
    /// Adds a warning, once.
    pub fn warn(&mut self, platform: PlatformName, code: Code, about: &'static str) {
        report(&mut self.warnings, platform, code, about);
    }

    /// Takes the last draft back where no request could carry it.
    ///
    /// # Errors
    /// `invalid-conversion` for such a one.
    pub fn refuse_too_large(&mut self) -> Result<(), Reason> {
        match self.requests.pop_if(|draft| draft.post.as_ref().is_some_and(Post::is_too_large)) {
            Some(draft) => Err(Reason::new(Code::InvalidConversion, draft.platform.name())),
            None => Ok(()),
        }
    }

    /// Each draft in a request of its own.
    #[must_use]
    pub fn finish(self) -> ConversionPlan {
        let mut requests = Vec::new();
        for draft in self.requests {
            requests.push(draft.join(&[]));
        }
        ConversionPlan { requests, skipped: self.skipped, warnings: self.warnings }
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
    /// `{requests, skipped, warnings}`.
    pub fn write(&self, out: &mut Writer) {
        out.open('{');
        out.name("requests");
        out.open('[');
        for request in &self.requests {
            out.open('{');
            request.write_members(out);
            out.close('}');
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
        let mut text = String::with_capacity(384);
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
