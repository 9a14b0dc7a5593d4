//! A draft as the ledger keeps it: JSON, without the secrets that stand in it.

use crate::config::Secrets;
use aftercall::values::{
    idempotency::IdempotencyKey,
    problem::PlatformName,
    request::{Draft, Format, Post, PostVisitor, Repeat},
};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

#[derive(Serialize, Deserialize)]
struct Parked<'a> {
    url: Cow<'a, str>,
    post: Option<ParkedPost<'a>>,
}

#[derive(Serialize, Deserialize)]
struct ParkedPost<'a> {
    text: bool,
    limit: usize,
    head: Cow<'a, str>,
    tail: Cow<'a, str>,
    event: Cow<'a, str>,
    visitor_head: Cow<'a, str>,
    visitor_tail: Cow<'a, str>,
    url_alone: Cow<'a, str>,
    url_shared: Cow<'a, str>,
    member: Cow<'a, str>,
}

/// The draft as text.
pub fn park(draft: &Draft, secrets: &Secrets) -> String {
    let post = draft.post.as_ref().map(|post| ParkedPost {
        text: post.format == Format::Text,
        limit: post.limit,
        head: (&post.head).into(),
        tail: post.tail.into(),
        event: (&post.event).into(),
        visitor_head: (&post.visitor.head).into(),
        visitor_tail: (&post.visitor.tail).into(),
        url_alone: (&post.visitor.url.0).into(),
        url_shared: post.visitor.url.1.into(),
        member: (&post.visitor.member).into(),
    });
    let parked = Parked { url: (&draft.url).into(), post };
    secrets.hide(serde_json::to_string(&parked).unwrap_or_default())
}

/// The draft in a text; nothing where it cannot be read, or where a secret of it is not set any more.
pub fn unpark(
    text: &str,
    platform: PlatformName,
    key: IdempotencyKey,
    repeat: Repeat,
    secrets: &Secrets,
) -> Option<Draft> {
    let text = secrets.reveal(text)?;
    let parked: Parked<'_> = serde_json::from_str(&text).ok()?;
    let post = parked.post.map(|post| Post {
        format: if post.text { Format::Text } else { Format::Json },
        limit: post.limit,
        head: post.head.into_owned(),
        tail: constant(&post.tail),
        event: post.event.into_owned(),
        visitor: PostVisitor {
            head: post.visitor_head.into_owned(),
            tail: post.visitor_tail.into_owned(),
            url: (post.url_alone.into_owned(), constant(&post.url_shared)),
            member: post.member.into_owned(),
        },
    });
    Some(Draft { platform, url: parked.url.into_owned(), post, key, repeat })
}

/// The core's drafts have constants in two places. They come back as such: a handful of short texts, kept for good.
fn constant(text: &str) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(constant) = known.get(text) {
        return constant;
    }
    let constant: &'static str = Box::leak(text.to_owned().into_boxed_str());
    known.insert(constant);
    constant
}

/// The platform of that name.
pub fn platform(name: &str) -> Option<PlatformName> {
    [PlatformName::Optimizely, PlatformName::Vwo, PlatformName::Kameleoon, PlatformName::Convert]
        .into_iter()
        .find(|platform| platform.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_comes_back_as_it_was_and_no_secret_stays() {
        let secrets = Secrets { vwo_sdk_key: Some("s3cret".into()), ..Secrets::default() };
        let draft = Draft {
            platform: PlatformName::Vwo,
            url: "https://dev.visualwebsiteoptimizer.com/events/t?env=s3cret".into(),
            post: Some(Post {
                format: Format::Json,
                limit: 5,
                head: "{\"a\":[".into(),
                tail: "]}",
                event: "{\"env\":\"s3cret\",\"é\":1}".into(),
                visitor: PostVisitor { url: ("&v=1".into(), "&json=true"), ..PostVisitor::default() },
            }),
            key: IdempotencyKey::new("vwo", "1", "2", "3", "4"),
            repeat: Repeat::Unproven,
        };
        let text = park(&draft, &secrets);
        assert!(!text.contains("s3cret"), "{text}");
        let back = |secrets: &Secrets| unpark(&text, draft.platform, draft.key, draft.repeat, secrets);
        assert_eq!(back(&secrets).as_ref(), Some(&draft));
        assert_eq!(back(&Secrets::default()), None, "the secret is gone");
    }
}
