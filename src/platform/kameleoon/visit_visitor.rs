//! Has Kameleoon recorded a conversion?
//!
//! ```text
//! GET https://<data host>/visit/visitor?siteCode=<site>&visitorCode=<code>&maxNumberPreviousVisits=<1 to 25>
//!     &currentVisit=<bool>&conversion=true
//! {"currentVisit"?: visit, "previousVisits"?: [visit, …]}
//! visit: {…, "conversionEvents"?: [{…, "time": <ms>, "data": {"goalId": <id>, "revenue": <number>, "negative": <bool>, …}}]}
//! ```
//! Source: the vendor's document "Kameleoon: Processing offline goal conversions in experiments" and its API reference. The
//! current visit is told for Feature Experimentation only; without it a visit appears once it was processed, "usually after
//! 30 minutes of inactivity". `mappingValue` in place of the code, and the bounds of the number of visits, are those of
//! `@kameleoon/javascript-sdk` 4.17.1, which does not encode the code: a code of the site's own would break its URL.

use super::{SiteCode, VisitorCode};
use crate::values::{
    host::HostName,
    id::Id,
    json::{Json, Members},
    money::Cents,
    percent,
    request::{Draft, Format},
    template::Form,
    text_id::is_text_id,
    time::Time,
};
use alloc::string::String;

/// Half an hour of inactivity, and some time to process it. Who hears too early that a conversion is absent sends it twice.
const UNTIL_SHOWN: u64 = 40 * 60_000;

/// The most previous visits that can be asked for.
const MOST_VISITS: u64 = 25;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    site: SiteCode,
    host: HostName,
    visitor: Visitor,
    goal: Id,
    /// Does it take an earlier conversion back?
    negative: bool,
    revenue: Option<Cents>,
    since: Option<Time>,
    current_visit: bool,
    previous_visits: u64,
}

/// Who it is: exactly one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Visitor {
    Code(VisitorCode),
    MappingValue(String),
}

/// What the answer says of the conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is there.
    Recorded,
    /// It is not there, and may still come.
    NotYet,
    /// It is not there, and should be.
    Absent,
}

impl State {
    /// The name as text: what the contract has.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Recorded => "recorded",
            State::NotYet => "not-yet",
            State::Absent => "absent",
        }
    }

    /// One sentence for a person.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            State::Recorded => "Kameleoon has recorded the conversion.",
            State::NotYet => {
                "Kameleoon does not show the conversion. Ask again later: a visit appears about 30 minutes after its \
                 last activity."
            }
            State::Absent => "Kameleoon does not show the conversion, and should by now.",
        }
    }
}

