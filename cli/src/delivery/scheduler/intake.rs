//! What comes in: rows of the files, and what earlier runs left.

use super::Scheduler;
use crate::{
    delivery::{health::Left, unit::Member},
    fault::{Code, Fault},
    job::{self, Told, Work},
    ledger::{Known, Settlement, State},
};

/// Requests of earlier runs that are read at once.
const PAGE: usize = 256;

impl Scheduler {
    /// Some of what earlier runs left.
    pub(super) fn take_left(&mut self) -> Result<(), Fault> {
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

    pub(super) fn take_row(&mut self, file: usize, told: Told) -> Result<(), Fault> {
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
    pub(super) fn recognise(&mut self, work: &Work, known: Known) -> Result<(), Fault> {
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
}
