//! The face of `aftercall/vwo-fullstack`: one text in, one text out, one crossing a call.
//!
//! An instance holds one client, whose address JavaScript keeps. The caller's storage stays in JavaScript, and so does what the
//! caller's own functions throw.
//!
//! Nothing but numbers, flags and texts crosses: `www/instance.ts`, the other side, is written by hand.
#![allow(unsafe_code)]

use crate::{
    fullstack::{self, Call, Campaigns, Line, Moment, Outcome, Record, StorageFailed},
    values::json::{Json, Writer},
};
use alloc::{borrow::Cow, boxed::Box, string::String, vec::Vec};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// A record as JSON; nothing where the client's storage failed.
    fn get(user_id: &str, campaign_key: &str) -> Option<String>;
    /// Was it kept?
    fn set(record: &str) -> bool;
}

/// A client, and whether its caller lends it a storage.
struct Client {
    client: fullstack::Client,
    launch_log: String,
    storage: bool,
}

/// What a call of [`ask`] is for, as `www/fullstack.ts` has it; 1 is to track and to tell the log, 4 for what there was to say at
/// launch.
const TRACK: u8 = 0;
const EXPLAIN: u8 = 2;
const UPDATE_SETTINGS: u8 = 3;

/// Launches the client: once in an instance, for what it takes of memory stays. `options` is JSON.
#[wasm_bindgen]
pub fn launch(settings: &str, options: &str, storage: bool) -> usize {
    let (client, log) = fullstack::Client::launch(settings, Json::parse(options).unwrap_or_default());
    let client = Box::new(Client { client, launch_log: lines(log), storage });
    #[cfg(all(target_arch = "wasm32", not(test)))]
    super::runtime::arena::keep();
    Box::into_raw(client).expose_provenance()
}

/// Asks a client. The campaigns are one's key where `kind` is 0, a list of keys as JSON where it is 1, else nothing.
/// `random` is from 0 to below 1. Or the campaigns are newer settings: they are gone with the call, as all is that a call takes
/// of memory, so the instance must not be asked again.
#[wasm_bindgen]
#[expect(
    clippy::too_many_arguments,
    reason = "each is what JavaScript has at hand: nothing is put together to be taken apart"
)]
pub fn ask(
    client: usize,
    what: u8,
    kind: u8,
    campaigns: &str,
    user_id: &str,
    goal: &str,
    options: &str,
    now: f64,
    random: f64,
) -> String {
    #[cfg(all(target_arch = "wasm32", not(test)))]
    let _under_way = super::runtime::arena::Task::begin();
    let mut storage = HostStorage;
    let client = core::ptr::with_exposed_provenance_mut::<Client>(client);
    if what == UPDATE_SETTINGS {
        // SAFETY: as below; and nobody else looks at the client: JavaScript asks for this outside of all calls, and for nothing
        // afterwards.
        return lines(unsafe { &mut *client }.client.update_settings(campaigns));
    }
    // SAFETY: `client` came out of `launch`, in this instance, where it stays.
    let client = unsafe { &*client };
    if what > UPDATE_SETTINGS {
        return client.launch_log.clone();
    }
    let moment = (what != EXPLAIN).then(|| Moment { ms: whole(now), nonce: whole(random * 1e16) });
    let storage: Option<&mut dyn fullstack::Storage> = if client.storage { Some(&mut storage) } else { None };
    let campaigns = match kind {
        0 => Campaigns::One(Cow::Borrowed(campaigns)),
        1 => Campaigns::several(Json::parse(campaigns).unwrap_or_default()),
        _ => Campaigns::All,
    };
    let mut call = Call::new(campaigns, user_id, goal);
    let wrong =
        if options.is_empty() { None } else { call.read_options(Json::parse_deep(options).unwrap_or_default()).err() };
    let outcome = match wrong {
        None => client.client.run(&call, storage, moment),
        Some(argument) => Outcome::invalid(argument),
    };
    answer(&outcome, what, kind == 0)
}

/// A call's answer as lines: JSON writes no line feed, and a URL has none.
///
/// ```text
/// the result as JSON, of one campaign 1 or 0; the verdicts, where they were asked for
/// [decisions, log] as JSON, or nothing
/// and where there is a request: its URL; its headers as JSON, or nothing; its body, or nothing; its key; its `repeat`
/// ```
/// So the host neither unpacks what it only hands on nor looks for the ends of strings. What nearly every call comes to, one
/// campaign that is tracked by one GET, is shorter yet: `=`, the key, the URL.
fn answer(outcome: &Outcome<'_>, what: u8, of_one: bool) -> String {
    let mut out = Writer::with_capacity(512);
    if let Some(request) = &outcome.request
        && (of_one && what == TRACK && outcome.only() == Some(true) && outcome.decisions.is_empty())
        && (request.body.is_none() && request.headers.is_empty())
    {
        out.plain("=");
        out.plain(&request.key().hex());
        out.plain(&request.url);
        return out.finish();
    }
    if what == EXPLAIN {
        outcome.write_verdicts(&mut out);
    } else if let Some(tracked) = outcome.only().filter(|_| of_one) {
        out.plain(if tracked { "1" } else { "0" });
    } else {
        outcome.write_result(&mut out);
    }
    out.line();
    if what != TRACK || !outcome.decisions.is_empty() {
        out.open('[');
        out.open('[');
        for decision in &outcome.decisions {
            out.raw(decision);
        }
        out.close(']');
        if what == TRACK {
            out.raw("[]");
        } else {
            outcome.write_log(&mut out);
        }
        out.close(']');
    }
    if let Some(request) = &outcome.request {
        line(&mut out, &request.url);
        out.line();
        if request.body.is_some() || !request.headers.is_empty() {
            request.write_headers(&mut out);
        }
        line(&mut out, request.body.as_deref().unwrap_or_default());
        line(&mut out, &request.key().hex());
        line(&mut out, request.repeat.name());
    }
    out.finish()
}

#[inline(never)]
fn line(out: &mut Writer, text: &str) {
    out.line();
    out.plain(text);
}

/// A number that is whole and not negative; what is not becomes one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn whole(number: f64) -> u64 {
    number as u64
}

#[inline(never)]
fn lines(log: Vec<Line>) -> String {
    let mut out = Writer::default();
    Line::write_all(&log, &mut out);
    out.finish()
}

/// The storage that JavaScript lends the client.
struct HostStorage;

impl fullstack::Storage for HostStorage {
    fn get(&mut self, user_id: &str, campaign_key: &str) -> Result<Option<String>, StorageFailed> {
        get(user_id, campaign_key).map(Some).ok_or(StorageFailed)
    }

    fn set(&mut self, record: &Record<'_>) -> Result<(), StorageFailed> {
        if set(&record.to_json()) { Ok(()) } else { Err(StorageFailed) }
    }
}
