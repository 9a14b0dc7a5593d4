//! The face of `aftercall/vwo-fullstack`: texts in, JSON text out, one crossing a call.
//!
//! The caller's storage comes as functions that do not throw: what it throws stays in JavaScript.

use crate::{
    fullstack::{self, Call, Campaigns, Line, Moment, Outcome, Record, Storage, StorageFailed},
    values::json::{Json, Writer},
};
use alloc::{borrow::Cow, string::String, vec::Vec};
use js_sys::Function;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// A client, and the storage that its caller lends it.
#[derive(Debug)]
#[wasm_bindgen]
pub struct Client {
    client: fullstack::Client,
    launch_log: String,
    get: Option<Function>,
    set: Option<Function>,
}

#[wasm_bindgen]
impl Client {
    /// Launches a client. `options` is JSON; `get` returns a record as JSON, and no text where the storage failed; `set`
    /// takes one.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str, options: &str, get: Option<Function>, set: Option<Function>) -> Self {
        let (client, log) = fullstack::Client::launch(settings, Json::parse(options).unwrap_or_default());
        Client { client, launch_log: lines(log), get, set }
    }

    /// What there was to say at launch, as JSON: pairs of level and sentence.
    #[wasm_bindgen(getter, js_name = launchLog)]
    pub fn launch_log(&self) -> String {
        self.launch_log.clone()
    }

    /// The answer, as `answer` writes it. `keys` is one campaign's key where `kind` is 0, a list of keys as JSON
    /// where it is 1, else nothing; `random` is from 0 to below 1.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is what JavaScript has at hand: nothing is put together to be taken apart"
    )]
    pub fn track(
        &self,
        kind: u8,
        keys: &str,
        user_id: &str,
        goal: &str,
        options: &str,
        now: f64,
        random: f64,
        log: bool,
    ) -> String {
        let moment = Moment { ms: whole(now), nonce: whole(random * 1e16) };
        let outcome = match call(kind, keys, user_id, goal, options) {
            Ok(call) => self.with_storage(|storage| self.client.track(&call, storage, moment)),
            Err(argument) => Outcome::invalid(argument),
        };
        answer(&outcome, log)
    }

    /// `{verdicts, log}` as JSON, of the same call.
    pub fn explain(&self, kind: u8, keys: &str, user_id: &str, goal: &str, options: &str) -> String {
        let outcome = match call(kind, keys, user_id, goal, options) {
            Ok(call) => self.with_storage(|storage| self.client.explain(&call, storage)),
            Err(argument) => Outcome::invalid(argument),
        };
        let mut out = Writer::default();
        out.open('{');
        out.name("verdicts");
        outcome.write_verdicts(&mut out);
        out.name("log");
        Line::write_all(outcome.log(), &mut out);
        out.close('}');
        out.finish()
    }

    /// Takes newer settings, unless they are of no use. What there is to say, as at launch.
    #[wasm_bindgen(js_name = updateSettings)]
    pub fn update_settings(&mut self, settings: &str) -> String {
        lines(self.client.update_settings(settings))
    }

    fn with_storage(&self, work: impl FnOnce(Option<&mut dyn Storage>) -> Outcome) -> Outcome {
        match (&self.get, &self.set) {
            (Some(get), Some(set)) => work(Some(&mut HostStorage { get, set })),
            _ => work(None),
        }
    }
}

/// A call's answer as lines: JSON writes no line feed, and a URL has none.
///
/// ```text
/// the result as JSON
/// [decisions, log] as JSON, or nothing
/// and for each request: its URL; its headers as JSON, or nothing; its body, or nothing; its key; its `repeat`
/// ```
/// So the host neither unpacks what it only hands on nor looks for the ends of strings.
fn answer(outcome: &Outcome, log: bool) -> String {
    let mut lines: Vec<Cow<'_, str>> = Vec::with_capacity(8);
    let mut out = Writer::default();
    outcome.write_result(&mut out);
    lines.push(out.finish().into());
    lines.push(told(outcome, log).into());
    for request in &outcome.requests {
        let mut headers = Writer::default();
        if request.body.is_some() || !request.headers.is_empty() {
            request.write_headers(&mut headers);
        }
        lines.push(request.url.as_str().into());
        lines.push(headers.finish().into());
        lines.push(request.body.as_deref().unwrap_or_default().into());
        lines.push(request.key().hex().into());
        lines.push(request.repeat.name().into());
    }
    lines.join("\n") // of exactly the length: a longer one would be copied once more on its way out
}

/// What integrations and the log are told.
fn told(outcome: &Outcome, log: bool) -> String {
    let mut out = Writer::default();
    if log || !outcome.decisions.is_empty() {
        out.open('[');
        out.open('[');
        for decision in &outcome.decisions {
            out.raw(decision);
        }
        out.close(']');
        Line::write_all(outcome.log().filter(|_| log), &mut out);
        out.close(']');
    }
    out.finish()
}

/// The call; an error names the argument that is wrong.
fn call<'a>(
    kind: u8,
    keys: &'a str,
    user_id: &'a str,
    goal: &'a str,
    options: &'a str,
) -> Result<Call<'a>, &'static str> {
    let campaigns = match kind {
        0 => Campaigns::One(Cow::Borrowed(keys)),
        1 => Campaigns::several(Json::parse(keys).unwrap_or_default()),
        _ => Campaigns::All,
    };
    let mut call = Call::new(campaigns, user_id, goal);
    if !options.is_empty() {
        call.read_options(Json::parse_deep(options).unwrap_or_default())?;
    }
    Ok(call)
}

/// A number that is whole and not negative; what is not becomes one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn whole(number: f64) -> u64 {
    number as u64
}

fn lines(log: impl IntoIterator<Item = Line>) -> String {
    let mut out = Writer::default();
    Line::write_all(log, &mut out);
    out.finish()
}

struct HostStorage<'h> {
    get: &'h Function,
    set: &'h Function,
}

impl Storage for HostStorage<'_> {
    fn get(&mut self, user_id: &str, campaign_key: &str) -> Result<Option<String>, StorageFailed> {
        let record = self.get.call2(&JsValue::UNDEFINED, &user_id.into(), &campaign_key.into());
        record.ok().and_then(|record| record.as_string()).map(Some).ok_or(StorageFailed)
    }

    fn set(&mut self, record: &Record<'_>) -> Result<(), StorageFailed> {
        let done = self.set.call1(&JsValue::UNDEFINED, &record.to_json().into());
        if done.is_ok_and(|done| done.is_truthy()) { Ok(()) } else { Err(StorageFailed) }
    }
}
