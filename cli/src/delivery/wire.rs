//! The wire: HTTP/1.1 over TLS, connections kept alive, one thread for all of them.

use crate::{
    clock::now,
    config::{Config, Secrets},
    fault::{Code, Fault},
    job,
};
use aftercall::{
    deliver::{
        policy::{Answer, retry_after},
        via::{URL_HEADER, Via},
    },
    values::{problem::PlatformName, request::ConversionRequest},
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
    header::{self, HeaderName, HeaderValue},
};
use hyper_util::rt::TokioIo;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, sync::mpsc::UnboundedReceiver};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};
use tracing::debug;

/// Most servers close after five seconds; who writes into a connection that is being closed is left in doubt.
const IDLE: Duration = Duration::from_secs(4);

/// Far less than any time-out.
const TICK: Duration = Duration::from_millis(50);

/// Nobody needs more of an answer.
const LONGEST_ANSWER: usize = 1 << 20;

/// A request and the number that its answer is known by.
pub type Job = (u64, ConversionRequest);

struct Idle {
    sender: SendRequest<Full<Bytes>>,
    since: Instant,
}

/// Where TLS is spoken.
const PORT: u16 = 443;

/// All that requests leave with.
pub struct Wire {
    port: u16,
    via: Option<Via>,
    tls: Option<TlsConnector>,
    agent: HeaderValue,
    secret: Option<HeaderValue>,
    timeout: Duration,
    idle: Mutex<HashMap<String, Vec<Idle>>>,
}

/// Whatever happens to a request's task, somebody hears of it.
struct Promise<F: Fn(u64, Answer)> {
    number: u64,
    answer: Answer,
    answered: F,
}

impl<F: Fn(u64, Answer)> Drop for Promise<F> {
    fn drop(&mut self) {
        (self.answered)(self.number, self.answer);
    }
}

/// What came back, with its text.
pub struct Got {
    pub answer: Answer,
    pub text: Vec<u8>,
}

impl Wire {
    /// A wire with these settings.
    ///
    /// # Errors
    /// `bad-config`: no certificates to trust, or a secret that is none.
    pub fn new(config: &Config, secrets: &Secrets) -> Result<Self, Fault> {
        let bad = |message: &str| Fault::new(Code::BadConfig, message);
        let via = config.delivery.via.as_deref().and_then(Via::parse);
        let tls = if via.is_none() { Some(connector(roots()?)?) } else { None };
        let agent =
            HeaderValue::from_str(&config.delivery.user_agent).map_err(|_| bad("delivery.user_agent is no header."))?;
        let secret = secrets.convert_secret.as_ref().map(|secret| {
            let mut value = HeaderValue::from_str(&format!("Bearer {secret}"))
                .map_err(|_| bad("AFTERCALL_CONVERT_SDK_KEY_SECRET is no header."))?;
            value.set_sensitive(true);
            Ok::<_, Fault>(value)
        });
        Ok(Wire {
            port: PORT,
            via,
            tls,
            agent,
            secret: secret.transpose()?,
            timeout: Duration::from_secs_f64(config.delivery.timeout),
            idle: Mutex::default(),
        })
    }

    /// Sends what comes until there is no more; each answer goes to `answered`.
    pub async fn serve(
        self,
        mut jobs: UnboundedReceiver<Vec<Job>>,
        answered: impl Fn(u64, Answer) + Clone + Send + 'static,
    ) {
        let wire = Arc::new(self);
        // A time-out that is nearer than all others wakes the thread, which costs a call of the system. One that is always
        // near keeps those of the requests from it.
        tokio::spawn(async {
            loop {
                tokio::time::sleep(TICK).await;
            }
        });
        while let Some(jobs) = jobs.recv().await {
            for (number, request) in jobs {
                let (wire, answered) = (Arc::clone(&wire), answered.clone());
                tokio::spawn(async move {
                    let mut promise = Promise { number, answer: Answer::NoAnswer, answered };
                    promise.answer = wire.send(&request).await.answer;
                });
            }
        }
    }

    /// One attempt.
    pub async fn send(&self, request: &ConversionRequest) -> Got {
        let body = request.body().unwrap_or_default().to_owned();
        let kind = request.body.as_ref().map(|(format, _)| format.content_type());
        // Convert's secret goes to Convert alone, and only with its JSON interface.
        let secret = self.secret.clone().filter(|_| request.platform == PlatformName::Convert && kind.is_some());
        let headers = secret.map(|secret| (header::AUTHORIZATION, secret));
        let began = Instant::now();
        let got = self.exchange(request.method(), &request.url, kind, headers.as_slice(), body).await;
        // Paths, parameters and bodies hold ids and keys: none of them is told.
        let (host, ms) = (job::host(&request.url), began.elapsed().as_millis());
        debug!(platform = request.platform.name(), host, answer = ?got.answer, ms, "request");
        got
    }

