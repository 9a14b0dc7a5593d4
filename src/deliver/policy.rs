//! Attempts, waits, and what an answer means. Pure: time and chance are arguments.
//!
//! ```text
//! answer                                 verdict
//! 2xx                                    accepted
//! 408, 425, 429, 5xx                     again, after a wait; at the last attempt: gave up
//! 400, 409, 410, 411, 413 … other 4xx    rejected: this request is wrong
//! 1xx, 3xx, 401, 402, 403, 404, 405, 407 refused: not the request is wrong but the account, the host or the sender
//! never left                             again, as above
//! left, and no answer                    again where a repeat is safe, else in doubt
//! ```
//! Waits grow exponentially with full jitter (each is drawn from zero up to its bound), so that many senders that failed
//! together do not come back together. `Retry-After` is obeyed (RFC 9110, 10.2.3): its wait is the least.

use crate::values::{request::Repeat, time::Time};

/// How often and how patiently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Attempts a request, the first included.
    pub attempts: u32,
    /// Ms before the second attempt, at most; the bound doubles with every attempt.
    pub first_wait: u64,
    /// Ms that a bound never exceeds.
    pub longest_wait: u64,
}

/// Who asks for longer than a quarter of an hour gets his way: not in this run.
pub const LONGEST_RETRY_AFTER: u64 = 900_000;

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An answer of HTTP.
    Status {
        /// Its code.
        status: u16,
        /// Ms that the platform asks to wait.
        retry_after: Option<u64>,
    },
    /// The request never left: no address, no connection.
    NeverLeft,
    /// It left, and no answer came: a time-out, a reset.
    NoAnswer,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The platform took it.
    Accepted,
    /// The platform refuses this request: sending it again is of no use.
    Rejected,
    /// The platform refuses the account or the sender: once that is corrected, it may go out again.
    Refused,
    /// Again, after so many ms.
    Again {
        /// Ms to wait.
        after: u64,
    },
    /// The last attempt failed; it was not counted.
    GaveUp,
    /// Nobody knows whether it was counted, and a repeat could count twice.
    InDoubt,
}

impl Policy {
    /// What to do after that answer to that attempt, the first being 1. `chance` is any number, drawn anew each time.
    #[must_use]
    pub fn judge(&self, answer: Answer, attempt: u32, repeat: Repeat, chance: u64) -> Verdict {
        match answer {
            Answer::Status { status: 200..=299, .. } => Verdict::Accepted,
            Answer::Status { status: 408 | 425 | 429 | 500..=599, retry_after } => {
                self.again(attempt, retry_after.unwrap_or(0), chance)
            }
            Answer::Status { status: 401..=405 | 407, .. } => Verdict::Refused,
            Answer::Status { status: 400..=499, .. } => Verdict::Rejected,
            Answer::Status { .. } => Verdict::Refused,
            Answer::NeverLeft => self.again(attempt, 0, chance),
            Answer::NoAnswer if repeat == Repeat::Safe => self.again(attempt, 0, chance),
            Answer::NoAnswer => Verdict::InDoubt,
        }
    }

    fn again(&self, attempt: u32, at_least: u64, chance: u64) -> Verdict {
        if attempt >= self.attempts || at_least > LONGEST_RETRY_AFTER {
            return Verdict::GaveUp;
        }
        let doubled = 1_u64.checked_shl(attempt.saturating_sub(1)).unwrap_or(u64::MAX);
        let bound = self.first_wait.saturating_mul(doubled).min(self.longest_wait);
        let jitter = chance.checked_rem(bound.saturating_add(1)).unwrap_or(0);
        Verdict::Again { after: at_least.saturating_add(jitter) }
    }
}

