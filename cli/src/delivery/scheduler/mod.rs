//! The scheduler: what leaves, when, and what becomes of it. It owns the ledger.
//!
//! It turns in a circle: hear what came (answers, rows) and write it down in one transaction, together with what leaves next.
//! What came meanwhile is written together the next time, so the busier it is, the fewer transactions a request costs.
//!
//! ```text
//! rows ──► ready ──claim──► claimed ──flushed──► leaves ──► in flight ──answered──► settled
//! ```
//! The disk is slow, so the next requests are claimed (marked as in flight, and flushed) while others are on the wire. Which of
//! the claimed have left stands in the ledger, too, and never are these more than `concurrency`. A conversion that is not
//! claimed stands in the file, not yet in the ledger.

mod answers;
mod intake;
mod leaving;

use super::{
    feed::Event,
    flusher::Flusher,
    health::Health,
    left_out::LeftOut,
    limiter::Limiter,
    progress::Progress,
    tally::Tally,
    unit::{Batches, Unit},
    wire,
};
use crate::{
    clock::now,
    config::Config,
    fault::{Code, Fault},
    job::{Hosts, Told},
    ledger::{self, Ledger, Settlement, State},
    table::thousands,
};
use aftercall::deliver::policy::Policy;
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    time::{Duration, Instant},
};
use tokio::sync::mpsc::UnboundedSender;
use tracing::debug;

/// So long it listens before it writes, at most: a transaction costs the same for many as for one.
const LISTEN: Duration = Duration::from_millis(1);

/// Claimed requests for each that may be on the wire: so many leave while the disk is busy.
const AHEAD: usize = 4;

pub struct Scheduler {
    ledger: Ledger,
    /// Nothing where nothing is remembered.
    flusher: Option<Flusher>,
    concurrency: usize,
    /// Requests that may be claimed beyond these.
    ahead: usize,
    correct: bool,
    batch: usize,
    policy: Policy,
    timeout: Duration,
    rates: Config,
    hosts: Hosts,
    limiter: Limiter,
    health: Health,
    random: u64,
    jobs: UnboundedSender<Vec<wire::Job>>,
    credits: Option<Sender<()>>,
    files: Vec<PathBuf>,
    left_out: Option<LeftOut>,
    progress: Progress,

    /// What earlier runs left: read from behind the first number up to the second.
    left: Option<(i64, i64)>,
    rows: VecDeque<(usize, Told)>,
    fed: bool,
    batches: Batches,
    ready: VecDeque<Unit>,
    /// Of refused batches, the next one last.
    halves: Vec<Unit>,
    /// Pending in the ledger alone, from that number on, while its host wants to be left alone: looked for again at the end,
    /// but not before that time.
    put_off: Option<(i64, Instant)>,
    /// Something was left for the next run.
    leaves: bool,
    /// What waits for its time; the number keeps two of one instant apart.
    later: BTreeMap<(Instant, u64), Unit>,
    /// To be written down as pending, for the next run.
    kept: Vec<Unit>,
    /// Written down as in flight, with the turn whose flush they wait for. They leave in this order.
    claimed: VecDeque<(u64, Unit)>,
    /// They leave as soon as the transaction that is open is written.
    staged: Vec<(u64, Unit)>,
    in_flight: HashMap<u64, Unit>,
    /// What became known since the last transaction.
    settlements: Vec<Settlement>,
    /// Transactions so far.
    turn: u64,
    /// The turn up to which somebody flushes, and the one up to which all stands on the disk.
    flushing: u64,
    flushed: u64,
    number: u64,
    tally: Tally,
}

/// What the scheduler works with.
pub struct Means {
    pub ledger: Ledger,
    pub flusher: Option<Flusher>,
    pub jobs: UnboundedSender<Vec<wire::Job>>,
    /// One for each chunk of rows that the reader may send; nothing where nothing is read.
    pub credits: Option<Sender<()>>,
    pub files: Vec<PathBuf>,
    pub left_out: Option<LeftOut>,
    pub progress: Progress,
}

