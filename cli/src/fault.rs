//! What went wrong, in a stable code and one sentence. `docs/codes.md` lists every code.

use std::fmt;

macro_rules! codes {
    ($($variant:ident $name:literal)+) => {
        /// A stable code of the command. What concerns a conversion itself keeps the code that the core gives it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $(#[doc = $name] $variant,)+ }

        impl Code {
            /// Every code there is.
            #[cfg(test)]
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// The code as text: what reports have.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)+ }
            }
        }
    };
}

codes! {
    // The run as a whole.
    BadConfig "bad-config"
    BadInput "bad-input"
    LedgerBusy "ledger-busy"
    LedgerUnusable "ledger-unusable"
    LedgerVersion "ledger-version"
    PortUnusable "port-unusable"
    // A row.
    BadRow "bad-row"
    MissingId "missing-id"
    BadTime "bad-time"
    AmbiguousTime "ambiguous-time"
    BadAmount "bad-amount"
    AmbiguousAmount "ambiguous-amount"
    OtherCurrency "other-currency"
    BadIds "bad-ids"
    NoToken "no-token"
    Filtered "filtered"
    TooOld "too-old"
    // A delivery.
    HostNotNamed "host-not-named"
    RefusedByPlatform "refused-by-platform"
    AccountRefused "account-refused"
    GaveUp "gave-up"
    UnknownOutcome "unknown-outcome"
    Interrupted "interrupted"
    Forgotten "forgotten"
    // A set-up.
    NoLogin "no-login"
    BadLogin "bad-login"
    NotAllowed "not-allowed"
    NotThere "not-there"
    NameTaken "name-taken"
    ChoiceNeeded "choice-needed"
    CaptureOff "capture-off"
    ChangedMeanwhile "changed-meanwhile"
    TooManyRequests "too-many-requests"
    VendorUnreachable "vendor-unreachable"
    BadAnswer "bad-answer"
}

/// A code and a sentence for the person who reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The stable code.
    pub code: &'static str,
    /// One sentence. It never holds a visitor's data or a secret.
    pub message: String,
}

impl Fault {
    /// Puts the two together.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Fault { code: code.name(), message: message.into() }
    }

    /// What SQLite says of the ledger.
    pub fn of_ledger(error: &rusqlite::Error) -> Self {
        Fault::new(Code::LedgerUnusable, format!("The ledger cannot be read or written: {error}."))
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::of_ledger(&error)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_of_codes_is_complete() {
        let codes = include_str!("../../docs/codes.md");
        let (_, chapter) = codes.split_once("\n## Of the command\n").unwrap();
        let chapter = chapter.split("\n## ").next().unwrap();
        let rows = chapter.lines().filter_map(|line| line.strip_prefix("| `"));
        let documented: BTreeSet<&str> = rows.map(|row| row.split('`').next().unwrap()).collect();
        assert_eq!(documented, Code::ALL.iter().map(|code| code.name()).collect());
    }
}
