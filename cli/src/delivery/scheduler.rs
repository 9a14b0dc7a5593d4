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

use super::{
    feed::Event,
    flusher::Flusher,
    health::{Health, Left, Suspect},
    left_out::LeftOut,
    limiter::Limiter,
    progress::Progress,
    tally::Tally,
    unit::{Batches, Member, Unit},
    wire,
};
use crate::{
    clock::now,
    config::Config,
    fault::{Code, Fault},
    job::{self, Hosts, Told, Work},
    ledger::{self, Known, Ledger, Settlement, State},
    table::thousands,
};
use aftercall::{
    deliver::policy::{Answer, LONGEST_RETRY_AFTER, Policy, Verdict},
    values::request::Repeat,
};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    time::{Duration, Instant},
};
use tokio::sync::mpsc::UnboundedSender;
use tracing::debug;

/// Requests of earlier runs that are read at once.
const PAGE: usize = 256;

/// Halves of refused batches that are asked for at once. Few, so that single conversions are reached soon: they tell whether a
/// row is refused, or everything.
const HALVES_AT_ONCE: usize = 4;

/// Where a host asks for a longer wait than that, the others do not wait for it.
const PATIENCE: Duration = Duration::from_secs(1);

/// So long it listens before it writes, at most: a transaction costs the same for many as for one.
const LISTEN: Duration = Duration::from_millis(1);

/// Claimed requests for each that may be on the wire: so many leave while the disk is busy.
const AHEAD: usize = 4;