impl Scheduler {
    pub fn new(config: &Config, means: Means) -> Self {
        let delivery = &config.delivery;
        let ms = |seconds: f64| u64::try_from(Duration::from_secs_f64(seconds).as_millis()).unwrap_or(u64::MAX);
        Scheduler {
            concurrency: delivery.concurrency,
            // Where nobody could tell after a crash which of the claimed have left, none is claimed ahead.
            ahead: if means.ledger.knows_what_left() { AHEAD.saturating_mul(delivery.concurrency) } else { 0 },
            correct: config.kameleoon.as_ref().is_some_and(|it| it.correct == Some(true)),
            batch: delivery.batch,
            policy: Policy {
                attempts: delivery.attempts,
                first_wait: ms(delivery.backoff),
                longest_wait: ms(delivery.backoff_limit),
            },
            timeout: Duration::from_secs_f64(delivery.timeout),
            rates: config.clone(),
            hosts: Hosts::of(config),
            limiter: Limiter::default(),
            health: Health::new(delivery.batch),
            random: now().ms() ^ u64::from(std::process::id()).rotate_left(32) | 1,
            batches: Batches::new(delivery.batch),
            ledger: means.ledger,
            flusher: means.flusher,
            jobs: means.jobs,
            fed: means.credits.is_none(),
            credits: means.credits,
            files: means.files,
            left_out: means.left_out,
            progress: means.progress,
            left: None,
            rows: VecDeque::new(),
            ready: VecDeque::new(),
            halves: Vec::new(),
            put_off: None,
            leaves: false,
            later: BTreeMap::new(),
            kept: Vec::new(),
            claimed: VecDeque::new(),
            staged: Vec::new(),
            in_flight: HashMap::new(),
            settlements: Vec::new(),
            turn: 0,
            flushing: 0,
            flushed: 0,
            number: 0,
            tally: Tally::default(),
        }
    }

    /// Runs until all is done, or somebody wants an end.
    ///
    /// # Errors
    /// The ledger cannot be written any more, or the input cannot be read on. Nothing is lost: what the ledger could not
    /// hear of is in doubt after the next start.
    pub fn run(mut self, events: &Receiver<Event>) -> Result<Tally, Fault> {
        let began = Instant::now();
        self.ledger.begin(seconds())?;
        self.tally.recovered = self.ledger.recover()?;
        self.ledger.commit()?;
        let highest = self.ledger.highest()?;
        self.left = (highest > 0).then_some((0, highest));
        debug!(in_doubt = self.tally.recovered, "ledger opened");
        if let Some(credits) = &self.credits {
            // One chunk is worked on while the next is read.
            let _ = (credits.send(()), credits.send(()));
        }
        while !self.is_done() {
            if let Err(fault) = self.hear(events).and_then(|()| self.turn()) {
                let fault = self.stop(fault, events);
                self.close();
                return Err(fault);
            }
            let (delivered, in_flight) = (self.tally.delivered(), self.in_flight.len());
            let rows = self.tally.rows;
            self.progress.show(|seconds| {
                let rate = delivered as f64 / seconds.max(0.001);
                format!(
                    "{} rows, {} delivered, {rate:.0}/s, {in_flight} in flight",
                    thousands(rows),
                    thousands(delivered)
                )
            });
        }
        if let Err(fault) = self.end().and_then(|()| self.flush_all(events)) {
            let fault = self.stop(fault, events);
            self.close();
            return Err(fault);
        }
        self.close();
        self.progress.end();
        self.tally.seconds = began.elapsed().as_secs_f64();
        Ok(self.tally)
    }

