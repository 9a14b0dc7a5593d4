//! Reading what a user wrote: accounts, goals and facts, entry by entry.

use super::is_whole_text;
use crate::values::{
    host::HostName,
    id::Id,
    json::{Json, Members},
    problem::{Code, PlatformName, Problem, Reason},
    text::parts,
};
use alloc::{string::String, vec::Vec};

/// The entries of a JSON object that a user wrote: those that concern all platforms, or one platform's. What is not there, or
/// `null`, is nothing; what is there and of no use is a problem. Each entry is read into the place where it stays.
#[derive(Debug)]
pub struct Entries<'a, 'p> {
    all: Members<'a>,
    /// Whose entries are read; nobody's are what all platforms share: there `null` is of no use too.
    platform: Option<PlatformName>,
    members: Members<'a>,
    /// What is wrong with an entry that is of no use.
    code: Code,
    /// What is told to be wrong in place of each entry, if anything.
    about: Option<&'static str>,
    problems: &'p mut Vec<Problem>,
}

impl<'a, 'p> Entries<'a, 'p> {
    /// The entries of an object that says something of all platforms.
    pub fn of(json: Json<'a>, code: Code, problems: &'p mut Vec<Problem>) -> Self {
        Entries { all: json.members(), platform: None, members: Members::default(), code, about: None, problems }
    }

    /// From here on the entries are that platform's. Are there any? An account that nobody names is missed.
    pub fn begin(&mut self, platform: PlatformName) -> bool {
        self.platform = Some(platform);
        let json = self.all.get(platform.name());
        match json {
            Some(json) => drop(self.enter(json, platform.name())),
            None if self.code == Code::InvalidAccount => self.tell(Code::NoAccount, platform.name()),
            None => {}
        }
        json.is_some()
    }

    /// Reads the entries of an object among these: one that is of no use makes all of it so.
    pub fn within<T>(&mut self, name: &'static str, place: &mut T, read: fn(&mut T, &mut Self)) {
        if let Some(json) = self.get(name) {
            self.about = Some(name);
            let outer = self.enter(json, name);
            read(place, self);
            self.members = outer;
            self.about = None;
        }
    }

    /// From here on the entries are those of that object. What they were before comes back.
    fn enter(&mut self, json: Json<'a>, name: &'static str) -> Members<'a> {
        if !json.is_object() {
            self.refuse(name);
        }
        core::mem::replace(&mut self.members, json.members())
    }

    /// The entry of that name, not looked into.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        match self.platform {
            Some(_) => self.members.get(name),
            None => self.all.get_or_null(name),
        }
    }

    /// There is a problem with that entry.
    pub fn tell(&mut self, code: Code, name: &'static str) {
        Problem { platform: self.platform, reason: Reason::new(code, self.about.unwrap_or(name)) }
            .report(self.problems);
    }

    /// That entry is of no use.
    pub fn refuse(&mut self, name: &'static str) {
        self.tell(self.code, name);
    }

    /// An entry that must be there.
    pub fn require(&mut self, name: &'static str) {
        if self.get(name).is_none() {
            self.refuse(name);
        }
    }

    /// An entry that an account must have where no page has it.
    pub fn expect(&mut self, name: &'static str) {
        if self.get(name).is_none() {
            self.tell(Code::NoAccount, name);
        }
    }

    /// Fills the place with the entry; what `fill` cannot use is a problem.
    // One function for places of all kinds.
    #[inline(never)]
    pub fn entry<T>(&mut self, name: &'static str, place: &mut T, fill: fn(&mut T, Json<'a>) -> bool) {
        if let Some(json) = self.get(name)
            && !fill(place, json)
        {
            self.refuse(name);
        }
    }

    /// An id.
    #[inline(always)]
    pub fn id(&mut self, name: &'static str, place: &mut Option<Id>) {
        self.entry(name, place, |place, json| {
            *place = Id::from_json(json);
            place.is_some()
        });
    }

    /// An id that counts something: not zero, and small enough for a JavaScript number.
    #[inline(always)]
    pub fn goal_id(&mut self, name: &'static str, place: &mut Option<Id>) {
        self.entry(name, place, |place, json| {
            *place = Id::from_json(json).filter(|id| id.is_goal());
            place.is_some()
        });
    }

    /// A list of ids, each once, where it stands first.
    #[inline(always)]
    pub fn ids(&mut self, name: &'static str, place: &mut Vec<Id>) {
        self.entry(name, place, fill_ids);
    }

    /// The same, where an empty list is not the same as none.
    #[inline(always)]
    pub fn list(&mut self, name: &'static str, place: &mut Option<Vec<Id>>) {
        self.entry(name, place, |place, json| fill_ids(place.get_or_insert_default(), json));
    }

    /// The name of a host.
    #[inline(always)]
    pub fn host(&mut self, name: &'static str, place: &mut Option<HostName>) {
        self.entry(name, place, |place, json| {
            *place = json.text().and_then(|text| HostName::parse(&text));
            place.is_some()
        });
    }

    /// Text that is not blank, without halves of characters.
    #[inline(always)]
    pub fn text(&mut self, name: &'static str, place: &mut Option<String>) {
        self.entry(name, place, |place, json| {
            *place = json.text().filter(|text| is_whole_text(text));
            place.is_some()
        });
    }

    /// Yes or no.
    #[inline(always)]
    pub fn flag(&mut self, name: &'static str, place: &mut Option<bool>) {
        self.entry(name, place, |place, json| {
            *place = Some(json.is_true());
            json.is_bool()
        });
    }

    /// Yes; no is what it is otherwise.
    #[inline(always)]
    pub fn yes(&mut self, name: &'static str, place: &mut bool) {
        self.entry(name, place, |place, json| {
            *place = json.is_true();
            json.is_bool()
        });
    }

    /// Which of these words it is, counted from 1; 0 where it is none of them.
    pub fn word(&mut self, name: &'static str, words: &str) -> usize {
        let Some(json) = self.get(name) else { return 0 };
        let text = json.text().unwrap_or_default();
        let mut place = 0_usize;
        for word in parts(words, b' ') {
            place = place.wrapping_add(1);
            if word == text {
                return place;
            }
        }
        self.refuse(name);
        0
    }
}

fn fill_ids(place: &mut Vec<Id>, json: Json<'_>) -> bool {
    for item in json.items() {
        let Some(id) = Id::from_json(item) else { return false };
        if !place.contains(&id) {
            place.push(id);
        }
    }
    json.is_array()
}
