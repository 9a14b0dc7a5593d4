//! The simulator's HTTP: hyper on one thread.

use super::{Incoming, Reply, Simulator};
use crate::{clock::now, fault};
use aftercall::deliver::via::URL_HEADER;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming as Body},
    header::{self, HeaderMap, HeaderName, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::net::TcpListener;

/// No platform takes more in one request.
const LARGEST: usize = 16 << 20;

/// Listens until the process ends. `ready` hears the address.
///
/// # Errors
/// `port-unusable`.
pub fn serve(port: u16, keep: usize, ready: impl FnOnce(SocketAddr)) -> Result<(), fault::Fault> {
    let unusable = |error: io::Error| {
        let other = if port == 0 { "" } else { " --port 0 takes any free one." };
        fault::Fault::new(fault::Code::PortUnusable, format!("Cannot listen on 127.0.0.1:{port}: {error}.{other}"))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(unusable)?;
    let simulator = Arc::new(Mutex::new(Simulator::new(keep)));
    runtime.block_on(async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(unusable)?;
        ready(listener.local_addr().map_err(unusable)?);
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Too many open files, say: that passes.
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let simulator = Arc::clone(&simulator);
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(Arc::clone(&simulator), request));
                // A connection that breaks is the client's affair.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}

async fn answer(simulator: Arc<Mutex<Simulator>>, request: Request<Body>) -> io::Result<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    if parts.method == hyper::Method::OPTIONS {
        return Ok(response(204, String::new(), None));
    }
    let body = match Limited::new(body, LARGEST).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Ok(response(413, String::new(), None)),
    };
    let path = parts.uri.path();
    if path.starts_with("/_") {
        let query = parts.uri.query().unwrap_or_default();
        let (status, body) = lock(&simulator).administer(parts.method.as_str(), path, query, &body);
        return Ok(response(status, body, None));
    }
    let text = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let url = match parts.headers.get(URL_HEADER).and_then(|value| value.to_str().ok()) {
        Some(url) => url.to_owned(),
        None => documented(&parts.headers, &parts.uri),
    };
    let reply = lock(&simulator).take(&Incoming {
        method: parts.method.as_str(),
        url: &url,
        content_type: text(header::CONTENT_TYPE),
        user_agent: text(header::USER_AGENT),
        body: &body,
        now: now().ms(),
    });
    match reply {
        Reply::Answer { status, body, retry_after, delay } => {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            Ok(response(status, body, retry_after))
        }
        Reply::Reset => Err(io::ErrorKind::ConnectionReset.into()),
        Reply::Hang => std::future::pending().await,
    }
}

fn lock(simulator: &Mutex<Simulator>) -> MutexGuard<'_, Simulator> {
    simulator.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The URL of a request that has no header for it: a page's image, say. Its host may stand as the first part of the path:
/// `/dev.visualwebsiteoptimizer.com/c.gif?…`.
fn documented(headers: &HeaderMap, uri: &hyper::Uri) -> String {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let first = path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    if first.contains('.') && super::platforms::Endpoint::is_host(first) {
        return format!("https:/{path}");
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("https://{host}{path}")
}

fn response(status: u16, body: String, retry_after: Option<u64>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    // Pages call from any origin, with any header, also from the open network.
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "*"),
        (HeaderName::from_static("access-control-allow-private-network"), "true"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
