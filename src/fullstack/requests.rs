//! The requests that tell VWO of a call's conversions.
//!
//! ```text
//! one campaign          GET  /server-side/track-goal     see `platform::vwo::server_side`
//! several               POST /server-side/batch-events?a&sdk&sdk-v&env
//!                       {"ev": [{e: campaign, c: variation, sId: seconds, u, eT: 2, visitor_ua, visitor_ip, g: goal, r?}]}
//! event architecture    POST /events/t?en=<goal>&a&env&eTime=<ms>&random&p=FS&visitor_ua&visitor_ip
//!                       {"d": {msgId, visId, sessionId: seconds, event: {props, name: goal, time: ms}, visitor: {props}}}
//! ```
//! Who keeps a ledger gets no batches: a GET for each campaign, as the SDK's build for browsers sends them, so that each is
//! known by a key of its own.
//!
//! Source: `vwo-node-sdk` 1.73.0 `ImpressionUtil`, `BatchEventsDispatcher`, `EventQueue`. Corrected here, for no decision
//! depends on it: every value in a URL is encoded, and the batch has the browser and the address in their own members.

use super::{
    Ready,
    call::{Call, Campaigns},
    javascript,
    reason::Reason,
    settings::{GoalType, Settings},
    track::{Hit, Track},
    value::{Properties, quoted},
};
use crate::{
    platform::vwo::{
        push_random,
        server_side::{Account, Browser, Prepared, SDK, TrackGoal},
    },
    values::{
        base64,
        digits::push_number,
        idempotency::IdempotencyKey,
        json::{Json, Writer},
        percent,
        problem::PlatformName,
        request::{ConversionRequest, Draft, Format, Post, Repeat, Url},
        text::{DIGIT, cut, is_all},
    },
};
use alloc::{borrow::Cow, string::String, vec::Vec};

/// A request to VWO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackRequest<'c> {
    /// Where it goes.
    pub url: String,
    /// JSON that makes it a POST; without it it is a GET.
    pub body: Option<String>,
    /// The headers that VWO's server-side endpoints want besides `Content-Type`: each fit to be one.
    pub headers: Vec<(&'static str, String)>,
    /// Whether a repeat is harmless.
    pub repeat: Repeat,
    counted: Counted<'c>,
}

/// What a request counts. Its hash takes longer than the decision, so it is made where it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Counted<'c> {
    account: &'c str,
    /// Empty where the request is about several.
    campaign: &'c str,
    goal: Cow<'c, str>,
    moment: Moment,
}

impl TrackRequest<'_> {
    /// Every call is a conversion of its own: its moment is its id, written short, for then the hash is of one block.
    #[must_use]
    pub fn key(&self) -> IdempotencyKey {
        let Counted { account, campaign, goal, moment } = &self.counted;
        let mut conversion = String::with_capacity(24);
        let [_, _, ms @ ..] = moment.ms.to_be_bytes();
        let [_, nonce @ ..] = moment.nonce.to_be_bytes();
        for part in [&ms[..], &nonce] {
            base64::encode(&mut conversion, part);
        }
        IdempotencyKey::new(PlatformName::Vwo.name(), account, campaign, goal, &conversion)
    }

    /// The request as the rest of the crate knows requests; that has no place for the headers.
    #[must_use]
    pub fn into_request(self) -> ConversionRequest {
        let key = self.key();
        let body = self.body.map(|body| (Format::Json, body));
        ConversionRequest { platform: PlatformName::Vwo, url: self.url, body, key, repeat: self.repeat }
    }

    /// The request under that key, to be sent alone. What is known of the visitor's browser has no place there.
    fn into_draft(self, key: IdempotencyKey) -> Draft {
        let post = self.body.map(|body| Post::new(Format::Json, 0, ["\n\n", &body].concat()));
        Draft { platform: PlatformName::Vwo, url: self.url, post, key, repeat: self.repeat }
    }

    /// Its headers, as an object.
    pub fn write_headers(&self, out: &mut Writer) {
        out.open('{');
        if self.body.is_some() {
            out.member("Content-Type", Format::Json.content_type());
        }
        for (name, value) in &self.headers {
            out.member(name, value);
        }
        out.close('}');
    }

    /// The contract's `ConversionRequest`, with all its headers.
    pub fn write(&self, out: &mut Writer) {
        out.open('{');
        out.member("platform", PlatformName::Vwo.name());
        out.member("method", if self.body.is_some() { "POST" } else { "GET" });
        out.member("url", &self.url);
        out.name("headers");
        self.write_headers(out);
        if let Some(body) = &self.body {
            out.member("body", body);
        }
        out.member("idempotencyKey", &self.key().hex());
        out.member("repeat", self.repeat.name());
        out.close('}');
    }
}

