//! What came, and what was counted.

use super::Incoming;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// One request.
struct Entry {
    number: u64,
    at: u64,
    endpoint: &'static str,
    method: String,
    url: String,
    body: String,
    status: u16,
    outcome: &'static str,
    problems: Vec<String>,
    conversions: usize,
    /// Of these, those that this request made count.
    counted: usize,
    /// Of these, those that had been counted before.
    repeats: usize,
}

impl Entry {
    fn new(incoming: &Incoming<'_>, endpoint: &'static str, status: u16, outcome: &'static str) -> Self {
        Entry {
            number: 0,
            at: incoming.now,
            endpoint,
            method: incoming.method.to_owned(),
            url: incoming.url.to_owned(),
            // A page shows it; nobody reads a megabyte.
            body: String::from_utf8_lossy(incoming.body.get(..4096).unwrap_or(incoming.body)).into_owned(),
            status,
            outcome,
            problems: Vec::new(),
            conversions: 0,
            counted: 0,
            repeats: 0,
        }
    }

    fn json(&self) -> Value {
        json!({
            "number": self.number, "at": self.at, "endpoint": self.endpoint, "method": self.method, "url": self.url,
            "body": self.body, "status": self.status, "outcome": self.outcome, "problems": self.problems,
            "conversions": self.conversions, "counted": self.counted, "repeats": self.repeats,
        })
    }
}

/// All that came: the last requests in full, everything in counts.
pub struct Log {
    keep: usize,
    entries: VecDeque<Entry>,
    requests: u64,
    outcomes: BTreeMap<&'static str, u64>,
    endpoints: BTreeMap<&'static str, u64>,
    conversions: u64,
    repeated: u64,
    /// What was counted, and how often.
    arrived: HashMap<String, u32>,
}

impl Log {
    pub fn new(keep: usize) -> Self {
        Log {
            keep,
            entries: VecDeque::new(),
            requests: 0,
            outcomes: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            conversions: 0,
            repeated: 0,
            arrived: HashMap::new(),
        }
    }

    pub fn keep(&self) -> usize {
        self.keep
    }

    /// Counts a request; `entry` is made where it is kept.
    fn count(&mut self, endpoint: &'static str, outcome: &'static str, entry: impl FnOnce() -> Entry) {
        self.requests += 1;
        *self.outcomes.entry(outcome).or_default() += 1;
        *self.endpoints.entry(endpoint).or_default() += 1;
        if self.keep == 0 {
            return;
        }
        let entry = Entry { number: self.requests, ..entry() };
        if self.entries.len() >= self.keep {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// A request that met an ordered fault before it was looked at.
    pub fn fault(&mut self, incoming: &Incoming<'_>, endpoint: &'static str) {
        self.count(endpoint, "fault", || Entry::new(incoming, endpoint, 0, "fault"));
    }

    /// A request that is not as the platform's documents want it.
    pub fn refused(&mut self, incoming: &Incoming<'_>, endpoint: &'static str, status: u16, problems: Vec<String>) {
        self.count(endpoint, "refused", || Entry { problems, ..Entry::new(incoming, endpoint, status, "refused") });
    }

    /// A sound request. `dropped`: the platform answers as always and counts nothing.
    pub fn accepted(
        &mut self,
        incoming: &Incoming<'_>,
        endpoint: &'static str,
        status: u16,
        conversions: Vec<String>,
        dropped: bool,
        dedupes: bool,
    ) {
        let outcome = if dropped { "dropped" } else { "accepted" };
        let (all, mut counted, mut repeats) = (conversions.len(), 0, 0);
        for conversion in conversions {
            if dropped {
                break;
            }
            let times = self.arrived.entry(conversion).or_default();
            repeats += usize::from(*times > 0);
            if *times > 0 && dedupes {
                self.repeated += 1;
                continue;
            }
            *times += 1;
            counted += 1;
            self.conversions += 1;
        }
        self.count(endpoint, outcome, || Entry {
            conversions: all,
            counted,
            repeats,
            ..Entry::new(incoming, endpoint, status, outcome)
        });
    }

    pub fn stats(&self) -> Value {
        json!({
            "requests": self.requests,
            "outcomes": self.outcomes,
            "endpoints": self.endpoints,
            "conversions": self.conversions,
            "different": self.arrived.len(),
            "deduplicated": self.repeated,
        })
    }

    /// The requests behind that number, one a line.
    pub fn lines(&self, after: u64, limit: u64) -> String {
        let entries = self.entries.iter().filter(|entry| entry.number > after);
        let mut out = String::new();
        for entry in entries.take(usize::try_from(limit).unwrap_or(usize::MAX)) {
            out.push_str(&entry.json().to_string());
            out.push('\n');
        }
        out
    }

    /// What was counted: `<times> <what>`.
    pub fn arrived(&self) -> String {
        let mut out = String::new();
        for (what, times) in &self.arrived {
            out.push_str(&times.to_string());
            out.push(' ');
            out.push_str(what);
            out.push('\n');
        }
        out
    }
}
