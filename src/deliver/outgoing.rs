//! How a request leaves: the same from everywhere, but for what a page's rules ask for.
//!
//! Browsers let a page send some requests at once; before all others they ask the platform for leave (a preflight), which
//! costs a round trip and may be refused. So, in a page:
//!
//! ```text
//! request                     leaves as           asked first   the answer
//! any GET                     it is, `no-cors`    no            may not be read: `sent`
//! Optimizely's, VWO's JSON    text/plain          no            is read
//! Kameleoon's lines           it is: text/plain   no            is read
//! Kameleoon's, Convert's JSON it is               yes           is read
//! ```
//! Optimizely's own script sends its JSON as `text/plain`, and so does VWO's SDK in a page (`vwo-node-sdk` 1.73, by sending
//! text without naming its type). Kameleoon's SDK (`@kameleoon/javascript-sdk` 4.17.1) and Convert's (`@convertcom/js-sdk`
//! 4.4.3) name types for which a browser asks, `*/*` and `application/json`: those platforms give leave.
//!
//! Elsewhere nobody asks, every answer is read, and the sender names itself.

use super::{
    PRODUCT,
    via::{URL_HEADER, Via},
};
use crate::values::{host::HostName, problem::PlatformName};
use alloc::{borrow::Cow, vec::Vec};

/// Where the sender runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A page, or a worker of one: the browser's rules hold, and the browser names the sender.
    Browser,
    /// A server, a function at the edge, a command.
    Elsewhere,
}

/// A request as it comes in.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// Whom it tells.
    pub platform: PlatformName,
    /// Where it goes.
    pub url: &'a str,
    /// What it documents.
    pub headers: &'a [(&'a str, &'a str)],
    /// What a POST carries; without it, it is a GET.
    pub body: Option<&'a str>,
}

/// What the sender adds.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// Where it runs.
    pub place: Place,
    /// Where requests go instead.
    pub via: Option<&'a Via>,
    /// What it calls itself.
    pub user_agent: Option<&'a str>,
    /// The secret of Convert's SDK key.
    pub convert_secret: Option<&'a str>,
}

/// A request as it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing<'a> {
    /// Where it goes.
    pub url: Cow<'a, str>,
    /// What goes with it.
    pub headers: Vec<(&'a str, Cow<'a, str>)>,
    /// Is leaving all that it may, as far as the page is concerned?
    pub no_cors: bool,
}

/// Why a request may not leave, in one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

/// The request as it leaves.
///
/// # Errors
/// One sentence: it goes to no https host, or a header is none.
pub fn outgoing<'a>(request: Incoming<'a>, sender: Sender<'a>) -> Result<Outgoing<'a>, Refused> {
    let (host, path) = split(request.url).ok_or(Refused("Only https URLs with a host name are sent to."))?;
    let mut headers: Vec<(&str, Cow<'_, str>)> =
        request.headers.iter().map(|(name, value)| (*name, Cow::Borrowed(*value))).collect();
    let mut set = |name: &'static str, value: Cow<'a, str>| {
        headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        headers.push((name, value));
    };
    match sender.place {
        Place::Browser
            if matches!(request.platform, PlatformName::Optimizely | PlatformName::Vwo) && request.body.is_some() =>
        {
            set("Content-Type", Cow::Borrowed("text/plain;charset=UTF-8"));
        }
        Place::Browser => {}
        Place::Elsewhere => {
            let named = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("User-Agent"));
            let agent = sender.user_agent.or(named.map(|(_, value)| *value)).unwrap_or(PRODUCT);
            set("User-Agent", Cow::Borrowed(agent));
        }
    }
    if let Some(secret) = sender.convert_secret
        && request.platform == PlatformName::Convert
        && request.body.is_some()
        && is_converts(&host)
    {
        set("Authorization", Cow::Owned(["Bearer ", secret].concat()));
    }
    let url = match sender.via {
        Some(via) => {
            set(URL_HEADER, Cow::Borrowed(request.url));
            Cow::Owned(via.url(path))
        }
        None => Cow::Borrowed(request.url),
    };
    if !headers.iter().all(|(name, value)| is_name(name) && is_value(value)) {
        return Err(Refused("A header of this request is none."));
    }
    let no_cors = sender.place == Place::Browser && request.body.is_none() && headers.is_empty();
    Ok(Outgoing { url, headers, no_cors })
}

/// Host, and path with query, of an https URL without a port. What follows the host may hold anything: the platform reads it.
fn split(url: &str) -> Option<(HostName, &str)> {
    let rest = url.strip_prefix("https://")?;
    let (host, path) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
    Some((HostName::parse(host)?, path))
}

/// Convert's own hosts: who else names a host gets no secret.
fn is_converts(host: &HostName) -> bool {
    let host = host.as_str();
    host == "convertexperiments.com" || host.ends_with(".convertexperiments.com")
}

