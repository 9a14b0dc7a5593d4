//! The face of `aftercall/deliver`.
//!
//! Requests and options come as plain objects whose getters were called already, so nothing here throws on reading them;
//! headers come as pairs, `secrets` without its layers.

use crate::{
    deliver::{
        course::Outcome,
        fetch::{self, Carried, Fetch, Stop},
        outgoing::{Incoming, Place, Refused, Sender, outgoing},
        policy::Policy,
        via::Via,
    },
    platform::kameleoon::visit_visitor::{Query, visits},
    values::{
        digits::push_number,
        json::{Json, Writer},
        problem::PlatformName,
        request::Repeat,
    },
};
use core::cell::RefCell;
use js_sys::{Array, JSON, Promise, Reflect};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::rc::Rc;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortSignal;

/// Requests on their way at once: as many as a page's plan holds as a rule, so that all of them left when the page goes.
const AT_ONCE: usize = 16;

/// A browser's timers overflow beyond.
const LONGEST_TIMEOUT: f64 = 2_147_483_647.0;

/// The contract's `ConversionRequest`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(with = "Platform")]
    platform: PlatformName,
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    #[serde(rename = "idempotencyKey")]
    _key: String,
    #[serde(with = "Repeatable")]
    repeat: Repeat,
}

#[derive(Deserialize, PartialEq)]
enum Method {
    #[serde(rename = "GET")]
    Get,
    #[serde(rename = "POST")]
    Post,
}

#[derive(Deserialize)]
#[serde(remote = "PlatformName", rename_all = "lowercase")]
enum Platform {
    Optimizely,
    Vwo,
    Kameleoon,
    Convert,
}

#[derive(Deserialize)]
#[serde(remote = "Repeat", rename_all = "kebab-case")]
enum Repeatable {
    Safe,
    Unproven,
    CountsTwice,
}

/// The contract's `Delivery`, without the request.
#[derive(Serialize)]
struct Delivery {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl Delivery {
    fn refused(message: &str) -> Self {
        Delivery { outcome: Outcome::Rejected.name(), status: None, attempts: 0, message: Some(message.into()) }
    }
}

impl From<Carried> for Delivery {
    fn from(carried: Carried) -> Self {
        let Carried { outcome, course, .. } = carried;
        let message = sentence(outcome, course.status);
        Delivery { outcome: outcome.name(), status: course.status, attempts: course.attempts, message }
    }
}

/// What there is to say of an outcome.
fn sentence(outcome: Outcome, status: Option<u16>) -> Option<String> {
    let mut message = String::new();
    if let Some(status) = status {
        message.push_str("The platform answered ");
        push_number(&mut message, status.into());
        message.push('.');
    }
    message.push_str(match (outcome, status) {
        (Outcome::Accepted | Outcome::Sent, _) => return None,
        (Outcome::Rejected, Some(403)) => " It may take the User-Agent for a bot.",
        (Outcome::Rejected, Some(_)) => "",
        (Outcome::Rejected, None) => {
            "The platform wants it elsewhere (a redirect), or it is no request that can be sent."
        }
        (Outcome::Unreachable, Some(_)) => " It was not counted: send it again later.",
        (Outcome::Unreachable, None) => "There is no connection. It was not counted: send it again later.",
        (Outcome::Unknown, _) => "No answer came: it may have been counted.",
        (Outcome::Aborted, _) => "Aborted before it left.",
    });
    Some(message)
}

/// `SendOptions`, read.
struct Options {
    fetch: Fetch,
    place: Place,
    via: Option<Via>,
    user_agent: Option<String>,
    convert_secret: Option<String>,
}

impl Options {
    /// # Errors
    /// The name of the option that is wrong.
    fn read(options: &JsValue) -> Result<Self, &'static str> {
        let attempts: u32 = option(options, "attempts")?.unwrap_or(3);
        let timeout: f64 = option(options, "timeout")?.unwrap_or(10_000.0);
        if attempts == 0 {
            return Err("attempts");
        }
        if timeout.is_nan() || timeout <= 0.0 {
            return Err("timeout");
        }
        let via: Option<String> = option(options, "via")?;
        Ok(Options {
            fetch: Fetch {
                policy: Policy { attempts, first_wait: 500, longest_wait: 10_000 },
                timeout: timeout.min(LONGEST_TIMEOUT),
                keepalive: option(options, "keepalive")?.unwrap_or_else(fetch::is_page),
            },
            place: fetch::place(),
            via: via.map(|via| Via::parse(&via).ok_or("via")).transpose()?,
            user_agent: option(options, "userAgent")?,
            convert_secret: option(options, "convertSecret")?,
        })
    }