/// When a call is made, and what is random about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the Unix epoch.
    pub ms: u64,
    /// A number that no other call has: its last sixteen digits stand behind the point of `random`.
    pub nonce: u64,
}

impl Moment {
    /// The SDK rounds up.
    fn seconds(self) -> u64 {
        self.ms.div_ceil(1000)
    }
}

/// The request for the conversions that count; none where there are none.
pub(super) fn request<'c>(
    client: Ready<'c>,
    call: &Call<'_>,
    moment: Moment,
    track: &mut Track<'c, '_, '_>,
) -> Option<TrackRequest<'c>> {
    let first = *track.hits.first()?;
    let uuid = track.take_uuid()?;
    let sender = Sender { client, call, moment, uuid: uuid.as_str() };
    Some(if client.settings.event_architecture {
        sender.event(&track.hits, &track.revenue_props)
    } else if track.outcome.verdicts.len() > 1 {
        // What counts is how many campaigns were asked for, not how many the user is in.
        sender.batch(&track.hits)
    } else {
        sender.single(&first)
    })
}

/// A conversion on its way, known by an id of the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// Its request, with a key that the same call has again.
    pub draft: Draft,
    /// Is it this user's only one, in this campaign and for this goal? Then the key is the user's: the next has the same.
    pub once: bool,
}

/// The conversions that count, each in a request of its own. In event architecture one event tells of all of them.
///
/// Without `shouldTrackReturningUser` a user's goal counts once in a campaign, and what a user storage would remember is in
/// the key. Where the SDK does not ask its storage (a goal that repeats, a user who is whitelisted, event architecture),
/// every conversion counts here, too.
pub(super) fn conversions<'c>(
    client: Ready<'c>,
    call: &Call<'_>,
    (id, ms): (&str, u64),
    track: &mut Track<'c, '_, '_>,
) -> Vec<Conversion> {
    let settings = client.settings;
    if track.hits.is_empty() {
        return Vec::new();
    }
    let Some(uuid) = track.take_uuid() else { return Vec::new() };
    let uuid = uuid.as_str();
    let key = |campaign: &str, goal: &str, conversion: &str| {
        IdempotencyKey::new(PlatformName::Vwo.name(), &settings.account.text, campaign, goal, conversion)
    };
    let sender = |key: &IdempotencyKey| {
        let moment = Moment { ms, nonce: u64::from_be_bytes(key.nonce(uuid)) };
        Sender { client, call, moment, uuid }
    };
    if settings.event_architecture {
        let key = key(&named(&call.campaigns), &call.goal, id);
        let request = sender(&key).event(&track.hits, &track.revenue_props);
        return Vec::from([Conversion { draft: request.into_draft(key), once: false }]);
    }
    let user = ["user ", uuid].concat();
    let tracked = track.outcome.verdicts.iter().filter(|verdict| verdict.tracked);
    tracked
        .zip(&track.hits)
        .map(|(verdict, hit)| {
            let once = !track.returning && !hit.goal.repeats && verdict.reason != Reason::Whitelisted;
            let key = key(&hit.campaign.id.text, &hit.goal.id.text, if once { &user } else { id });
            Conversion { draft: sender(&key).single(hit).into_draft(key), once }
        })
        .collect()
}

