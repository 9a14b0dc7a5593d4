//! HTTP for stand-ins: it hears requests that go `via` loopback, and takes nothing that is not right.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::Duration,
};

/// A request as the vendor would see it.
pub struct Request {
    pub method: String,
    /// https, as documented, without its query.
    pub url: String,
    pub query: BTreeMap<String, String>,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The JSON that an order must have.
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{}", self.url);
        serde_json::from_str(&self.body).unwrap()
    }

    /// The page that a list is asked for: `per_page` and `page`, and the query has nothing else but `others`.
    pub fn page(&self, most: usize, others: &[&str]) -> (usize, usize) {
        for name in self.query.keys() {
            assert!(["page", "per_page"].contains(&name.as_str()) || others.contains(&name.as_str()), "?{name}");
        }
        let number = |name: &str| self.query.get(name).map(|text| text.parse::<usize>().unwrap());
        let (size, page) = (number("per_page").unwrap_or(25), number("page").unwrap_or(1));
        assert!((1..=most).contains(&size) && page >= 1, "per_page={size}&page={page}");
        (size, page)
    }
}

/// An answer.
pub enum Reply {
    Json(u16, Value),
    /// With a `Retry-After`.
    Wait(u16, u64),
    /// A body that is no JSON.
    Text(u16, &'static str),
    /// The connection stays open, and nothing comes.
    Hang,
    /// The connection breaks.
    Reset,
}

/// What answers.
pub trait Vendor: Send + 'static {
    fn answer(&mut self, request: &Request) -> Reply;
}

/// A fault to come: requests whose `METHOD url` begins so meet it.
pub struct Planned {
    pub of: &'static str,
    pub reply: Reply,
    /// It is obeyed all the same: only the answer is lost.
    pub obeyed: bool,
}

pub struct Shared<V> {
    pub vendor: V,
    pub planned: Vec<Planned>,
    /// `METHOD url?query body` of each request.
    pub log: Vec<String>,
    /// What broke the rules.
    pub wrong: Vec<String>,
}

/// A stand-in that listens.
pub struct StandIn<V> {
    pub address: String,
    shared: Arc<Mutex<Shared<V>>>,
}

impl<V: Vendor> StandIn<V> {
    pub fn start(vendor: V) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(Shared { vendor, planned: Vec::new(), log: Vec::new(), wrong: Vec::new() }));
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&all);
                thread::spawn(move || serve(stream.unwrap(), &shared));
            }
        });
        StandIn { address, shared }
    }

    pub fn state(&self) -> MutexGuard<'_, Shared<V>> {
        self.shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub fn plan(&self, of: &'static str, reply: Reply) {
        self.state().planned.push(Planned { of, reply, obeyed: false });
    }

    /// The order is obeyed, and the answer never comes.
    pub fn plan_lost_answer(&self, of: &'static str) {
        self.state().planned.push(Planned { of, reply: Reply::Reset, obeyed: true });
    }

    /// The requests since the last look.
    pub fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.state().log)
    }

    /// The orders since the last look: all but questions.
    pub fn orders(&self) -> Vec<String> {
        self.log().into_iter().filter(|line| !line.starts_with("GET ")).collect()
    }
}

impl<V> Drop for StandIn<V> {
    fn drop(&mut self) {
        if !thread::panicking() {
            let shared = self.shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            assert_eq!(shared.wrong, Vec::<String>::new());
            let left: Vec<&str> = shared.planned.iter().map(|planned| planned.of).collect();
            assert_eq!(left, Vec::<&str>::new(), "these faults were never met");
        }
    }
}

fn serve<V: Vendor>(mut stream: TcpStream, shared: &Mutex<Shared<V>>) {
    let Some(request) = read(&mut stream) else { return };
    let reply = {
        let mut shared = shared.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let line = format!("{} {}", request.method, request.url);
        shared.log.push(format!("{line}?{} {}", query.join("&"), request.body));
        let planned = shared.planned.iter().position(|planned| line.starts_with(planned.of));
        let planned = planned.map(|index| shared.planned.remove(index));
        if let Some(Planned { reply, obeyed: false, .. }) = planned {
            reply
        } else {
            // A rule that is broken is a failed assertion: it is kept for the test, and answered as a vendor would.
            let vendor = std::panic::AssertUnwindSafe(&mut shared.vendor);
            let answered = std::panic::catch_unwind(move || {
                let vendor = vendor;
                vendor.0.answer(&request)
            });
            match (answered, planned) {
                (Ok(_), Some(planned)) => planned.reply,
                (Ok(reply), None) => reply,
                (Err(_), _) => {
                    shared.wrong.push(line);
                    Reply::Text(400, "wrong")
                }
            }
        }
    };
    let (status, extra, body) = match reply {
        Reply::Json(status, value) => (status, String::new(), value.to_string()),
        Reply::Wait(status, seconds) => (status, format!("Retry-After: {seconds}\r\n"), String::new()),
        Reply::Text(status, text) => (status, String::new(), text.to_owned()),
        Reply::Hang => {
            thread::sleep(Duration::from_secs(20));
            return;
        }
        Reply::Reset => return,
    };
    let head = format!("HTTP/1.1 {status} -\r\nConnection: close\r\n{extra}Content-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut some = [0; 4096];
    let head = loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            break end;
        }
        match stream.read(&mut some).ok()? {
            0 => return None,
            read => bytes.extend_from_slice(&some[..read]),
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap().split(' ');
    let (method, path) = (first.next().unwrap().to_owned(), first.next().unwrap().to_owned());
    let headers: BTreeMap<String, String> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + 4 + length {
        match stream.read(&mut some).ok()? {
            0 => return None,
            read => bytes.extend_from_slice(&some[..read]),
        }
    }
    let url = headers["aftercall-url"].clone();
    assert!(url.starts_with("https://") && url.ends_with(&path), "{url} is not {path}");
    let (url, query) = url.split_once('?').unwrap_or((&url, ""));
    Some(Request {
        method,
        url: url.to_owned(),
        query: fields(query),
        headers: headers.clone(),
        body: String::from_utf8(bytes[head + 4..].to_vec()).unwrap(),
    })
}

/// `a=1&b=2`, decoded.
pub fn fields(text: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| aftercall::values::percent::decode(text).unwrap();
    text.split('&')
        .filter(|field| !field.is_empty())
        .map(|field| field.split_once('=').unwrap())
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
