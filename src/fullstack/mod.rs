//! VWO FullStack's `track`: which variations a user has, decided from the settings file alone, and the requests that tell
//! VWO of a conversion.
//!
//! The rules are those of `vwo-node-sdk` 1.73.0, for the conversion belongs to the variation that the server's SDK gave.
//! That SDK is JavaScript, and its decisions hang on what JavaScript does with text and numbers.
//! `docs/vwo-fullstack.md` says where this differs, and why.
//!
//! # Example
//! ```
//! use aftercall::fullstack::{Call, Campaigns, Client, Moment, Options, Settings};
//!
//! let settings = r#"{"version": 1, "accountId": 88888888, "sdkKey": "SDKKEY", "campaigns": [{
//!     "id": 230, "key": "AB1", "type": "VISUAL_AB", "status": "RUNNING", "percentTraffic": 100, "segments": {},
//!     "variations": [{"id": 1, "name": "Control", "weight": 50}, {"id": 2, "name": "Variation-1", "weight": 50}],
//!     "goals": [{"id": 203, "identifier": "order", "type": "CUSTOM_GOAL"}]}]}"#;
//! let client = Client::new(Settings::parse(settings)?, Options::default());
//!
//! let call = Call::new(Campaigns::All, "Chris", "order");
//! let outcome = client.track(&call, None, Moment { ms: 1_700_000_000_500, nonce: 2_522_731_188_582_393 });
//! assert_eq!(outcome.result(), Some(vec![("AB1".into(), true)]));
//! assert_eq!(
//!     outcome.request.unwrap().url,
//!     "https://dev.visualwebsiteoptimizer.com/server-side/track-goal?experiment_id=230&combination=2&sId=1700000001\
//!      &u=5276291265BF56D1A25E8DC664DA1B27&sdk=vwo-node-sdk&sdk-v=1.73.0&env=SDKKEY&account_id=88888888\
//!      &random=0.2522731188582393&ap=server&visitor_ua=&visitor_ip=&goal_id=203",
//! );
//! # Ok::<(), aftercall::fullstack::InvalidSettings>(())
//! ```
//!
//! # Scope
//! Nothing is sent, and nothing is kept but by the [`Storage`] that the caller hands in. Clock and randomness are
//! arguments. Clients know nothing of each other. In WebAssembly all JSON that is passed in must be as `JSON.stringify` writes
//! it, for [`javascript`] counts on that.

mod bucketing;
pub mod call;
mod decision;
mod goal_type;
#[cfg(target_arch = "wasm32")]
mod host;
pub mod javascript;
mod members;
pub mod murmur;
pub mod options;
pub mod reason;
pub mod regex;
pub mod requests;
pub mod segmentation;
pub mod settings;
pub mod storage;
mod template;
mod track;
mod value;

pub use call::{Call, Campaigns, Key};
pub use goal_type::GoalType;
pub use options::Options;
pub use reason::{Level, Line, Reason};
pub use requests::{Conversion, Moment, TrackRequest};
pub use settings::{InvalidSettings, Settings};
pub use storage::{Record, Storage, StorageFailed};
pub use track::Verdict;

use crate::{
    platform::vwo::server_side::Prepared,
    values::json::{Json, Writer},
};
use alloc::{borrow::Cow, string::String, vec::Vec};
use track::Track;
use value::Properties;

/// A client: settings and options. One that has not both answers null to every call.
#[derive(Debug, Default)]
pub struct Client {
    settings: Option<Settings>,
    options: Option<Options>,
    urls: Prepared,
}

/// What a client has that has both.
#[derive(Clone, Copy)]
struct Ready<'c> {
    settings: &'c Settings,
    options: &'c Options,
    urls: &'c Prepared,
}

impl Client {
    /// A client of settings and options that are good.
    #[must_use]
    pub fn new(settings: Settings, options: Options) -> Self {
        let urls = requests::prepare(&settings, options.sdk_key.as_deref());
        Client { settings: Some(settings), options: Some(options), urls }
    }

    /// A client of whatever a caller passes: the text of a settings file, and launch options as
    /// [`Options::from_json`] takes them. What is wrong with them stands in the log; then the client is there all the
    /// same, and answers null to every call.
    #[must_use]
    pub fn launch(settings: &str, options: Json<'_>) -> (Self, Vec<Line>) {
        let mut log = Vec::new();
        let mut client = Client::default();
        match Options::from_json(options, &mut log) {
            Ok(options) => client.options = Some(options),
            Err(line) => log.push(line),
        }
        client.take_settings(settings, &mut log);
        (client, log)
    }

    /// Takes a newer settings file; options stay, and so does the storage, which is the caller's. A file that is of no
    /// use changes nothing. What is there to say stands in the log: so does a campaign that is no longer running, for VWO
    /// discards what is tracked for it.
    pub fn update_settings(&mut self, settings: &str) -> Vec<Line> {
        let mut log = Vec::new();
        self.take_settings(settings, &mut log);
        log
    }

