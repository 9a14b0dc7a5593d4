//! What leaves: it is claimed, waits for the disk, and goes as far as there is room on the wire.

use super::Scheduler;
use crate::{
    delivery::{
        feed::Event,
        health::Left,
        unit::{Member, Unit},
    },
    fault::{Code, Fault},
    ledger::{self, Settlement, State},
};
use aftercall::values::request::Repeat;
use std::{sync::mpsc::Receiver, time::Instant};

/// Halves of refused batches that are asked for at once. Few, so that single conversions are reached soon: they tell whether a
/// row is refused, or everything.
const HALVES_AT_ONCE: usize = 4;

/// Conversions that are claimed ahead, at most: a batch has many.
const MOST_AHEAD: usize = 2048;

impl Scheduler {
    /// May more be claimed? Not for a few: a flush costs the same for many.
    pub(super) fn can_claim(&self) -> bool {
        let conversions = || self.claimed.iter().map(|(_, unit)| unit.members.len()).sum::<usize>();
        self.marked() < self.concurrency + self.ahead
            && (self.claimed.is_empty() || self.claimed.len() <= self.ahead / 2 && conversions() <= MOST_AHEAD / 2)
    }

    /// Claims what leaves next.
    pub(super) fn claim(&mut self) -> Result<(), Fault> {
        let now = Instant::now();
        if !self.halves.is_empty() {
            let claimed = self.claimed.iter().map(|(_, unit)| unit);
            let on_their_way = self.in_flight.values().chain(self.later.values()).chain(&self.ready).chain(claimed);
            let more = HALVES_AT_ONCE.saturating_sub(on_their_way.filter(|unit| unit.is_half).count());
            for unit in self.halves.drain(self.halves.len().saturating_sub(more)..) {
                self.ready.push_front(unit);
            }
        }
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            let unit = entry.remove();
            self.ready.push_back(unit);
        }
        if !self.can_claim() {
            return Ok(());
        }
        let mut conversions: usize = self.claimed.iter().map(|(_, unit)| unit.members.len()).sum();
        while self.marked() < self.concurrency + self.ahead
            && conversions < MOST_AHEAD
            && let Some(mut unit) = self.ready.pop_front()
        {
            if let Some(why) = self.health.left_alone(unit.host()) {
                self.leave(unit, why)?;
                continue;
            }
            let host = unit.host();
            let leaves = if unit.placed {
                self.limiter.paused(host, now).unwrap_or(now)
            } else {
                self.limiter.take(host, self.rates.rate(host), now)
            };
            unit.placed = true;
            if leaves > now {
                match self.long_pause(unit.host()) {
                    Some(until) => {
                        self.note(&mut unit, State::Pending)?;
                        self.put_off(&unit, until);
                    }
                    None => self.postpone(leaves, unit),
                }
                continue;
            }
            self.note(&mut unit, State::InFlight)?;
            conversions += unit.members.len();
            // One that may go out twice need not wait for the disk, nor anything where nothing is remembered.
            let waits = self.flusher.is_some() && unit.first().is_some_and(|first| first.repeat != Repeat::Safe);
            if unit.members.is_empty() {
                continue;
            }
            let claim = (if waits { self.turn } else { 0 }, unit);
            // Halves tell what is wrong: the others wait for them.
            if claim.1.is_half { self.claimed.push_front(claim) } else { self.claimed.push_back(claim) }
        }
        Ok(())
    }

    /// Does what leaves next stand on the disk?
    pub(super) fn can_release(&self) -> bool {
        self.claimed.front().is_some_and(|(turn, _)| *turn <= self.flushed)
    }

    /// Lets leave what stands on the disk, as far as there is room on the wire.
    pub(super) fn release(&mut self) -> Result<(), Fault> {
        let now = Instant::now();
        while self.in_flight.len() + self.staged.len() < self.concurrency
            && self.can_release()
            && let Some((_, mut unit)) = self.claimed.pop_front()
        {
            // What an answer said meanwhile holds for it, too.
            if let Some(why) = self.health.left_alone(unit.host()) {
                self.leave(unit, why)?;
            } else if let Some(until) = self.limiter.paused(unit.host(), now) {
                self.note(&mut unit, State::Pending)?;
                match self.long_pause(unit.host()) {
                    Some(until) => self.put_off(&unit, until),
                    None => self.postpone(until, unit),
                }
            } else {
                self.number += 1;
                self.staged.push((self.number, unit));
            }
        }
        let leaving = self.staged.iter().map(|(_, unit)| unit);
        self.ledger.leave(self.in_flight.values().chain(leaving).flat_map(|unit| &unit.numbers))
    }

    /// Writes down that it leaves, or that it waits. What the ledger has got to know since is taken out: the same
    /// conversion stood in two rows.
    pub(super) fn note(&mut self, unit: &mut Unit, state: State) -> Result<(), Fault> {
        let mut noted = Vec::with_capacity(unit.members.len());
        for member in unit.members.drain(..) {
            match member {
                Member::Noted(id, draft) => {
                    self.ledger.mark(id, state)?;
                    noted.push(Member::Noted(id, draft));
                }
                Member::New(work) => match self.ledger.admit(&work, state)? {
                    Some(id) => noted.push(Member::Noted(id, work.draft)),
                    None => {
                        if let Some(known) = self.ledger.find(&work)? {
                            self.recognise(&work, known)?;
                        }
                    }
                },
            }
        }
        unit.numbers = ledger::rows(noted.iter().filter_map(Member::id));
        unit.members = noted;
        Ok(())
    }

    /// It does not leave: the next run sends it, or somebody must correct something first.
    fn leave(&mut self, mut unit: Unit, why: Left) -> Result<(), Fault> {
        let Some(platform) = unit.first().map(|first| first.platform.name()) else { return Ok(()) };
        self.note(&mut unit, State::Pending)?;
        match why {
            Left::Failing => self.leaves = true,
            // Pending it would stand in the way of what a corrected account has to say.
            Left::Refusing => {
                self.tally.settled(platform, State::Dead, u64::try_from(unit.members.len()).unwrap_or(0));
                let reason = Some(Code::AccountRefused.name());
                for id in unit.members.iter().filter_map(Member::id) {
                    let attempts = unit.attempts;
                    self.ledger.settle(&Settlement { id, state: State::Dead, attempts, status: None, reason })?;
                }
            }
        }
        Ok(())
    }

    /// It is written that they leave.
    pub(super) fn send(&mut self) -> Result<(), Fault> {
        let mut jobs = Vec::with_capacity(self.staged.len());
        for (number, unit) in self.staged.drain(..) {
            if let Some(request) = unit.request() {
                self.tally.requests += 1;
                jobs.push((number, request));
            }
            self.in_flight.insert(number, unit);
        }
        // Together, so that the wire is woken once.
        if !jobs.is_empty() && self.jobs.send(jobs).is_err() {
            return Err(Fault::new(Code::BadConfig, "The thread of all connections has ended."));
        }
        Ok(())
    }

    /// Has what was claimed come to the disk, one flush after the other.
    pub(super) fn flush(&mut self) {
        let Some(flusher) = &self.flusher else { return };
        let wanted = self.claimed.iter().map(|(turn, _)| *turn).max().unwrap_or(0);
        if self.flushing <= self.flushed && wanted > self.flushed {
            self.flushing = self.turn;
            flusher.want(self.turn);
        }
    }

    /// Waits until all that was written stands on the disk.
    pub(super) fn flush_all(&mut self, events: &Receiver<Event>) -> Result<(), Fault> {
        let Some(flusher) = &self.flusher else { return Ok(()) };
        flusher.want(self.turn);
        while self.flushed < self.turn
            && let Ok(event) = events.recv()
        {
            self.take(event)?;
        }
        Ok(())
    }
}
