//! A token bucket a host: so many requests a second, and none before a host that asked to wait.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// The buckets. Each holds a tenth of a second's worth, so that a burst stays a small one.
#[derive(Default)]
pub struct Limiter {
    hosts: HashMap<String, Bucket>,
}

struct Bucket {
    /// When the next request may leave, if none left early.
    next: Instant,
    /// Nothing leaves before.
    not_before: Instant,
}

impl Limiter {
    /// When a request to that host may leave, and takes its place. `rate`: requests a second, if there is a limit.
    pub fn take(&mut self, host: &str, rate: Option<f64>, now: Instant) -> Instant {
        let bucket = self.bucket(host, now);
        let earliest = now.max(bucket.not_before);
        let Some(rate) = rate else { return earliest };
        let gap = Duration::from_secs_f64(1.0 / rate);
        let burst = Duration::from_millis(100).max(gap);
        // What was not used is saved, up to the bucket's size.
        let next = bucket.next.max(earliest.checked_sub(burst.saturating_sub(gap)).unwrap_or(earliest));
        bucket.next = next + gap;
        next.max(earliest)
    }

    /// The host asked to wait.
    pub fn pause(&mut self, host: &str, until: Instant, now: Instant) {
        let bucket = self.bucket(host, now);
        bucket.not_before = bucket.not_before.max(until);
    }

    /// Until when that host wants to be left alone.
    pub fn paused(&self, host: &str, now: Instant) -> Option<Instant> {
        self.hosts.get(host).map(|bucket| bucket.not_before).filter(|until| *until > now)
    }

    /// Is there a host that does not want to be left alone?
    pub fn any_goes_on(&self, now: Instant) -> bool {
        self.hosts.values().any(|bucket| bucket.not_before <= now)
    }

    fn bucket(&mut self, host: &str, now: Instant) -> &mut Bucket {
        self.hosts.entry(host.to_owned()).or_insert(Bucket { next: now, not_before: now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_a_second() {
        let (mut limiter, start) = (Limiter::default(), Instant::now());
        let last = (0..100).map(|_| limiter.take("a", Some(50.0), start)).max().unwrap();
        let taken = last - start;
        assert!((Duration::from_millis(1850)..=Duration::from_secs(2)).contains(&taken), "{taken:?}");
        assert_eq!(limiter.take("b", Some(50.0), start), start, "another host, another bucket");
        assert_eq!(limiter.take("c", None, start), start);
    }

    #[test]
    fn what_was_not_used_is_not_all_saved() {
        let (mut limiter, start) = (Limiter::default(), Instant::now());
        limiter.take("a", Some(50.0), start);
        let later = start + Duration::from_secs(60);
        let burst = (0..50).filter(|_| limiter.take("a", Some(50.0), later) == later).count();
        assert!((1..=6).contains(&burst), "{burst}");
    }

    #[test]
    fn a_pause_holds_everything() {
        let (mut limiter, start) = (Limiter::default(), Instant::now());
        let until = start + Duration::from_secs(3);
        limiter.pause("a", until, start);
        assert_eq!(limiter.take("a", None, start), until);
        assert!(limiter.take("a", Some(1000.0), start) >= until);
    }
}