    fn sender(&self) -> Sender<'_> {
        Sender {
            place: self.place,
            via: self.via.as_ref(),
            user_agent: self.user_agent.as_deref(),
            convert_secret: self.convert_secret.as_deref(),
        }
    }

    async fn deliver(&self, request: JsValue, stop: &Stop) -> Delivery {
        let Ok(request) = serde_wasm_bindgen::from_value::<Request>(request) else {
            return Delivery::refused("This is no conversion request: send what conversionRequests made.");
        };
        if (request.method == Method::Post) != request.body.is_some() {
            return Delivery::refused("A POST has a body, and a GET has none.");
        }
        let headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = request.body.as_deref();
        let incoming = Incoming { platform: request.platform, url: &request.url, headers: &headers, body };
        match outgoing(incoming, self.sender()) {
            Ok(outgoing) => self.fetch.carry(&outgoing, body, request.repeat, stop).await.into(),
            Err(Refused(why)) => Delivery::refused(why),
        }
    }
}

/// An option, where it is given.
fn option<T: DeserializeOwned>(options: &JsValue, name: &'static str) -> Result<Option<T>, &'static str> {
    let value = Reflect::get(options, &name.into()).unwrap_or_default();
    serde_wasm_bindgen::from_value(value).map_err(|_| name)
}

/// Sends every request of a list; a list of deliveries comes back, in its order. What is thrown is the name of an option that
/// is wrong.
#[wasm_bindgen]
pub fn send(requests: Vec<JsValue>, options: &JsValue, signal: Option<AbortSignal>) -> Result<Promise, JsValue> {
    let options = Rc::new(Options::read(options)?);
    let stop = Rc::new(Stop::new(signal));
    let count = requests.len();
    let deliveries = Array::new();
    let left = Rc::new(RefCell::new(requests.into_iter().enumerate()));
    let lanes: Array = (0..count.min(AT_ONCE))
        .map(|_| {
            let (options, stop) = (Rc::clone(&options), Rc::clone(&stop));
            let (left, deliveries) = (Rc::clone(&left), deliveries.clone());
            future_to_promise(async move {
                loop {
                    let next = left.borrow_mut().next();
                    let Some((index, request)) = next else { return Ok(JsValue::UNDEFINED) };
                    let delivery = options.deliver(request, &stop).await;
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    deliveries.set(index, serde_wasm_bindgen::to_value(&delivery)?);
                }
            })
        })
        .collect();
    Ok(future_to_promise(async move {
        JsFuture::from(Promise::all(&lanes)).await?;
        Ok(deliveries.into())
    }))
}

/// The answer of `verifyKameleoon`.
#[derive(Serialize)]
struct Verification {
    state: &'static str,
    message: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    visits: JsValue,
}

/// Asks Kameleoon. What is thrown is the name of an entry or option that is wrong.
#[wasm_bindgen(js_name = verifyKameleoon)]
pub fn verify_kameleoon(query: &str, options: &JsValue, signal: Option<AbortSignal>) -> Result<Promise, JsValue> {
    let query = Query::from_json(Json::parse(query).unwrap_or_default())?;
    let options = Options::read(options)?;
    let stop = Stop::new(signal);
    Ok(future_to_promise(async move {
        let verification = verify(&query, &options, &stop).await;
        Ok(serde_wasm_bindgen::to_value(&verification)?)
    }))
}

async fn verify(query: &Query, options: &Options, stop: &Stop) -> Verification {
    let unreachable = |message: Option<String>| Verification {
        state: "unreachable",
        message: message.unwrap_or_else(|| "Kameleoon's answer is none that its documents describe.".into()),
        visits: Array::new().into(),
    };
    let url = query.url();
    let incoming = Incoming { platform: PlatformName::Kameleoon, url: &url, headers: &[], body: None };
    let mut outgoing = match outgoing(incoming, options.sender()) {
        Ok(outgoing) => outgoing,
        Err(Refused(why)) => return unreachable(Some(why.into())),
    };
    // A page, too, shall read what comes back.
    outgoing.no_cors = false;
    let carried = options.fetch.carry(&outgoing, None, Repeat::Safe, stop).await;
    if carried.outcome != Outcome::Accepted {
        let message = match carried.outcome {
            Outcome::Unknown => Some("No answer came.".into()),
            outcome => sentence(outcome, carried.course.status),
        };
        return unreachable(message);
    }
    // Through JavaScript's numbers: a server may print 1.0E7.
    let parsed = carried.text.and_then(|text| JSON::parse(&text).ok());
    let text = parsed.and_then(|answer| JSON::stringify(&answer).ok()).and_then(|text| text.as_string());
    let Some(answer) = text.as_deref().and_then(Json::parse).filter(|answer| answer.is_object()) else {
        return unreachable(None);
    };
    let state = query.judge(answer, fetch::now());
    let mut listed = Writer::default();
    listed.open('[');
    for visit in visits(answer) {
        listed.raw(visit.as_str());
    }
    listed.close(']');
    Verification {
        state: state.name(),
        message: state.sentence().into(),
        visits: JSON::parse(&listed.finish()).unwrap_or_default(),
    }
}