/// The campaigns that a call names, in one text whatever their order; empty where it names none.
fn named(campaigns: &Campaigns<'_>) -> String {
    match campaigns {
        Campaigns::All => String::new(),
        Campaigns::One(key) => String::from(&**key),
        Campaigns::Several(keys) => {
            let mut keys: Vec<&str> = keys.iter().map(|key| &*key.text).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.join("\n")
        }
    }
}

/// VWO knows requests without a key in the SDK's form, which spells out that there is none.
const NO_KEY: &str = "undefined";

/// What the URLs of single conversions have in common. `sdk_key` is that of the launch options.
pub(super) fn prepare(settings: &Settings, sdk_key: Option<&str>) -> Prepared {
    let sdk_key = settings.sdk_key.as_deref().or(sdk_key).or(Some(NO_KEY));
    let (prefix, id) = (settings.prefix.as_deref(), &*settings.account.text);
    Prepared::new(&Account { prefix, id, sdk_key, sdk: Some(SDK) })
}

/// What all requests of a call have in common.
struct Sender<'c, 'r> {
    client: Ready<'c>,
    call: &'r Call<'r>,
    moment: Moment,
    uuid: &'r str,
}

impl<'c> Sender<'c, '_> {
    fn sdk_key(&self) -> Option<&'c str> {
        self.client.settings.sdk_key.as_deref().or(self.client.options.sdk_key.as_deref())
    }

    /// The same in a URL.
    fn environment(&self) -> &'c str {
        self.sdk_key().unwrap_or(NO_KEY)
    }

    fn single(&self, hit: &Hit<'c>) -> TrackRequest<'c> {
        let revenue = self.call.revenue.filter(|_| hit.goal.kind == Some(GoalType::Revenue));
        let revenue = revenue.map(revenue_text);
        let (campaign, goal) = (&*hit.campaign.id.text, &*hit.goal.id.text);
        let url = TrackGoal {
            account: self.client.urls,
            campaign,
            variation: &hit.variation.id.text,
            goal,
            visitor: self.uuid,
            seconds: self.moment.seconds(),
            nonce: self.moment.nonce.to_be_bytes(),
            revenue: revenue.as_deref(),
            browser: Some(Browser { user_agent: &self.call.user_agent, ip_address: &self.call.ip_address }),
        }
        .url();
        TrackRequest {
            url,
            body: None,
            headers: self.visitor_headers(),
            repeat: Repeat::CountsTwice,
            counted: self.counted(campaign, Cow::Borrowed(goal)),
        }
    }

    fn batch(&self, hits: &[Hit<'_>]) -> TrackRequest<'c> {
        let mut url = endpoint(self.client.settings.prefix.as_deref(), "server-side/batch-events");
        url.text("a", &self.client.settings.account.text);
        url.text("sdk", SDK.0);
        url.text("sdk-v", SDK.1);
        let mut headers = Vec::new();
        url.text("env", self.environment());
        if let Some(key) = self.sdk_key().filter(|key| !key.is_empty()) {
            headers.push(("Authorization", encoded(key)));
        }
        let revenue = self.call.revenue.map(revenue_json);
        let mut body = String::with_capacity(hits.len().saturating_mul(160).saturating_add(16));
        body.push_str("{\"ev\":[");
        // All events of a call have the same middle.
        let mut middle = String::from("\"sId\":");
        push_number(&mut middle, self.moment.seconds());
        middle.push_str(",\"u\":\"");
        middle.push_str(self.uuid);
        middle.push_str("\",\"eT\":2,\"visitor_ua\":");
        middle.push_str(&quoted(&self.call.user_agent));
        middle.push_str(",\"visitor_ip\":");
        middle.push_str(&quoted(&self.call.ip_address));
        for (index, hit) in hits.iter().enumerate() {
            body.push_str(if index > 0 { ",{" } else { "{" });
            for (name, id) in [("\"e\":", &hit.campaign.id), ("\"c\":", &hit.variation.id)] {
                if let Some(json) = &id.json {
                    body.push_str(name);
                    body.push_str(json);
                    body.push(',');
                }
            }
            body.push_str(&middle);
            let revenue = revenue.as_deref().filter(|_| hit.goal.kind == Some(GoalType::Revenue));
            for (name, json) in [(",\"g\":", hit.goal.id.json.as_deref()), (",\"r\":", revenue)] {
                if let Some(json) = json {
                    body.push_str(name);
                    body.push_str(json);
                }
            }
            body.push('}');
        }
        body.push_str("]}");
        TrackRequest {
            url: url.finish(),
            body: Some(body),
            headers,
            repeat: Repeat::CountsTwice,
            counted: self.counted("", Cow::Owned(String::from(&*self.call.goal))),
        }
    }

    fn event(&self, hits: &[Hit<'_>], revenue_props: &[&str]) -> TrackRequest<'c> {
        let (ms, seconds) = (number(self.moment.ms), number(self.moment.seconds()));
        let (call, uuid) = (self.call, self.uuid);
        let mut url = endpoint(self.client.settings.prefix.as_deref(), "events/t");
        url.text("en", &call.goal);
        url.text("a", &self.client.settings.account.text);
        url.text("env", self.environment());
        url.text("eTime", &ms);
        push_random(url.name("random"), self.moment.nonce.to_be_bytes());
        url.text("p", "FS");
        url.text("visitor_ua", &call.user_agent);
        url.text("visitor_ip", &call.ip_address);
        let key = self.sdk_key().map(quoted);
        let mut out = Writer::default();
        out.open('{');
        out.name("d");
        out.open('{');
        let mut message = String::from(uuid);
        message.push('-');
        message.push_str(&ms);
        out.member("msgId", &message);
        out.member("visId", uuid);
        out.name("sessionId");
        out.raw(&seconds);
        out.name("event");
        out.open('{');
        out.name("props");
        self.props(key.as_deref(), self.meta(hits, revenue_props)).write(&mut out);
        out.member("name", &call.goal);
        out.name("time");
        out.raw(&ms);
        out.close('}');
        out.name("visitor");
        out.open('{');
        out.name("props");
        out.open('{');
        if let Some(key) = &key {
            out.name("vwo_fs_environment");
            out.raw(key);
        }
        for bracket in ['}', '}', '}', '}'] {
            out.close(bracket);
        }
        TrackRequest {
            url: url.finish(),
            body: Some(out.finish()),
            headers: self.visitor_headers(),
            repeat: Repeat::Unproven,
            counted: self.counted("", Cow::Owned(String::from(&*call.goal))),
        }
    }

    /// The event's properties; the caller's own come last and may take the place of others.
    fn props(&self, sdk_key: Option<&str>, meta: String) -> Properties<'_> {
        let mut props = Properties::default();
        let own = [
            ("vwo_sdkName", Some(quoted(SDK.0))),
            ("vwo_sdkVersion", Some(quoted(SDK.1))),
            ("vwo_envKey", sdk_key.map(String::from)),
            ("vwoMeta", Some(meta)),
            ("isCustomEvent", Some(String::from("true"))),
        ];
        for (name, value) in own {
            if let Some(value) = value {
                props.set(Cow::Borrowed(name), Cow::Owned(value));
            }
        }
        props.assign(self.call.event_properties.unwrap_or_default());
        for name in self.call.unset_properties() {
            props.unset(&name);
        }
        props
    }

    /// `{metric: {id_<campaign>: ["g_<goal>"]}, <revenue property>: amount}`
    fn meta(&self, hits: &[Hit<'_>], revenue_props: &[&str]) -> String {
        // Of a campaign that is named twice the later goal counts, in the place of the first.
        let mut goals = Properties::default();
        for hit in hits {
            let mut goal = String::from("g_");
            goal.push_str(&hit.goal.id.text);
            goals.set(Cow::Borrowed(&hit.campaign.id.text), quoted(&goal).into());
        }
        let mut metric = Writer::default();
        metric.open('{');
        for (campaign, goal) in goals.entries() {
            let mut id = String::from("id_");
            id.push_str(campaign);
            metric.name(&id);
            metric.open('[');
            metric.raw(goal);
            metric.close(']');
        }
        metric.close('}');
        let mut meta = Properties::default();
        meta.set(Cow::Borrowed("metric"), metric.finish().into());
        if let Some(revenue) = self.call.revenue {
            let revenue = revenue_json(revenue);
            for prop in revenue_props {
                meta.set(Cow::Borrowed(prop), revenue.clone().into());
            }
        }
        let mut out = Writer::default();
        meta.write(&mut out);
        out.finish()
    }

    fn counted(&self, campaign: &'c str, goal: Cow<'c, str>) -> Counted<'c> {
        Counted { account: &self.client.settings.account.text, campaign, goal, moment: self.moment }
    }

    /// What the SDK knows of the visitor, in headers: percent-encoded, as there.
    fn visitor_headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        let known = [("X-Device-User-Agent", &self.call.user_agent), ("VWO-X-Forwarded-For", &self.call.ip_address)];
        for (name, value) in known {
            if !value.is_empty() {
                headers.push((name, encoded(value)));
            }
        }
        headers
    }
}

/// `https://dev.visualwebsiteoptimizer.com/[<prefix>/]<path>`
fn endpoint(prefix: Option<&str>, path: &str) -> Url {
    let (prefix, slash) = prefix.map_or(("", ""), |prefix| (prefix, "/"));
    Url::new(&["https://dev.visualwebsiteoptimizer.com/", prefix, slash, path])
}

/// The amount as it stands in a URL.
fn revenue_text(revenue: Json<'_>) -> Cow<'_, str> {
    match revenue.number().filter(|number| is_canonical(number)) {
        Some(number) => Cow::Borrowed(number),
        None => Cow::Owned(javascript::text(revenue).unwrap_or_default()),
    }
}

/// The amount as `JSON.stringify` has it.
fn revenue_json(revenue: Json<'_>) -> String {
    match revenue.number() {
        Some(_) => revenue_text(revenue).into_owned(),
        None => String::from(revenue.as_str()),
    }
}

/// Is a number's text the one that JavaScript gives it? (Of some that are, this does not know.)
fn is_canonical(number: &str) -> bool {
    let (whole, fraction) = cut(number, b'.').unwrap_or((number, "1"));
    number.len() <= 15
        && !fraction.ends_with('0')
        && (is_all(whole, DIGIT) && is_all(fraction, DIGIT))
        && (whole != "0" || fraction.starts_with(|digit| digit != '0'))
}

/// Fit for a header; a key of VWO's is that by itself.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    percent::encode(&mut out, text);
    out
}

fn number(value: u64) -> String {
    let mut out = String::new();
    push_number(&mut out, value);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_javascript_writes_them() {
        for (json, due) in [
            ("249.9", "249.9"),
            ("12.50", "12.5"),
            ("0.05", "0.05"),
            ("0.0000001", "1e-7"),
            ("1e3", "1000"),
            ("1.0", "1"),
            ("-5", "-5"),
            ("123456789012345678901234", "1.2345678901234569e+23"),
            ("\"12.50\"", "12.50"),
            ("true", "true"),
            ("[5]", "5"),
            ("{}", "[object Object]"),
        ] {
            assert_eq!(revenue_text(Json::parse(json).unwrap()), due, "{json}");
        }
        assert_eq!(revenue_json(Json::parse("12.50").unwrap()), "12.5");
        assert_eq!(revenue_json(Json::parse("\"12.50\"").unwrap()), "\"12.50\"");
    }
}
