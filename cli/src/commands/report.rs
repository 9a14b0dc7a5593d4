//! `aftercall status` and `aftercall report`: what the ledger knows.

use crate::{
    args::{Arguments, Format},
    config::Config,
    exit::Exit,
    fault::{Code, Fault},
    ledger::{Ledger, Line, State},
    table::{self, thousands},
};
use serde_json::json;
use std::io::Write;

/// What each platform's answer means, and where its own numbers stand.
const MEANINGS: [(&str, &str); 4] = [
    ("optimizely", "200 or 204: taken, not validated. Look at the experiment's results page."),
    (
        "vwo",
        "200: taken, not validated. Look at the campaign's report; of a paused FullStack campaign VWO discards it.",
    ),
    ("kameleoon", "204: queued, not validated. `aftercall verify` asks; a visit shows some 30 minutes after its end."),
    ("convert", "200: taken, even where it is dropped as a bot's. Look at the experience's report."),
];

/// Counts requests by platform and state.
///
/// # Errors
/// The ledger cannot be read.
pub fn status(arguments: &Arguments, config: &Config) -> Result<Exit, Fault> {
    let counts = Ledger::look_into(&config.ledger())?.counts()?;
    if arguments.json {
        let all: Vec<_> = counts
            .iter()
            .map(|(platform, state, count, changed)| {
                json!({ "platform": platform, "state": state.name(), "requests": count, "changed": changed })
            })
            .collect();
        println!("{}", json!(all));
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = counts
        .iter()
        .map(|(platform, state, count, changed)| {
            vec![platform.clone(), state.name().into(), thousands(*count), thousands(*changed)]
        })
        .collect();
    table::print(&["platform", "state", "conversions", "changed"], &rows);
    println!("\nDelivered means that the platform answered so; its own reports are the proof:");
    for (platform, meaning) in MEANINGS {
        if counts.iter().any(|(name, ..)| name == platform) {
            println!("  {platform}: {meaning}");
        }
    }
    Ok(Exit::Done)
}

/// One line for each request, or for those of a state.
///
/// # Errors
/// There is no such state, or the ledger cannot be read.
pub fn report(config: &Config, format: Format, state: Option<&str>) -> Result<Exit, Fault> {
    let changed = state == Some("changed");
    let state = match state.filter(|_| !changed) {
        None => None,
        Some(name) => Some(State::named(name).ok_or_else(|| {
            let names: Vec<&str> = State::ALL.iter().map(|state| state.name()).collect();
            Fault::new(
                Code::BadConfig,
                format!("There is no state \"{name}\": there are {}, changed.", names.join(", ")),
            )
        })?),
    };
    let ledger = Ledger::look_into(&config.ledger())?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match format {
        Format::Jsonl => ledger.report(state, changed, |line| writeln!(out, "{}", object(line)))?,
        Format::Csv => {
            let mut csv = csv::Writer::from_writer(&mut out);
            let header = [
                "key",
                "conversion",
                "platform",
                "state",
                "attempts",
                "status",
                "reason",
                "repeat",
                "at",
                "revenue",
                "changed",
                "new_revenue",
            ];
            let _ = csv.write_record(header);
            ledger.report(state, changed, |line| csv.write_record(cells(line)).map_err(std::io::Error::other))?;
            let _ = csv.flush();
        }
    }
    // Whoever read this may have gone.
    let _ = out.flush();
    Ok(Exit::Done)
}

fn object(line: &Line) -> serde_json::Value {
    json!({
        "key": line.key, "conversion": line.conversion, "platform": line.platform, "state": line.state.name(),
        "attempts": line.attempts, "status": line.status, "reason": line.reason, "repeat": line.repeat.name(),
        "at": time(line.at), "revenue": line.revenue.map(amount), "changed": line.changed,
        "newRevenue": line.new_revenue.map(amount),
    })
}

fn cells(line: &Line) -> [String; 12] {
    [
        line.key.clone(),
        harmless(line.conversion.as_deref().unwrap_or_default()),
        line.platform.clone(),
        line.state.name().to_owned(),
        line.attempts.to_string(),
        line.status.map(|status| status.to_string()).unwrap_or_default(),
        line.reason.clone().unwrap_or_default(),
        line.repeat.name().to_owned(),
        time(line.at),
        line.revenue.map(amount).unwrap_or_default(),
        if line.changed { "yes" } else { "" }.to_owned(),
        line.new_revenue.map(amount).unwrap_or_default(),
    ]
}

/// A spreadsheet takes what begins like this for a formula: an apostrophe keeps it text (OWASP, "CSV injection").
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

fn amount(cents: i64) -> String {
    let mut text = String::new();
    if let Some(cents) = aftercall::values::money::Cents::from_number(cents) {
        cents.push_fixed(&mut text);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn formulas_are_neutralised() {
        for text in ["=1+1", "+49", "-2+3", "@SUM(A1)", "\t=1", "|cmd"] {
            assert_eq!(super::harmless(text), format!("'{text}"));
        }
        assert_eq!(super::harmless("CAL1=2"), "CAL1=2");
    }
}
