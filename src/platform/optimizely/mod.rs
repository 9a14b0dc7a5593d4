//! Optimizely: what it knows of a visitor (`visitor`, and `web` for Web Experimentation), the Classic event URL
//! (`classic`) and the Event API (`events`).

pub mod classic;
pub mod events;
pub mod visitor;
pub mod web;

pub use events::Tags;
pub use visitor::{EndUserId, Visitor};

use super::{Entries, Platform, Told, account_and_project, account_id, is_whole_text};
use crate::values::{
    fields::Walker,
    id::Id,
    idempotency::IdempotencyKey,
    page::Page,
    problem::{PlatformName, Problem},
    request::{Drafts, Refused},
};
use alloc::{string::String, vec::Vec};

/// Optimizely, as a [`Platform`].
#[derive(Debug)]
pub struct Optimizely;

/// Which of Optimizely's interfaces is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Api {
    /// Optimizely Classic's event URL.
    Classic,
    /// The Event API.
    Events,
}

/// Where the Event API stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Region {
    /// In the United States: where nothing else is said.
    Us,
    /// In the European Union.
    Eu,
}

/// Where Optimizely's conversions go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub account: Option<Id>,
    /// The project. Classic needs it, for it is in the host; the Event API does without.
    pub project: Option<Id>,
    /// The interface. Where none is named: Classic for a visitor of Classic alone, else the Event API.
    pub api: Option<Api>,
    /// Where the Event API stands.
    pub region: Option<Region>,
}

/// What a conversion is to Optimizely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    /// The custom event's name, plain: where it must be encoded, that is done here.
    pub event: String,
    /// The custom event's id: the Event API needs it.
    pub event_id: Option<Id>,
    /// What is told with the event.
    pub tags: Option<Tags>,
    /// Attributes of the visitor: a JSON array as the Event API has it.
    pub attributes: Option<String>,
    /// The revision of the project.
    pub revision: Option<String>,
    /// Should Optimizely forget the address that the request comes from?
    pub anonymize_ip: Option<bool>,
}

impl Platform for Optimizely {
    const NAME: PlatformName = PlatformName::Optimizely;
    type Visitor = Visitor;
    type Account = Account;
    type Goal = Goal;

    fn capture(visitor: &mut Visitor, page: &Page<'_>, problems: &mut Vec<Problem>) -> bool {
        visitor::capture(visitor, page, problems)
    }

    fn walk(visitor: &mut Visitor, walker: &mut Walker<'_>) {
        visitor::walk(visitor, walker);
    }

    fn is_somebody(visitor: &Visitor) -> bool {
        visitor.end_user_id.is_some()
    }

    fn read_account(account: &mut Account, entries: &mut Entries<'_, '_>) {
        entries.id("accountId", &mut account.account);
        entries.id("projectId", &mut account.project);
        account.api = match entries.word("api", "classic events") {
            1 => Some(Api::Classic),
            2 => Some(Api::Events),
            _ => None,
        };
        account.region = match entries.word("region", "us eu") {
            1 => Some(Region::Us),
            2 => Some(Region::Eu),
            _ => None,
        };
        entries.expect("accountId");
        if account.api == Some(Api::Classic) {
            entries.expect("projectId");
        }
    }

    fn read_goal(goal: &mut Goal, entries: &mut Entries<'_, '_>) {
        entries.require("event");
        entries.entry("event", &mut goal.event, |place, event| {
            *place = event.text().unwrap_or_default();
            is_whole_text(place)
        });
        entries.id("eventId", &mut goal.event_id);
        entries.entry("tags", &mut goal.tags, |place, tags| place.insert(Tags::default()).fill(tags).is_some());
        entries.entry("attributes", &mut goal.attributes, |place, attributes| {
            *place = events::attributes(attributes);
            place.is_some()
        });
        entries.text("revision", &mut goal.revision);
        entries.flag("anonymizeIp", &mut goal.anonymize_ip);
    }

    fn lacks(account: &Account, goal: &Goal) -> Option<&'static str> {
        (account.api == Some(Api::Events) && goal.event_id.is_none()).then_some("eventId")
    }

    fn requests(told: &Told<'_, Self>, drafts: &mut Drafts) -> Result<(), Refused> {
        let Told { visitor, captured_here, account, .. } = *told;
        let id = account_id(account.account, visitor.account, captured_here, "accountId", drafts)?;
        let is_of_classic = !visitor.experiments.is_empty() && visitor.decisions.is_empty();
        let api = account.api.unwrap_or(if is_of_classic { Api::Classic } else { Api::Events });
        // The Event API does without a project.
        let is_known = account.project.is_some() || captured_here && visitor.project.is_some();
        let mut project = None;
        if is_known || api == Api::Classic {
            project = Some(account_id(account.project, visitor.project, captured_here, "projectId", drafts)?);
        }
        let counted = project.map_or_else(|| id.text(), |project| account_and_project(id, project));
        let key = IdempotencyKey::new(Self::NAME.name(), &counted, "", &told.goal.event, &told.facts.id);
        match (api, project) {
            (Api::Classic, Some(project)) => {
                classic::request(told, id, project, &key, drafts)?;
                // Its one host is not the region's.
                drafts.warn_unsupported(account.region == Some(Region::Eu), "region");
                Ok(())
            }
            _ => events::request(told, id, project, &key, drafts),
        }
    }
}
