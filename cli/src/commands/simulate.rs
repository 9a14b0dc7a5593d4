//! `aftercall simulate`: see [`crate::simulator`].

use crate::{args::Arguments, exit::Exit, fault::Fault, simulator};
use std::io::Write;

/// Serves until it is stopped.
///
/// # Errors
/// `port-unusable`.
pub fn run(arguments: &Arguments, port: u16, keep: usize) -> Result<Exit, Fault> {
    simulator::serve(port, keep, |address| {
        if arguments.json {
            println!("{}", serde_json::json!({ "address": format!("http://{address}") }));
        } else if !arguments.quiet {
            println!(
                "All platforms stand at http://{address}: `aftercall sync` delivers there with --via, and /_log and /_stats tell what came."
            );
        }
        // Whoever started this waits for the line.
        let _ = std::io::stdout().flush();
    })?;
    Ok(Exit::Done)
}
