//! The page that this runs in: its cookies, storage, address and what the platforms' scripts put on `window`.
//!
//! Here and only here is anything ambient read. Every step may fail: pages without cookies, sandboxed frames, storage
//! that throws, somebody else's `window.optimizely`. What fails is as if it were not there.

use crate::{
    capture,
    platform::optimizely,
    values::{
        cookies::Cookies,
        id::Id,
        page::{Globals, Page},
        time::Time,
    },
    visitor::VisitorContext,
};
use alloc::{string::String, vec::Vec};
use js_sys::{Function, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(thread_local_v2, js_name = window)]
    static WINDOW: Option<JsValue>;
}

/// What all platforms know of the visitor of this page; nothing where there is no page. What `globals` says serves where
/// the page itself does not tell; `url` is an address in place of the page's.
///
/// Two ways of looking, [`get`] and [`call`], do for all: a binding of its own for each attribute of the page would cost
/// every visitor a function here and one in the glue.
#[must_use]
pub fn capture(globals: Globals, url: Option<String>, now: Time) -> Option<VisitorContext> {
    let window = WINDOW.with(Clone::clone)?;
    let document = get(&window, "document").filter(JsValue::is_object)?;
    let cookie = text(&document, "cookie").unwrap_or_default();
    let url = url.or_else(|| text(&get(&window, "location")?, "href")).unwrap_or_default();
    Some(capture::capture(&Page {
        cookies: Cookies::parse(&cookie),
        storage: get(&window, "localStorage").map(|storage| entries(&storage)).unwrap_or_default(),
        url: &url,
        globals: page_globals(&window, globals),
        now,
    }))
}

/// The entries that a platform may have written: all others stay unread.
fn entries(storage: &JsValue) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    let mut index = 0_u32;
    // Behind the last key there is null.
    while let Some(key) = call(storage, "key", &JsValue::from(index)).and_then(|key| key.as_string()) {
        index = index.saturating_add(1);
        if (key.starts_with("kameleoon") || optimizely::web::is_key(&key))
            && let Some(value) = call(storage, "getItem", &JsValue::from_str(&key)).and_then(|value| value.as_string())
        {
            entries.push((key, value));
        }
    }
    entries
}

fn page_globals(window: &JsValue, given: Globals) -> Globals {
    let optimizely = get(window, "optimizely").unwrap_or_default();
    let ours = |getter| call(&optimizely, getter, &JsValue::UNDEFINED).and_then(|value| id(&value));
    // Web Experimentation's script. Before it has loaded there is an array in its place, which has no `get`; once it has,
    // each answer may still be nothing. `data` is full of getters: only what is needed of it is touched.
    let ask = |name| call(&optimizely, "get", &JsValue::from_str(name));
    let data = ask("data").unwrap_or_default();
    let of_data = |name| get(&data, name).and_then(|value| id(&value));
    let states = || JSON::stringify(&call(&ask("state")?, "getCampaignStates", &JsValue::UNDEFINED)?).ok()?.as_string();
    let visitor = || get(&ask("visitor_id")?, "randomId")?.as_string();
    let convert = get(window, "convert").and_then(|convert| get(&convert, "data"));
    let convert_id = |path: &[&str]| {
        let mut value = convert.clone()?;
        for name in path {
            value = get(&value, name)?;
        }
        id(&value)
    };
    Globals {
        optimizely_account: ours("getAccountId").or_else(|| of_data("accountId")).or(given.optimizely_account),
        optimizely_project: ours("getProjectId").or_else(|| of_data("projectId")).or(given.optimizely_project),
        optimizely_visitor: visitor().or(given.optimizely_visitor),
        optimizely_states: states().or(given.optimizely_states),
        vwo_account: get(window, "_vwo_acc_id").and_then(|value| id(&value)).or(given.vwo_account),
        kameleoon_site: given.kameleoon_site,
        // The older script has `u_id` and `prj`.
        convert_account: convert_id(&["account_id"]).or_else(|| convert_id(&["u_id"])).or(given.convert_account),
        convert_project: convert_id(&["project", "id"])
            .or_else(|| convert_id(&["prj", "id"]))
            .or(given.convert_project),
    }
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    // Of anything else `Reflect.get` throws; and an engine that throws puts a trace together, whoever catches it.
    let has_members = object.is_object() || object.is_function();
    if has_members { Reflect::get(object, &JsValue::from_str(name)).ok() } else { None }
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    get(object, name)?.as_string()
}

fn call(object: &JsValue, method: &str, argument: &JsValue) -> Option<JsValue> {
    get(object, method)?.dyn_ref::<Function>()?.call1(object, argument).ok()
}

/// An id that a script gives as text or as a number.
fn id(value: &JsValue) -> Option<Id> {
    match value.as_string() {
        Some(text) => Id::parse(&text),
        None => number(value.as_f64()?),
    }
}

/// The id that a JavaScript number is, if it is one: whole, not negative, and exact.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
fn number(value: f64) -> Option<Id> {
    let whole = value as u64; // saturates: NaN and what is negative become 0
    (whole as f64 == value && whole <= Id::MAX_SAFE).then(|| Id::from_number(whole))?
}
