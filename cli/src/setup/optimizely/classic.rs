//! REST API v1, of Optimizely Classic.
//!
//! ```text
//! GET  /experiment/v1/projects/             → [{id, account_id, project_name, project_status}]
//! GET  /experiment/v1/projects/1/goals/     → [{id, title, event, goal_type, archived}]
//! POST /experiment/v1/projects/1/goals/ {"title", "goal_type": 1, "event"} → 201, the goal
//! ```
//! Source: the vendor's own client `optimizely-client-python` 0.1.1 and its README: a title and a type for every goal, an
//! `event` for those of type custom event; lists come as a whole. The number of that type is of the vendor's document on
//! offline conversions. A token of Classic stands in a header of its own, every other one behind `Bearer`.

use super::{Event, Project, flag, id, listed, login::Login, text};
use crate::{
    fault::{Code, Fault},
    setup::api::{Body, Call, Failure},
};
use serde_json::{Value, json};

const ROOT: &str = "https://www.optimizelyapis.com/experiment/v1";

/// A goal that counts a custom event.
const CUSTOM_EVENT: u64 = 1;

pub(super) async fn projects(login: &Login) -> Result<Vec<Project>, Fault> {
    Ok(listed(login, Call::get(format!("{ROOT}/projects/"), "listing the projects"), project).await?)
}

pub(super) async fn goals(login: &Login, project: &str) -> Result<Vec<Event>, Fault> {
    let url = format!("{ROOT}/projects/{project}/goals/");
    Ok(listed(login, Call::get(url, "listing the goals"), goal).await?)
}

pub(super) async fn create(login: &Login, project: &str, event: &str) -> Result<Event, Failure> {
    let what = "making the goal";
    let body = json!({ "title": event, "goal_type": CUSTOM_EVENT, "event": event });
    let url = format!("{ROOT}/projects/{project}/goals/");
    let made = login.call(Call::order("POST", url, Body::Json(body), what)).await?;
    goal(&made).filter(|goal| goal.key == event).ok_or_else(|| login.api().not_understood(what, "no goal"))
}

pub(super) fn check(event: &str) -> Result<(), Fault> {
    if event.trim().is_empty() || event.chars().any(char::is_control) {
        return Err(Fault::new(Code::RefusedByPlatform, "A goal's event is one line of text: choose another --event."));
    }
    Ok(())
}

fn project(value: &Value) -> Option<Project> {
    Some(Project {
        id: id(value, "id")?,
        account_id: id(value, "account_id")?,
        name: text(value, "project_name").unwrap_or_default(),
        only_classic: true,
        active: value.get("project_status").and_then(Value::as_str) != Some("Archived"),
    })
}

fn goal(value: &Value) -> Option<Event> {
    Some(Event {
        id: id(value, "id")?,
        key: text(value, "event").unwrap_or_default(),
        name: text(value, "title").unwrap_or_default(),
        custom: value.get("goal_type").and_then(Value::as_u64) == Some(CUSTOM_EVENT),
        archived: flag(value, "archived"),
    })
}