    /// One request and its answer. `headers` are its own, beside those that every request has.
    pub async fn exchange(
        &self,
        method: &str,
        url: &str,
        content_type: Option<&'static str>,
        headers: &[(HeaderName, HeaderValue)],
        body: String,
    ) -> Got {
        let nothing = |answer| Got { answer, text: Vec::new() };
        let Some((host, request)) = self.prepare(method, url, content_type, headers, body) else {
            return nothing(Answer::NeverLeft);
        };
        // One that was kept may have been closed meanwhile: then the request has not left, and takes another.
        let (request, kept) = match self.kept(&host) {
            Some(mut sender) => match tokio::time::timeout(self.timeout, sender.try_send_request(request)).await {
                Ok(Ok(response)) => return self.hear(host, sender, response).await,
                Ok(Err(mut error)) => (error.take_message(), true),
                Err(_) => (None, true),
            },
            None => (Some(request), false),
        };
        let Some(request) = request else { return nothing(Answer::NoAnswer) };
        if kept {
            debug!(host, "a kept connection was closed");
        }
        let Ok(Some(mut sender)) = tokio::time::timeout(self.timeout, self.connect(&host)).await else {
            return nothing(Answer::NeverLeft);
        };
        // Its time begins anew: what leaves shortly before its end could not be answered any more.
        match tokio::time::timeout(self.timeout, sender.try_send_request(request)).await {
            Ok(Ok(response)) => self.hear(host, sender, response).await,
            // hyper hands back a request that it never began to write.
            Ok(Err(mut error)) => {
                nothing(if error.take_message().is_some() { Answer::NeverLeft } else { Answer::NoAnswer })
            }
            Err(_) => nothing(Answer::NoAnswer),
        }
    }

    /// Reads an answer to its end, and keeps the connection.
    async fn hear(&self, host: String, mut sender: SendRequest<Full<Bytes>>, response: Response<Incoming>) -> Got {
        let answer = Answer::Status { status: response.status().as_u16(), retry_after: wait_of(&response) };
        let body = async {
            let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await.ok()?;
            if sender.ready().await.is_ok() {
                self.keep(host, sender);
            }
            Some(body.to_bytes().to_vec())
        };
        // The status is the answer: a body that breaks off, or never comes, changes nothing about it.
        let text = tokio::time::timeout(self.timeout, body).await.ok().flatten().unwrap_or_default();
        Got { answer, text }
    }

    fn prepare(
        &self,
        method: &str,
        url: &str,
        content_type: Option<&'static str>,
        headers: &[(HeaderName, HeaderValue)],
        body: String,
    ) -> Option<(String, Request<Full<Bytes>>)> {
        let host = job::host(url)?;
        let path = url.get("https://".len() + host.len()..)?;
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method.parse().ok()?;
        *request.uri_mut() =
            if path.starts_with('/') { path.parse().ok()? } else { format!("/{path}").parse().ok()? };
        let all = request.headers_mut();
        all.insert(header::HOST, HeaderValue::from_str(host).ok()?);
        all.insert(header::USER_AGENT, self.agent.clone());
        all.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        if let Some(kind) = content_type {
            all.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        all.extend(headers.iter().cloned());
        if self.via.is_some() {
            all.insert(URL_HEADER, HeaderValue::from_str(url).ok()?);
        }
        Some((host.to_owned(), request))
    }

    /// A connection that is still open.
    fn kept(&self, host: &str) -> Option<SendRequest<Full<Bytes>>> {
        let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = all.get_mut(host)?;
        while let Some(Idle { sender, since }) = idle.pop() {
            if since.elapsed() < IDLE && sender.is_ready() && !sender.is_closed() {
                return Some(sender);
            }
        }
        None
    }

    fn keep(&self, host: String, sender: SendRequest<Full<Bytes>>) {
        let mut all = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(host).or_default().push(Idle { sender, since: Instant::now() });
    }

    async fn connect(&self, host: &str) -> Option<SendRequest<Full<Bytes>>> {
        if let Some(via) = &self.via {
            let stream = TcpStream::connect(via.address()).await.ok()?;
            return self.greet(stream).await;
        }
        let said = |error: &std::io::Error| debug!(host, %error, "no connection");
        let stream = TcpStream::connect((host, self.port)).await.inspect_err(said).ok()?;
        let _ = stream.set_nodelay(true);
        let name = ServerName::try_from(host.to_owned()).ok()?;
        let stream = self.tls.as_ref()?.connect(name, stream).await.inspect_err(said).ok()?;
        debug!(host, "connected");
        self.greet(stream).await
    }

    async fn greet<S>(&self, stream: S) -> Option<SendRequest<Full<Bytes>>>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(async move {
            // How a connection ends is seen by the request that is on it.
            let _ = connection.await;
        });
        Some(sender)
    }
}

