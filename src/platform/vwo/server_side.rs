//! VWO's endpoint for conversions of FullStack campaigns.
//!
//! ```text
//! GET https://dev.visualwebsiteoptimizer.com/[<prefix>/]server-side/track-goal
//!     ?experiment_id&combination&sId=<unix seconds>&u=<UUID v5>[&sdk&sdk-v][&env=<SDK key>]
//!     &account_id&random&ap=server[&visitor_ua&visitor_ip]&goal_id[&r=<revenue>]
//! ```
//! Source: the vendor's table of this endpoint for offline conversions (history of VWO's documentation) and
//! `vwo-node-sdk` 1.73.0, `ImpressionUtil`, whose order of parameters this is. The SDK writes values as they are and a
//! missing key as `env=undefined`; here every value is encoded and a missing key is left out. Its `&` at the end says
//! nothing.

use crate::values::{
    digits::{push_decimals, push_number},
    percent,
};
use alloc::string::String;

/// The URL of a conversion that comes late, of [what all hits are made of](super::hits): what [`TrackGoal`] says of one.
pub(super) const URL: &str = "https://dev.visualwebsiteoptimizer.com/@Aserver-side/track-goal\
    ?experiment_id=@C&combination=@E&sId=@I&u=@G&env=@K&account_id=@B&random=0.@J&ap=server&goal_id=@D&r=@H";

/// The SDK whose place FullStack's face takes, and its version; VWO knows requests by it.
pub const SDK: (&str, &str) = ("vwo-node-sdk", "1.73.0");

/// What the URLs of an account have in common.
pub trait Common {
    /// Appends all up to the campaign.
    fn push_start(&self, url: &mut String);
    /// Appends what stands between the visitor and `random`.
    fn push_middle(&self, url: &mut String);
}

/// An account on whose behalf conversions are told.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The account's region on VWO's hosts, e.g. `eu01`; it becomes a part of the path.
    pub prefix: Option<&'a str>,
    /// Its id.
    pub id: &'a str,
    /// The SDK key. Without one the conversion is missing from the reports of its environment.
    pub sdk_key: Option<&'a str>,
    /// The name and the version of the SDK that speaks for visitors who are there at this moment.
    pub sdk: Option<(&'a str, &'a str)>,
}

impl Common for Account<'_> {
    fn push_start(&self, url: &mut String) {
        push_host(url, self.prefix);
        url.push_str("server-side/track-goal?experiment_id=");
    }

    fn push_middle(&self, url: &mut String) {
        if let Some((name, version)) = self.sdk {
            push(url, "&sdk=", name);
            push(url, "&sdk-v=", version);
        }
        if let Some(key) = self.sdk_key {
            push(url, "&env=", key);
        }
        push(url, "&account_id=", self.id);
        url.push_str("&random=0.");
    }
}

/// Appends how the URLs of an account begin.
pub(crate) fn push_host(url: &mut String, prefix: Option<&str>) {
    url.push_str("https://dev.visualwebsiteoptimizer.com/");
    if let Some(prefix) = prefix {
        url.push_str(prefix);
        url.push('/');
    }
}

/// Appends a name, and the value in percent-encoding.
#[inline(never)]
fn push(url: &mut String, name: &str, value: &str) {
    url.push_str(name);
    percent::encode(url, value);
}

/// The same, made once for many.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    start: String,
    middle: String,
}

impl Prepared {
    /// That of an account.
    #[must_use]
    pub fn new(account: &Account<'_>) -> Self {
        let mut prepared = Prepared::default();
        account.push_start(&mut prepared.start);
        account.push_middle(&mut prepared.middle);
        prepared
    }
}

impl Common for Prepared {
    fn push_start(&self, url: &mut String) {
        url.push_str(&self.start);
    }

    fn push_middle(&self, url: &mut String) {
        url.push_str(&self.middle);
    }
}

/// What an SDK knows of a visitor.
#[derive(Clone, Copy, Debug)]
pub struct Browser<'a> {
    /// The browser, or nothing.
    pub user_agent: &'a str,
    /// Its address, or nothing.
    pub ip_address: &'a str,
}