impl Query {
    /// Reads the contract's `KameleoonQuery`.
    ///
    /// # Errors
    /// The name of the entry that is missing or wrong.
    pub fn from_json(json: Json<'_>) -> Result<Self, &'static str> {
        let entries = json.members();
        let code = optional(&entries, "visitorCode", |json| VisitorCode::parse(&json.text()?))?;
        let value = optional(&entries, "mappingValue", |json| json.text().filter(|text| is_text_id(text, 255)))?;
        let visitor = match (code, value) {
            (Some(code), None) => Visitor::Code(code),
            (None, Some(value)) => Visitor::MappingValue(value),
            _ => return Err("visitorCode or mappingValue (one of the two)"),
        };
        Ok(Query {
            site: required(&entries, "siteCode", |json| SiteCode::parse(&json.text()?))?,
            host: required(&entries, "dataHost", |json| HostName::parse(&json.text()?))?,
            visitor,
            goal: required(&entries, "goalId", Id::from_json)?,
            negative: false,
            revenue: optional(&entries, "revenue", Cents::from_json)?,
            since: optional(&entries, "since", Time::from_json)?,
            current_visit: optional(&entries, "currentVisit", |json| json.is_bool().then_some(json.is_true()))?
                .unwrap_or(false),
            previous_visits: optional(&entries, "maxNumberPreviousVisits", |json| {
                Some(Id::parse(json.number()?)?.number()).filter(|number| (1..=MOST_VISITS).contains(number))
            })?
            .unwrap_or(5),
        })
    }

    /// The question about a conversion of [`visit_events`](super::visit_events), which was sent then; nothing where it is
    /// none of these.
    #[must_use]
    pub fn of(draft: &Draft, since: Time) -> Option<Self> {
        let post = draft.post.as_ref()?;
        let (host, query) = draft.url.strip_prefix("https://")?.split_once("/visit/events?")?;
        // A line of text has its event in the form of a query.
        let is_json = post.format == Format::Json;
        let line = if is_json { "" } else { post.event() };
        let parameters = || [query, post.url_alone(), line].into_iter().flat_map(|text| text.split('&'));
        let parameter = |wanted: &str| {
            let mut pairs = parameters().filter_map(|pair| pair.split_once('='));
            percent::decode(pairs.find(|(name, _)| *name == wanted)?.1)
        };
        let event = Json::parse(if is_json { post.event() } else { "{}" })?.members();
        let member = |name: &str| match event.get(name) {
            Some(value) => Some(String::from(value.as_str())),
            None => parameter(name).filter(|_| !is_json),
        };
        let code = parameter("visitorCode").and_then(|code| VisitorCode::parse(&code));
        Some(Query {
            site: SiteCode::parse(&parameter("siteCode")?)?,
            host: HostName::parse(host)?,
            visitor: match parameter("mappingValue") {
                Some(value) => Visitor::MappingValue(value),
                None => Visitor::Code(code?),
            },
            goal: Id::parse(&member("goalId")?)?,
            negative: member("negative").as_deref() == Some("true"),
            // What has no amount is recorded with none.
            revenue: member("revenue").map_or(Cents::from_number(0), |amount| Cents::parse(&amount)),
            since: Some(since),
            current_visit: true,
            previous_visits: MOST_VISITS,
        })
    }

    /// Where to ask.
    #[must_use]
    pub fn url(&self) -> String {
        let (code, mapping) = match &self.visitor {
            Visitor::Code(code) => (Some(code.as_str()), None),
            Visitor::MappingValue(value) => (None, Some(value.as_str())),
        };
        let mut url = Form::new(
            "https://@/visit/visitor?siteCode=@&visitorCode=@&mappingValue=@&maxNumberPreviousVisits=@&currentVisit=@\
             &conversion=true",
        );
        url.raw(self.host.as_str());
        url.text(self.site.as_str());
        url.text(code);
        url.text(mapping);
        url.number(self.previous_visits);
        url.flag(self.current_visit);
        url.finish()
    }

    /// What that answer means at that time.
    #[must_use]
    pub fn judge(&self, answer: Json<'_>, now: Time) -> State {
        if visits(answer).any(|visit| self.is_in(visit)) {
            return State::Recorded;
        }
        // The current visit is shown at once. Without a time to reckon from nobody can say that it is overdue.
        let overdue = self.since.is_some_and(|since| now.ms().saturating_sub(since.ms()) >= UNTIL_SHOWN);
        if overdue || answer.get("currentVisit").is_some_and(Json::is_object) { State::Absent } else { State::NotYet }
    }

    fn is_in(&self, visit: Json<'_>) -> bool {
        visit.get("conversionEvents").unwrap_or_default().items().any(|event| {
            let event = event.members();
            let data = event.get("data").unwrap_or_default().members();
            let in_time = |since: Time| event.get("time").and_then(Time::from_json).is_some_and(|time| time >= since);
            let amount = || data.get("revenue").map_or(Cents::from_number(0), Cents::from_json);
            data.get("goalId").and_then(Id::from_json) == Some(self.goal)
                && data.get("negative").is_some_and(Json::is_true) == self.negative
                && self.since.is_none_or(in_time)
                && self.revenue.is_none_or(|revenue| amount() == Some(revenue))
        })
    }
}

/// The visits of an answer: the current one, then those before.
pub fn visits(answer: Json<'_>) -> impl Iterator<Item = Json<'_>> {
    let current = answer.get("currentVisit").filter(|visit| visit.is_object());
    current
        .into_iter()
        .chain(answer.get("previousVisits").unwrap_or_default().items())
        .filter(|visit| visit.is_object())
}

/// An entry that may be missing.
fn optional<'a, T>(
    entries: &Members<'a>,
    name: &'static str,
    read: impl FnOnce(Json<'a>) -> Option<T>,
) -> Result<Option<T>, &'static str> {
    entries.get(name).map(|json| read(json).ok_or(name)).transpose()
}

fn required<'a, T>(
    entries: &Members<'a>,
    name: &'static str,
    read: impl FnOnce(Json<'a>) -> Option<T>,
) -> Result<T, &'static str> {
    optional(entries, name, read)?.ok_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(more: &str) -> Result<Query, &'static str> {
        let text = format!(
            r#"{{"siteCode":"f17c21u1ag","dataHost":"eu-data.kameleoon.io","visitorCode":"245fc","goalId":"36151"{more}}}"#
        );
        Query::from_json(Json::parse(&text).unwrap())
    }

    /// The answer of the document, with the goal that was posted.
    const ANSWER: &str = r#"{"previousVisits":[{"siteCode":"f17c21u1ag","visitorCode":"245fc","timeStarted":1740447713028,
        "conversionEvents":[{"itp":false,"time":1740447713028,"data":{"goalId":36151,"revenue":23.50,"negative":false,
        "metadata":{}}}]}]}"#;

    #[track_caller]
    fn state(more: &str, answer: &str, now: u64) -> State {
        query(more).unwrap().judge(Json::parse(answer).unwrap(), Time::from_ms(now).unwrap())
    }

    #[test]
    fn asks_as_the_document_does() {
        assert_eq!(
            query(r#","currentVisit":true"#).unwrap().url(),
            "https://eu-data.kameleoon.io/visit/visitor?siteCode=f17c21u1ag&visitorCode=245fc\
             &maxNumberPreviousVisits=5&currentVisit=true&conversion=true",
        );
        let own = r#"{"siteCode":"f17c21u1ag","dataHost":"na-data.kameleoon.eu","mappingValue":"a b&c=é","goalId":1,
            "maxNumberPreviousVisits":25}"#;
        assert_eq!(
            Query::from_json(Json::parse(own).unwrap()).unwrap().url(),
            "https://na-data.kameleoon.eu/visit/visitor?siteCode=f17c21u1ag&mappingValue=a%20b%26c%3D%C3%A9\
             &maxNumberPreviousVisits=25&currentVisit=false&conversion=true",
        );
    }

    #[test]
    fn names_the_entry_that_is_wrong() {
        for (more, name) in [
            (r#","goalId":"none""#, "goalId"),
            (r#","goalId":null"#, "goalId"),
            (r#","siteCode":"a b""#, "siteCode"),
            (r#","dataHost":"https://eu-data.kameleoon.io""#, "dataHost"),
            (r#","visitorCode":"""#, "visitorCode"),
            (r#","visitorCode":null"#, "visitorCode or mappingValue (one of the two)"),
            (r#","mappingValue":"also""#, "visitorCode or mappingValue (one of the two)"),
            (r#","revenue":"1.234""#, "revenue"),
            (r#","since":"yesterday""#, "since"),
            (r#","currentVisit":"true""#, "currentVisit"),
            (r#","maxNumberPreviousVisits":0"#, "maxNumberPreviousVisits"),
            (r#","maxNumberPreviousVisits":26"#, "maxNumberPreviousVisits"),
            (r#","maxNumberPreviousVisits":2.5"#, "maxNumberPreviousVisits"),
        ] {
            assert_eq!(query(more), Err(name), "{more}");
        }
        assert!(Query::from_json(Json::parse("[]").unwrap()).is_err());
    }

    #[test]
    fn finds_the_conversion_by_goal_amount_and_time() {
        for (more, found) in [
            ("", true),
            (r#","revenue":23.5"#, true),
            (r#","revenue":"23.50""#, true),
            (r#","revenue":"23.49""#, false),
            (r#","since":1740447713028"#, true),
            (r#","since":"2025-02-25T01:41:53.029Z""#, false),
            (r#","goalId":361517"#, false),
        ] {
            assert_eq!(state(more, ANSWER, 1_740_447_713_030) == State::Recorded, found, "{more}");
        }
        let negative = ANSWER.replace("\"negative\":false", "\"negative\":true");
        assert_eq!(state("", &negative, 0), State::NotYet, "taken back");
        let current = ANSWER.replace(":[{\"siteCode", ":{\"siteCode").replace("}]}]}", "}]}}");
        let current = current.replace("previousVisits", "currentVisit");
        assert_eq!(state(r#","revenue":23.5"#, &current, 0), State::Recorded);
        let free = ANSWER.replace("\"revenue\":23.50,", "");
        assert_eq!(state(r#","revenue":0"#, &free, 0), State::Recorded);
    }

    #[test]
    fn asks_for_what_was_sent() {
        use crate::{
            conversion::{Accounts, Conversion, drafts},
            visitor::VisitorContext,
        };
        let visitor = VisitorContext::from_json(Json::parse(r#"{"kameleoon":{"visitorCode":"a b&é"}}"#).unwrap());
        let since = Time::from_ms(1_740_447_713_028).unwrap();
        for format in ["json", "text"] {
            for (more, sent, recorded) in [
                ("", r#","revenue":-12.5"#, r#""goalId":361,"revenue":12.50,"negative":true"#),
                ("", r#","revenue":"12.50""#, r#""goalId":361,"revenue":12.5,"negative":false"#),
                ("", "", r#""goalId":361"#),
                (r#","mappingValue":"m 1""#, "", r#""goalId":361,"revenue":0.0"#),
            ] {
                let account = format!(
                    r#"{{"kameleoon":{{"siteCode":"f17c21u1ag","dataHost":"eu-data.kameleoon.io","format":"{format}"}}}}"#
                );
                let goal = format!(r#"{{"id":"call-1"{sent},"kameleoon":{{"goalId":361{more}}}}}"#);
                let conversion = Conversion::from_json(Json::parse(&goal).unwrap()).unwrap();
                let accounts = Accounts::from_json(Json::parse(&account).unwrap());
                let drafts = drafts(&visitor, false, &conversion, &accounts);
                let query = Query::of(&drafts.requests[0], since).unwrap();
                let who = if more.is_empty() { "visitorCode=a%20b%26%C3%A9" } else { "mappingValue=m%201" };
                let url = format!(
                    "https://eu-data.kameleoon.io/visit/visitor?siteCode=f17c21u1ag&{who}&maxNumberPreviousVisits=25\
                     &currentVisit=true&conversion=true"
                );
                assert_eq!(query.url(), url, "{format} {more}");
                let answer = |data: &str| {
                    format!(
                        r#"{{"previousVisits":[{{"conversionEvents":[{{"time":{},"data":{{{data}}}}}]}}]}}"#,
                        since.ms()
                    )
                };
                let state = |data: &str| query.judge(Json::parse(&answer(data)).unwrap(), since);
                assert_eq!(state(recorded), State::Recorded, "{format} {sent}");
                assert_eq!(state(&recorded.replace("361", "362")), State::NotYet, "{format} {sent}");
                assert_eq!(state(r#""goalId":361,"revenue":1"#), State::NotYet, "{format} {sent}");
            }
        }
    }

    #[test]
    fn absent_is_what_should_be_there() {
        let minute = 60_000;
        let since = 1_740_447_713_028;
        let more = format!(r#","since":{since}"#);
        for empty in ["{}", r#"{"previousVisits":[]}"#, r#"{"previousVisits":null}"#, "[]", "null"] {
            assert_eq!(state("", empty, since), State::NotYet, "{empty}");
            assert_eq!(state(&more, empty, since + 39 * minute), State::NotYet, "{empty}");
            assert_eq!(state(&more, empty, since + 40 * minute), State::Absent, "{empty}");
            assert_eq!(state(&more, empty, since - minute), State::NotYet, "a clock that is behind");
        }
        let seen = r#"{"currentVisit":{"conversionEvents":[]}}"#;
        assert_eq!(state(r#","currentVisit":true"#, seen, since), State::Absent);
    }
}