fn wait_of(response: &Response<Incoming>) -> Option<u64> {
    retry_after(response.headers().get(header::RETRY_AFTER)?.to_str().ok()?, now())
}

/// The system's certificates: a company's own authority is among them.
fn roots() -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(Fault::new(Code::BadConfig, "This system has no certificates to trust: install ca-certificates."));
    }
    Ok(roots)
}

/// TLS that trusts these.
fn connector(roots: RootCertStore) -> Result<TlsConnector, Fault> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::new(Code::BadConfig, format!("TLS: {error}.")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };
    use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

    fn authority() -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    /// What a server with that certificate reads of a request, and what the wire makes of it.
    fn exchange(
        trusted: &CertifiedIssuer<'_, KeyPair>,
        name: &str,
        signed: bool,
        years: std::ops::Range<i32>,
    ) -> (Answer, usize) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(years.start, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.end, 1, 1);
        let certificate =
            if signed { params.signed_by(&key, trusted).unwrap() } else { params.self_signed(&key).unwrap() };
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())
            .unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(trusted.der().clone()).unwrap();
        let mut wire = Wire::new(&Config::default(), &Secrets::default()).unwrap();
        wire.tls = Some(connector(roots).unwrap());
        let seen = Arc::new(AtomicUsize::new(0));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            wire.port = listener.local_addr().unwrap().port();
            let (acceptor, count) = (TlsAcceptor::from(Arc::new(server)), Arc::clone(&seen));
            let server = tokio::spawn(async move {
                let (stream, _) = listener.accept().await.unwrap();
                // A client that trusts nobody here says so, and that is all.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut buffer = [0; 4096];
                count.fetch_add(stream.read(&mut buffer).await.unwrap_or(0), Ordering::SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            });
            let got = wire.exchange("GET", "https://localhost/track-goal?u=1", None, &[], String::new()).await;
            let _ = server.await;
            got.answer
        });
        (answer, seen.load(Ordering::SeqCst))
    }

    /// What the wire makes of a server that says these, one after the other, each on a connection of its own which then ends;
    /// at the last it stays silent.
    fn through(said: &'static [&'static str], requests: usize) -> Vec<Answer> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let address = listener.local_addr().unwrap();
            let config = format!("[delivery]\ntimeout = 0.3\nvia = \"http://{address}\"");
            let wire = Wire::new(&Config::parse(&config).unwrap(), &Secrets::default()).unwrap();
            tokio::spawn(async move {
                let mut open = Vec::new();
                for (index, answer) in said.iter().enumerate() {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let _ = stream.read(&mut [0; 4096]).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                    if index + 1 == said.len() {
                        open.push(stream);
                    }
                }
                std::future::pending::<()>().await;
            });
            let mut answers = Vec::new();
            for _ in 0..requests {
                let url = "https://dacdn.visualwebsiteoptimizer.com/track-goal";
                answers.push(wire.exchange("GET", url, None, &[], String::new()).await.answer);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            answers
        })
    }

    #[test]
    fn the_status_is_the_answer_whatever_comes_of_the_body() {
        let accepted = Answer::Status { status: 200, retry_after: None };
        assert_eq!(through(&["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"], 1), [accepted], "it never ends");
        assert_eq!(through(&["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", ""], 1), [accepted], "it breaks off");
        assert_eq!(through(&["HTTP/1.1 200"], 1), [Answer::NoAnswer]);
        assert_eq!(through(&["", ""], 1), [Answer::NoAnswer]);
    }

    #[test]
    fn a_connection_that_was_closed_meanwhile_costs_nothing() {
        let accepted = Answer::Status { status: 204, retry_after: None };
        const DONE: &str = "HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(through(&[DONE, DONE, ""], 2), [accepted, accepted]);
    }

    #[test]
    fn a_certificate_is_of_a_known_authority_and_of_that_host_and_of_today_or_nothing_leaves() {
        let ours = authority();
        let (answer, bytes) = exchange(&ours, "localhost", true, 2020..2120);
        assert_eq!(answer, Answer::Status { status: 204, retry_after: None });
        assert!(bytes > 0);
        for (what, name, signed, years) in [
            ("signed by itself", "localhost", false, 2020..2120),
            ("of another host", "example.com", true, 2020..2120),
            ("out of date", "localhost", true, 2020..2021),
        ] {
            assert_eq!(exchange(&ours, name, signed, years), (Answer::NeverLeft, 0), "{what}");
        }
    }
}
