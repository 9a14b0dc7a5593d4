//! Faults to order: each rule meets a share of the requests to some hosts or paths, or with something in their bodies.

use serde::Deserialize;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[serde(default)]
    seed: Option<u64>,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Rule {
    kind: Kind,
    /// Of `status`.
    status: Option<u16>,
    /// Of `status`: seconds.
    retry_after: Option<u64>,
    /// Of `latency`.
    ms: Option<u64>,
    /// Of `reset` and `hang`: was the request counted before the answer was lost?
    #[serde(default)]
    counted: bool,
    /// Of all requests that it fits, from 0 to 1.
    #[serde(default = "all")]
    share: f64,
    /// So many times, then never again.
    times: Option<u64>,
    /// Part of the host.
    host: Option<String>,
    /// Part of the path.
    path: Option<String>,
    /// Part of the body.
    body: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Status,
    Latency,
    Reset,
    Hang,
    Drop,
}

fn all() -> f64 {
    1.0
}

/// What shall go wrong with one request.
pub enum Fault {
    Status {
        status: u16,
        retry_after: Option<u64>,
    },
    Latency(Duration),
    Reset {
        counted: bool,
    },
    Hang {
        counted: bool,
    },
    /// The answer is as always; nothing was counted.
    Drop,
}

/// The ordered faults.
#[derive(Default)]
pub struct Faults {
    rules: Vec<Rule>,
    random: u64,
}

impl Faults {
    /// Replaces the order.
    pub fn order(&mut self, body: &[u8]) -> Result<(), String> {
        let order: Order = serde_json::from_slice(body).map_err(|error| format!("{error}."))?;
        for rule in &order.rules {
            if rule.kind == Kind::Status && rule.status.is_none() || rule.kind == Kind::Latency && rule.ms.is_none() {
                return Err("A rule of kind status needs status, one of kind latency ms.".into());
            }
        }
        self.random = order.seed.unwrap_or(1) | 1;
        self.rules = order.rules;
        Ok(())
    }

    /// What goes wrong with a request, if anything.
    pub fn draw(&mut self, host: &str, path: &str, body: &[u8]) -> Option<Fault> {
        for rule in &mut self.rules {
            let fits = rule.host.as_ref().is_none_or(|part| host.contains(part.as_str()))
                && rule.path.as_ref().is_none_or(|part| path.contains(part.as_str()))
                && rule.body.as_ref().is_none_or(|part| String::from_utf8_lossy(body).contains(part.as_str()))
                && rule.times != Some(0);
            if !fits || rule.share < 1.0 && next(&mut self.random) >= rule.share {
                continue;
            }
            if let Some(times) = &mut rule.times {
                *times -= 1;
            }
            return Some(match rule.kind {
                Kind::Status => Fault::Status { status: rule.status.unwrap_or(500), retry_after: rule.retry_after },
                Kind::Latency => Fault::Latency(Duration::from_millis(rule.ms.unwrap_or(0))),
                Kind::Reset => Fault::Reset { counted: rule.counted },
                Kind::Hang => Fault::Hang { counted: rule.counted },
                Kind::Drop => Fault::Drop,
            });
        }
        None
    }
}

/// A number from 0 up to 1, by xorshift64*: the same seed, the same faults.
fn next(state: &mut u64) -> f64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    let bits = state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
    f64::from(u32::try_from(bits).unwrap_or(0)) / 4_294_967_296.0
}