/// A token (RFC 9110, 5.6.2).
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Printable ASCII: what every transport sends as it is.
fn is_value(value: &str) -> bool {
    value.bytes().all(|b| matches!(b, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: Incoming<'static> = Incoming {
        platform: PlatformName::Vwo,
        url: "https://dev.visualwebsiteoptimizer.com/c.gif?account_id=1",
        headers: &[],
        body: None,
    };
    const EVENTS: Incoming<'static> = Incoming {
        platform: PlatformName::Optimizely,
        url: "https://logx.optimizely.com/v1/events",
        headers: &[("Content-Type", "application/json")],
        body: Some("{}"),
    };
    const V1: Incoming<'static> = Incoming {
        platform: PlatformName::Convert,
        url: "https://metrics.convertexperiments.com/v1/track/1/2",
        headers: &[("Content-Type", "application/json")],
        body: Some("{}"),
    };
    const PAGE: Sender<'static> = Sender { place: Place::Browser, via: None, user_agent: None, convert_secret: None };
    const SERVER: Sender<'static> = Sender { place: Place::Elsewhere, ..PAGE };

    #[track_caller]
    fn headers(request: Incoming<'_>, sender: Sender<'_>) -> Vec<String> {
        let out = outgoing(request, sender).unwrap();
        out.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }

    #[test]
    fn a_page_asks_nobody_where_it_need_not() {
        assert!(outgoing(GET, PAGE).unwrap().no_cors);
        assert_eq!(headers(GET, PAGE), [""; 0]);
        assert!(!outgoing(EVENTS, PAGE).unwrap().no_cors);
        assert_eq!(headers(EVENTS, PAGE), ["Content-Type: text/plain;charset=UTF-8"]);
        assert_eq!(headers(Incoming { platform: PlatformName::Vwo, ..EVENTS }, PAGE), headers(EVENTS, PAGE));
        assert_eq!(headers(V1, PAGE), ["Content-Type: application/json"]);
    }

    #[test]
    fn elsewhere_the_sender_names_itself() {
        assert!(!outgoing(GET, SERVER).unwrap().no_cors);
        assert_eq!(headers(EVENTS, SERVER), ["Content-Type: application/json", &format!("User-Agent: {PRODUCT}")]);
        assert_eq!(headers(GET, Sender { user_agent: Some("Shop/2.0"), ..SERVER }), ["User-Agent: Shop/2.0"]);
        let named = Incoming { headers: &[("user-agent", "Visitor/1.0")], ..GET };
        assert_eq!(headers(named, SERVER), ["User-Agent: Visitor/1.0"]);
        assert_eq!(headers(named, Sender { user_agent: Some("Shop/2.0"), ..SERVER }), ["User-Agent: Shop/2.0"]);
    }

    #[test]
    fn the_secret_goes_to_convert_alone() {
        let sender = Sender { convert_secret: Some("s3cret"), ..SERVER };
        let has = |request| headers(request, sender).iter().any(|line| line == "Authorization: Bearer s3cret");
        assert!(has(V1));
        for other in [
            GET,
            EVENTS,
            Incoming { body: None, ..V1 },
            Incoming { url: "https://shop.example/metrics/v1/track/1/2", ..V1 },
            Incoming { url: "https://notconvertexperiments.com/v1/track/1/2", ..V1 },
            Incoming { url: "https://metrics.convertexperiments.com.evil.com/", ..V1 },
            Incoming { platform: PlatformName::Vwo, ..V1 },
        ] {
            assert!(!has(other), "{}", other.url);
        }
    }

    #[test]
    fn via_keeps_the_path_and_carries_the_url() {
        let via = Via::parse("http://127.0.0.1:8788").unwrap();
        let out = outgoing(GET, Sender { via: Some(&via), ..PAGE }).unwrap();
        assert_eq!(out.url, "http://127.0.0.1:8788/c.gif?account_id=1");
        assert_eq!(out.headers, [(URL_HEADER, Cow::Borrowed(GET.url))]);
        assert!(!out.no_cors, "a page may read what a stand-in answers");
    }

    #[test]
    fn nothing_else_leaves() {
        for url in [
            "http://logx.optimizely.com/v1/events",
            "HTTPS://logx.optimizely.com/",
            "https:/logx.optimizely.com/",
            "https://",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://logx.optimizely.com:444/",
            "https://user:password@logx.optimizely.com/",
            "https://logx.optimizely.com\\@evil.com/",
            "https://logx.optimizely.com#@evil.com/",
            "https://logx.\noptimizely.com/",
            "javascript:alert(1)",
            "/v1/events",
            "",
        ] {
            assert!(outgoing(Incoming { url, ..EVENTS }, PAGE).is_err(), "{url}");
        }
        for header in [("", "a"), ("a b", "c"), ("a", "b\r\nc: d"), ("a", "é")] {
            assert!(outgoing(Incoming { headers: &[header], ..EVENTS }, PAGE).is_err(), "{header:?}");
        }
        let via = Via::parse("localhost:1").unwrap();
        let http = Incoming { url: "http://logx.optimizely.com/", ..EVENTS };
        assert!(outgoing(http, Sender { via: Some(&via), ..SERVER }).is_err(), "not even to a stand-in");
        let sender = Sender { user_agent: Some("a\nb"), ..SERVER };
        assert!(outgoing(GET, sender).is_err());
    }
}
