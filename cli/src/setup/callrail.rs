//! CallRail: our cookie among those that it captures.
//!
//! ```text
//! GET  /v3/a.json?per_page=250&page=1                                   → {accounts: [{id, name}], total_pages}
//! GET  /v3/a/<account>/companies.json?per_page=250&page=1               → {companies: [{id, name, status}], total_pages}
//! GET  /v3/a/<account>/integrations.json?company_id=COM…&per_page=250&page=1 → {integrations: [{id, type, state, config}], total_pages}
//! POST /v3/a/<account>/integrations.json {"type": "Custom", "company_id", "config": {"grab_cookies": […]}} → 201
//! PUT  /v3/a/<account>/integrations/<id>.json {"state", "config": {"grab_cookies": […]}}
//! ```
//! Source: CallRail's API v3 reference: *Integrations*, *Companies*, *Offset Pagination*, *Rate Limiting*. A company has at most
//! one integration of type `Custom` ("Custom Cookie Capture"); its list is written as a whole, so the customer's own cookies are
//! read first and written back. CallRail knows no versions of a thing (no `ETag`): whether somebody else wrote at the same
//! time shows only by reading again, before and after.

use super::{
    api::{Api, Body, Call, Failure},
    ask::Choice,
    secret::Secret,
};
use crate::fault::{Code, Fault};
use hyper::header::{self, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

const ROOT: &str = "https://api.callrail.com/v3/a";

/// The most that a page may hold.
const PAGE: u64 = 250;

/// How often a change of somebody else's is waited out.
const TRIES: u32 = 4;

/// CallRail asks software of others to say its name.
const REQUEST_FROM: HeaderName = HeaderName::from_static("request-from");

/// An API, and who we are to it.
pub struct CallRail {
    api: Api,
    key: Secret,
}

/// An account, or a company of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    pub name: String,
    pub active: bool,
}

impl Entry {
    /// To choose from.
    pub fn choice(&self) -> Choice {
        Choice { id: self.id.clone(), name: self.name.clone() }
    }
}

/// What is to be captured.
pub struct Wish<'a> {
    /// Names of cookies.
    pub cookies: &'a [String],
    /// Switch the capture on where it is switched off.
    pub activate: bool,
    /// Say what would be done, and do nothing.
    pub dry_run: bool,
}

/// What was done for a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// `unchanged`, `added` or `created`.
    pub how: &'static str,
    /// Ours that were missing.
    pub added: Vec<String>,
    /// The customer's own, which stay.
    pub kept: Vec<String>,
}

/// The integration "Custom Cookie Capture" of a company.
#[derive(Clone, Debug, PartialEq)]
struct Capture {
    id: String,
    state: String,
    config: Map<String, Value>,
    cookies: Vec<String>,
}

impl CallRail {
    /// With the key of a person.
    pub fn new(api: Api, key: Secret) -> Self {
        api.hide(&key);
        CallRail { api, key }
    }

    /// The accounts that this key sees.
    ///
    /// # Errors
    /// The vendor's.
    pub async fn accounts(&self) -> Result<Vec<Entry>, Fault> {
        self.all(&format!("{ROOT}.json?"), "accounts", "listing the accounts", entry).await.map_err(Fault::from)
    }

    /// The companies of an account.
    ///
    /// # Errors
    /// The vendor's.
    pub async fn companies(&self, account: &str) -> Result<Vec<Entry>, Fault> {
        let url = format!("{ROOT}/{account}/companies.json?");
        self.all(&url, "companies", "listing the companies", entry).await.map_err(Fault::from)
    }

