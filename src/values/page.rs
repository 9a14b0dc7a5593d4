//! What there is to read: a page's state, given by whoever can see it.

use super::{cookies::Cookies, id::Id, text, time::Time};
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
    /// What the platforms' scripts say of themselves.
    pub globals: Globals,
    /// The time of the capture.
    pub now: Time,
}

/// What the platforms' scripts say on `window`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub struct Globals {
    pub optimizely_account: Option<Id>,
    pub optimizely_project: Option<Id>,
    pub optimizely_visitor: Option<String>,
    /// JSON text: what Optimizely's `getCampaignStates` answers.
    pub optimizely_states: Option<String>,
    pub vwo_account: Option<Id>,
    pub kameleoon_site: Option<String>,
    pub convert_account: Option<Id>,
    pub convert_project: Option<Id>,
}

impl Page<'_> {
    /// The value of a parameter, as it stands in the page's address.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        // A `?` in the fragment begins no query.
        let (_, query) = text::cut(text::parts(self.url, b'#').next()?, b'?')?;
        for pair in text::parts(query, b'&') {
            match text::cut(pair, b'=') {
                Some((key, value)) if key == name => return Some(value),
                _ => {}
            }
        }
        None
    }
}
