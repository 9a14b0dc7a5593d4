//! Delivery: from rows to the platforms' answers.
//!
//! Four threads: one reads and builds (`feed`), one decides and writes the ledger (`scheduler`), one flushes what was written
//! to the disk (`flusher`), one holds all connections (`wire`). They speak by channels; the reader goes no faster than the
//! scheduler lets it.

mod feed;
mod flusher;
mod health;
pub mod left_out;
mod limiter;
mod progress;
mod scheduler;
pub mod tally;
mod unit;
pub mod wire;

use crate::{
    config::{Config, Secrets},
    fault::{Code, Fault},
    input::Input,
    job::Job,
    ledger::Ledger,
};
use feed::Event;
use flusher::Flusher;
use progress::Progress;
use scheduler::{Means, Scheduler};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::AtomicU64,
        mpsc::{Sender, channel},
    },
    thread::{self, JoinHandle},
};
use tally::Tally;
use tokio::{signal::unix, sync::mpsc::unbounded_channel};
use wire::Wire;

/// What is to be read.
pub struct Reading {
    pub job: Job,
    pub inputs: Vec<Input>,
    pub files: Vec<PathBuf>,
    /// Bytes, where somebody knows.
    pub total: Option<u64>,
    pub read: Arc<AtomicU64>,
    /// Where rows that go nowhere are listed.
    pub left_out: Option<left_out::LeftOut>,
}

/// Sends what earlier runs left, then what is read.
///
/// # Errors
/// Configuration, input or ledger cannot be used.
pub fn run(
    config: &Config,
    secrets: &Secrets,
    ledger: Ledger,
    reading: Option<Reading>,
    silent: bool,
) -> Result<Tally, Fault> {
    let (events, heard) = channel();
    let (jobs, taken) = unbounded_channel();
    let wire = Wire::new(config, secrets)?;
    spawn("wire", {
        let events = events.clone();
        move || carry(wire, taken, &events)
    })?;
    let (mut files, mut credits, mut total, mut read, mut left_out) = (Vec::new(), None, None, Arc::default(), None);
    if let Some(reading) = reading {
        let (give, take) = channel();
        (files, credits, total, read) = (reading.files, Some(give), reading.total, reading.read);
        left_out = reading.left_out;
        let (job, inputs, events) = (reading.job, reading.inputs, events.clone());
        spawn("reader", move || feed::feed(job, inputs, &take, &events))?;
    }
    let flusher = ledger.flush_apart()?.map(|log| Flusher::new(log, events)).transpose()?;
    let progress = Progress::new(silent, total, read);
    Scheduler::new(config, Means { ledger, flusher, jobs, credits, files, left_out, progress }).run(&heard)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Fault> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| Fault::new(Code::BadConfig, format!("No thread can be started: {error}.")))
}

/// The thread of all connections; it hears the signals, too.
fn carry(wire: Wire, taken: tokio::sync::mpsc::UnboundedReceiver<Vec<wire::Job>>, events: &Sender<Event>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        let fault = Fault::new(Code::BadConfig, "The system gives no event queue (too many open files?).");
        let _ = events.send(Event::End(Err(fault)));
        return;
    };
    runtime.block_on(async {
        for kind in [unix::SignalKind::interrupt(), unix::SignalKind::terminate()] {
            let events = events.clone();
            tokio::spawn(async move {
                let Ok(mut signals) = unix::signal(kind) else { return };
                signals.recv().await;
                let _ = events.send(Event::Interrupt);
                signals.recv().await;
                std::process::exit(130);
            });
        }
        let events = events.clone();
        wire.serve(taken, move |number, answer| {
            let _ = events.send(Event::Answered(number, answer));
        })
        .await;
    });
}
