//! The reader: rows out of the files, as fast as they are wanted and no faster.

use crate::{
    fault::Fault,
    input::Input,
    job::{self, Job, Told},
};
use std::sync::mpsc::{Receiver, Sender};

/// Rows that travel together.
const CHUNK: usize = 128;

/// What the scheduler hears.
pub enum Event {
    /// Rows of the file of that number.
    Rows(usize, Vec<Told>),
    /// There are no more.
    End(Result<(), Fault>),
    /// The answer to the request of that number.
    Answered(u64, aftercall::deliver::policy::Answer),
    /// What was written up to that turn stands on the disk.
    Flushed(Result<u64, Fault>),
    /// Somebody wants an end.
    Interrupt,
}

/// Reads the files one after the other; each chunk needs a credit, so that memory stays flat.
pub fn feed(mut job: Job, inputs: Vec<Input>, credits: &Receiver<()>, events: &Sender<Event>) {
    let result = (|| {
        for (number, mut input) in inputs.into_iter().enumerate() {
            if let Some(zone) = input.zone() {
                job.use_zone(zone)?;
            }
            let mut rows = std::iter::from_fn(|| input.next());
            loop {
                let chunk: Vec<Told> = rows
                    .by_ref()
                    .take(CHUNK)
                    .map(|row| row.map_or_else(job::unreadable, |row| job.tell(&row)))
                    .collect();
                if chunk.is_empty() {
                    break;
                }
                if credits.recv().is_err() || events.send(Event::Rows(number, chunk)).is_err() {
                    return Ok(());
                }
            }
            input.end()?;
        }
        Ok(())
    })();
    let _ = events.send(Event::End(result));
}
