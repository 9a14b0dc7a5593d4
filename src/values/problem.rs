//! What went wrong, in a stable code and in one sentence for a person. No value of a visitor's is ever in it.

use super::{json::Writer, text::replaced};
use alloc::{string::String, vec::Vec};

macro_rules! codes {
    ($($variant:ident $name:literal $sentence:literal)+) => {
        /// A stable code. The table in `docs/codes.md` says what each one means; it may grow.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        // A whole word: beside words a byte is copied with its padding, piece by piece, wherever a reason is handed on.
        #[repr(u32)]
        pub enum Code {
            $(#[doc = $sentence] $variant,)+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// The code as text: what users compare.
            #[must_use]
            pub fn name(self) -> &'static str {
                static LENGTHS: &[u8] = &[$(length($name),)+];
                nth(concat!($($name,)+), LENGTHS, self as usize)
            }

            /// One sentence, with `@` where the name of a cookie, setting or field stands.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                static LENGTHS: &[u8] = &[$(length($sentence),)+];
                nth(concat!($($sentence,)+), LENGTHS, self as usize)
            }
        }
    };
}

codes! {
    // Capture.
    NoPage "no-page" "There is no page here: pass a cookie string."
    NoConsent "no-consent" "The visitor did not consent (@): nothing was read."
    OptedOut "opted-out" "The visitor opted out (@): nothing was read."
    MalformedCookie "malformed-cookie" "@ is not what the platform writes and was left out."
    TruncatedCookie "truncated-cookie" "@ is cut off: its readable start was used."
    PersonalId "personal-id" "@ looks like an e-mail address or phone number and was left out."
    NoVisitorId "no-visitor-id" "There is no visitor id (@)."
    // Stash.
    MalformedStash "malformed-stash" "This is no token, or it was altered: copy it again, whole."
    TruncatedStash "truncated-stash" "The token is cut off: give its field more room, or stash in parts."
    UnknownVersion "unknown-version" "A newer release wrote this token: update this one."
    UnknownSection "unknown-section" "A newer release put more into this token: that was left out."
    MissingPart "missing-part" "A part of the token is missing: pass every part."
    MixedParts "mixed-parts" "These parts are of different tokens, or one came twice."
    // Conversion.
    InvalidConversion "invalid-conversion" "@ is missing or is not what this platform takes."
    InvalidAccount "invalid-account" "@ is missing, wrong or not supported yet."
    NoAccount "no-account" "@ is needed: name it in the accounts."
    AccountMismatch "account-mismatch" "The visitor is of another @ than the one named."
    WrongIdentity "wrong-identity" "This endpoint does not know the web visitor id: name @."
    AmbiguousGoal "ambiguous-goal" "The visitor is in several campaigns: say in @ which goal is whose."
    NoCampaign "no-campaign" "The visitor is in none of the campaigns (@)."
    AlreadyCounted "already-counted" "The visitor hit such a goal before: it does not count again (@)."
    IdentityUnverified "identity-unverified" "The platform may not know the visitor by this @."
    LooksEncoded "looks-encoded" "@ looks percent-encoded already: pass it plain."
    PersonalData "personal-data" "@ looks personal: the platform would store it."
    CountedAtArrival "counted-at-arrival" "The platform counts a conversion when it hears of it: it has no field for its time (@)."
    PastAttributionWindow "past-attribution-window" "More than @ days lie between visit and conversion."
    DuplicateConversion "duplicate-conversion" "The same conversion (@) is in this list before: it is told once."
    UnsupportedOption "unsupported-option" "@ has no place in this request and was left out."
}

/// One of the texts that stand there one behind the other. (A table of texts has an address for each, and a page downloads it.)
#[inline(never)]
fn nth(texts: &'static str, lengths: &[u8], index: usize) -> &'static str {
    let (mut start, mut end) = (0_usize, 0_usize);
    for length in lengths.iter().take(index.wrapping_add(1)) {
        start = end;
        end = end.wrapping_add(usize::from(*length));
    }
    texts.get(start..end).unwrap_or_default()
}

/// The length of a short text.
const fn length(text: &str) -> u8 {
    let [length, ..] = text.len().to_le_bytes();
    assert!(length as usize == text.len());
    length
}

/// A platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
// A whole word, as codes are.
#[repr(u32)]
pub enum PlatformName {
    /// Optimizely, Classic and Web Experimentation.
    Optimizely,
    /// VWO, by Wingify.
    Vwo,
    /// Kameleoon.
    Kameleoon,
    /// Convert.
    Convert,
}

impl PlatformName {
    /// The name as text: what the JSON has.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PlatformName::Optimizely => "optimizely",
            PlatformName::Vwo => "vwo",
            PlatformName::Kameleoon => "kameleoon",
            PlatformName::Convert => "convert",
        }
    }
}

/// A code and the name of the cookie, setting or field that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What is wrong.
    pub code: Code,
    /// Where: never a value, only the name of one.
    pub about: &'static str,
}

impl Reason {
    /// Puts the two together.
    #[must_use]
    pub fn new(code: Code, about: &'static str) -> Self {
        Reason { code, about }
    }

    /// The sentence for a person.
    #[must_use]
    pub fn message(self) -> String {
        replaced(self.code.sentence(), b'@', self.about)
    }
}

/// A reason, and whom it concerns: a platform, or none in particular.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The platform; nothing where it is the page, the token or the call as a whole.
    pub platform: Option<PlatformName>,
    /// What and where.
    pub reason: Reason,
}

impl Problem {
    /// A platform's problem.
    #[must_use]
    pub fn new(platform: PlatformName, code: Code, about: &'static str) -> Self {
        Problem { platform: Some(platform), reason: Reason::new(code, about) }
    }

    /// A problem of the page as a whole.
    #[must_use]
    pub fn of_page(code: Code) -> Self {
        Problem { platform: None, reason: Reason::new(code, "") }
    }

    /// Adds the problem, unless it is told already.
    pub fn report(self, problems: &mut Vec<Problem>) {
        if !problems.contains(&self) {
            problems.push(self);
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.reason.code
    }

    /// The members `platform`, `code` and `message`, into an object that is open.
    pub fn write_members(&self, out: &mut Writer) {
        out.member("platform", self.platform.map_or("page", PlatformName::name));
        out.member("code", self.code().name());
        out.member("message", &self.reason.message());
    }

    /// A list of problems.
    pub fn write_all(problems: &[Problem], out: &mut Writer) {
        out.open('[');
        for problem in problems {
            out.open('{');
            problem.write_members(out);
            out.close('}');
        }
        out.close(']');
    }
}

/// Adds a platform's problem, unless it is told already.
// Called from many places: each passes four words, and the problem is put together here.
#[inline(never)]
pub fn report(problems: &mut Vec<Problem>, platform: PlatformName, code: Code, about: &'static str) {
    Problem::new(platform, code, about).report(problems);
}

/// Why nothing at all could be done: an unreadable token, or a conversion without a usable `id` or `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error(Reason);

impl Error {
    /// An error with that code, about that field.
    #[must_use]
    pub fn new(code: Code, about: &'static str) -> Self {
        Error(Reason::new(code, about))
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The sentence for a person.
    #[must_use]
    pub fn message(&self) -> String {
        self.0.message()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Problem { platform: None, reason: error.0 }
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.message())
    }
}

impl core::error::Error for Error {}
