//! "Your nightly job in five minutes", done as it says.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Folder, Simulator};
use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt, symlink},
    process::Command,
};

const DOCUMENT: &str = include_str!("../../docs/nightly-job.md");

/// What stands in the code block of that name.
#[track_caller]
fn passage(name: &str) -> String {
    let (_, rest) = DOCUMENT.split_once(&format!("<!-- {name} -->\n```")).unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\n```\n").unwrap().0.to_owned() + "\n"
}

/// A folder in which the document's commands run as a shell runs them: next to nothing in the environment, `aftercall` on the
/// path, and a `mail` that keeps what it is given.
struct Desk(Folder);

impl Desk {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        fs::create_dir(folder.0.join("bin")).unwrap();
        symlink(env!("CARGO_BIN_EXE_aftercall"), folder.0.join("bin/aftercall")).unwrap();
        let mail = folder.0.join("bin/mail");
        folder.write("bin/mail", format!("#!/bin/sh\ncat >> {}\n", folder.0.join("mails").display()));
        fs::set_permissions(mail, fs::Permissions::from_mode(0o755)).unwrap();
        folder.write("aftercall.toml", passage("settings"));
        Desk(folder)
    }

    /// The status and what was printed.
    fn sh(&self, script: &str) -> (i32, String) {
        let path = format!("{}:/usr/bin:/bin", self.0.0.join("bin").display());
        let shell = Command::new("/bin/sh")
            .args(["-c", script])
            .current_dir(&self.0.0)
            .env_clear()
            .envs([("PATH", path.as_str()), ("HOME", "/nonexistent"), ("SHELL", "/bin/sh")])
            .output()
            .unwrap();
        let said = [shell.stdout, shell.stderr].concat();
        (shell.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    fn mails(&self) -> String {
        fs::read_to_string(self.0.0.join("mails")).unwrap_or_default()
    }
}

#[test]
fn the_first_five_minutes() {
    let desk = Desk::new("docs");
    five_minutes(&desk);
    // With all settings there are, too.
    desk.0
        .write("aftercall.toml", include_str!("../aftercall.example.toml").replace("#: min_duration", "min_duration"));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (status, trial) =
        desk.sh(&passage("trial").replace("8788", &free.to_string()).replace("trial.db", "second.db"));
    assert_eq!((status, trial.matches("\"endpoint\":\"kameleoon events\"").count()), (0, 1), "{trial}");
    assert!(!desk.0.0.join("aftercall.db").exists(), "the trial has a ledger of its own");
    let elsewhere = desk.0.complaint(&["sync", "calls.csv", "--via", "http://platform.example"], 3);
    assert!(elsewhere.contains("loopback"), "{elsewhere}");
}

fn five_minutes(desk: &Desk) {
    let (status, plan) = desk.sh(&passage("calls"));
    assert_eq!(status, 2, "{plan}");
    assert!(plan.starts_with("4 rows, 3 with a token or ids; nothing was sent."), "{plan}");
    for part in ["kameleoon            1  ", "ambiguous-amount", "filtered", "no-token", "calls.csv:4:"] {
        assert!(plan.contains(part), "{part}: {plan}");
    }

    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (status, trial) = desk.sh(&passage("trial").replace("8788", &free.to_string()));
    assert_eq!(status, 0, "{trial}");
    let counts: Vec<&str> = trial.lines().filter(|line| line.starts_with("kameleoon ")).collect();
    let columns = |line: &str| line.split_whitespace().skip(1).take(2).map(String::from).collect::<Vec<_>>();
    assert_eq!([columns(counts[0]), columns(counts[1])], [["1", "0"], ["0", "1"]], "delivered, before: {trial}");
    assert_eq!(trial.matches("\"endpoint\":\"kameleoon events\"").count(), 1, "{trial}");
    assert!(TcpListener::bind(("127.0.0.1", free)).is_ok(), "the platforms went home");
    assert!(desk.0.0.join("trial.db").exists());
    assert!(!desk.0.0.join("aftercall.db").exists(), "the trial has a ledger of its own");
}

#[test]
fn the_line_for_cron_mails_what_needs_a_look_and_nothing_else() {
    let desk = Desk::new("docs-cron");
    let simulator = Simulator::start();
    let settings = format!("{}[delivery]\nvia = \"{}\"\n", passage("settings"), simulator.address);
    desk.0.write("aftercall.toml", settings);
    desk.sh(&passage("calls"));
    let line = passage("cron")
        .replace("/srv/calls", &desk.0.0.display().to_string())
        .replace("/usr/local/bin/aftercall", env!("CARGO_BIN_EXE_aftercall"));
    assert!(!line.contains('%'), "cron takes a percent sign for a new line");
    let mut words = line.splitn(6, char::is_whitespace);
    assert!(words.by_ref().take(5).all(|field| field == "*" || field.parse::<u8>().is_ok()), "{line}");
    let command = words.next().unwrap();

    // There is no file yet, then one that is not all right, then one that is.
    let (_, said) = desk.sh(command);
    assert!(said.contains("yesterday.csv"), "cron mails what is said: {said}");
    assert_eq!(desk.mails(), "aftercall sync: exit code 3\n");
    let calls = String::from_utf8(desk.0.read("calls.csv")).unwrap();
    desk.0.write("yesterday.csv", &calls);
    assert_eq!(desk.sh(command).1, "");
    assert!(desk.mails().ends_with("code 3\naftercall sync: exit code 2\n"), "{}", desk.mails());
    assert_eq!(simulator.log().len(), 1);
    let good: Vec<&str> = calls.lines().filter(|line| !line.contains("1,200")).collect();
    desk.0.write("yesterday.csv", good.join("\n"));
    assert_eq!(desk.sh(command), (0, String::new()));
    assert!(desk.mails().ends_with("exit code 2\n"), "{}", desk.mails());
    assert_eq!(simulator.log().len(), 1, "nothing is sent twice");
}

#[test]
fn systemd_takes_the_units() {
    let folder = Folder::new("docs-systemd");
    let mut paths = Vec::new();
    for name in ["service", "alert", "timer"] {
        let text = passage(name);
        let path = text.lines().next().unwrap().strip_prefix("# /etc/systemd/system/").unwrap();
        // It wants the command to be there.
        folder.write(path, text.replace("/usr/local/bin/aftercall", env!("CARGO_BIN_EXE_aftercall")));
        paths.push(path.to_owned());
    }
    assert_eq!(paths, ["aftercall.service", "aftercall-alert.service", "aftercall.timer"]);
    let verify = Command::new("systemd-analyze")
        .args(["verify", "--man=no", "--recursive-errors=no"])
        .args(&paths)
        .current_dir(&folder.0)
        .env("SYSTEMD_UNIT_PATH", format!("{}:", folder.0.display()))
        .output();
    // Where there is no systemd, nobody can say.
    let Ok(verify) = verify else { return };
    let said = String::from_utf8_lossy(&verify.stderr);
    assert!(verify.status.success() && !said.contains("aftercall"), "{said}");
}

#[test]
fn every_command_of_the_document_is_one() {
    let help = String::from_utf8(Folder::new("docs-help").run(&["--help"]).stdout).unwrap();
    let mut commands = 0;
    for rest in DOCUMENT.split("aftercall ").skip(1) {
        let command: String = rest.chars().take_while(|c| c.is_ascii_lowercase()).collect();
        if DOCUMENT.contains(&format!("`aftercall {command}")) || DOCUMENT.contains(&format!("\naftercall {command}")) {
            assert!(help.contains(&format!("\n  {command} ")), "{command}");
            commands += 1;
        }
    }
    assert!(commands >= 8, "{commands}");
}
