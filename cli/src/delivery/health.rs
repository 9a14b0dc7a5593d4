//! How the hosts are: what each has failed or refused in a row, and whether it is left alone for the rest of the run. No night is
//! spent on a platform that is down, and no account is hammered that is refused.

use crate::ledger::Settlement;
use std::collections::HashMap;

/// So many failures or refusals in a row, and a host is left alone.
pub const IN_A_ROW: usize = 32;

/// Why a host is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It fails: the next run tries again.
    Failing,
    /// It refuses everything: somebody must correct something first.
    Refusing,
}

/// A refused conversion of a platform. Is it at fault, or the account? The next answer may tell.
pub type Suspect = (&'static str, Settlement);

/// All hosts that were asked.
pub struct Health {
    hosts: HashMap<String, Host>,
    /// Refusals in a row of a host that has taken something.
    most: usize,
}

#[derive(Default)]
struct Host {
    /// It has taken something in this run.
    takes: bool,
    failures: usize,
    /// Waits that it asked for.
    pauses: u32,
    suspects: Vec<Suspect>,
    left: Option<Left>,
}

impl Health {
    /// Of hosts that are asked with batches of that size. Who has taken something may refuse as many in a row as a batch holds:
    /// they may all be bad.
    pub fn new(batch: usize) -> Self {
        Health { hosts: HashMap::new(), most: batch.max(IN_A_ROW) }
    }

    /// It took something: what it refused before was at fault itself, and comes back.
    pub fn takes(&mut self, host: &str) -> Vec<Suspect> {
        // As it nearly always is.
        if let Some(Host { takes: true, failures: 0, pauses: 0, suspects, .. }) = self.hosts.get(host)
            && suspects.is_empty()
        {
            return Vec::new();
        }
        let host = self.host(host);
        (host.takes, host.failures, host.pauses) = (true, 0, 0);
        std::mem::take(&mut host.suspects)
    }

    /// It refused a request of several conversions: it is there, at least.
    pub fn answers(&mut self, host: &str) {
        self.host(host).failures = 0;
    }

    /// It refused a conversion that came alone. Where that is one too many, all of them in a row come back, and it is left alone;
    /// what was on its way by then comes back one by one.
    pub fn refuses(&mut self, host: &str, suspect: Suspect) -> Vec<Suspect> {
        let most = self.most;
        let host = self.host(host);
        host.failures = 0;
        host.suspects.push(suspect);
        if host.left == Some(Left::Refusing) {
            return std::mem::take(&mut host.suspects);
        }
        if host.suspects.len() < if host.takes { most } else { IN_A_ROW } {
            return Vec::new();
        }
        host.left = Some(Left::Refusing);
        std::mem::take(&mut host.suspects)
    }

    /// A request failed for good, and not by its own fault; `why` counts where it was one too many. Did that make it so?
    pub fn fails(&mut self, host: &str, why: Left, at_once: bool) -> bool {
        let host = self.host(host);
        host.failures = if at_once { IN_A_ROW.max(host.failures) } else { host.failures.saturating_add(1) };
        let is_new = host.left.is_none() && host.failures >= IN_A_ROW;
        if is_new {
            host.left = Some(why);
        }
        is_new
    }

    /// It asks to wait, anew. Who does so that often, and takes nothing in between, is left alone; is it, from now on?
    pub fn asks_to_wait(&mut self, host: &str, often: u32) -> bool {
        let host = self.host(host);
        host.pauses = host.pauses.saturating_add(1);
        let is_new = host.left.is_none() && host.pauses > often;
        if is_new {
            host.left = Some(Left::Failing);
        }
        is_new
    }

    /// Is it left alone?
    pub fn left_alone(&self, host: &str) -> Option<Left> {
        self.hosts.get(host)?.left
    }

    /// At the end: nothing more will tell.
    pub fn end(&mut self) -> Vec<Suspect> {
        self.hosts.values_mut().flat_map(|host| std::mem::take(&mut host.suspects)).collect()
    }

    fn host(&mut self, name: &str) -> &mut Host {
        self.hosts.entry(name.to_owned()).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::State;

    fn suspect(id: i64) -> Suspect {
        ("vwo", Settlement { id, state: State::Rejected, attempts: 1, status: Some(400), reason: None })
    }

    fn ids(suspects: &[Suspect]) -> Vec<i64> {
        suspects.iter().map(|(_, settlement)| settlement.id).collect()
    }

    #[test]
    fn who_refuses_everything_is_left_alone_and_gives_all_of_it_back() {
        let mut health = Health::new(500);
        for id in 1..32 {
            assert!(health.refuses("a", suspect(id)).is_empty());
        }
        assert_eq!(health.left_alone("a"), None);
        assert_eq!(ids(&health.refuses("a", suspect(32))), (1..=32).collect::<Vec<_>>());
        assert_eq!(health.left_alone("a"), Some(Left::Refusing));
        assert_eq!(ids(&health.refuses("a", suspect(33))), [33], "it was on its way");
        assert_eq!((health.left_alone("b"), health.end().len()), (None, 0));
    }

    #[test]
    fn who_takes_something_had_reasons_to_refuse_the_rest() {
        let mut health = Health::new(40);
        health.refuses("a", suspect(1));
        assert_eq!(ids(&health.takes("a")), [1]);
        for id in 2..41 {
            assert!(health.refuses("a", suspect(id)).is_empty());
        }
        assert_eq!(ids(&health.refuses("a", suspect(41))), (2..=41).collect::<Vec<_>>(), "as many as a batch holds");
        health.refuses("b", suspect(50));
        assert_eq!(ids(&health.end()), [50]);
    }

    #[test]
    fn failures_in_a_row_count_and_others_do_not() {
        let mut health = Health::new(1);
        for _ in 0..40 {
            assert!(!(0..31).any(|_| health.fails("a", Left::Failing, false)));
            health.takes("a");
            assert!(!(0..31).any(|_| health.fails("a", Left::Failing, false)));
            health.answers("a");
        }
        assert!(health.fails("a", Left::Failing, true) && !health.fails("a", Left::Failing, true), "said once");
        assert!(!health.asks_to_wait("b", 2) && !health.asks_to_wait("b", 2) && health.asks_to_wait("b", 2));
        assert_eq!(health.left_alone("b"), Some(Left::Failing));
    }
}
