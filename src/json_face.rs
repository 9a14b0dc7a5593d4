//! The use cases with JSON text in and JSON text out: what JavaScript calls, and what tests call natively.
//!
//! Nothing here decides anything: it reads arguments, calls a use case and writes what that says. Numbers are the text
//! that JavaScript prints, so there is no floating point on this side. A failure is `{"error":{"code","message"}}`.

use crate::{
    batches::Batcher,
    capture,
    conversion::{self, Accounts, Conversion},
    stash,
    values::{
        cookies::Cookies,
        json::{Json, Members, Writer},
        page::Page,
        problem::{Code, Error, Problem},
        text::parts,
        time::Time,
    },
    visitor::{VisitorContext, known},
};
use alloc::{string::String, vec::Vec};

/// The argument; nothing where it is no JSON, or nests so deep that nothing here would look into it. What is silent about
/// that would lose all that stands beside.
fn argument(text: &str) -> Result<Json<'_>, Error> {
    Json::parse(text).ok_or(Error::new(Code::InvalidConversion, "An argument"))
}

/// The context of a page. `input`: `{page, globals?, url?, now, stash?}`, where `page` is a `PageState`, but for the time, and
/// missing where there is no page. `globals` serve where its own do not tell; `url` goes before its own: where the visitor
/// arrived, before the page changed its address. Where `stash` is true the context's token follows, in a line of its own:
/// whoever wants both need not hand the context back.
// A page's first call compiles what it runs: not what the other functions here do.
#[inline(never)]
pub fn capture(input: &str) -> String {
    let input = Json::parse_or_null(input).members();
    let now = now(&input);
    let mut context = VisitorContext { captured_at: now, ..VisitorContext::default() };
    match input.get_or_null("page") {
        Some(page) => read(&mut context, &page.members(), &input),
        None => context.problems.push(Problem::of_page(Code::NoPage)),
    }
    let mut answer = context.write();
    if input.or_null("stash").is_true() {
        answer.push('\n');
        stash::push_tokens(&mut answer, &mut context, usize::MAX);
    }
    answer
}

fn read(context: &mut VisitorContext, page: &Members<'_>, input: &Members<'_>) {
    let cookie = page.text("cookie").unwrap_or_default();
    let url = input.text("url").or_else(|| page.text("url")).unwrap_or_default();
    let mut storage = Vec::new();
    for (key, value) in page.or_null("storage").entries() {
        if let Some(value) = value.text() {
            storage.push((key, value));
        }
    }
    let globals = [page.or_null("globals").members(), input.or_null("globals").members()];
    let page = Page { cookies: Cookies::parse(&cookie), storage, url: &url, globals, now: context.captured_at };
    capture::fill(context, &page);
}

/// The token of a visitor context; where `max_length` is not 0, its parts, with a space between them.
pub fn stash(visitor: &str, max_length: usize) -> String {
    let mut context = VisitorContext::default();
    context.read(Json::parse_or_null(visitor));
    let mut tokens = String::new();
    stash::push_tokens(&mut tokens, &mut context, if max_length == 0 { usize::MAX } else { max_length });
    tokens
}

/// The context of a token, or of the parts of one with spaces between them.
pub fn unstash(tokens: &str) -> String {
    let mut context = VisitorContext::default();
    match stash::unstash_into(&mut context, parts(tokens, b' ')) {
        Ok(()) => context.write(),
        Err(code) => failure(Error::new(code, "")),
    }
}

/// The plan for a conversion. `input`: `{visitor, captured, conversion, accounts, now}`, where `visitor` is a context, a
/// token or a list of the parts of one, and `captured` says that it is a context captured by this very page.
#[inline(never)]
pub fn conversion_requests(input: &str) -> String {
    let mut out = Writer::default();
    match argument(input).and_then(|input| plan(&input.members(), &mut out)) {
        Ok(()) => out.finish(),
        Err(error) => failure(error),
    }
}

fn plan(input: &Members<'_>, out: &mut Writer) -> Result<(), Error> {
    let mut context = VisitorContext::default();
    let captured_here = visitor(input, &mut context)?;
    let mut conversion = conversion(input);
    conversion.check()?;
    conversion.facts.now = known(now(input));
    conversion::drafts(&context, captured_here, &conversion, &accounts(input)).write(out);
    Ok(())
}

/// The plan for many conversions. `input`: `{pairs, accounts, now}`, where a pair has `visitor`, `captured` and
/// `conversion` as in [`conversion_requests`].
pub fn conversion_batches(input: &str) -> String {
    argument(input).map_or_else(failure, |input| batches(&input.members()))
}

fn batches(input: &Members<'_>) -> String {
    let (accounts, now) = (accounts(input), now(input));
    let mut batcher = Batcher::new(&accounts);
    for pair in input.or_null("pairs").items() {
        let pair = pair.members();
        let mut context = VisitorContext::default();
        let conversion = conversion(&pair);
        match visitor(&pair, &mut context).and_then(|captured_here| conversion.check().map(|()| captured_here)) {
            Ok(captured_here) => batcher.add(&context, captured_here, &conversion.known_at(now)),
            Err(error) => {
                let id = pair.get("conversion").and_then(|conversion| conversion.get("id")?.text());
                batcher.refuse(id.unwrap_or_default(), error);
            }
        }
    }
    let mut out = Writer::default();
    batcher.finish().write(&mut out);
    out.finish()
}

/// Fills the context with the visitor of an argument. Was it captured by this very page?
fn visitor(input: &Members<'_>, context: &mut VisitorContext) -> Result<bool, Error> {
    let visitor = input.or_null("visitor");
    if visitor.is_object() {
        context.read(visitor);
        return Ok(input.or_null("captured").is_true());
    }
    let mut tokens = visitor.text().unwrap_or_default();
    for part in visitor.items() {
        tokens.push(' ');
        tokens.push_str(&part.text().unwrap_or_default());
    }
    match stash::unstash_into(context, parts(&tokens, b' ')) {
        Ok(()) => Ok(false),
        Err(code) => Err(Error::new(code, "")),
    }
}

fn conversion(input: &Members<'_>) -> Conversion {
    Conversion::read(input.or_null("conversion"), false, Vec::new())
}

fn accounts(input: &Members<'_>) -> Accounts {
    Accounts::from_json(input.or_null("accounts"))
}

/// What is wrong with settings. `input`: `{accounts, conversion?}`.
#[inline(never)]
pub fn check_settings(input: &str) -> String {
    let problems = match argument(input).map(Json::members) {
        Ok(input) => conversion::check_settings(input.or_null("accounts"), input.get("conversion")),
        Err(error) => Vec::from([error.into()]),
    };
    let mut out = Writer::default();
    Problem::write_all(&problems, &mut out);
    out.finish()
}

fn now(json: &Members<'_>) -> Time {
    Time::from_json(json.or_null("now")).unwrap_or_default()
}

fn failure(error: Error) -> String {
    let mut out = Writer::default();
    out.open('{');
    out.name("error");
    out.open('{');
    out.member("code", error.code().name());
    out.member("message", &error.message());
    out.close('}');
    out.close('}');
    out.finish()
}