    /// Adds the cookies to those that a company captures.
    ///
    /// # Errors
    /// `capture-off`, `changed-meanwhile`, or the vendor's.
    pub async fn add(&self, account: &str, company: &str, wish: &Wish<'_>) -> Result<Done, Fault> {
        let mut first: Option<Done> = None;
        let mut refused: Option<Failure> = None;
        for attempt in 1..=TRIES {
            // Right before the order, and after it: a list that somebody else wrote meanwhile is merged with, not overwritten.
            let there = self.capture(account, company).await?;
            let (cookies, active) =
                there.as_ref().map_or((&[][..], false), |it| (&it.cookies[..], it.state == "active"));
            let kept = others(cookies, wish);
            let missing: Vec<String> = wish.cookies.iter().filter(|ours| !cookies.contains(ours)).cloned().collect();
            if active && missing.is_empty() {
                let unchanged = || Done { how: "unchanged", added: Vec::new(), kept: Vec::new() };
                return Ok(Done { kept, ..first.unwrap_or_else(unchanged) });
            }
            match (&there, refused) {
                (Some(capture), _) => switched_on(capture, wish)?,
                // The vendor's no was not about a second integration: there is none.
                (None, Some(failure)) => return Err(failure.into()),
                (None, None) => {}
            }
            refused = None;
            let how = if there.is_some() { "added" } else { "created" };
            let all: Vec<String> = cookies.iter().chain(&missing).cloned().collect();
            let step = Done { how, added: missing, kept };
            if wish.dry_run {
                return Ok(step);
            }
            first.get_or_insert(step);
            if attempt == TRIES {
                break;
            }
            match self.write(account, company, there, &all).await {
                Ok(_) => {}
                // It may have been obeyed: the next look tells.
                Err(failure) if failure.is_unclear() => self.api.pause(attempt).await,
                // A second integration of the type is refused: somebody else may just have made the first.
                Err(failure) if how == "created" && matches!(failure.status(), Some(400 | 409 | 422)) => {
                    refused = Some(failure);
                }
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(Fault::new(
            Code::ChangedMeanwhile,
            "CallRail does not keep what is written, or somebody else changes this company's captured cookies: look there, then run the same command again.",
        ))
    }

    async fn write(
        &self,
        account: &str,
        company: &str,
        there: Option<Capture>,
        cookies: &[String],
    ) -> Result<Value, Failure> {
        let call = match there {
            None => {
                let body = json!({ "type": "Custom", "company_id": company, "config": { "grab_cookies": cookies } });
                let url = format!("{ROOT}/{account}/integrations.json");
                Call::order("POST", url, Body::Json(body), "switching on the capture of cookies")
            }
            Some(mut capture) => {
                capture.config.insert("grab_cookies".to_owned(), json!(cookies));
                let body = json!({ "state": "active", "config": capture.config });
                let url = format!("{ROOT}/{account}/integrations/{}.json", capture.id);
                Call::order("PUT", url, Body::Json(body), "changing the captured cookies")
            }
        };
        self.call(call).await
    }

    /// What the company captures now.
    async fn capture(&self, account: &str, company: &str) -> Result<Option<Capture>, Fault> {
        let url = format!("{ROOT}/{account}/integrations.json?company_id={company}&");
        let what = "reading the captured cookies";
        let all = self.all(&url, "integrations", what, |value| Some(value.clone())).await?;
        let Some(value) = all.iter().find(|each| each.get("type").and_then(Value::as_str) == Some("Custom")) else {
            return Ok(None);
        };
        // What cannot be read whole is never written back.
        read(value)
            .map(Some)
            .ok_or_else(|| self.api.not_understood(what, "an integration whose cookies are no list of names").into())
    }

    /// All pages of a list.
    async fn all<T>(
        &self,
        url: &str,
        name: &str,
        what: &'static str,
        read: fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, Failure> {
        let mut all = Vec::new();
        let mut page: u64 = 1;
        loop {
            let value = self.call(Call::get(format!("{url}per_page={PAGE}&page={page}"), what)).await?;
            let entries: Option<Vec<T>> =
                value.get(name).and_then(Value::as_array).and_then(|all| all.iter().map(read).collect());
            let entries = entries.ok_or_else(|| self.api.not_understood(what, "no list of what was asked for"))?;
            let empty = entries.is_empty();
            all.extend(entries);
            let pages = value.get("total_pages").and_then(Value::as_u64).unwrap_or(1);
            if empty || page >= pages {
                return Ok(all);
            }
            page = page.saturating_add(1);
        }
    }

    async fn call(&self, mut call: Call) -> Result<Value, Failure> {
        call.headers.extend(self.key.header("Token token=\"", "\"").map(|value| (header::AUTHORIZATION, value)));
        call.headers.push((REQUEST_FROM, HeaderValue::from_static("aftercall")));
        self.api.call(&call).await
    }
}

/// The capture is on, or is to be switched on.
fn switched_on(capture: &Capture, wish: &Wish<'_>) -> Result<(), Fault> {
    let help = match capture.state.as_str() {
        "active" => return Ok(()),
        "disabled" if wish.activate => return Ok(()),
        "disabled" => ": --activate switches it on, for the company's own cookies too",
        _ => "",
    };
    let state = crate::table::plain(&capture.state);
    Err(Fault::new(Code::CaptureOff, format!("Custom Cookie Capture is {state} in CallRail{help}.")))
}

fn others(cookies: &[String], wish: &Wish<'_>) -> Vec<String> {
    cookies.iter().filter(|each| !wish.cookies.contains(each)).cloned().collect()
}

/// Ids are text (`COM…`) in v3, and numbers in what is older.
fn id(value: &Value) -> Option<String> {
    let id = value.get("id")?;
    let id = id.as_str().map(String::from).or_else(|| id.as_u64().map(|id| id.to_string()))?;
    is_id(&id).then_some(id)
}

/// An id becomes part of a URL: letters and digits.
pub fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn entry(value: &Value) -> Option<Entry> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    Some(Entry {
        id: id(value)?,
        name: text("name").unwrap_or_default().to_owned(),
        active: text("status") != Some("disabled"),
    })
}

fn read(value: &Value) -> Option<Capture> {
    let config = match value.get("config") {
        None | Some(Value::Null) => Map::new(),
        Some(config) => config.as_object()?.clone(),
    };
    let cookies = match config.get("grab_cookies") {
        None | Some(Value::Null) => Vec::new(),
        Some(cookies) => {
            cookies.as_array()?.iter().map(|each| each.as_str().map(String::from)).collect::<Option<_>>()?
        }
    };
    Some(Capture { id: id(value)?, state: value.get("state")?.as_str()?.to_owned(), config, cookies })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integration_is_read_whole_or_not_at_all() {
        let good =
            json!({ "id": 7, "type": "Custom", "state": "active", "config": { "grab_cookies": ["_ga"], "more": 1 } });
        let capture = read(&good).unwrap();
        assert_eq!((capture.id.as_str(), capture.cookies), ("7", vec!["_ga".to_owned()]));
        assert_eq!(capture.config["more"], 1);
        assert_eq!(read(&json!({ "id": 7, "state": "active", "config": null })).unwrap().cookies, Vec::<String>::new());
        for bad in [
            json!({ "id": 7, "state": "active", "config": { "grab_cookies": "_ga,mine" } }),
            json!({ "id": 7, "state": "active", "config": { "grab_cookies": ["_ga", 1] } }),
            json!({ "id": "7/../8", "state": "active", "config": {} }),
            json!({ "id": 7, "config": {} }),
        ] {
            assert_eq!(read(&bad), None, "{bad}");
        }
    }
}
