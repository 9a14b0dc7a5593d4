//! A request that tells a platform about a conversion, and the plan that holds all of them.

use super::{
    idempotency::IdempotencyKey,
    json::Writer,
    problem::{Code, PlatformName, Problem, Reason},
    room,
    template::Form,
    text::{behind, cut, parts},
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
        let body = self.body.as_ref().map(|(format, text)| (*format, text.as_str()));
        write_request(self.platform, &self.url, body, &self.key, self.repeat, out);
    }
}

fn write_request(
    platform: PlatformName,
    url: &str,
    body: Option<(Format, &str)>,
    key: &IdempotencyKey,
    repeat: Repeat,
    out: &mut Writer,
) {
    out.member("platform", platform.name());
    out.member("method", if body.is_some() { "POST" } else { "GET" });
    out.member("url", url);
    out.name("headers");
    out.open('{');
    if let Some((format, _)) = body {
        out.member("Content-Type", format.content_type());
    }
    out.close('}');
    if let Some((_, text)) = body {
        out.member("body", text);
    }
    out.member("idempotencyKey", &key.hex());
    out.member("repeat", repeat.name());
}

/// An endpoint of a platform: what all requests to it have in common.
#[derive(Debug)]
pub struct Endpoint {
    /// Whom they tell.
    pub platform: PlatformName,
    /// What bodies are made of; without one it takes a GET.
    pub format: Option<Format>,
    /// Bytes that the platform takes in one body; 0 where it takes one event only.
    pub limit: usize,
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

/// The body of a POST, and what the URL ends in, in pieces; each is a line of the text that a
/// [template](super::template) makes:
///
/// ```text
/// head
/// visitor.head           begins the visitor's part
/// event
/// visitor.tail           ends it
/// tail
/// url                    what the URL ends in while the request is about one visitor,
/// url                    and while it is about several
/// member                 begins each event while the request is about several visitors
/// ```
/// The lines at the end may be missing. A body is
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
    text: String,
    /// Where the lines end.
    ends: [usize; 8],
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
            let alone = others.iter().all(|other| post.is_same_visitor(other));
            url.push_str(post.piece(if alone { URL_ALONE } else { URL_AMONG_OTHERS }));
            (format, post.body(others, alone))
        });
        ConversionRequest { platform, url, body, key, repeat }
    }
}

const HEAD: usize = 0;
const VISITOR_HEAD: usize = 1;
const EVENT: usize = 2;
const VISITOR_TAIL: usize = 3;
const TAIL: usize = 4;
const URL_ALONE: usize = 5;
const URL_AMONG_OTHERS: usize = 6;
const MEMBER: usize = 7;

impl Post {
    /// A POST of these lines.
    #[must_use]
    pub fn new(format: Format, limit: usize, text: String) -> Self {
        let mut ends = [text.len(); 8];
        let mut line = 0_usize;
        for (at, byte) in text.bytes().enumerate() {
            if byte == b'\n'
                && let Some(end) = ends.get_mut(line)
            {
                *end = at;
                line = line.wrapping_add(1);
            }
        }
        Post { format, limit, text, ends }
    }

    fn piece(&self, index: usize) -> &str {
        let before = index.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |end| end.saturating_add(1));
        self.ends.get(index).and_then(|end| self.text.get(start..*end)).unwrap_or_default()
    }

    /// How the body begins.
    #[must_use]
    pub fn head(&self) -> &str {
        self.piece(HEAD)
    }

    /// What begins the visitor's part.
    #[must_use]
    pub fn visitor_head(&self) -> &str {
        self.piece(VISITOR_HEAD)
    }

    /// What ends the visitor's part.
    #[must_use]
    pub fn visitor_tail(&self) -> &str {
        self.piece(VISITOR_TAIL)
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &str {
        self.piece(EVENT)
    }

    /// The member that begins each event while the request is about several visitors.
    #[must_use]
    pub fn member(&self) -> &str {
        self.piece(MEMBER)
    }

    /// What the URL ends in while the request is about one visitor.
    #[must_use]
    pub fn url_alone(&self) -> &str {
        self.piece(URL_ALONE)
    }

    /// All lines: what [`Post::new`] takes.
    #[must_use]
    pub fn lines(&self) -> &str {
        &self.text
    }

    /// The same with another event, which must be one line.
    #[must_use]
    pub fn with_event(&self, event: &str) -> Self {
        let mut text = String::new();
        for (index, line) in parts(&self.text, b'\n').enumerate() {
            if index > 0 {
                text.push('\n');
            }
            text.push_str(if index == EVENT { event } else { line });
        }
        Post::new(self.format, self.limit, text)
    }

    /// Is that draft about the same visitor?
    #[must_use]
    pub fn is_same_visitor(&self, other: &Draft) -> bool {
        other.post.as_ref().is_some_and(|other| {
            [VISITOR_HEAD, VISITOR_TAIL, URL_ALONE, URL_AMONG_OTHERS, MEMBER]
                .iter()
                .all(|index| self.piece(*index) == other.piece(*index))
        })
    }

    /// Bytes that it adds to a body, at most.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size_of(&[VISITOR_HEAD, EVENT, VISITOR_TAIL, MEMBER])
    }

    /// Is it more than the platform takes, even alone?
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.limit > 0 && self.size_of(&[HEAD, VISITOR_HEAD, EVENT, VISITOR_TAIL, TAIL, MEMBER]) > self.limit
    }

    /// Bytes of what stands around all visitors.
    #[must_use]
    pub fn size_around(&self) -> usize {
        self.piece(HEAD).len().saturating_add(self.piece(TAIL).len())
    }

    /// Bytes of these pieces, the last of which is the member.
    fn size_of(&self, pieces: &[usize]) -> usize {
        // Two separators, and a comma behind the member.
        let (mut size, mut last) = (2_usize, 0);
        for index in pieces {
            last = self.piece(*index).len();
            size = size.wrapping_add(last);
        }
        size.wrapping_add(usize::from(last > 0))
    }

    /// The body of a request for this draft alone.
    fn alone(&self) -> String {
        let mut out = room::text(self.text.len());
        for index in HEAD..URL_ALONE {
            out.push_str(self.piece(index));
        }
        out
    }

    fn body(&self, others: &[Draft], alone: bool) -> String {
        let mut out = room::text(self.text.len());
        out.push_str(self.piece(HEAD));
        out.push_str(self.piece(VISITOR_HEAD));
        self.push_event(&mut out, alone);
        let mut last = self;
        for draft in others {
            let Some(post) = &draft.post else { continue };
            if last.is_same_visitor(draft) {
                out.push(self.format.separator());
            } else {
                out.push_str(last.piece(VISITOR_TAIL));
                out.push(self.format.separator());
                out.push_str(post.piece(VISITOR_HEAD));
            }
            last = post;
            post.push_event(&mut out, alone);
        }
        out.push_str(last.piece(VISITOR_TAIL));
        out.push_str(self.piece(TAIL));
        out
    }

    fn push_event(&self, out: &mut String, alone: bool) {
        let mut event = self.piece(EVENT);
        if !alone
            && !self.piece(MEMBER).is_empty()
            && let Some(rest) = behind(event, b'{')
        {
            out.push('{');
            out.push_str(self.piece(MEMBER));
            out.push(',');
            event = rest;
        }
        out.push_str(event);
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
    /// Whose turn it is.
    platform: Option<PlatformName>,
}

