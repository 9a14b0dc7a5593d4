//! The flusher: what a run wrote comes to the disk while the run goes on.

use super::feed::Event;
use crate::{fault::Fault, ledger::Log};
use std::{
    sync::mpsc::{Sender, channel},
    thread::JoinHandle,
};

/// The thread that flushes the log of the ledger.
pub struct Flusher {
    wanted: Sender<u64>,
    thread: JoinHandle<()>,
}

impl Flusher {
    /// Begins it. What is flushed is told to `events`.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn new(log: Log, events: Sender<Event>) -> Result<Self, Fault> {
        let (wanted, taken) = channel();
        let thread = super::spawn("flusher", move || {
            while let Ok(turn) = taken.recv() {
                // Whoever waits for it goes on before the log is shortened.
                let mut told = events.send(Event::Flushed(log.flush().map(|()| turn)));
                if let Err(fault) = log.shorten() {
                    told = events.send(Event::Flushed(Err(fault)));
                }
                if told.is_err() {
                    return;
                }
            }
        })?;
        Ok(Flusher { wanted, thread })
    }

    /// All up to that turn shall stand on the disk.
    pub fn want(&self, turn: u64) {
        // Where it has ended, it has said why.
        let _ = self.wanted.send(turn);
    }

    /// Ends it; then the log is closed.
    pub fn end(self) {
        drop(self.wanted);
        let _ = self.thread.join();
    }
}
