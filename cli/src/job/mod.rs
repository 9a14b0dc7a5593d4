//! A row becomes what the platforms are to hear: drafts of requests, or the reason why not.

mod correction;
mod fullstack;
mod hosts;
mod visitor;

pub use correction::corrections;
pub use hosts::{Hosts, host};

use crate::{
    config::{Age, Config, Secrets},
    fault::{Code, Fault},
    input::{
        amount::Amounts,
        columns::Field,
        contexts::Contexts,
        row::{Row, Unreadable},
        time::Times,
        vwo_report::VwoReport,
    },
};
use aftercall::{
    conversion::{self, Accounts, Conversion},
    platform::is_whole_text,
    values::{
        id::Id,
        json::Json,
        md5::md5,
        money::Cents,
        problem::{Code as Core, PlatformName, Problem, Reason as Flaw},
        request::Draft,
        time::Time,
    },
};
use fullstack::Fullstack;
use serde_json::{Map, Value, json};
use visitor::Known;

/// One conversion for one platform, on its way.
#[derive(Clone, Debug)]
pub struct Work {
    /// What goes out, alone or with others.
    pub draft: Draft,
    /// The user's id of the call.
    pub conversion: String,
    /// What it was worth, in cents: the same conversion with another revenue is *changed*.
    pub revenue: Option<i64>,
    /// MD5 of the token or the ids: by it a visitor can be forgotten.
    pub visitor: [u8; 16],
}

/// Why a row, or a platform's part of it, goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The platform, where it is about one.
    pub platform: Option<PlatformName>,
    /// A stable code: the core's or the command's.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// A row that is skipped fails nothing; one that is rejected does.
    pub rejected: bool,
}

/// What became of a row.
#[derive(Debug, Default)]
pub struct Told {
    /// Where it stands.
    pub line: u64,
    /// The conversion's id, where it has one.
    pub conversion: String,
    /// Where the call came from.
    pub source: Option<String>,
    /// Is anything known of the visitor?
    pub covered: bool,
    /// What is to be sent.
    pub works: Vec<Work>,
    /// What is not, and why.
    pub reasons: Vec<Reason>,
    /// Sent all the same.
    pub warnings: Vec<Problem>,
    /// When it happened, where the row says so.
    pub at: Option<Time>,
}

/// All that rows are read with.
pub struct Job {
    accounts: Accounts,
    template: Conversion,
    /// Does any platform but VWO FullStack have a goal?
    has_goals: bool,
    config: Config,
    amounts: Amounts,
    times: Times,
    contexts: Option<Contexts>,
    report: Option<VwoReport>,
    fullstack: Option<Fullstack>,
    now: Time,
}

impl Job {
    /// A job with these settings. `now` is the time that ages are counted from.
    ///
    /// # Errors
    /// `bad-config` where an account or goal is of no use, in the core's words.
    pub fn new(config: &Config, secrets: &Secrets, now: Time) -> Result<Self, Fault> {
        let bad = |message: String| Fault::new(Code::BadConfig, message);
        let (accounts, goals) = (config.accounts(secrets).to_string(), config.goals());
        let fullstack = Fullstack::new(config, secrets)?;
        if goals.is_empty() && fullstack.is_none() {
            return Err(bad(
                "No platform is configured: aftercall.toml needs [optimizely], [vwo], [vwo_fullstack], [kameleoon] or \
                 [convert]."
                    .into(),
            ));
        }
        let accounts = Json::parse(&accounts).unwrap_or_default();
        let goals_text = Value::Object(goals.clone()).to_string();
        let problems = conversion::check_settings(accounts, Json::parse(&goals_text));
        if let Some(problem) = problems.first() {
            return Err(bad(of_settings(problem)));
        }
        Ok(Job {
            accounts: Accounts::from_json(accounts),
            template: read(&goals, "template").map_err(|problem| bad(problem.reason.message()))?,
            has_goals: !goals.is_empty(),
            config: config.clone(),
            amounts: config.amounts(),
            times: config.times().map_err(bad)?,
            contexts: None,
            report: None,
            fullstack,
            now,
        })
    }

    /// Tokens by call tracker's id.
    pub fn with_contexts(mut self, contexts: Contexts) -> Self {
        self.contexts = Some(contexts);
        self
    }

    /// Variations by VWO's user id.
    pub fn with_report(mut self, report: VwoReport) -> Self {
        self.report = Some(report);
        self
    }

