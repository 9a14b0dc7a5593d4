//! The transport of JavaScript runtimes: the global `fetch`.
//!
//! It must do where there is neither `window` nor a worker's scope, so nothing here asks for one: `fetch`, the timers and
//! `AbortController` are globals everywhere.

use super::{
    course::{Course, Heard, Outcome, Step},
    outgoing::{Outgoing, Place},
    policy::{Answer, Policy, retry_after},
};
use crate::values::{request::Repeat, time::Time};
use alloc::string::String;
use core::cell::Cell;
use gloo_net::http::{Headers, Response};
use js_sys::{Array, Date, Function, Math, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, Request, RequestCache, RequestInit, RequestMode, RequestRedirect, ResponseType,
};

#[wasm_bindgen]
extern "C" {
    // Not `gloo_net::http::Request::send`: it drops an error's cause, which alone says whether a request left, and it traps
    // where what is thrown is no `Error` of this realm.
    #[wasm_bindgen(catch)]
    fn fetch(request: &Request) -> Result<Promise, JsValue>;

    // Browsers count their timers, Node makes objects of them.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, ms: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Where this runs. Whatever has an address has an origin, and a browser's rules hold for it: pages, and their workers.
#[must_use]
pub fn place() -> Place {
    if global("location").is_object() { Place::Browser } else { Place::Elsewhere }
}

/// Is this a page, which may go away at any time?
#[must_use]
pub fn is_page() -> bool {
    place() == Place::Browser && global("document").is_object()
}

/// The time of now.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
pub fn now() -> Time {
    Time::from_ms(Date::now() as u64).unwrap_or_default()
}

fn global(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// A promise that is kept after so many ms, and a timer that ends with this value: a process may end once all is done.
struct Timer {
    promise: Promise,
    timer: JsValue,
}

impl Timer {
    fn start(ms: f64) -> Self {
        let mut timer = JsValue::UNDEFINED;
        let promise = Promise::new(&mut |resolve, _| timer = set_timeout(&resolve, ms));
        Timer { promise, timer }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.timer);
    }
}

/// The caller's word to stop.
pub struct Stop {
    signal: Option<AbortSignal>,
    /// Kept at that word.
    promise: Promise,
    resolve: Function,
}

impl Stop {
    /// Listens to the signal, where there is one.
    #[must_use]
    pub fn new(signal: Option<AbortSignal>) -> Self {
        let mut kept = None;
        let promise = Promise::new(&mut |resolve, _| kept = Some(resolve));
        let resolve = kept.unwrap_or_default();
        if let Some(signal) = &signal {
            let _ = signal.add_event_listener_with_callback("abort", &resolve);
        }
        Stop { signal, promise, resolve }
    }

    fn is_said(&self) -> bool {
        self.signal.as_ref().is_some_and(AbortSignal::aborted)
    }

    /// What is first: this promise, the timer (nothing), or the word to stop (an event).
    async fn race(&self, promise: &Promise, timer: &Timer) -> Result<JsValue, JsValue> {
        JsFuture::from(Promise::race(&Array::of3(promise, &timer.promise, &self.promise))).await
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        if let Some(signal) = &self.signal {
            let _ = signal.remove_event_listener_with_callback("abort", &self.resolve);
        }
    }
}

/// Bytes that may be on their way with `keepalive`, all in all: a browser refuses what goes beyond (Fetch, 4.6).
const KEEPALIVE_QUOTA: usize = 64 << 10;

thread_local! {
    static KEPT_ALIVE: Cell<usize> = const { Cell::new(0) };
}

/// A body on its way with `keepalive`.
struct KeptAlive(usize);

impl KeptAlive {
    fn take(bytes: usize) -> Option<Self> {
        let all = KEPT_ALIVE.get().saturating_add(bytes);
        (all <= KEEPALIVE_QUOTA).then(|| KEPT_ALIVE.set(all))?;
        Some(KeptAlive(bytes))
    }
}

impl Drop for KeptAlive {
    fn drop(&mut self) {
        KEPT_ALIVE.set(KEPT_ALIVE.get().saturating_sub(self.0));
    }
}

/// How requests are carried.
#[derive(Clone, Copy, Debug)]
pub struct Fetch {
    /// How often and how patiently.
    pub policy: Policy,
    /// Ms for one attempt.
    pub timeout: f64,
    /// May requests outlive the page?
    pub keepalive: bool,
}

/// What became of a request.
pub struct Carried {
    /// The outcome.
    pub outcome: Outcome,
    /// The way there.
    pub course: Course,
    /// The platform's text, where it was read.
    pub text: Option<String>,
}

/// What one attempt came to.
enum Attempt {
    Heard(Heard, JsValue),
    /// The runtime takes it for no request.
    Invalid,
    Aborted,
}

impl Fetch {
    /// Sends a request until there is nothing more to hear, or the caller says stop.
    pub async fn carry(&self, request: &Outgoing<'_>, body: Option<&str>, repeat: Repeat, stop: &Stop) -> Carried {
        let mut course = Course::new(self.policy, repeat);
        loop {
            if stop.is_said() {
                return Carried { outcome: course.abort(false), course, text: None };
            }
            course.leave();
            let (step, text) = match self.attempt(request, body, stop).await {
                Attempt::Heard(heard, text) => (course.hear(heard, chance()), text.as_string()),
                Attempt::Invalid => (Step::Done(Outcome::Rejected), None),
                Attempt::Aborted => (Step::Done(course.abort(true)), None),
            };
            match step {
                Step::Done(outcome) => return Carried { outcome, course, text },
                #[expect(clippy::cast_precision_loss, reason = "waits are short")]
                Step::Wait(ms) => {
                    let timer = Timer::start(ms as f64);
                    let _ = stop.race(&timer.promise, &timer).await;
                }
            }
        }
    }

    async fn attempt(&self, request: &Outgoing<'_>, body: Option<&str>, stop: &Stop) -> Attempt {
        let Ok(controller) = AbortController::new() else { return Attempt::Invalid };
        let kept_alive = if self.keepalive { KeptAlive::take(body.map_or(0, str::len)) } else { None };
        let init = init(request, body, &controller, kept_alive.is_some());
        let Ok(leaving) = Request::new_with_str_and_init(&request.url, &init) else { return Attempt::Invalid };
        let offline = get(&global("navigator"), "onLine") == JsValue::FALSE;
        let timer = Timer::start(self.timeout);
        let answered = match fetch(&leaving) {
            Ok(promise) => stop.race(&promise, &timer).await,
            Err(error) => Err(error),
        };
        let response = match answered {
            // An answer has headers; the timer and the word to stop bring none.
            Ok(answer) if get(&answer, "headers").is_object() => {
                Response::from(answer.unchecked_into::<web_sys::Response>())
            }
            Ok(_) => {
                controller.abort();
                return if stop.is_said() { Attempt::Aborted } else { heard(Answer::NoAnswer) };
            }
            Err(error) => {
                return heard(if offline || never_left(&error) { Answer::NeverLeft } else { Answer::NoAnswer });
            }
        };
        match response.type_() {
            ResponseType::Opaque => return Attempt::Heard(Heard::Unreadable, JsValue::UNDEFINED),
            ResponseType::Opaqueredirect => return Attempt::Heard(Heard::Redirect, JsValue::UNDEFINED),
            _ => {}
        }
        let (status, wait) = (response.status(), response.headers().get("Retry-After"));
        // A text that breaks off changes nothing about the status. Unread, it would keep the connection.
        let text = match web_sys::Response::from(response).text() {
            Ok(text) => stop.race(&text, &timer).await.ok().filter(JsValue::is_string),
            Err(_) => None,
        };
        if text.is_none() {
            controller.abort();
        }
        let retry_after = wait.and_then(|wait| retry_after(&wait, now()));
        let answer = Heard::Answer(Answer::Status { status, retry_after });
        Attempt::Heard(answer, text.unwrap_or_default())
    }
}

fn heard(answer: Answer) -> Attempt {
    Attempt::Heard(Heard::Answer(answer), JsValue::UNDEFINED)
}

fn init(request: &Outgoing<'_>, body: Option<&str>, controller: &AbortController, keepalive: bool) -> RequestInit {
    let init = RequestInit::new();
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value);
    }
    init.set_method(if body.is_some() { "POST" } else { "GET" });
    init.set_headers(&headers.into_raw());
    init.set_signal(Some(&controller.signal()));
    if let Some(body) = body {
        init.set_body(&body.into());
    }
    if request.no_cors {
        // Here a redirect is followed or an error: a page has no third way.
        init.set_mode(RequestMode::NoCors);
    } else {
        init.set_redirect(RequestRedirect::Manual);
    }
    // Only browsers know these, and workerd throws where it sees one.
    if place() == Place::Browser {
        init.set_cache(RequestCache::NoStore);
        if keepalive {
            // web-sys does not know it yet.
            let _ = Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE);
        }
    }
    init
}

/// Does the error say that no byte of the request left? Node's does, in its cause; a browser's never says.
fn never_left(error: &JsValue) -> bool {
    let cause = get(error, "cause");
    let text = |name| get(&cause, name).as_string().unwrap_or_default();
    let (code, call) = (text("code"), text("syscall"));
    matches!(call.as_str(), "connect" | "getaddrinfo")
        || matches!(
            code.as_str(),
            "ECONNREFUSED"
                | "EHOSTUNREACH"
                | "ENETUNREACH"
                | "ENOTFOUND"
                | "UND_ERR_CONNECT_TIMEOUT"
                // A certificate is looked at before anything is said.
                | "CERT_HAS_EXPIRED"
                | "DEPTH_ZERO_SELF_SIGNED_CERT"
                | "ERR_TLS_CERT_ALTNAME_INVALID"
                | "SELF_SIGNED_CERT_IN_CHAIN"
                | "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
        )
}

/// Any number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to below 2^53")]
fn chance() -> u64 {
    (Math::random() * 9_007_199_254_740_992.0) as u64
}
