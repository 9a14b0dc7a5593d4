//! How far it is: a bar for people, a line every ten seconds for logs, nothing for programs.

use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::IsTerminal,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// What is shown while a run goes on.
pub struct Progress {
    bar: Option<ProgressBar>,
    lines: bool,
    began: Instant,
    last: Instant,
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Progress {
    /// `total`: bytes to read, where somebody knows; `read` counts them.
    pub fn new(silent: bool, total: Option<u64>, read: Arc<AtomicU64>) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = (!silent && terminal).then(|| {
            let bar = match total {
                Some(bytes) => ProgressBar::new(bytes.max(1)),
                None => ProgressBar::no_length(),
            };
            let template = if total.is_some() { "{bar:30} {percent}%  {msg}, {eta} left" } else { "{spinner} {msg}" };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        });
        let now = Instant::now();
        Progress { bar, lines: !silent && !terminal, began: now, last: now, read, total }
    }

    /// Shows how far it is, where it is time to.
    pub fn show(&mut self, words: impl Fn(f64) -> String) {
        let every = if self.lines { Duration::from_secs(10) } else { Duration::from_millis(100) };
        if self.last.elapsed() < every {
            return;
        }
        self.last = Instant::now();
        let words = words(self.began.elapsed().as_secs_f64());
        let read = self.read.load(Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.set_position(read);
            bar.set_message(words);
        } else if self.lines {
            match self.total {
                Some(total) if total > 0 => eprintln!("{}% read, {words}", (read * 100 / total).min(100)),
                _ => eprintln!("{words}"),
            }
        }
    }

    /// Says something in between.
    pub fn say(&self, words: &str) {
        match &self.bar {
            Some(bar) => bar.println(words),
            None => eprintln!("{words}"),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