/// That a platform cannot be told; why stands in [`Drafts::skipped`].
// Nothing to hand on: a result with it is one word, and what is wrong is written down where it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

impl Drafts {
    /// What comes is of this platform.
    pub fn turn_to(&mut self, platform: PlatformName) {
        self.platform = Some(platform);
    }

    /// The platform cannot be told.
    #[inline(never)]
    pub fn refuse(&mut self, code: Code, about: &'static str) -> Refused {
        self.skipped.push(Problem { platform: self.platform, reason: Reason::new(code, about) });
        Refused
    }

    /// What the conversion has for the platform is not what it takes.
    pub fn refuse_invalid(&mut self, about: &'static str) -> Refused {
        self.refuse(Code::InvalidConversion, about)
    }

    /// Adds a warning, once.
    #[inline(never)]
    pub fn warn(&mut self, code: Code, about: &'static str) {
        Problem { platform: self.platform, reason: Reason::new(code, about) }.report(&mut self.warnings);
    }

    /// Warns of an entry, where it is named: the request has no place for it.
    #[inline(never)]
    pub fn warn_unsupported(&mut self, is_named: bool, about: &'static str) {
        if is_named {
            self.warn(Code::UnsupportedOption, about);
        }
    }

    /// Adds a request to that endpoint: the first line is its URL, the others are what a [`Post`] is made of. One that is too
    /// large is refused.
    pub fn add(&mut self, endpoint: &Endpoint, form: &mut Form, key: &IdempotencyKey, repeat: Repeat) {
        let mut url = form.finish();
        let mut post = None;
        if let Some(format) = endpoint.format
            && let Some((first, lines)) = cut(&url, b'\n')
        {
            let lines = Post::new(format, endpoint.limit, String::from(lines));
            if lines.is_too_large() {
                self.refuse_invalid(endpoint.platform.name());
                return;
            }
            url.truncate(first.len());
            post = Some(lines);
        }
        self.requests.push(Draft { platform: endpoint.platform, url, post, key: *key, repeat });
    }

    /// Writes the plan that [`Drafts::finish`] makes, request by request.
    pub fn write(mut self, out: &mut Writer) {
        let write = |draft: &mut Draft, out: &mut Writer| {
            let Draft { platform, url, post, key, repeat } = draft;
            let mut text = String::new();
            if let Some(post) = post {
                url.push_str(post.piece(URL_ALONE));
                text = post.alone();
            }
            let body = post.as_ref().map(|post| (post.format, text.as_str()));
            write_request(*platform, url, body, key, *repeat, out);
        };
        write_plan(&mut self.requests, write, &self.skipped, &self.warnings, out);
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
        write_plan(&self.requests, ConversionRequest::write_members, &self.skipped, &self.warnings, out);
    }
}

fn write_plan<R>(
    requests: impl IntoIterator<Item = R>,
    write: impl Fn(R, &mut Writer),
    skipped: &[Problem],
    warnings: &[Problem],
    out: &mut Writer,
) {
    out.open('{');
    out.name("requests");
    out.open('[');
    for request in requests {
        out.open('{');
        write(request, out);
        out.close('}');
    }
    out.close(']');
    out.name("skipped");
    Problem::write_all(skipped, out);
    out.name("warnings");
    Problem::write_all(warnings, out);
    out.close('}');
}
