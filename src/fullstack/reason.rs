//! Why a campaign was tracked or not: a stable code, a sentence, and how loud it is in a log.

use super::template::filled;
use crate::values::{json::Writer, text::parts};
use alloc::{borrow::Cow, string::String, vec::Vec};

/// How loud a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing to do.
    Debug,
    /// The user is in no variation, as the settings have it.
    Info,
    /// Probably not what was meant.
    Warn,
    /// Certainly not what was meant.
    Error,
}

impl Level {
    /// The level as text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        }
    }
}

macro_rules! reasons {
    ($($variant:ident $name:literal $level:ident $sentence:literal)+) => {
        /// A stable code. The table in `docs/vwo-fullstack.md` says what each one means; it may grow.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $(#[doc = $sentence] $variant,)+
        }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant,)+];

            /// The code as text: what users compare.
            #[must_use]
            pub fn name(self) -> &'static str {
                line(self, 0)
            }

            /// How loud it is.
            #[must_use]
            pub fn level(self) -> Level {
                match self { $(Reason::$variant => Level::$level,)+ }
            }

            /// One sentence, with `#` where the campaign's key or the name of what is wrong stands.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                line(self, 1)
            }
        }

        /// Two lines for each reason: its code, and its sentence. A table of their places would be as long as they are.
        const LINES: &str = concat!($($name, "\n", $sentence, "\n",)+);
    };
}

fn line(reason: Reason, place: usize) -> &'static str {
    parts(LINES, b'\n').nth((reason as usize).wrapping_mul(2).wrapping_add(place)).unwrap_or_default()
}

reasons! {
    // Tracked.
    Bucketed "bucketed" Debug "#: tracked, for the variation that the user's bucket gives."
    Whitelisted "whitelisted" Debug "#: tracked, for the variation that the user is whitelisted for."
    Stored "stored" Debug "#: tracked, for the variation that the user storage remembers."
    // Not tracked.
    UnknownCampaign "unknown-campaign" Warn "#: the settings have no such campaign."
    NotRunning "not-running" Warn "#: the campaign is not running."
    Rollout "rollout" Error "#: a feature rollout has no goals to track."
    UnknownGoal "unknown-goal" Error "#: the campaign has no such goal."
    OtherGoalType "other-goal-type" Info "#: the goal is not of the type to track."
    NoRevenue "no-revenue" Error "#: a revenue goal needs revenueValue, or the event property that the goal names."
    NotActivated "not-activated" Warn "#: the user storage knows nothing of this user: activate the campaign first."
    NotInSegment "not-in-segment" Info "#: the user does not meet the campaign's conditions."
    NotInTraffic "not-in-traffic" Info "#: the user is not in the campaign's traffic."
    OtherOfGroup "other-of-group" Info "#: the user belongs to another campaign of the group, or to none."
    NoVariation "no-variation" Info "#: the user's bucket is in no variation's range."
    AlreadyTracked "already-tracked" Info "#: this user's conversion was tracked before."
    // Null: nothing of the call counts.
    UnusableClient "unusable-client" Error "The client has no usable settings or options: see what it said at launch."
    InvalidCall "invalid-call" Error "# is missing or wrong."
    NoCampaign "no-campaign" Error "No campaign has this goal."
    NoStorageForMab "no-storage-for-mab" Error "#: a multi-armed bandit needs a user storage service."
    UnknownGroup "unknown-group" Error "#: the campaign's group is missing or incomplete in the settings."
    GroupGap "group-gap" Error "#: the shares of the group's campaigns leave a gap, and the user is in it."
    BrokenSettings "broken-settings" Error "#: the settings have something in place of a goal, a variation or the account's id."
    BrokenEventProperties "broken-event-properties" Error "eventProperties is no usable object."
    StorageFailed "storage-failed" Error "#: the user storage could not be read."
    // In the log only.
    StorageNotWritten "storage-not-written" Error "#: the user storage could not be written."
    RepeatsUnguarded "repeats-unguarded" Warn "Without a user storage service every conversion of a user counts: name one, or set shouldTrackReturningUser."
    DuplicateKey "duplicate-key" Warn "#: named twice."
    MabUnchecked "mab-unchecked" Warn "#: a multi-armed bandit without a user storage service."
    NoSdkKey "no-sdk-key" Warn "The settings name no sdkKey: conversions are missing from the reports of their environment."
    InvalidOption "invalid-option" Error "The launch option # is of no use."
    UnsupportedOption "unsupported-option" Warn "The launch option # does nothing here."
    InvalidSettings "invalid-settings" Error "The settings file is of no use: #"
    NoLongerRunning "no-longer-running" Warn "#: the campaign stopped running, and VWO discards what is tracked for it."
}

/// A reason, and what it is about: a campaign's key, or the name of an argument or setting. Never a user's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Why.
    pub reason: Reason,
    /// What.
    pub about: Cow<'static, str>,
}

impl Line {
    /// Puts the two together.
    #[must_use]
    pub fn new(reason: Reason, about: impl Into<Cow<'static, str>>) -> Self {
        Line { reason, about: about.into() }
    }

    /// Adds a line to a log.
    #[cold]
    pub(super) fn note(log: &mut Vec<Line>, reason: Reason, about: &str) {
        log.push(Line::new(reason, String::from(about)));
    }

    /// The sentence for a person.
    #[must_use]
    pub fn message(&self) -> String {
        self.reason.message(&self.about)
    }

    /// `[[level, sentence]]`
    pub fn write_all(lines: &[Line], out: &mut Writer) {
        out.open('[');
        for line in lines {
            line.reason.write(&line.about, out);
        }
        out.close(']');
    }
}

impl Reason {
    /// The sentence for a person, with what it is about.
    fn message(self, about: &str) -> String {
        filled(self.sentence(), &[about])
    }

    /// `[level, sentence]`
    pub(super) fn write(self, about: &str, out: &mut Writer) {
        out.open('[');
        out.text(self.level().name());
        out.text(&self.message(about));
        out.close(']');
    }
}