    fn take_settings(&mut self, settings: &str, log: &mut Vec<Line>) {
        let settings = match Settings::parse(settings) {
            Ok(settings) => settings,
            Err(invalid) => return log.push(Line::from(&invalid)),
        };
        if let Some(old) = &self.settings {
            old.note_stopped(&settings, log);
        }
        let sdk_key = self.options.as_ref().and_then(|options| options.sdk_key.as_deref());
        if settings.sdk_key().is_none() && sdk_key.is_none() && self.options.is_some() {
            Line::note(log, Reason::NoSdkKey, "");
        }
        self.urls = requests::prepare(&settings, sdk_key);
        self.settings = Some(settings);
    }

    /// Decides a call and builds its requests; without a storage every conversion of a user counts, and nobody needs to
    /// have been activated before.
    #[must_use]
    pub fn track<'c>(&'c self, call: &Call<'_>, storage: Option<&mut dyn Storage>, moment: Moment) -> Outcome<'c> {
        self.run(call, storage, Some(moment))
    }

    /// The same decision. Nothing is stored, and there are no requests.
    #[must_use]
    pub fn explain<'c>(&'c self, call: &Call<'_>, storage: Option<&mut dyn Storage>) -> Outcome<'c> {
        self.run(call, storage, None)
    }

    /// [`track`](Client::track) of a call as [`Call::from_json`] reads it; one that is wrong is null.
    #[must_use]
    pub fn track_json<'c>(&'c self, call: Json<'_>, storage: Option<&mut dyn Storage>, moment: Moment) -> Outcome<'c> {
        match Call::from_json(call) {
            Ok(call) => self.track(&call, storage, moment),
            Err(argument) => Outcome::invalid(argument),
        }
    }

    /// [`explain`](Client::explain) of a call as [`Call::from_json`] reads it.
    #[must_use]
    pub fn explain_json<'c>(&'c self, call: Json<'_>, storage: Option<&mut dyn Storage>) -> Outcome<'c> {
        match Call::from_json(call) {
            Ok(call) => self.explain(&call, storage),
            Err(argument) => Outcome::invalid(argument),
        }
    }

    /// Decides a call for somebody who knows the conversion by an id of his own and keeps a ledger, such as a nightly job:
    /// the same call has the same requests again, each with the same key. `ms` is when it happened.
    #[must_use]
    pub fn conversions<'c>(
        &'c self,
        call: &Call<'_>,
        storage: Option<&mut dyn Storage>,
        id: &str,
        ms: u64,
    ) -> (Outcome<'c>, Vec<Conversion>) {
        let mut conversions = Vec::new();
        let outcome = self.decide(call, storage, true, |client, track| {
            conversions = requests::conversions(client, call, (id, ms), track);
        });
        (outcome, conversions)
    }

    /// [`track`](Client::track), or without a moment [`explain`](Client::explain).
    pub(crate) fn run<'c>(
        &'c self,
        call: &Call<'_>,
        storage: Option<&mut dyn Storage>,
        moment: Option<Moment>,
    ) -> Outcome<'c> {
        self.decide(call, storage, moment.is_some(), |client, track| {
            if let Some(moment) = moment {
                requests::request(client, call, moment, track);
            }
        })
    }

    /// `keep`: may the storage be written to?
    fn decide<'c>(
        &'c self,
        call: &Call<'_>,
        storage: Option<&mut dyn Storage>,
        keep: bool,
        build: impl FnOnce(Ready<'c>, &mut Track<'c, '_, '_>),
    ) -> Outcome<'c> {
        if let Some(argument) = call.flaw() {
            return Outcome::invalid(argument);
        }
        let (Some(settings), Some(options)) = (&self.settings, &self.options) else {
            let mut outcome = Outcome::failed(Reason::UnusableClient, "");
            outcome.give_up(call);
            return outcome;
        };
        let mut track = Track::new(settings, options, call, storage, keep);
        if track.run().is_err() {
            track.outcome.give_up(call);
        } else if !options.development {
            build(Ready { settings, options, urls: &self.urls }, &mut track);
        }
        track.outcome
    }
}

/// What a call came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome<'c> {
    /// What was decided, campaign by campaign in the order of the call; as far as it got, where it failed.
    pub verdicts: Vec<Verdict<'c>>,
    /// To be sent; it tells of all that counts. Where nothing does, and in development mode, there is none.
    pub request: Option<TrackRequest<'c>>,
    /// For integrations, each as JSON; they are told even where the call failed later on.
    pub decisions: Vec<String>,
    /// Why the call as a whole came to nothing.
    pub failure: Option<Line>,
    /// What else deserves a line in the log.
    notes: Vec<Line>,
    /// That nothing keeps a conversion from counting again, is said last.
    unguarded: bool,
    development: bool,
}