    /// A file that names its own zone: it stands in where neither row nor settings name one.
    ///
    /// # Errors
    /// `bad-input` where nobody knows the zone.
    pub fn use_zone(&mut self, name: &str) -> Result<(), Fault> {
        if self.times.zone.is_none() {
            let zone = jiff::tz::TimeZone::get(name)
                .map_err(|_| Fault::new(Code::BadInput, format!("The file's time zone \"{name}\" is unknown.")))?;
            self.times.zone = Some(zone);
        }
        Ok(())
    }

    /// What becomes of a row.
    pub fn tell(&self, row: &Row) -> Told {
        let mut told = Told {
            line: row.line,
            conversion: row.get(Field::Id).unwrap_or_default().to_owned(),
            source: row.get(Field::Source).map(String::from),
            covered: row.token().is_some() || visitor::has_ids(row, true),
            ..Told::default()
        };
        if let Err(reason) = self.try_tell(row, &mut told) {
            told.reasons.push(reason);
        }
        told
    }

    fn try_tell(&self, row: &Row, told: &mut Told) -> Result<(), Reason> {
        if let Some(condition) = self.config.filter.refuses(row) {
            return Err(skipped(Code::Filtered, format!("The row does not meet [where] {condition}.")));
        }
        if told.conversion.is_empty() {
            return Err(rejected(Code::MissingId, "The row has no id."));
        }
        let at = row.get(Field::At).map(|text| self.times.read(text)).transpose();
        let at = at.map_err(|why| rejected(why.code(), why.message()))?;
        told.at = at;
        let revenue = match row.get(Field::Revenue) {
            Some(text) => Some(self.revenue(row, text)?),
            None => None,
        };
        let quantity = match row.get(Field::Quantity) {
            Some(text) => Some(text.parse().map_err(|_| rejected(Code::BadRow, "The quantity is no whole number."))?),
            None => None,
        };
        if let (Some(fullstack), Some(user)) = (&self.fullstack, row.get(Field::VwoUserId)) {
            fullstack.tell(user, row, revenue, self.now, told);
            if !self.names_another(row) {
                return Ok(());
            }
        } else if !self.has_goals {
            return Err(skipped(Code::NoToken, "The row names no VWO user (column vwo_user_id)."));
        }
        let known = self.known(row, told)?;
        let mut conversion = match &known.vwo_user_id {
            None => self.template.clone(),
            Some(user) => self.goals_of(user, &known, &told.conversion).map_err(reason)?,
        };
        conversion.facts.id.clone_from(&told.conversion);
        conversion.facts.at = at;
        conversion.facts.revenue = revenue;
        conversion.facts.quantity = quantity;
        let drafts = conversion::drafts(&known.context, false, &conversion.known_at(self.now), &self.accounts);
        told.reasons.extend(drafts.skipped.into_iter().map(reason));
        for warning in drafts.warnings {
            warning.report(&mut told.warnings);
        }
        for draft in drafts.requests {
            if self.is_too_old(draft.platform, at) {
                told.reasons.push(Reason {
                    platform: Some(draft.platform),
                    ..skipped(Code::TooOld, "The conversion is older than this platform's max_age.")
                });
                continue;
            }
            told.works.push(Work {
                draft,
                conversion: told.conversion.clone(),
                revenue: revenue.map(Cents::number),
                visitor: known.hash,
            });
        }
        Ok(())
    }

    fn revenue(&self, row: &Row, text: &str) -> Result<Cents, Reason> {
        let words = |code| match code {
            Code::AmbiguousAmount => {
                rejected(code, "The amount has two readings: the setting decimal says which one counts.")
            }
            Code::OtherCurrency => rejected(code, "The amount is in another currency than the accounts."),
            _ => rejected(code, "The amount cannot be read."),
        };
        if let Some(currency) = row.get(Field::Currency) {
            self.amounts.check_currency(currency).map_err(words)?;
        }
        if row.is_number(Field::Revenue) {
            return Json::parse(text).and_then(Cents::from_json).ok_or_else(|| words(Code::BadAmount));
        }
        self.amounts.read(text).map_err(words)
    }

    fn known(&self, row: &Row, told: &mut Told) -> Result<Known, Reason> {
        let tracked = || self.contexts.as_ref()?.token(row.get(Field::TrackerId)?);
        if let Some(token) = row.token() {
            // A token that was cut off on its way is still known by the tracker's id.
            return match (Known::of_token(&token), tracked()) {
                (Err(reason), Some(token)) => Known::of_token(&[token]).map_err(|_| reason),
                (known, _) => known,
            };
        }
        if visitor::has_ids(row, self.fullstack.is_none()) {
            return Known::of_ids(row, &self.config, self.report.as_ref());
        }
        match tracked() {
            Some(token) => {
                told.covered = true;
                Known::of_token(&[token])
            }
            None => Err(skipped(Code::NoToken, "The row has neither a token nor ids.")),
        }
    }

