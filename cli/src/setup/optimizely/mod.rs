//! Optimizely: from a login to the event that a phone call will be.
//!
//! ```text
//! login.rs   a personal access token, OAuth 2.0, or a token of Optimizely Classic
//! today.rs   REST API v2: projects, custom events          https://api.optimizely.com/v2
//! classic.rs REST API v1: projects, goals of Classic       https://www.optimizelyapis.com/experiment/v1
//! ```
//! `docs/vendors.md` has the sources.

mod classic;
pub mod login;
mod today;

use super::{
    api::{Call, Failure},
    ask::Choice,
};
use crate::fault::{Code, Fault};
use login::Login;
use serde_json::Value;

/// Which of Optimizely's two systems a project counts in: `optimizely.api` of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Generation {
    /// Today's: a custom event, sent to the Event API.
    Events,
    /// Optimizely Classic: a goal, sent as a custom event by its URL.
    Classic,
}

impl Generation {
    /// As the settings have it.
    pub fn name(self) -> &'static str {
        match self {
            Generation::Events => "events",
            Generation::Classic => "classic",
        }
    }

    /// What it calls that which is counted.
    pub fn noun(self) -> &'static str {
        match self {
            Generation::Events => "event",
            Generation::Classic => "goal",
        }
    }

    /// The generation of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Generation::Events, Generation::Classic].into_iter().find(|each| each.name() == name)
    }
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    pub id: String,
    pub account_id: String,
    pub name: String,
    /// Has it Optimizely Classic and nothing else?
    pub only_classic: bool,
    pub active: bool,
}

/// A custom event, or a goal of Classic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: String,
    /// What conversions name: the event's key, the goal's event.
    pub key: String,
    pub name: String,
    /// Only these can be counted by anybody but Optimizely's snippet.
    pub custom: bool,
    pub archived: bool,
}

impl Project {
    /// To choose from.
    pub fn choice(&self) -> Choice {
        Choice { id: self.id.clone(), name: self.name.clone() }
    }
}

impl Event {
    /// To choose from.
    pub fn choice(&self) -> Choice {
        Choice { id: self.key.clone(), name: self.name.clone() }
    }
}

/// The projects that this login sees.
///
/// # Errors
/// The vendor's.
pub async fn projects(login: &Login) -> Result<Vec<Project>, Fault> {
    match login.is_classic() {
        true => classic::projects(login).await,
        false => today::projects(login).await,
    }
}

/// A project's events or goals, of all kinds.
///
/// # Errors
/// The vendor's.
pub async fn events(login: &Login, generation: Generation, project: &Project) -> Result<Vec<Event>, Fault> {
    match generation {
        Generation::Events => today::events(login, &project.id).await,
        Generation::Classic => classic::goals(login, &project.id).await,
    }
}

/// The event of that name: by its key, else by what people call it.
///
/// # Errors
/// `name-taken`: the name belongs to something that cannot be a phone call.
pub fn find<'a>(events: &'a [Event], name: &str, noun: &str) -> Result<Option<&'a Event>, Fault> {
    let taken = |message: String| Err(Fault::new(Code::NameTaken, message));
    let usable = |event: &&Event| event.custom && !event.archived;
    if let Some(event) = events.iter().find(|event| event.key == name && usable(event)) {
        return Ok(Some(event));
    }
    let called: Vec<&Event> = events.iter().filter(|event| event.name == name).filter(usable).collect();
    match called.as_slice() {
        [one] => return Ok(Some(one)),
        [] => {}
        _ => {
            let keys: Vec<&str> = called.iter().map(|event| event.key.as_str()).collect();
            return taken(format!(
                "Several {noun}s are called “{name}”: say which by its key: {}.",
                crate::table::plain(&keys.join(", "))
            ));
        }
    }
    match events.iter().find(|event| event.key == name) {
        Some(event) if event.custom => {
            taken(format!("The {noun} “{name}” is archived in Optimizely: restore it there, or take another name."))
        }
        Some(_) => taken(format!(
            "“{name}” is a {noun} that Optimizely's snippet counts by itself (a click or a page view): take another name."
        )),
        None => Ok(None),
    }
}

/// May an event have this key?
///
/// # Errors
/// `refused-by-platform`: no, it would be refused.
pub fn check(generation: Generation, name: &str) -> Result<(), Fault> {
    match generation {
        Generation::Events => today::check(name),
        Generation::Classic => classic::check(name),
    }
}

/// Makes an event. Whether it was obeyed may stay unclear: then look again.
///
/// # Errors
/// What came instead of an answer.
pub async fn create(login: &Login, generation: Generation, project: &Project, name: &str) -> Result<Event, Failure> {
    match generation {
        Generation::Events => today::create(login, &project.id, name).await,
        Generation::Classic => classic::create(login, &project.id, name).await,
    }
}

/// Lists what an answer holds; an entry that is none of ours is the answer's fault.
async fn listed<T>(login: &Login, call: Call, read: fn(&Value) -> Option<T>) -> Result<Vec<T>, Failure> {
    let what = call.what;
    let value = login.call(call).await?;
    let read: Option<Vec<T>> = value.as_array().and_then(|all| all.iter().map(read).collect());
    read.ok_or_else(|| login.api().not_understood(what, "no list of what was asked for"))
}

/// An id: digits, as text. REST has numbers of 64 bits.
fn id(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_u64().map(|id| id.to_string())
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(String::from)
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(key: &str, name: &str) -> Event {
        Event { id: key.len().to_string(), key: key.into(), name: name.into(), custom: true, archived: false }
    }

    #[test]
    fn an_event_is_found_by_key_then_by_name() {
        let all = [event("b", "a"), event("a", "c"), event("d", "c"), event("e", "Phone call")];
        assert_eq!(find(&all, "a", "event").unwrap().unwrap().name, "c");
        assert_eq!(find(&all, "Phone call", "event").unwrap().unwrap().key, "e");
        assert_eq!(find(&all, "phone call", "event").unwrap(), None);
        assert_eq!(find(&all, "c", "event").unwrap_err().code, "name-taken");
    }

    #[test]
    fn what_cannot_be_a_phone_call_is_no_hit() {
        let archived = [Event { archived: true, ..event("a", "A") }];
        assert!(find(&archived, "a", "event").unwrap_err().message.contains("archived"));
        let click = [Event { custom: false, ..event("a", "A") }];
        assert!(find(&click, "a", "event").unwrap_err().message.contains("snippet"));
        assert_eq!(find(&click, "A", "event").unwrap(), None, "names may stand twice");
    }
}
