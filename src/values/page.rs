//! What there is to read: a page's state, given by whoever can see it.

use super::{
    cookies::Cookies,
    id::Id,
    json::{Json, Members},
    percent,
    problem::PlatformName,
    text,
    time::Time,
};
use alloc::{string::String, vec::Vec};

/// Everything that capture looks at. A browser's page fills it from its surroundings, a server from a request.
#[derive(Clone, Debug, Default)]
pub struct Page<'a> {
    /// `document.cookie`, or a request's `Cookie` header.
    pub cookies: Cookies<'a>,
    /// localStorage entries: key and value.
    pub storage: Vec<(String, String)>,
    /// The page's address.
    pub url: &'a str,
    /// What the platforms' scripts say on `window`, by platform and name: of several sources the first that tells counts.
    pub globals: [Members<'a>; 2],
    /// The time of the capture.
    pub now: Time,
}

impl<'a> Page<'a> {
    /// What a platform's script says of itself; `null` where it does not.
    #[must_use]
    pub fn global(&self, platform: PlatformName, name: &str) -> Json<'a> {
        for globals in &self.globals {
            if let Some(value) = globals.get(platform.name()).and_then(|globals| globals.get(name)) {
                return value;
            }
        }
        Json::default()
    }

    /// An id that a platform's script tells.
    #[must_use]
    #[inline(never)]
    pub fn global_id(&self, platform: PlatformName, name: &str) -> Option<Id> {
        Id::from_json(self.global(platform, name))
    }

    /// A text that a platform's script tells; the empty one where it tells none.
    #[must_use]
    #[inline(never)]
    pub fn global_text(&self, platform: PlatformName, name: &str) -> String {
        self.global(platform, name).text().unwrap_or_default()
    }

    /// The decoded text of the first cookie of exactly this name; the empty one where there is none.
    #[must_use]
    #[inline(never)]
    pub fn cookie(&self, name: &str) -> String {
        percent::decode_or_raw(self.cookies.first(name).unwrap_or_default())
    }

    /// The value of a parameter, as it stands in the page's address.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        // A `?` in the fragment begins no query.
        let (_, query) = text::cut(text::before(self.url, b'#'), b'?')?;
        text::member(query, b'&', b'=', name)
    }
}