    /// Does the row name a visitor whom another platform than VWO FullStack could know?
    fn names_another(&self, row: &Row) -> bool {
        let tracked = || self.contexts.as_ref()?.token(row.get(Field::TrackerId)?);
        self.has_goals && (row.token().is_some() || visitor::has_ids(row, false) || tracked().is_some())
    }

    /// The goals where the row names VWO's user itself, read as the core reads them out of JSON.
    fn goals_of(&self, user: &str, known: &Known, id: &str) -> Result<Conversion, Problem> {
        if !is_whole_text(id) {
            return Err(Problem { platform: None, reason: Flaw::new(Core::InvalidConversion, "id") });
        }
        let mut conversion = self.template.clone();
        if let Some(goal) = &mut conversion.vwo {
            let campaign = known.vwo_campaign.as_deref().map(Id::parse);
            if !is_whole_text(user) {
                conversion.refuse(PlatformName::Vwo, "userId");
            } else if campaign == Some(None) {
                conversion.refuse(PlatformName::Vwo, "campaignIds");
            } else {
                goal.user_id = Some(user.to_owned());
                if let Some(campaign) = campaign.flatten() {
                    goal.campaigns = Some(vec![campaign]);
                }
            }
        }
        Ok(conversion)
    }

    fn is_too_old(&self, platform: PlatformName, at: Option<Time>) -> bool {
        let config = &self.config;
        let age = match platform {
            PlatformName::Optimizely => config.optimizely.as_ref().and_then(|it| it.max_age),
            PlatformName::Vwo => config.vwo.as_ref().and_then(|it| it.max_age),
            // Kameleoon attributes a conversion to visits of the last seven days.
            PlatformName::Kameleoon => config.kameleoon.as_ref().map(|it| it.max_age.unwrap_or(Age::days(7))),
            PlatformName::Convert => config.convert.as_ref().and_then(|it| it.max_age),
            _ => None,
        };
        match (age.and_then(|age| age.0), at) {
            (Some(age), Some(at)) => self.now.ms().saturating_sub(at.ms()) > age,
            _ => false,
        }
    }
}

/// What is wrong with accounts and goals, in the words of the settings: `account_id`, not `accountId`.
fn of_settings(problem: &Problem) -> String {
    let (section, about) = (problem.platform.map_or("", PlatformName::name), problem.reason.about);
    let name = match about {
        "sdkKey" => format!("AFTERCALL_{}_SDK_KEY (in the environment)", section.to_uppercase()),
        _ => about.chars().fold(String::new(), |mut name, c| {
            if c.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
            name
        }),
    };
    format!("[{section}] {} ({})", problem.reason.message().replacen(about, &name, 1), problem.code().name())
}

fn read(goals: &Map<String, Value>, id: &str) -> Result<Conversion, Problem> {
    let mut members = goals.clone();
    members.insert("id".into(), json!(id));
    let text = Value::Object(members).to_string();
    Ok(Conversion::from_json(Json::parse(&text).unwrap_or_default())?)
}

/// A platform that cannot be told: whether that is a fault of the row, or just not this platform's visitor.
fn reason(problem: Problem) -> Reason {
    let foreign = matches!(problem.code(), Core::NoVisitorId | Core::NoCampaign | Core::AccountMismatch);
    Reason {
        platform: problem.platform,
        code: problem.code().name(),
        message: problem.reason.message(),
        rejected: !foreign,
    }
}

fn skipped(code: Code, message: impl Into<String>) -> Reason {
    Reason { platform: None, code: code.name(), message: message.into(), rejected: false }
}

fn rejected(code: Code, message: impl Into<String>) -> Reason {
    Reason { rejected: true, ..skipped(code, message) }
}

/// A row that could not even be read.
pub fn unreadable(row: Unreadable) -> Told {
    Told { line: row.line, reasons: vec![rejected(Code::BadRow, row.why)], ..Told::default() }
}

/// What a visitor is recognised by when somebody asks to forget one.
pub fn visitor_hash(text: &str) -> [u8; 16] {
    md5(text.as_bytes())
}
