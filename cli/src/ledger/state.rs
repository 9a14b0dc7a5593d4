//! The states of a request.
//!
//! ```text
//! pending ──► in flight ──► delivered
//!    ▲            ├───────► rejected    the platform refuses it
//!    ├────────────┤
//!    │            ├───────► dead        attempts or account failed; `retry` makes it pending
//!    │            └───────► in doubt    nobody knows; `retry --in-doubt` makes it pending
//!    └── a wait before the next attempt, or a safe request after a crash
//! ```

use aftercall::values::request::Repeat;

macro_rules! states {
    ($($(#[$doc:meta])+ $variant:ident $number:literal $name:literal)+) => {
        /// Where a request stands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum State { $($(#[$doc])+ $variant,)+ }

        impl State {
            /// All of them.
            pub const ALL: &'static [State] = &[$(State::$variant,)+];

            /// The number in the ledger.
            pub fn number(self) -> i64 {
                match self { $(State::$variant => $number,)+ }
            }

            /// The name in reports.
            pub fn name(self) -> &'static str {
                match self { $(State::$variant => $name,)+ }
            }
        }
    };
}

states! {
    /// To be sent.
    Pending 0 "pending"
    /// It leaves, or has left; no answer yet.
    InFlight 1 "in-flight"
    /// The platform took it.
    Delivered 2 "delivered"
    /// The platform refused it.
    Rejected 3 "rejected"
    /// It was not counted, and this run has given up.
    Dead 4 "dead"
    /// It may have been counted, and a repeat could count twice.
    InDoubt 5 "in-doubt"
}

impl State {
    /// The state of that number.
    pub fn of(number: i64) -> Option<Self> {
        State::ALL.iter().copied().find(|state| state.number() == number)
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        State::ALL.iter().copied().find(|state| state.name() == name)
    }

    /// Is its body of no further use?
    pub fn is_settled(self) -> bool {
        matches!(self, State::Delivered | State::Rejected)
    }
}

/// The number of a `repeat` in the ledger.
pub fn repeat_number(repeat: Repeat) -> i64 {
    match repeat {
        Repeat::Safe => 0,
        Repeat::Unproven => 1,
        _ => 2,
    }
}

/// The `repeat` of a number; what is unknown counts twice.
pub fn repeat_of(number: i64) -> Repeat {
    match number {
        0 => Repeat::Safe,
        1 => Repeat::Unproven,
        _ => Repeat::CountsTwice,
    }
}
