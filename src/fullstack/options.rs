//! What a client is launched with, besides its settings.
//!
//! The SDK forgets everything as soon as one option is wrong, and then answers null to every call: so does this one, and
//! names the option. Source: `vwo-node-sdk` 1.73.0, `launch`.

use super::{
    goal_type::GoalType,
    javascript::parse_float,
    members::{ANY, FLAG, NUMBER, OBJECT, OPTIONAL, Reader, TEXT},
    reason::{Line, Reason},
    value::is_truthy,
};
use crate::values::json::Json;
use alloc::{string::String, vec::Vec};

/// Launch options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which goals count, where a call does not say; default: all.
    pub goal_type: Option<GoalType>,
    /// May a user's conversion count again, where a call does not say? Default: no.
    ///
    /// The vendor's table of parameters has it the other way round; its examples and its code have it like this.
    pub returning: Option<bool>,
    /// Decide, but build no requests.
    pub development: bool,
    /// Somebody wants to hear of decisions.
    pub integrations: bool,
    /// The key of the environment, where the settings name none.
    pub sdk_key: Option<String>,
}

impl Options {
    /// Reads what `JSON.stringify` makes of launch options, functions and settings left out. What does nothing here is
    /// noted in the log.
    ///
    /// # Errors
    /// With the name of the option for which the SDK forgets them all.
    pub fn from_json(json: Json<'_>, log: &mut Vec<Line>) -> Result<Self, Line> {
        let mut options = Reader::new(json);
        if !json.is_object() {
            options.refuse("that cannot be read");
        }
        let read = Self::read(&mut options, log);
        match options.wrong {
            None => Ok(read),
            Some(name) => Err(Line::new(Reason::InvalidOption, name)),
        }
    }

    fn read(options: &mut Reader<'_>, log: &mut Vec<Line>) -> Self {
        let returning = options.get("shouldTrackReturningUser", FLAG | OPTIONAL);
        let development = options.get("isDevelopmentMode", FLAG | OPTIONAL);
        let goal_type = options.get("goalTypeToTrack", ANY).filter(|name| is_truthy(*name));
        let goal_type = options.goal_type(goal_type);
        let logging = options.value("logging", ANY);
        let level = logging.get("level").filter(|level| is_truthy(*level));
        if level.is_some_and(|level| !matches!(level.as_str().as_bytes(), [b'1'..=b'4'])) {
            options.refuse("logging.level");
        }
        if options.flag("pollingInterval", ANY) {
            options.get("pollingInterval", NUMBER);
            options.get("sdkKey", TEXT);
        }
        for name in &["batchEvents", "returnPromiseFor", "asyncStorageConfig", "integrations", "userStorageService"] {
            options.get(name, OBJECT | OPTIONAL);
        }
        if options.get("batchEvents", ANY).is_some_and(|batch| !is_batch(batch)) {
            options.refuse("batchEvents");
        }
        for name in &["batchEvents", "returnPromiseFor", "asyncStorageConfig", "pollingInterval"] {
            if options.wrong.is_none() && options.flag(name, ANY) {
                log.push(Line::new(Reason::UnsupportedOption, *name));
            }
        }
        Options {
            goal_type,
            returning: returning.map(Json::is_true),
            development: development.is_some_and(Json::is_true),
            integrations: options.get("integrations", ANY).is_some(),
            sdk_key: options.optional_text("sdkKey", ANY).filter(|key| !key.is_empty()),
        }
    }
}

/// Does it say when a batch is full? (A callback is a function, and JSON has none.)
#[inline(never)]
fn is_batch(json: Json<'_>) -> bool {
    let mut batch = Reader::new(json);
    let mut number = |name| batch.get(name, ANY).and_then(Json::number).map_or(f64::NAN, parse_float);
    let (events, seconds) = (number("eventsPerRequest"), number("requestTimeInterval"));
    ((events > 0.0 && events <= 5000.0) || seconds >= 1.0) && !batch.flag("flushCallback", ANY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Options, Vec<Line>), Line> {
        let mut log = Vec::new();
        Options::from_json(Json::parse(text).unwrap(), &mut log).map(|options| (options, log))
    }

    #[test]
    fn reads_options() {
        let text = r#"{"goalTypeToTrack":"CUSTOM_GOAL","shouldTrackReturningUser":true,"integrations":{},"sdkKey":"k","logging":{"level":4}}"#;
        let (options, log) = read(text).unwrap();
        let due = Options {
            goal_type: Some(GoalType::Custom),
            returning: Some(true),
            development: false,
            integrations: true,
            sdk_key: Some("k".into()),
        };
        assert_eq!((options, log), (due, Vec::new()));
        for text in [r#"{"goalTypeToTrack":"","logging":{"level":0},"pollingInterval":0}"#, "{}"] {
            assert_eq!(read(text).unwrap(), (Options::default(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn names_the_option_that_is_wrong() {
        for (text, name) in [
            (r#"{"goalTypeToTrack":"BAD"}"#, "goalTypeToTrack"),
            (r#"{"shouldTrackReturningUser":"yes"}"#, "shouldTrackReturningUser"),
            (r#"{"shouldTrackReturningUser":null}"#, "shouldTrackReturningUser"),
            (r#"{"isDevelopmentMode":1}"#, "isDevelopmentMode"),
            (r#"{"logging":{"level":5}}"#, "logging.level"),
            (r#"{"integrations":[]}"#, "integrations"),
            (r#"{"userStorageService":null}"#, "userStorageService"),
            (r#"{"pollingInterval":1000}"#, "sdkKey"),
            (r#"{"pollingInterval":"1","sdkKey":"k"}"#, "pollingInterval"),
            (r#"{"batchEvents":{"eventsPerRequest":5001}}"#, "batchEvents"),
            (r#"{"batchEvents":{"eventsPerRequest":5,"flushCallback":"x"}}"#, "batchEvents"),
        ] {
            assert_eq!(read(text), Err(Line::new(Reason::InvalidOption, name)), "{text}");
        }
    }

    #[test]
    fn options_that_cannot_be_read_are_no_defaults() {
        let line = Options::from_json(Json::default(), &mut Vec::new()).unwrap_err();
        assert_eq!(line.message(), "The launch option that cannot be read is of no use.");
    }

    #[test]
    fn says_what_does_nothing_here() {
        let (_, log) = read(r#"{"batchEvents":{"eventsPerRequest":5},"returnPromiseFor":{"all":true}}"#).unwrap();
        assert_eq!(
            log.iter().map(Line::message).collect::<Vec<_>>(),
            [
                "The launch option batchEvents does nothing here.",
                "The launch option returnPromiseFor does nothing here."
            ]
        );
    }
}
