//! Call trackers' own ids of the visitor: what joins a call to a token where the call itself came back without one.
//!
//! ```text
//! tracker        cookie               value                                                       in the call's record
//! callrail       calltrk_session_id   id                                                          session_uuid
//! ctm            __ctmid              24 hex digits                                               the visitor's sid
//! infinity       ictf_master          "vid~" id *( "~" … )                                        vid
//! invoca         invoca_session       { "session": { "invoca_id": id, … }, … }, encoded or not    invoca_id
//! responsetap    adiV                 id
//! whatconverts   wc_visitor           id                                                          user_id
//! id = 1 to 64 of A-Z a-z 0-9 - _
//! ```
//! So no address and no international phone number is ever an id. Of several cookies of one name the first counts. An
//! Invoca cookie without an `invoca_id` says that nobody has a number yet: that is no problem. The names on the left are
//! those of the command's sources (`--from`). Sources: the trackers' scripts, and what pages that run them store; that
//! page and record hold the same id is documented by none of them.

use crate::values::{
    json::Json,
    page::Page,
    percent,
    problem::{Code, Problem, Reason},
    text::{ALPHANUMERIC, HYPHEN, UNDERSCORE, all, before, is_all},
};
use alloc::{string::String, vec::Vec};

/// Trackers and their cookies, in the order of their names.
static COOKIES: [(&str, &str); 6] = [
    ("callrail", "calltrk_session_id"),
    ("ctm", "__ctmid"),
    ("infinity", "ictf_master"),
    ("invoca", "invoca_session"),
    ("responsetap", "adiV"),
    ("whatconverts", "wc_visitor"),
];

/// Appends the ids that are on the page, by tracker, sorted.
#[inline(never)]
pub(crate) fn capture(ids: &mut Vec<(String, String)>, page: &Page<'_>, problems: &mut Vec<Problem>) {
    for (tracker, cookie) in &COOKIES {
        let Some(value) = page.cookies.first(cookie) else { continue };
        let id = match *tracker {
            "infinity" => Some(String::from(value.strip_prefix("vid~").map_or("", |rest| before(rest, b'~')))),
            "invoca" => invoca_id(value),
            _ => Some(String::from(value)),
        };
        let Some(id) = id else { continue };
        if is_id(&id) && (*tracker != "ctm" || is_hex_24(&id)) {
            ids.push((String::from(*tracker), id));
        } else {
            Problem { platform: None, reason: Reason::new(Code::MalformedCookie, cookie) }.report(problems);
        }
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= 64 && is_all(text, ALPHANUMERIC | HYPHEN | UNDERSCORE)
}

/// CallTrackingMetrics' forms refuse a UUID in this place: it is not the tracker's.
fn is_hex_24(text: &str) -> bool {
    text.len() == 24 && all(text, u8::is_ascii_hexdigit)
}

/// Nothing where the cookie holds no id; the empty text where it is not what Invoca writes.
fn invoca_id(cookie: &str) -> Option<String> {
    let text = percent::decode_or_raw(cookie);
    let json = Json::parse_or_null(&text);
    match json.get("session").and_then(|session| session.get("invoca_id")) {
        None if json.is_object() => None,
        id => Some(id.and_then(Json::text).unwrap_or_default()),
    }
}