/// A conversion as this endpoint takes it. Whoever builds one chooses what counts; here nothing is decided.
#[derive(Clone, Copy, Debug)]
pub struct TrackGoal<'a, C> {
    /// The account.
    pub account: &'a C,
    /// The campaign.
    pub campaign: &'a str,
    /// The variation.
    pub variation: &'a str,
    /// The goal.
    pub goal: &'a str,
    /// The visitor: the text of a [`UuidV5`](super::UuidV5).
    pub visitor: &'a str,
    /// Seconds since the Unix epoch, rounded up.
    pub seconds: u64,
    /// What `random` is made of.
    pub nonce: [u8; 8],
    /// The amount, in decimal.
    pub revenue: Option<&'a str>,
    /// Only an SDK knows it.
    pub browser: Option<Browser<'a>>,
}

impl<C: Common> TrackGoal<'_, C> {
    /// The URL to get.
    #[must_use]
    pub fn url(&self) -> String {
        let mut url = String::with_capacity(384);
        self.push_url(&mut url);
        url
    }

    /// Appends the URL to get.
    #[inline(always)]
    pub fn push_url(&self, url: &mut String) {
        self.account.push_start(url);
        push(url, "", self.campaign);
        push(url, "&combination=", self.variation);
        url.push_str("&sId=");
        push_number(url, self.seconds);
        url.push_str("&u=");
        url.push_str(self.visitor);
        self.account.push_middle(url);
        push_decimals(url, u64::from_be_bytes(self.nonce));
        url.push_str("&ap=server");
        if let Some(browser) = self.browser {
            push(url, "&visitor_ua=", browser.user_agent);
            push(url, "&visitor_ip=", browser.ip_address);
        }
        push(url, "&goal_id=", self.goal);
        if let Some(revenue) = self.revenue {
            push(url, "&r=", revenue);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::template::Form;

    const KEY: &str = "11041d99974c0d637e603bbbcfe64c99";

    /// The vendor's own example of an offline conversion.
    fn offline<C>(account: &C) -> TrackGoal<'_, C> {
        TrackGoal {
            account,
            campaign: "84",
            variation: "1",
            goal: "242",
            visitor: "4EB8C94E0DE95A609C5811B8A176F72E",
            seconds: 1_626_431_508,
            nonce: 6_871_404_163_737_733_u64.to_be_bytes(),
            revenue: None,
            browser: None,
        }
    }

    #[test]
    fn an_offline_conversion_names_what_is_required() {
        let account = Account { prefix: None, id: "3000204", sdk_key: Some(KEY), sdk: None };
        let url = offline(&account).url();
        assert_eq!(
            url,
            "https://dev.visualwebsiteoptimizer.com/server-side/track-goal?experiment_id=84&combination=1&sId=1626431508\
             &u=4EB8C94E0DE95A609C5811B8A176F72E&env=11041d99974c0d637e603bbbcfe64c99&account_id=3000204\
             &random=0.6871404163737733&ap=server&goal_id=242",
        );
    }

    #[test]
    fn the_template_says_the_same() {
        let account = Account { prefix: Some("eu01"), id: "3000204", sdk_key: Some(KEY), sdk: None };
        let offline = TrackGoal { revenue: Some("49.9"), ..offline(&account) };
        let mut form = Form::new(URL);
        while let Some(letter) = form.letter() {
            match letter {
                b'A' => form.folder(Some("eu01")),
                b'B' => form.raw("3000204"),
                b'C' => form.raw("84"),
                b'D' => form.raw("242"),
                b'E' => form.raw("1"),
                b'G' => form.raw(offline.visitor),
                b'H' => form.raw("49.9"),
                b'I' => form.number(offline.seconds),
                b'J' => form.decimals(6_871_404_163_737_733),
                _ => form.raw(KEY),
            }
        }
        assert_eq!(form.finish(), offline.url());
    }

    #[test]
    fn an_sdk_adds_what_it_knows_and_everything_is_encoded() {
        let account = Account { prefix: Some("eu01"), id: "3000204", sdk_key: None, sdk: Some(SDK) };
        let account = Prepared::new(&account);
        let url = TrackGoal {
            nonce: 1_u64.to_be_bytes(),
            revenue: Some("12 &r"),
            browser: Some(Browser { user_agent: "Moz/5 (X)", ip_address: "1.2.3.4" }),
            ..offline(&account)
        };
        assert_eq!(
            url.url(),
            "https://dev.visualwebsiteoptimizer.com/eu01/server-side/track-goal?experiment_id=84&combination=1\
             &sId=1626431508&u=4EB8C94E0DE95A609C5811B8A176F72E&sdk=vwo-node-sdk&sdk-v=1.73.0&account_id=3000204\
             &random=0.0000000000000001&ap=server&visitor_ua=Moz%2F5%20(X)&visitor_ip=1.2.3.4&goal_id=242&r=12%20%26r",
        );
    }
}