impl Outcome<'_> {
    /// Of a call in which this argument is wrong.
    pub(crate) fn invalid(argument: &'static str) -> Self {
        Outcome::failed(Reason::InvalidCall, argument)
    }

    #[cold]
    fn failed(reason: Reason, about: &'static str) -> Self {
        Outcome { failure: Some(Line::new(reason, about)), ..Outcome::default() }
    }

    /// What `track` returns: campaign → does the conversion count in it, in the order in which JavaScript names an
    /// object's properties; nothing for null. A campaign that was named twice comes once, as it was decided last.
    #[must_use]
    pub fn result(&self) -> Option<Vec<(String, bool)>> {
        let properties = self.properties()?;
        Some(properties.entries().iter().map(|(key, value)| (String::from(&**key), value == "true")).collect())
    }

    fn properties(&self) -> Option<Properties<'_>> {
        if self.failure.is_some() {
            return None;
        }
        let mut result = Properties::default();
        for verdict in &self.verdicts {
            result.set(
                Cow::Borrowed(&verdict.campaign_key),
                Cow::Borrowed(if verdict.tracked { "true" } else { "false" }),
            );
        }
        if self.development {
            result.set(Cow::Borrowed("isDevelopmentMode"), Cow::Borrowed("true"));
        }
        Some(result)
    }

    /// Whether the one campaign of the call is tracked, where that is all there is to the [`result`](Outcome::result).
    #[must_use]
    pub fn only(&self) -> Option<bool> {
        match self.verdicts.as_slice() {
            [verdict] if self.failure.is_none() && !self.development => Some(verdict.tracked),
            _ => None,
        }
    }

    /// What deserves a line in the log; a campaign that was tracked does not.
    #[must_use]
    pub fn log(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        self.each_line(&mut |reason, about| lines.push(Line::new(reason, String::from(about))));
        lines
    }

    /// The [`log`](Outcome::log) as pairs of level and sentence.
    pub(crate) fn write_log(&self, out: &mut Writer) {
        out.open('[');
        self.each_line(&mut |reason, about| reason.write(about, out));
        out.close(']');
    }

    fn each_line(&self, take: &mut dyn FnMut(Reason, &str)) {
        let failure = self.failure.as_ref().map(|line| line.reason);
        for verdict in &self.verdicts {
            if !verdict.tracked && failure != Some(verdict.reason) {
                take(verdict.reason, &verdict.campaign_key);
            }
        }
        for line in &self.notes {
            take(line.reason, &line.about);
        }
        if self.unguarded {
            take(Reason::RepeatsUnguarded, "");
        }
        if let Some(line) = &self.failure {
            take(line.reason, &line.about);
        }
    }

    /// `{result, requests, decisions}`, and `log` where somebody listens: pairs of level and sentence.
    pub fn write(&self, out: &mut Writer, log: bool) {
        out.open('{');
        out.name("result");
        self.write_result(out);
        out.name("requests");
        out.open('[');
        if let Some(request) = &self.request {
            request.write(out);
        }
        out.close(']');
        out.name("decisions");
        out.open('[');
        for decision in &self.decisions {
            out.raw(decision);
        }
        out.close(']');
        if log {
            out.name("log");
            self.write_log(out);
        }
        out.close('}');
    }

    /// What `track` returns: [`result`](Outcome::result) as JSON.
    pub fn write_result(&self, out: &mut Writer) {
        match self.properties() {
            None => out.raw("null"),
            Some(result) => result.write(out),
        }
    }

    /// What `explain` returns: `[{campaignKey, tracked, variation?, reason}]`, in the order of the call.
    pub fn write_verdicts(&self, out: &mut Writer) {
        out.open('[');
        for verdict in &self.verdicts {
            out.open('{');
            out.member("campaignKey", &verdict.campaign_key);
            out.flag("tracked", verdict.tracked);
            if let Some(variation) = &verdict.variation {
                out.member("variation", variation);
            }
            out.member("reason", verdict.reason.name());
            out.close('}');
        }
        out.close(']');
    }

    /// Where a call fails, no campaign is tracked: neither those that were decided before, nor those that come after.
    fn give_up(&mut self, call: &Call<'_>) {
        let Some(reason) = self.failure.as_ref().map(|line| line.reason) else { return };
        for verdict in &mut self.verdicts {
            if verdict.tracked {
                verdict.tracked = false;
                verdict.reason = reason;
            }
        }
        while let Some(key) = call.campaigns.key(self.verdicts.len()) {
            let campaign_key = Cow::Owned(String::from(key));
            self.verdicts.push(Verdict { campaign_key, tracked: false, variation: None, reason });
        }
    }
}

#[cfg(test)]
mod tests;