/// Conversions that are claimed ahead, at most: a batch has many.
const MOST_AHEAD: usize = 2048;

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

    /// May more be claimed? Not for a few: a flush costs the same for many.
    fn can_claim(&self) -> bool {
        let conversions = || self.claimed.iter().map(|(_, unit)| unit.members.len()).sum::<usize>();
        self.marked() < self.concurrency + self.ahead
            && (self.claimed.is_empty() || self.claimed.len() <= self.ahead / 2 && conversions() <= MOST_AHEAD / 2)
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

    fn answered(&mut self, number: u64, answer: Answer) {
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
    fn condemn(&mut self, suspects: Vec<Suspect>) {
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
    fn long_pause(&mut self, host: &str) -> Option<Instant> {
        let now = Instant::now();
        let until = self.limiter.paused(host, now)?;
        (until - now > PATIENCE && self.limiter.any_goes_on(now) && self.ledger.remembers()).then_some(until)
    }

    /// From here on it stands in the ledger alone, as pending.
    fn put_off(&mut self, unit: &Unit, until: Instant) {
        debug!(host = unit.host(), conversions = unit.members.len(), "put off");
        for member in &unit.members {
            if let Member::Noted(id, _) = member {
                let (lowest, again) = self.put_off.unwrap_or((*id, until));
                self.put_off = Some((lowest.min(*id), again.min(until)));
            }
        }
    }

    fn postpone(&mut self, due: Instant, unit: Unit) {
        let ms = due.saturating_duration_since(Instant::now()).as_millis();
        debug!(host = unit.host(), conversions = unit.members.len(), attempts = unit.attempts, ms, "waits");
        self.number += 1;
        self.later.insert((due, self.number), unit);
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

    /// It is written that they leave.
    fn send(&mut self) -> Result<(), Fault> {
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
    fn flush(&mut self) {
        let Some(flusher) = &self.flusher else { return };
        let wanted = self.claimed.iter().map(|(turn, _)| *turn).max().unwrap_or(0);
        if self.flushing <= self.flushed && wanted > self.flushed {
            self.flushing = self.turn;
            flusher.want(self.turn);
        }
    }

    /// Waits until all that was written stands on the disk.
    fn flush_all(&mut self, events: &Receiver<Event>) -> Result<(), Fault> {
        let Some(flusher) = &self.flusher else { return Ok(()) };
        flusher.want(self.turn);
        while self.flushed < self.turn
            && let Ok(event) = events.recv()
        {
            self.take(event)?;
        }
        Ok(())
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

    /// Some of what earlier runs left.
    fn take_left(&mut self) -> Result<(), Fault> {
        let Some((after, up_to)) = self.left else { return Ok(()) };
        let page = self.ledger.waiting(after, up_to, PAGE)?;
        self.left = page.last().map(|last| (last.id, up_to));
        for waiting in page {
            match waiting.draft {
                // The next run sends it.
                Some(draft)
                    if job::host(&draft.url).and_then(|host| self.health.left_alone(host)) == Some(Left::Failing) =>
                {
                    self.leaves = true;
                }
                Some(draft) if self.hosts.name(&draft.url) => self.place(Member::Noted(waiting.id, draft)),
                Some(draft) => self.refuse(waiting.id, draft.platform.name())?,
                None => self.refuse(waiting.id, "unreadable")?,
            }
        }
        Ok(())
    }

    fn take_row(&mut self, file: usize, told: Told) -> Result<(), Fault> {
        let path = self.files.get(file).cloned().unwrap_or_default();
        self.tally.row(&path, &told);
        if let Some(left_out) = &mut self.left_out {
            left_out.add(&path, &told)?;
        }
        for work in told.works {
            self.consider(work)?;
        }
        if self.rows.is_empty()
            && let Some(credits) = &self.credits
        {
            // The reader may have ended.
            let _ = credits.send(());
        }
        Ok(())
    }

    /// What is new goes on its way.
    fn consider(&mut self, work: Work) -> Result<(), Fault> {
        if let Some(known) = self.ledger.find(&work)? {
            return self.recognise(&work, known);
        }
        if self.hosts.name(&work.draft.url) {
            self.place(Member::New(work));
        } else if let Some(id) = self.ledger.admit(&work, State::Pending)? {
            self.refuse(id, work.draft.platform.name())?;
        }
        Ok(())
    }

    /// What is known is counted, and corrected where that is wanted.
    fn recognise(&mut self, work: &Work, known: Known) -> Result<(), Fault> {
        let platform = work.draft.platform.name();
        let (id, state, was) = match known {
            Known::Same(state) => {
                self.tally.known(platform, state);
                return Ok(());
            }
            Known::Changed { id, state, was } => (id, state, was),
        };
        self.tally.known(platform, state);
        let parts = if self.correct { job::corrections(work, was) } else { None };
        if let Some([_, anew]) = &parts
            && self.ledger.find(anew)?.is_some()
        {
            // This amount was told, and another one since: an export from in between.
            return Ok(());
        }
        self.tally.of(platform).changed += 1;
        if let Some(parts) = parts {
            if !state.is_settled() {
                // Nobody knows yet whether there is anything to take back: a later run finds it changed again.
                return Ok(());
            }
            if state == State::Delivered {
                self.tally.of(platform).corrected += 1;
                // Written down together with the change: it is noted once, and so they come once.
                for part in parts {
                    if let Some(id) = self.ledger.admit(&part, State::Pending)? {
                        self.place(Member::Noted(id, part.draft));
                    }
                }
            }
        }
        self.ledger.note_change(id, work.revenue)
    }

    fn place(&mut self, member: Member) {
        self.ready.extend(self.batches.take(member));
    }

    /// A request to a host that the settings do not name never leaves.
    fn refuse(&mut self, id: i64, platform: &'static str) -> Result<(), Fault> {
        self.tally.settled(platform, State::Dead, 1);
        let reason = Some(Code::HostNotNamed.name());
        self.ledger.settle(&Settlement { id, state: State::Dead, attempts: 0, status: None, reason })
    }

    /// Claims what leaves next.
    fn claim(&mut self) -> Result<(), Fault> {
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
    fn can_release(&self) -> bool {
        self.claimed.front().is_some_and(|(turn, _)| *turn <= self.flushed)
    }

    /// Lets leave what stands on the disk, as far as there is room on the wire.
    fn release(&mut self) -> Result<(), Fault> {
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
    fn note(&mut self, unit: &mut Unit, state: State) -> Result<(), Fault> {
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

    /// A number by xorshift: jitter needs no better.
    fn chance(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}

/// Seconds since the epoch.
fn seconds() -> i64 {
    i64::try_from(now().seconds()).unwrap_or(0)
}
