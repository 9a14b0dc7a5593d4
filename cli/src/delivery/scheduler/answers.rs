//! What becomes of a request: the ledger's state, the health of its host, and when it is tried again.

use super::Scheduler;
use crate::{
    delivery::{
        health::{Left, Suspect},
        unit::{Member, Unit},
    },
    fault::Code,
    ledger::{Settlement, State},
};
use aftercall::deliver::policy::{Answer, LONGEST_RETRY_AFTER, Verdict};
use std::time::{Duration, Instant};
use tracing::debug;

/// Where a host asks for a longer wait than that, the others do not wait for it.
const PATIENCE: Duration = Duration::from_secs(1);

impl Scheduler {
    pub(super) fn answered(&mut self, number: u64, answer: Answer) {
        let Some(mut unit) = self.in_flight.remove(&number) else { return };
        let Some(first) = unit.first() else { return };
        let (repeat, platform) = (first.repeat, first.platform.name());
        unit.attempts += 1;
        unit.placed = false;
        let chance = self.chance();
        let verdict = self.policy.judge(answer, unit.attempts, repeat, chance);
        let status = match answer {
            Answer::Status { status, .. } => Some(status),
            _ => None,
        };
        let (state, reason) = match verdict {
            Verdict::Accepted => (State::Delivered, None),
            Verdict::Rejected if unit.members.len() > 1 => (State::Pending, Some(Code::RefusedByPlatform)),
            // Until it is known whether the platform takes anything at all it can be sent again.
            Verdict::Rejected => (State::Dead, Some(Code::RefusedByPlatform)),
            Verdict::Refused => (State::Dead, Some(Code::AccountRefused)),
            Verdict::Again { .. } => (State::Pending, None),
            Verdict::GaveUp => (State::Dead, Some(Code::GaveUp)),
            Verdict::InDoubt => (State::InDoubt, Some(Code::UnknownOutcome)),
        };
        for member in &unit.members {
            if let Member::Noted(id, _) = member {
                let reason = reason.map(Code::name);
                self.settlements.push(Settlement { id: *id, state, attempts: unit.attempts, status, reason });
            }
        }
        let conversions = u64::try_from(unit.members.len()).unwrap_or(0);
        if verdict != Verdict::Rejected {
            self.tally.settled(platform, state, conversions);
        }
        let wait = match answer {
            Answer::Status { status: 408 | 425 | 429 | 500..=599, retry_after } => retry_after.unwrap_or(0),
            _ => 0,
        };
        // So long a run does not wait: the host is left alone at once.
        let is_too_long = wait > LONGEST_RETRY_AFTER;
        let host = unit.host();
        match verdict {
            Verdict::Accepted => {
                let suspects = self.health.takes(host);
                self.condemn(suspects);
            }
            Verdict::Rejected if unit.members.len() > 1 => self.health.answers(host),
            Verdict::Rejected => {
                let suspect = self.settlements.last().map(|last| (platform, last.clone()));
                let all = suspect.map(|suspect| self.health.refuses(host, suspect)).unwrap_or_default();
                if !all.is_empty() {
                    self.acquit(host, all);
                }
            }
            Verdict::Refused | Verdict::GaveUp => {
                let why = if verdict == Verdict::Refused { Left::Refusing } else { Left::Failing };
                if self.health.fails(host, why, is_too_long) {
                    self.say_left_alone(host);
                }
            }
            Verdict::Again { .. } | Verdict::InDoubt => {}
        }
        // Whoever asks to wait means all requests, also where this one was the last attempt.
        if wait > 0 && !is_too_long {
            let now = Instant::now();
            if self.limiter.paused(host, now).is_none() && self.health.asks_to_wait(host, self.policy.attempts) {
                self.say_left_alone(host);
            }
            self.limiter.pause(host, now + Duration::from_millis(wait), now);
        }
        if state == State::Pending && !self.tally.interrupted {
            match verdict {
                Verdict::Again { after } => match self.long_pause(unit.host()) {
                    Some(until) => self.put_off(&unit, until),
                    None => self.postpone(Instant::now() + Duration::from_millis(after), unit),
                },
                // One of them is wrong: the halves find out which.
                _ => self.halves.extend(unit.halves()),
            }
        }
    }

    /// These were refused, and others were taken: it was their own fault.
    pub(super) fn condemn(&mut self, suspects: Vec<Suspect>) {
        for (platform, settlement) in suspects {
            self.tally.settled(platform, State::Rejected, 1);
            self.settlements.push(Settlement { state: State::Rejected, ..settlement });
        }
    }

    /// These were refused as everything is: they can be sent again when somebody has corrected what is wrong.
    fn acquit(&mut self, host: &str, suspects: Vec<Suspect>) {
        let reason = Some(Code::AccountRefused.name());
        // One that comes alone was on its way when that became clear.
        if let [.., (_, Settlement { status: Some(status), .. })] = &suspects[..]
            && suspects.len() > 1
        {
            self.progress.say(&format!(
                "{host} has refused {} conversions in a row with status {status}, and taken none. Is the account right?",
                suspects.len()
            ));
            self.say_left_alone(host);
        }
        for (platform, settlement) in suspects {
            self.tally.settled(platform, State::Dead, 1);
            self.settlements.push(Settlement { reason, ..settlement });
        }
    }

    fn say_left_alone(&self, host: &str) {
        self.progress.say(&match self.health.left_alone(host) {
            Some(Left::Refusing) => format!(
                "{host} is left alone: it refuses everything. What was to go there is dead; when settings or account are \
                 corrected, `aftercall retry` sends it again."
            ),
            _ => format!("{host} is left alone: what was to go there stays pending, and the next run sends it."),
        });
    }

    /// The end of a pause that others need not wait for.
    pub(super) fn long_pause(&mut self, host: &str) -> Option<Instant> {
        let now = Instant::now();
        let until = self.limiter.paused(host, now)?;
        (until - now > PATIENCE && self.limiter.any_goes_on(now) && self.ledger.remembers()).then_some(until)
    }

    /// From here on it stands in the ledger alone, as pending.
    pub(super) fn put_off(&mut self, unit: &Unit, until: Instant) {
        debug!(host = unit.host(), conversions = unit.members.len(), "put off");
        for member in &unit.members {
            if let Member::Noted(id, _) = member {
                let (lowest, again) = self.put_off.unwrap_or((*id, until));
                self.put_off = Some((lowest.min(*id), again.min(until)));
            }
        }
    }

    pub(super) fn postpone(&mut self, due: Instant, unit: Unit) {
        let ms = due.saturating_duration_since(Instant::now()).as_millis();
        debug!(host = unit.host(), conversions = unit.members.len(), attempts = unit.attempts, ms, "waits");
        self.number += 1;
        self.later.insert((due, self.number), unit);
    }

    /// A number by xorshift: jitter needs no better.
    fn chance(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}
