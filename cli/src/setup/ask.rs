//! The person at the terminal, where there is one.

use super::secret::Secret;
use crate::{
    fault::{Code, Fault},
    table::plain,
};
use console::Term;
use std::io::{self, IsTerminal};

/// Of a long list so many are shown.
const SHOWN: usize = 50;

/// Who can be asked.
pub struct Ask {
    terminal: Option<Term>,
}

/// Something to choose from: what it is written as on the command line, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub id: String,
    pub name: String,
}

impl Ask {
    /// Asks where both sides of the conversation are a terminal, unless it is never to ask.
    pub fn new(never: bool) -> Self {
        let attended = !never && io::stdin().is_terminal() && io::stderr().is_terminal();
        Ask { terminal: attended.then(Term::stderr) }
    }

    /// Is there anybody?
    pub fn is_attended(&self) -> bool {
        self.terminal.is_some()
    }

    /// A secret: of the environment, else typed unseen.
    ///
    /// # Errors
    /// `no-login`, `bad-login`.
    pub fn secret(&self, variable: &str, what: &str) -> Result<Secret, Fault> {
        if let Some(secret) = Secret::of_environment(variable)? {
            return Ok(secret);
        }
        if !self.is_attended() {
            return Err(Fault::new(Code::NoLogin, format!("Set {variable}: {what}.")));
        }
        let nothing = || Fault::new(Code::NoLogin, format!("Nothing was typed. {variable} is another way."));
        Secret::parse("What was typed", &self.unseen(what)?.ok_or_else(nothing)?)
    }

    /// One of several: the only one, else the one whose number is typed.
    ///
    /// # Errors
    /// `choice-needed`: there are several, and nobody to ask.
    pub fn choose(&self, what: &str, flag: &str, choices: &[Choice]) -> Result<usize, Fault> {
        let Some(terminal) = &self.terminal else {
            return Err(Fault::new(Code::ChoiceNeeded, format!("Choose {what} with {flag}: {}.", list(choices))));
        };
        for (number, choice) in (1..).zip(choices) {
            eprintln!("{number:>4}  {}  {}", plain(&choice.id), plain(&choice.name));
        }
        loop {
            eprint!("Which {what}? Its number: ");
            let line = terminal.read_line().map_err(|error| unreadable(&error))?;
            if line.trim().is_empty() {
                return Err(Fault::new(Code::ChoiceNeeded, format!("No {what} was chosen.")));
            }
            let number = line.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            match number.filter(|number| *number < choices.len()) {
                Some(number) => return Ok(number),
                None => eprintln!("A number from 1 to {}, or nothing to stop.", choices.len()),
            }
        }
    }

    /// A line that is not shown; nothing where nobody is there or nothing is typed.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn unseen(&self, question: &str) -> Result<Option<String>, Fault> {
        let Some(terminal) = &self.terminal else { return Ok(None) };
        eprint!("{question} (it is not shown): ");
        let line = terminal.read_secure_line().map_err(|error| unreadable(&error))?;
        Ok(Some(line.trim().to_owned()).filter(|line| !line.is_empty()))
    }

    /// A line of text; nothing where nobody is there or nothing is typed.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn line(&self, question: &str) -> Result<Option<String>, Fault> {
        let Some(terminal) = &self.terminal else { return Ok(None) };
        eprint!("{question}: ");
        let line = terminal.read_line().map_err(|error| unreadable(&error))?;
        Ok(Some(line.trim().to_owned()).filter(|line| !line.is_empty()))
    }

    /// Yes or no; no where nobody is there.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn agree(&self, question: &str) -> Result<bool, Fault> {
        let answer = self.line(&format!("{question} [y/N]"))?;
        Ok(answer.is_some_and(|answer| ["y", "yes"].contains(&answer.to_lowercase().as_str())))
    }
}

fn unreadable(error: &io::Error) -> Fault {
    Fault::new(Code::ChoiceNeeded, format!("The terminal cannot be read: {error}."))
}

/// `111001 “Shop”, 111002 “Blog”`
pub fn list(choices: &[Choice]) -> String {
    let shown: Vec<String> =
        choices.iter().take(SHOWN).map(|each| format!("{} “{}”", plain(&each.id), plain(&each.name))).collect();
    let more = choices.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if shown.is_empty() { "there is none".to_owned() } else { format!("{}{more}", shown.join(", ")) }
}
