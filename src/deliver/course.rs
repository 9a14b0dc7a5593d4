//! The course of one request: from its first attempt to its outcome. Pure: time and chance are arguments.
//!
//! What no client can know stays in view: once an attempt left and nobody answered, the request may have been counted, and
//! no later failure takes that back.

use super::policy::{Answer, Policy, Verdict};
use crate::values::request::Repeat;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The platform took it.
    Accepted,
    /// It left, and a page may not read the answer.
    Sent,
    /// The platform refuses it; or it is no request that may leave.
    Rejected,
    /// It did not get through, and was not counted.
    Unreachable,
    /// Nobody knows whether it was counted.
    Unknown,
    /// The caller gave up before it left.
    Aborted,
}

impl Outcome {
    /// The name as text: what the contract has.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Sent => "sent",
            Outcome::Rejected => "rejected",
            Outcome::Unreachable => "unreachable",
            Outcome::Unknown => "unknown",
            Outcome::Aborted => "aborted",
        }
    }
}

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// An answer, or none.
    Answer(Answer),
    /// There was an answer, and a page may not read it.
    Unreadable,
    /// A redirect that a page may not read: it is not followed, for it leads to a host that nobody named.
    Redirect,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Try again after so many ms.
    Wait(u64),
    /// That is all.
    Done(Outcome),
}

/// Nobody who waits for `send` waits longer than this for a platform that asks for it.
const LONGEST_WAIT: u64 = 60_000;

/// One request on its way.
#[derive(Clone, Copy, Debug)]
pub struct Course {
    policy: Policy,
    repeat: Repeat,
    /// Attempts that were made.
    pub attempts: u32,
    /// What the platform last said.
    pub status: Option<u16>,
    /// May it have been counted by an attempt that nobody answered?
    in_doubt: bool,
}

impl Course {
    /// A request that has not left.
    #[must_use]
    pub fn new(policy: Policy, repeat: Repeat) -> Self {
        Course { policy, repeat, attempts: 0, status: None, in_doubt: false }
    }

    /// One more attempt leaves.
    pub fn leave(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
        self.status = None;
    }

    /// What that attempt came to. `chance` is any number, drawn anew each time.
    pub fn hear(&mut self, heard: Heard, chance: u64) -> Step {
        let answer = match heard {
            Heard::Answer(answer) => answer,
            Heard::Unreadable => return Step::Done(Outcome::Sent),
            Heard::Redirect => return Step::Done(Outcome::Rejected),
        };
        match answer {
            Answer::Status { status, .. } => self.status = Some(status),
            Answer::NoAnswer => self.in_doubt = true,
            Answer::NeverLeft => {}
        }
        match self.policy.judge(answer, self.attempts, self.repeat, chance) {
            Verdict::Accepted => Step::Done(Outcome::Accepted),
            Verdict::Rejected | Verdict::Refused => Step::Done(Outcome::Rejected),
            Verdict::Again { after } if after <= LONGEST_WAIT => Step::Wait(after),
            Verdict::Again { .. } | Verdict::GaveUp => Step::Done(self.failed(Outcome::Unreachable)),
            Verdict::InDoubt => Step::Done(Outcome::Unknown),
        }
    }

    /// The caller gives up: while an attempt is out, or between two.
    #[must_use]
    pub fn abort(&mut self, attempt_is_out: bool) -> Outcome {
        self.in_doubt |= attempt_is_out;
        self.failed(Outcome::Aborted)
    }

    fn failed(&self, outcome: Outcome) -> Outcome {
        if self.in_doubt { Outcome::Unknown } else { outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy { attempts: 2, first_wait: 100, longest_wait: 1000 };
    const NO_ANSWER: Heard = Heard::Answer(Answer::NoAnswer);
    const NEVER_LEFT: Heard = Heard::Answer(Answer::NeverLeft);

    fn status(status: u16) -> Heard {
        Heard::Answer(Answer::Status { status, retry_after: None })
    }

    /// The steps of a request that hears this.
    fn steps(repeat: Repeat, heard: &[Heard]) -> (Vec<Step>, Course) {
        let mut course = Course::new(POLICY, repeat);
        let steps = heard.iter().map(|heard| {
            course.leave();
            course.hear(*heard, 0)
        });
        (steps.collect(), course)
    }

    #[test]
    fn each_answer_has_its_outcome() {
        for (heard, outcome) in [
            (status(204), Outcome::Accepted),
            (status(400), Outcome::Rejected),
            (status(403), Outcome::Rejected),
            (status(301), Outcome::Rejected),
            (Heard::Redirect, Outcome::Rejected),
            (Heard::Unreadable, Outcome::Sent),
            (NO_ANSWER, Outcome::Unknown),
        ] {
            assert_eq!(steps(Repeat::CountsTwice, &[heard]).0, [Step::Done(outcome)], "{heard:?}");
        }
    }

    #[test]
    fn what_was_not_counted_goes_out_again_and_then_is_unreachable() {
        for heard in [status(503), status(429), NEVER_LEFT] {
            let (steps, course) = steps(Repeat::CountsTwice, &[heard, heard]);
            assert_eq!(steps, [Step::Wait(0), Step::Done(Outcome::Unreachable)], "{heard:?}");
            assert_eq!(course.attempts, 2);
        }
        assert_eq!(steps(Repeat::CountsTwice, &[status(503), status(200)]).0[1], Step::Done(Outcome::Accepted));
    }

    #[test]
    fn a_doubt_is_never_forgotten() {
        for last in [status(503), NEVER_LEFT, NO_ANSWER] {
            let (steps, _) = steps(Repeat::Safe, &[NO_ANSWER, last]);
            assert_eq!(steps, [Step::Wait(0), Step::Done(Outcome::Unknown)], "{last:?}");
        }
        // Unless the platform says what became of the same request.
        assert_eq!(steps(Repeat::Safe, &[NO_ANSWER, status(204)]).0[1], Step::Done(Outcome::Accepted));
        assert_eq!(steps(Repeat::Safe, &[NO_ANSWER, status(400)]).0[1], Step::Done(Outcome::Rejected));
    }

    #[test]
    fn aborted_is_what_has_not_left() {
        assert_eq!(Course::new(POLICY, Repeat::Safe).abort(false), Outcome::Aborted);
        assert_eq!(Course::new(POLICY, Repeat::Safe).abort(true), Outcome::Unknown);
        assert_eq!(steps(Repeat::CountsTwice, &[status(503)]).1.abort(false), Outcome::Aborted);
        assert_eq!(steps(Repeat::Safe, &[NO_ANSWER]).1.abort(false), Outcome::Unknown);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let asks = |seconds: u64| {
            Heard::Answer(Answer::Status { status: 429, retry_after: Some(seconds.saturating_mul(1000)) })
        };
        assert_eq!(steps(Repeat::Safe, &[asks(60)]).0, [Step::Wait(60_000)]);
        assert_eq!(steps(Repeat::Safe, &[asks(61)]).0, [Step::Done(Outcome::Unreachable)]);
    }

    #[test]
    fn the_status_is_that_of_the_last_attempt() {
        let (_, course) = steps(Repeat::Safe, &[status(503), NO_ANSWER]);
        assert_eq!(course.status, None);
        assert_eq!(steps(Repeat::Safe, &[status(503)]).1.status, Some(503));
    }
}
