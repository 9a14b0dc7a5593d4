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
    goal_type::GoalType,
    javascript,
    reason::Reason,
    settings::Settings,
    template::{fill, filled},
    track::{Hit, Track},
    value::{Properties, quoted},
};
use crate::{
    platform::vwo::server_side::{Account, Browser, Prepared, SDK, TrackGoal, push_host},
    values::{
        base64,
        digits::{push_decimals, push_number},
        idempotency::IdempotencyKey,
        json::{Json, Writer},
        problem::PlatformName,
        request::{ConversionRequest, Draft, Format, Post, Repeat},
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
    goal: &'c str,
    moment: Moment,
}

impl TrackRequest<'_> {
    /// Every call is a conversion of its own: its moment is its id, written short, for then the hash is of one block.
    #[must_use]
    pub fn key(&self) -> IdempotencyKey {
        let Counted { account, campaign, goal, moment } = &self.counted;
        let mut conversion = String::with_capacity(24);
        let [_, _, a, b, c, d, e, f] = moment.ms.to_be_bytes();
        let [_, g, h, i, j, k, l, m] = moment.nonce.to_be_bytes();
        base64::encode(&mut conversion, &[a, b, c, d, e, f, g, h, i, j, k, l, m]);
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

    /// Adds a header, where there is something for it. Percent-encoded every text is fit for one; a key of VWO's is that by
    /// itself.
    fn add_header(&mut self, name: &'static str, text: &str) {
        if !text.is_empty() {
            self.headers.push((name, filled("%", &[text])));
        }
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

/// Gives the call its request, where there are conversions that count.
pub(super) fn request<'c>(client: Ready<'c>, call: &Call<'_>, moment: Moment, track: &mut Track<'c, '_, '_>) {
    let Some(first) = track.hits.first().copied() else { return };
    let Some(uuid) = track.take_uuid() else { return };
    let sender = Sender { client, call, moment, uuid: uuid.as_str() };
    let is_one = track.outcome.verdicts.len() == 1;
    let request = track.outcome.request.insert(sender.request(&first));
    if client.settings.event_architecture {
        sender.event(request, &track.hits, &track.revenue_props);
    } else if is_one {
        // What counts is how many campaigns were asked for, not how many the user is in.
        sender.single(request, &first);
    } else {
        sender.batch(request, &track.hits);
    }
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
    let Some(first) = track.hits.first().copied() else { return Vec::new() };
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
        let sender = sender(&key);
        let mut request = sender.request(&first);
        sender.event(&mut request, &track.hits, &track.revenue_props);
        return Vec::from([Conversion { draft: request.into_draft(key), once: false }]);
    }
    let user = ["user ", uuid].concat();
    let tracked = track.outcome.verdicts.iter().filter(|verdict| verdict.tracked);
    tracked
        .zip(&track.hits)
        .map(|(verdict, hit)| {
            let once = !track.returning && !hit.goal.repeats && verdict.reason != Reason::Whitelisted;
            let key = key(&hit.campaign.id.text, &hit.goal.id.text, if once { &user } else { id });
            let sender = sender(&key);
            let mut request = sender.request(hit);
            sender.single(&mut request, hit);
            Conversion { draft: request.into_draft(key), once }
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

/// [`SDK`] as JSON.
const SDK_JSON: (&str, &str) = ("\"vwo-node-sdk\"", "\"1.73.0\"");

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

    /// A request without anything in it; the hit is the first that counts.
    fn request(&self, hit: &Hit<'c>) -> TrackRequest<'c> {
        let account = &*self.client.settings.account.text;
        TrackRequest {
            url: String::with_capacity(384),
            body: None,
            headers: Vec::new(),
            repeat: Repeat::CountsTwice,
            counted: Counted { account, campaign: "", goal: &hit.goal.identifier, moment: self.moment },
        }
    }

    fn single(&self, request: &mut TrackRequest<'c>, hit: &Hit<'c>) {
        let revenue = self.call.revenue.filter(|_| hit.goal.kind == Some(GoalType::Revenue));
        let revenue = revenue.map(revenue_text);
        request.counted.campaign = &hit.campaign.id.text;
        request.counted.goal = &hit.goal.id.text;
        TrackGoal {
            account: self.client.urls,
            campaign: request.counted.campaign,
            variation: &hit.variation.id.text,
            goal: request.counted.goal,
            visitor: self.uuid,
            seconds: self.moment.seconds(),
            nonce: self.moment.nonce.to_be_bytes(),
            revenue: revenue.as_deref(),
            browser: Some(Browser { user_agent: &self.call.user_agent, ip_address: &self.call.ip_address }),
        }
        .push_url(&mut request.url);
        self.add_visitor(request);
    }

    fn batch(&self, request: &mut TrackRequest<'c>, hits: &[Hit<'_>]) {
        let Sender { client, call, .. } = self;
        push_host(&mut request.url, client.settings.prefix.as_deref());
        fill(
            &mut request.url,
            "server-side/batch-events?a=%&sdk=%&sdk-v=%&env=%",
            &[&client.settings.account.text, SDK.0, SDK.1, self.environment()],
        );
        request.add_header("Authorization", self.sdk_key().unwrap_or_default());
        let revenue = call.revenue.map(revenue_json);
        // All events of a call have the same middle.
        let middle = filled(
            r##""sId":#,"u":"#","eT":2,"visitor_ua":$,"visitor_ip":$"##,
            &[&number(self.moment.seconds()), self.uuid, &call.user_agent, &call.ip_address],
        );
        let mut body = String::with_capacity(hits.len().saturating_mul(160));
        // Piece by piece: there may be many events, and a template is looked through each time.
        let mut open = "{\"ev\":[{";
        for hit in hits {
            body.push_str(open);
            open = "},{";
            for (name, id, comma) in [("\"e\":", &hit.campaign.id, ","), ("\"c\":", &hit.variation.id, ",")] {
                if let Some(json) = &id.json {
                    body.push_str(name);
                    body.push_str(json);
                    body.push_str(comma);
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
        }
        body.push_str("}]}");
        request.body = Some(body);
    }

    fn event(&self, request: &mut TrackRequest<'c>, hits: &[Hit<'_>], revenue_props: &[&str]) {
        let Sender { client, call, moment, uuid } = self;
        let (ms, seconds) = (&*number(moment.ms), &*number(moment.seconds()));
        push_host(&mut request.url, client.settings.prefix.as_deref());
        fill(
            &mut request.url,
            "events/t?en=%&a=%&env=%&eTime=#&random=0.",
            &[&call.goal, &client.settings.account.text, self.environment(), ms],
        );
        push_decimals(&mut request.url, moment.nonce);
        fill(&mut request.url, "&p=FS&visitor_ua=%&visitor_ip=%", &[&call.user_agent, &call.ip_address]);
        let key = self.sdk_key().map(quoted);
        let key = key.as_deref();
        let (name, environment) = key.map_or(("", ""), |key| ("\"vwo_fs_environment\":", key));
        let props = self.props(key, &self.meta(hits, revenue_props));
        request.body = Some(filled(
            r##"{"d":{"msgId":"#-#","visId":"#","sessionId":#,"event":{"props":#,"name":$,"time":#},"visitor":{"props":{##}}}}"##,
            &[uuid, ms, uuid, seconds, &props, &call.goal, ms, name, environment],
        ));
        request.repeat = Repeat::Unproven;
        self.add_visitor(request);
    }

    /// The event's properties; the caller's own come last and may take the place of others.
    fn props(&self, sdk_key: Option<&str>, meta: &str) -> String {
        let mut props = Properties::default();
        set(&mut props, "vwo_sdkName", SDK_JSON.0);
        set(&mut props, "vwo_sdkVersion", SDK_JSON.1);
        if let Some(key) = sdk_key {
            set(&mut props, "vwo_envKey", key);
        }
        set(&mut props, "vwoMeta", meta);
        set(&mut props, "isCustomEvent", "true");
        props.assign(self.call.event_properties.unwrap_or_default());
        for name in self.call.unset_properties() {
            props.unset(&name);
        }
        written(&props)
    }

    /// `{metric: {id_<campaign>: ["g_<goal>"]}, <revenue property>: amount}`
    fn meta(&self, hits: &[Hit<'_>], revenue_props: &[&str]) -> String {
        // Of a campaign that is named twice the later goal counts, in the place of the first.
        let mut goals = Properties::default();
        for hit in hits {
            set(&mut goals, &hit.campaign.id.text, &hit.goal.id.text);
        }
        let mut metric = String::new();
        for (campaign, goal) in goals.entries() {
            let (id, goal) = (filled("id_#", &[campaign]), filled("g_#", &[goal]));
            let comma = if metric.is_empty() { "" } else { "," };
            fill(&mut metric, "#$:[$]", &[comma, &id, &goal]);
        }
        let metric = filled("{#}", &[&metric]);
        let mut meta = Properties::default();
        set(&mut meta, "metric", &metric);
        let revenue = self.call.revenue.map(revenue_json);
        if let Some(revenue) = &revenue {
            for prop in revenue_props {
                set(&mut meta, prop, revenue);
            }
        }
        written(&meta)
    }

    /// Adds what the SDK knows of the visitor.
    fn add_visitor(&self, request: &mut TrackRequest<'_>) {
        request.add_header("X-Device-User-Agent", &self.call.user_agent);
        request.add_header("VWO-X-Forwarded-For", &self.call.ip_address);
    }
}

/// Sets a property to a value whose JSON text is at hand.
#[inline(never)]
fn set<'a>(object: &mut Properties<'a>, name: &'a str, json: &'a str) {
    object.set(Cow::Borrowed(name), Cow::Borrowed(json));
}

fn written(object: &Properties<'_>) -> String {
    let mut out = Writer::default();
    object.write(&mut out);
    out.finish()
}

/// The amount as it stands in a URL.
fn revenue_text(revenue: Json<'_>) -> Cow<'_, str> {
    javascript::text_in(revenue).unwrap_or_default()
}

/// The amount as `JSON.stringify` has it.
fn revenue_json(revenue: Json<'_>) -> Cow<'_, str> {
    match revenue.number() {
        Some(_) => revenue_text(revenue),
        None => Cow::Borrowed(revenue.as_str()),
    }
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
    fn the_sdk_is_named_alike_everywhere() {
        assert_eq!((&*quoted(SDK.0), &*quoted(SDK.1)), SDK_JSON);
    }

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