/// Ms to wait by the text of a `Retry-After`: seconds, or a date of HTTP (`Sun, 22 Nov 2026 14:05:30 GMT`).
#[must_use]
pub fn retry_after(text: &str, now: Time) -> Option<u64> {
    let text = text.trim_ascii();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than a number holds is as long as it gets.
        return Some(text.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(1000));
    }
    let mut words = text.split(' ').skip(1);
    let (day, month, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if words.next()? != "GMT" {
        return None;
    }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let number = months.iter().position(|name| *name == month)?.checked_add(1)?;
    let (tens, ones) = (number.checked_div(10)?, number.checked_rem(10)?);
    let mut iso = alloc::string::String::with_capacity(20);
    for part in [year, "-", digit(tens)?, digit(ones)?, "-", day, "T", clock, "Z"] {
        iso.push_str(part);
    }
    Some(Time::parse_iso(&iso)?.ms().saturating_sub(now.ms()))
}

fn digit(number: usize) -> Option<&'static str> {
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"].get(number).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy { attempts: 4, first_wait: 100, longest_wait: 250 };

    fn status(status: u16) -> Answer {
        Answer::Status { status, retry_after: None }
    }

    #[test]
    fn an_answer_means_one_thing() {
        for (code, verdict) in [
            (200, Verdict::Accepted),
            (204, Verdict::Accepted),
            (301, Verdict::Refused),
            (400, Verdict::Rejected),
            (401, Verdict::Refused),
            (403, Verdict::Refused),
            (404, Verdict::Refused),
            (413, Verdict::Rejected),
            (422, Verdict::Rejected),
            (429, Verdict::Again { after: 0 }),
            (500, Verdict::Again { after: 0 }),
            (503, Verdict::Again { after: 0 }),
        ] {
            assert_eq!(POLICY.judge(status(code), 1, Repeat::CountsTwice, 0), verdict, "{code}");
        }
    }

    #[test]
    fn only_what_is_safe_goes_out_again_when_nobody_knows() {
        for (repeat, verdict) in [
            (Repeat::Safe, Verdict::Again { after: 0 }),
            (Repeat::Unproven, Verdict::InDoubt),
            (Repeat::CountsTwice, Verdict::InDoubt),
        ] {
            assert_eq!(POLICY.judge(Answer::NoAnswer, 1, repeat, 0), verdict, "{repeat:?}");
            assert_eq!(POLICY.judge(Answer::NeverLeft, 1, repeat, 0), Verdict::Again { after: 0 }, "{repeat:?}");
        }
    }

    #[test]
    fn waits_double_up_to_their_bound() {
        for (attempt, bound) in [(1, 100), (2, 200), (3, 250)] {
            let wait = |chance| match POLICY.judge(status(500), attempt, Repeat::Safe, chance) {
                Verdict::Again { after } => after,
                other => panic!("{other:?}"),
            };
            assert_eq!((wait(0), wait(bound), wait(bound + 1)), (0, bound, 0), "{attempt}");
        }
        assert_eq!(POLICY.judge(status(500), 4, Repeat::Safe, 0), Verdict::GaveUp);
        let many = Policy { attempts: u32::MAX, ..POLICY };
        assert_eq!(many.judge(status(500), 1_000_000, Repeat::Safe, 250), Verdict::Again { after: 250 });
    }

    #[test]
    fn retry_after_is_the_least_wait() {
        let asked = |ms| Answer::Status { status: 429, retry_after: Some(ms) };
        assert_eq!(POLICY.judge(asked(5000), 1, Repeat::Safe, 7), Verdict::Again { after: 5007 });
        assert_eq!(POLICY.judge(asked(LONGEST_RETRY_AFTER + 1), 1, Repeat::Safe, 7), Verdict::GaveUp);
    }

    #[test]
    fn retry_after_in_both_its_forms() {
        let now = Time::parse_iso("2026-11-22T14:05:00Z").unwrap();
        for (text, ms) in [
            ("120", Some(120_000)),
            (" 0 ", Some(0)),
            ("99999999999999999999", Some(u64::MAX)),
            ("Sun, 22 Nov 2026 14:05:30 GMT", Some(30_000)),
            ("Sun, 22 Nov 2026 14:04:30 GMT", Some(0)),
            ("Sun, 22 Nov 2026 14:05:30 CET", None),
            ("soon", None),
            ("", None),
            ("-5", None),
        ] {
            assert_eq!(retry_after(text, now), ms, "{text}");
        }
    }
}