    /// What could only be judged at the end.
    fn end(&mut self) -> Result<(), Fault> {
        let suspects = self.health.end();
        self.condemn(suspects);
        if !self.settlements.is_empty() {
            self.turn()?;
        }
        if self.leaves {
            for (platform, state, count, _) in self.ledger.counts()? {
                if state == State::Pending
                    && let Some(platform) = ledger::platform(&platform)
                {
                    self.tally.of(platform.name()).pending = count;
                }
            }
        }
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.tally.interrupted && self.is_idle() || self.nothing_to_come() && self.is_idle() && self.put_off.is_none()
    }

    fn nothing_to_come(&self) -> bool {
        self.fed && self.rows.is_empty() && self.left.is_none()
    }

    /// Is nothing under way?
    fn is_idle(&self) -> bool {
        self.batches.held() == 0
            && self.ready.is_empty()
            && self.halves.is_empty()
            && self.later.is_empty()
            && self.kept.is_empty()
            && self.claimed.is_empty()
            && self.in_flight.is_empty()
            && self.settlements.is_empty()
    }

    /// May more leave at once? Nothing is taken that could not: it waits in the file as well as here.
    fn has_room(&self) -> bool {
        self.marked() + self.ready.len() < self.concurrency + self.ahead
            && self.later.len() < 2 * self.concurrency
            && self.halves.len() < 2 * self.concurrency
    }

    /// Requests that are marked as in flight.
    fn marked(&self) -> usize {
        self.in_flight.len() + self.staged.len() + self.claimed.len()
    }

