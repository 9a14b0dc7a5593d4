//! A draft as the ledger keeps it: JSON, without the secrets that stand in it.

use crate::config::Secrets;
use aftercall::values::{
    idempotency::IdempotencyKey,
    problem::PlatformName,
    request::{Draft, Format, Post, Repeat},
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Serialize, Deserialize)]
struct Parked<'a> {
    url: Cow<'a, str>,
    post: Option<ParkedPost<'a>>,
}

#[derive(Serialize, Deserialize)]
struct ParkedPost<'a> {
    text: bool,
    limit: usize,
    lines: Cow<'a, str>,
}

/// The draft as text.
pub fn park(draft: &Draft, secrets: &Secrets) -> String {
    let post = draft.post.as_ref().map(|post| ParkedPost {
        text: post.format == Format::Text,
        limit: post.limit,
        lines: post.lines().into(),
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
    let post = parked.post.map(|post| {
        let format = if post.text { Format::Text } else { Format::Json };
        Post::new(format, post.limit, post.lines.into_owned())
    });
    Some(Draft { platform, url: parked.url.into_owned(), post, key, repeat })
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
            post: Some(Post::new(
                Format::Json,
                5,
                "{\"a\":[\n\n{\"env\":\"s3cret\",\"é\":1}\n\n]}\n&v=1\n&json=true".into(),
            )),
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
