//! `aftercall setup`, run against strict stand-ins for the vendors' APIs.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod callrail;
mod callrail_standin;
#[path = "../common/mod.rs"]
mod common;
mod documentation;
mod optimizely;
mod optimizely_standin;
mod server;

use common::Folder;
use serde_json::Value;
use std::{
    fs,
    io::{Read, Write},
    process::{Child, Command, Output, Stdio},
};

/// Settings that lead to a stand-in, and waste no time.
pub fn settings(address: &str) -> String {
    format!("[delivery]\nvia = \"{address}\"\nbackoff = 0.01\nbackoff_limit = 0.02\nattempts = 3\ntimeout = 2.0\n")
}

/// The command, with nothing in its environment but what is named.
pub fn command(folder: &Folder, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = folder.command(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AFTERCALL_")) {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied()).stdin(Stdio::null());
    command
}

/// What a run said: its JSON, or its complaint.
#[track_caller]
pub fn run(folder: &Folder, arguments: &[&str], environment: &[(&str, &str)], exit: i32) -> (Value, String) {
    let output = command(folder, arguments, environment).output().unwrap();
    let (said, complaint) = checked(folder, &output, exit);
    (serde_json::from_str(&said).unwrap_or_default(), complaint)
}

/// What a run said, as text. Its exit code is the expected one, and no secret is in anything that it left.
#[track_caller]
pub fn checked(folder: &Folder, output: &Output, exit: i32) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (said, complaint) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(exit), "{said}\n{complaint}");
    let mut left = vec![said.clone(), complaint.clone()];
    for file in fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().path()) {
        // Tokens are kept where the person said so.
        if !file.ends_with("tokens.json") {
            left.push(fs::read_to_string(file).unwrap());
        }
    }
    for secret in optimizely_standin::SECRETS.iter().chain(&[callrail_standin::KEY]) {
        assert!(!left.iter().any(|text| text.contains(secret)), "{secret} in {left:?}");
    }
    (said, complaint)
}

/// The command at a terminal, and a person before it.
pub struct Terminal {
    child: Child,
    /// What was shown and answered.
    before: Vec<u8>,
    /// What was shown since.
    shown: Vec<u8>,
}

impl Terminal {
    pub fn open(folder: &Folder, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let inner = format!("{} {}", env!("CARGO_BIN_EXE_aftercall"), arguments.join(" "));
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--echo", "never", "--command", &inner, "/dev/null"]);
        command.current_dir(&folder.0).envs(environment.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Terminal { child: command.spawn().unwrap(), before: Vec::new(), shown: Vec::new() }
    }

    /// Waits until the terminal shows this. Returns all that it showed since the last answer.
    #[track_caller]
    pub fn until(&mut self, question: &str) -> String {
        loop {
            let shown = String::from_utf8_lossy(&self.shown).into_owned();
            if shown.contains(question) {
                return shown;
            }
            let mut some = [0; 512];
            let read = self.child.stdout.as_mut().unwrap().read(&mut some).unwrap();
            assert!(read > 0, "“{question}” was not asked: {shown}");
            self.shown.extend_from_slice(&some[..read]);
        }
    }

    /// Types an answer when that is asked.
    #[track_caller]
    pub fn answer(mut self, question: &str, line: &str) -> Self {
        self.until(question);
        self.before.append(&mut self.shown);
        // What is typed in the moment in which a terminal stops to show it is thrown away.
        std::thread::sleep(std::time::Duration::from_millis(300));
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
        self
    }

    /// All that was shown.
    pub fn end(mut self) -> Output {
        let mut rest = Vec::new();
        self.child.stdout.as_mut().unwrap().read_to_end(&mut rest).unwrap();
        let mut output = self.child.wait_with_output().unwrap();
        output.stdout = [self.before, self.shown, rest].concat();
        output
    }
}