    /// Waits until something came, or until it is time for something; takes all that came.
    fn hear(&mut self, events: &Receiver<Event>) -> Result<(), Fault> {
        let is_more = self.has_room() && (!self.rows.is_empty() || self.left.is_some())
            || !(self.ready.is_empty() && self.halves.is_empty());
        let can_go_on = is_more && self.can_claim()
            || self.can_release() && self.in_flight.len() < self.concurrency
            || !self.settlements.is_empty()
            || !self.kept.is_empty();
        let mut wait = if can_go_on { Duration::ZERO } else { Duration::from_millis(100) };
        if let Some(((due, _), _)) = self.later.first_key_value() {
            wait = wait.min(due.saturating_duration_since(Instant::now()));
        }
        match events.recv_timeout(wait) {
            Ok(event) => self.take(event)?,
            Err(RecvTimeoutError::Timeout) => {}
            // It holds an end as long as it lives.
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Fault::new(Code::BadConfig, "The thread of all connections has ended."));
            }
        }
        let until = Instant::now() + LISTEN;
        loop {
            while let Ok(event) = events.try_recv() {
                self.take(event)?;
            }
            // The wire must not run dry.
            let is_enough = self.can_release() && self.in_flight.len() <= self.concurrency - self.concurrency / 4;
            if self.in_flight.is_empty() || is_enough || Instant::now() >= until {
                return Ok(());
            }
            // Not woken by every single answer.
            std::thread::sleep(LISTEN / 8);
        }
    }

    fn take(&mut self, event: Event) -> Result<(), Fault> {
        match event {
            Event::Rows(file, rows) => self.rows.extend(rows.into_iter().map(|told| (file, told))),
            Event::End(result) => {
                self.fed = true;
                result?;
            }
            Event::Answered(number, answer) => self.answered(number, answer),
            Event::Flushed(turn) => self.flushed = turn?,
            Event::Interrupt => self.interrupt(),
        }
        Ok(())
    }

    /// Takes nothing more and waits for what is in flight. What was on its way is written down as pending, and the next run
    /// sends it; the rows behind it will be read again.
    fn interrupt(&mut self) {
        self.progress.say("Stopping: waiting for what is in flight. Once more stops at once.");
        self.tally.interrupted = true;
        self.credits = None;
        self.left = None;
        self.rows.clear();
        self.put_off = None;
        self.kept.extend(self.claimed.drain(..).map(|(_, unit)| unit));
        self.kept.extend(self.ready.drain(..));
        self.kept.append(&mut self.halves);
        self.kept.extend(std::mem::take(&mut self.later).into_values());
        self.kept.extend(self.batches.flush());
    }

    /// What came is written down and what is next leaves; then, while the wire is busy, more is claimed.
    fn turn(&mut self) -> Result<(), Fault> {
        let can_leave = self.can_release() && self.in_flight.len() < self.concurrency;
        if !self.settlements.is_empty() || !self.kept.is_empty() || can_leave {
            self.transaction(Self::settle)?;
            self.settlements.clear();
            self.send()?;
        }
        if self.can_claim() {
            self.transaction(Self::take_more)?;
        }
        self.flush();
        Ok(())
    }

    fn transaction(&mut self, write: fn(&mut Self) -> Result<(), Fault>) -> Result<(), Fault> {
        self.turn += 1;
        self.ledger.begin(seconds())?;
        let written = write(self).and_then(|()| self.ledger.commit());
        if written.is_err() {
            self.ledger.roll_back();
        }
        written
    }

    /// The ledger's log is closed before the ledger is, which then is one file.
    fn close(&mut self) {
        if let Some(flusher) = self.flusher.take() {
            flusher.end();
        }
    }

    /// Writes down what became known, and what leaves.
    fn settle(&mut self) -> Result<(), Fault> {
        for settlement in &self.settlements {
            self.ledger.settle(settlement)?;
        }
        for mut unit in std::mem::take(&mut self.kept) {
            self.note(&mut unit, State::Pending)?;
        }
        self.release()
    }

    /// Takes rows and what earlier runs left, and claims what is ready.
    fn take_more(&mut self) -> Result<(), Fault> {
        while self.has_room() {
            if self.left.is_some() {
                self.take_left()?;
            } else if let Some((file, told)) = self.rows.pop_front() {
                self.take_row(file, told)?;
            } else {
                break;
            }
        }
        if self.nothing_to_come() || self.batches.held() > 4 * self.batch {
            self.ready.extend(self.batches.flush());
        }
        self.claim()?;
        // By now nothing that is pending stands elsewhere: it can be read from the ledger again.
        if let Some((lowest, again)) = self.put_off
            && self.nothing_to_come()
            && self.is_idle()
            && Instant::now() >= again
        {
            self.put_off = None;
            self.left = Some((lowest - 1, self.ledger.highest()?));
        }
        Ok(())
    }

    /// The end that nobody wanted: waits for what is in flight and tries to write it down once more.
    fn stop(&mut self, fault: Fault, events: &Receiver<Event>) -> Fault {
        self.progress.end();
        // What is claimed has not left.
        let mut back: Vec<Unit> = self.staged.drain(..).chain(self.claimed.drain(..)).map(|(_, unit)| unit).collect();
        self.tally.interrupted = true;
        // A connection may have to be made first, and an answer read.
        let until = Instant::now() + 3 * self.timeout + Duration::from_secs(1);
        while !self.in_flight.is_empty()
            && let Ok(event) = events.recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            if let Event::Answered(number, answer) = event {
                self.answered(number, answer);
            }
        }
        let suspects = self.health.end();
        self.condemn(suspects);
        let lost = self.settlements.len() + self.in_flight.len();
        let saved = self.ledger.begin(seconds()).and_then(|()| {
            self.settlements.iter().try_for_each(|settlement| self.ledger.settle(settlement))?;
            back.iter_mut().try_for_each(|unit| self.note(unit, State::Pending))?;
            self.ledger.commit()
        });
        let left = match saved {
            Ok(()) => self.in_flight.len(),
            Err(_) => {
                self.ledger.roll_back();
                lost
            }
        };
        let after = if left == 0 {
            String::from("What was in flight is written down; run the same command again to go on.")
        } else {
            format!(
                "Nothing is lost: {left} requests were in flight, and the next run sends again those that may be sent again \
                 and lists the others as in doubt."
            )
        };
        Fault { message: format!("{} {after}", fault.message), ..fault }
    }
}

/// Seconds since the epoch.
fn seconds() -> i64 {
    i64::try_from(now().seconds()).unwrap_or(0)
}
