//! What the tests of the command share: a folder of their own, the command, the simulator.
#![allow(dead_code)] // each test file uses its share

use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

/// A visitor of all four platforms, as the core's own tests have one.
pub const PAGE: &str = "optimizelyEndUserId=oeu1403497108674r0.68; optimizelyBuckets=%7B%22876543210%22%3A%222222222%22%7D; \
    _vwo_uuid=D11BD6ED27A63F845ADFCBA2D9AA7835C; _vis_opt_exp_12_combi=2; kameleoonVisitorCode=l200u3djm8kovq4o; \
    _conv_v=vi%3A1512924188976-0.53*exp%3A%7B100013987.%7Bv.100080463-g.%7B%7D%7D%7D";

/// The token of that page.
pub fn token() -> String {
    token_of(0)
}

/// The token of a visitor of that number.
pub fn token_of(visitor: usize) -> String {
    use aftercall::{
        capture::capture,
        stash::stash,
        values::{cookies::Cookies, page::Page, time::Time},
    };
    let now = Time::parse_iso("2026-11-20T00:00:00Z").unwrap();
    let mut page = PAGE.to_owned();
    if visitor > 0 {
        page = page
            .replace("r0.68", &format!("r0.68{visitor}"))
            .replace("D11BD6ED27A63F845ADFCBA2D9AA7835C", &format!("D{visitor:032X}"))
            .replace("l200u3djm8kovq4o", &format!("l200u3djm{visitor:07}"))
            .replace("1512924188976-0.53", &format!("1512924188976-0.53{visitor}"));
    }
    stash(&capture(&Page { cookies: Cookies::parse(&page), now, ..Page::default() }))
}

/// Accounts and goals of all four platforms.
pub const ACCOUNTS: &str = r#"
[optimizely]
account_id = 12001
project_id = 111001
api = "classic"
event = "phone call"
[vwo]
account_id = 123456
api = "web-goal"
goal_id = 201
[kameleoon]
site_code = "f17c21u1ag"
data_host = "eu-data.kameleoon.io"
goal_id = 36151
max_age = "none"
[convert]
account_id = 10022898
project_id = 10025986
api = "tracking-request"
goal_ids = [331]
"#;

/// A folder that ends with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    #[track_caller]
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("aftercall-test-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        fs::write(self.0.join(name), text).unwrap();
        self
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    /// The command, to be run in here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aftercall"));
        command.args(arguments).current_dir(&self.0).env_remove("RUST_BACKTRACE");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The JSON that the command prints; its exit code must be the expected one.
    #[track_caller]
    pub fn json(&self, arguments: &[&str], exit: i32) -> Value {
        let output = self.run(arguments);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(exit), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// What the command says on its way out; its exit code must be the expected one.
    #[track_caller]
    pub fn complaint(&self, arguments: &[&str], exit: i32) -> String {
        let output = self.run(arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(exit), "{text}\n{}", String::from_utf8_lossy(&output.stdout));
        text
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running simulator.
pub struct Simulator {
    child: Child,
    pub address: String,
}

impl Simulator {
    pub fn start() -> Self {
        Self::start_keeping(100_000)
    }

    /// One that remembers so many requests in full.
    pub fn start_keeping(requests: usize) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_aftercall"))
            .args(["simulate", "--port", "0", "--json", "--keep", &requests.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Simulator { child, address: ready["address"].as_str().unwrap().to_owned() }
    }

    /// The status and the body of the answer.
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let address = self.address.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, body.to_owned())
    }

    pub fn stats(&self) -> Value {
        serde_json::from_str(&self.request("GET", "/_stats", &[], "").1).unwrap()
    }

    pub fn log(&self) -> Vec<Value> {
        self.request("GET", "/_log", &[], "").1.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What was counted, and how often.
    pub fn arrived(&self) -> Vec<(u64, String)> {
        let text = self.request("GET", "/_arrived", &[], "").1;
        text.lines()
            .map(|line| {
                let (times, what) = line.split_once(' ').unwrap();
                (times.parse().unwrap(), what.to_owned())
            })
            .collect()
    }

    #[track_caller]
    pub fn faults(&self, rules: Value) {
        let body = serde_json::json!({ "seed": 7, "rules": rules }).to_string();
        assert_eq!(self.request("POST", "/_faults", &[], &body).0, 200);
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
