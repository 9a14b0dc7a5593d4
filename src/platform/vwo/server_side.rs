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

use super::{endpoint, push_random};
use alloc::string::String;

/// A conversion as this endpoint takes it. Whoever builds one chooses what counts; here nothing is decided.
#[derive(Clone, Copy, Debug)]
pub struct TrackGoal<'a> {
    /// The account's region on VWO's hosts, e.g. `eu01`; it becomes a part of the path.
    pub prefix: Option<&'a str>,
    /// The account.
    pub account: &'a str,
    /// The campaign.
    pub campaign: &'a str,
    /// The variation.
    pub variation: &'a str,
    /// The goal.
    pub goal: &'a str,
    /// The visitor: the text of a [`UuidV5`](super::UuidV5).
    pub visitor: &'a str,
    /// The SDK key. Without one the conversion is missing from the reports of its environment.
    pub sdk_key: Option<&'a str>,
    /// Seconds since the Unix epoch, rounded up.
    pub seconds: u64,
    /// What `random` is made of.
    pub nonce: [u8; 8],
    /// The amount, in decimal.
    pub revenue: Option<&'a str>,
    /// What only an SDK in action knows.
    pub sdk: Option<Sdk<'a>>,
}

/// The parameters of an SDK that speaks for a visitor who is there at this moment.
#[derive(Clone, Copy, Debug)]
pub struct Sdk<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The visitor's browser, or nothing.
    pub user_agent: &'a str,
    /// The visitor's address, or nothing.
    pub ip_address: &'a str,
}

impl Sdk<'_> {
    /// The SDK whose place this takes; VWO knows requests by it.
    pub const NAME: &'static str = "vwo-node-sdk";
    /// Its version.
    pub const VERSION: &'static str = "1.73.0";
}

impl TrackGoal<'_> {
    /// The URL to get.
    #[must_use]
    pub fn url(&self) -> String {
        let mut url = endpoint("dev", self.prefix, "server-side/track-goal");
        url.text("experiment_id", self.campaign);
        url.text("combination", self.variation);
        url.number("sId", self.seconds);
        url.text("u", self.visitor);
        if let Some(sdk) = self.sdk {
            url.text("sdk", sdk.name);
            url.text("sdk-v", sdk.version);
        }
        if let Some(key) = self.sdk_key {
            url.text("env", key);
        }
        url.text("account_id", self.account);
        push_random(url.name("random"), self.nonce);
        url.text("ap", "server");
        if let Some(sdk) = self.sdk {
            url.text("visitor_ua", sdk.user_agent);
            url.text("visitor_ip", sdk.ip_address);
        }
        url.text("goal_id", self.goal);
        if let Some(revenue) = self.revenue {
            url.text("r", revenue);
        }
        url.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vendor's own example of an offline conversion.
    const OFFLINE: TrackGoal<'_> = TrackGoal {
        prefix: None,
        account: "3000204",
        campaign: "84",
        variation: "1",
        goal: "242",
        visitor: "4EB8C94E0DE95A609C5811B8A176F72E",
        sdk_key: Some("11041d99974c0d637e603bbbcfe64c99"),
        seconds: 1_626_431_508,
        nonce: 6_871_404_163_737_733_u64.to_be_bytes(),
        revenue: None,
        sdk: None,
    };

    #[test]
    fn an_offline_conversion_names_what_is_required() {
        assert_eq!(
            OFFLINE.url(),
            "https://dev.visualwebsiteoptimizer.com/server-side/track-goal?experiment_id=84&combination=1&sId=1626431508\
             &u=4EB8C94E0DE95A609C5811B8A176F72E&env=11041d99974c0d637e603bbbcfe64c99&account_id=3000204\
             &random=0.6871404163737733&ap=server&goal_id=242",
        );
    }

    #[test]
    fn an_sdk_adds_what_it_knows_and_everything_is_encoded() {
        let sdk = Sdk { name: "vwo-node-sdk", version: "1.73.0", user_agent: "Moz/5 (X)", ip_address: "1.2.3.4" };
        let url = TrackGoal {
            prefix: Some("eu01"),
            sdk_key: None,
            nonce: 1_u64.to_be_bytes(),
            revenue: Some("12 &r"),
            sdk: Some(sdk),
            ..OFFLINE
        };
        assert_eq!(
            url.url(),
            "https://dev.visualwebsiteoptimizer.com/eu01/server-side/track-goal?experiment_id=84&combination=1\
             &sId=1626431508&u=4EB8C94E0DE95A609C5811B8A176F72E&sdk=vwo-node-sdk&sdk-v=1.73.0&account_id=3000204\
             &random=0.0000000000000001&ap=server&visitor_ua=Moz%2F5%20(X)&visitor_ip=1.2.3.4&goal_id=242&r=12%20%26r",
        );
    }
}
