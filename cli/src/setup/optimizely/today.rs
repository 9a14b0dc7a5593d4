//! REST API v2.
//!
//! ```text
//! GET  /v2/projects?per_page=100&page=1                    → [{id, account_id, name, is_classic, status}]
//! GET  /v2/events?project_id=1&per_page=100&page=1         → [{id, key, name, event_type, archived}]
//! POST /v2/projects/1/custom_events {"key", "name", "event_type": "custom"} → 201, the event
//! ```
//! Source: the vendor's OpenAPI description 2.0. A page holds 25 entries, at most 100; a project's events include clicks, page
//! views and, on demand, goals of Classic, which cannot be changed here. A key is unique in its project.

use super::{Event, Project, flag, id, listed, login::Login, text};
use crate::{
    fault::{Code, Fault},
    setup::api::{Body, Call, Failure},
};
use serde_json::{Value, json};

const ROOT: &str = "https://api.optimizely.com/v2";

/// The most that a page may hold.
const PAGE: usize = 100;

/// No account comes near: an API that never ends is a fault.
const MOST_PAGES: usize = 1_000;

/// The longest key.
const LONGEST_KEY: usize = 64;

pub(super) async fn projects(login: &Login) -> Result<Vec<Project>, Fault> {
    Ok(all(login, &format!("{ROOT}/projects?"), "listing the projects", project, |project| &project.id).await?)
}

pub(super) async fn events(login: &Login, project: &str) -> Result<Vec<Event>, Fault> {
    let url = format!("{ROOT}/events?project_id={project}&");
    Ok(all(login, &url, "listing the events", event, |event| &event.id).await?)
}

pub(super) async fn create(login: &Login, project: &str, key: &str) -> Result<Event, Failure> {
    let what = "making the event";
    let body = json!({ "key": key, "name": key, "event_type": "custom" });
    let url = format!("{ROOT}/projects/{project}/custom_events");
    let made = login.call(Call::order("POST", url, Body::Json(body), what)).await?;
    event(&made).filter(|event| event.key == key).ok_or_else(|| login.api().not_understood(what, "no event"))
}

pub(super) fn check(key: &str) -> Result<(), Fault> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_- .".contains(&b);
    if key.is_empty() || key.len() > LONGEST_KEY || !key.bytes().all(fits) {
        let message = format!(
            "Optimizely's keys of events are letters, digits, spaces, points, - and _, at most {LONGEST_KEY}: choose another --event."
        );
        return Err(Fault::new(Code::RefusedByPlatform, message));
    }
    Ok(())
}

/// All pages of a list. The last one is the first that is not full.
async fn all<T>(
    login: &Login,
    url: &str,
    what: &'static str,
    read: fn(&Value) -> Option<T>,
    id: fn(&T) -> &String,
) -> Result<Vec<T>, Failure> {
    let mut all: Vec<T> = Vec::new();
    for page in 1..=MOST_PAGES {
        let call = Call::get(format!("{url}per_page={PAGE}&page={page}"), what);
        let listed = listed(login, call, read).await?;
        let full = listed.len() >= PAGE;
        let before = all.len();
        for entry in listed {
            // What is made while pages are turned moves others onto the next page: they come twice.
            if !all.iter().any(|known| id(known) == id(&entry)) {
                all.push(entry);
            }
        }
        if !full || all.len() == before {
            return Ok(all);
        }
    }
    Err(login.api().not_understood(what, "a list without an end"))
}

fn project(value: &Value) -> Option<Project> {
    Some(Project {
        id: id(value, "id")?,
        account_id: id(value, "account_id")?,
        name: text(value, "name").unwrap_or_default(),
        only_classic: flag(value, "is_classic"),
        active: value.get("status").and_then(Value::as_str) != Some("archived"),
    })
}

fn event(value: &Value) -> Option<Event> {
    let key = text(value, "key").unwrap_or_default();
    Some(Event {
        id: id(value, "id")?,
        name: text(value, "name").unwrap_or_else(|| key.clone()),
        custom: value.get("event_type").and_then(Value::as_str) == Some("custom") && !flag(value, "is_classic"),
        key,
        archived: flag(value, "archived"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_as_the_description_has_them() {
        for good in ["phone_call", "Phone call 2.0", "a-b", &"x".repeat(64)] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "Anruf: heiß", "a/b", "50%", &"x".repeat(65)] {
            assert_eq!(check(bad).unwrap_err().code, "refused-by-platform", "{bad}");
        }
    }
}
