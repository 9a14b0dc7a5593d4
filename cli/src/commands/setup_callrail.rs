//! `aftercall setup callrail`: our cookie among those that CallRail captures, for one company or many.

use crate::{
    args::{Arguments, CallrailSetup},
    exit::Exit,
    fault::{Code, Fault},
    setup::{
        api::Api,
        ask::{self, Ask, Choice},
        callrail::{self, CallRail, Done, Entry, Wish},
        settings::Settings,
    },
    table::{self, plain},
};
use serde_json::json;

/// Adds the cookie where it is missing.
///
/// # Errors
/// See `docs/codes.md`. What concerns one company is reported with it, and the others go on.
pub async fn run(arguments: &Arguments, wanted: &CallrailSetup) -> Result<Exit, Fault> {
    if !is_cookie(&wanted.cookie) {
        return Err(Fault::new(Code::BadConfig, format!("“{}” is no name of a cookie.", plain(&wanted.cookie))));
    }
    let cookies = cookies(&wanted.cookie, wanted.parts);
    // How requests go out is in the settings; nothing is written there.
    let (_, config) = Settings::open(arguments.config.as_deref())?;
    let ask = Ask::new(wanted.how.no_input);
    let key = ask.secret("AFTERCALL_CALLRAIL_KEY", "an API v3 key of CallRail")?;
    let callrail = CallRail::new(Api::new("CallRail", &config)?, key);
    let account = account(wanted, &callrail, &ask).await?;
    let companies = companies(wanted, &callrail.companies(&account).await?, &ask)?;
    let wish = Wish { cookies: &cookies, activate: wanted.activate, dry_run: wanted.how.dry_run };
    let mut results: Vec<(Entry, Option<Result<Done, Fault>>)> = Vec::new();
    let mut stopped = false;
    for company in companies {
        let result = if stopped { None } else { Some(callrail.add(&account, &company.id, &wish).await) };
        stopped |= matches!(&result, Some(Err(fault)) if stops(fault));
        results.push((company, result));
    }
    report(arguments, wanted, &cookies, &account, &results);
    let good = results.iter().all(|(_, result)| matches!(result, Some(Ok(_))));
    Ok(if good { Exit::Done } else { Exit::Partly })
}

/// Is it about us, so that the next company would meet the same?
fn stops(fault: &Fault) -> bool {
    [Code::BadLogin, Code::TooManyRequests, Code::VendorUnreachable].iter().any(|code| code.name() == fault.code)
}

/// RFC 6265, 4.1.1: a token, less what nobody uses.
fn is_cookie(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// The script tag's names: what is longer than a field goes on in `name2`, `name3`, …
fn cookies(name: &str, parts: u8) -> Vec<String> {
    (1..=parts).map(|part| if part == 1 { name.to_owned() } else { format!("{name}{part}") }).collect()
}

fn choices(all: &[Entry]) -> Vec<Choice> {
    all.iter().map(Entry::choice).collect()
}

async fn account(wanted: &CallrailSetup, callrail: &CallRail, ask: &Ask) -> Result<String, Fault> {
    if let Some(id) = &wanted.account {
        return if callrail::is_id(id) {
            Ok(id.clone())
        } else {
            Err(Fault::new(Code::NotThere, format!("“{}” is no id of an account.", plain(id))))
        };
    }
    let all = callrail.accounts().await?;
    match all.as_slice() {
        [] => Err(Fault::new(Code::NotThere, "This key sees no account.")),
        [only] => Ok(only.id.clone()),
        several => {
            let chosen = ask.choose("account", "--account", &choices(several))?;
            several
                .get(chosen)
                .map(|entry| entry.id.clone())
                .ok_or_else(|| Fault::new(Code::ChoiceNeeded, "No account was chosen."))
        }
    }
}

fn companies(wanted: &CallrailSetup, all: &[Entry], ask: &Ask) -> Result<Vec<Entry>, Fault> {
    let active: Vec<Entry> = all.iter().filter(|company| company.active).cloned().collect();
    if !wanted.company.is_empty() {
        let mut found: Vec<Entry> = Vec::new();
        for id in &wanted.company {
            let company = all.iter().find(|company| company.id == *id).ok_or_else(|| {
                let list = ask::list(&choices(&active));
                Fault::new(Code::NotThere, format!("This key sees no company {}: {list}.", plain(id)))
            })?;
            if !found.contains(company) {
                found.push(company.clone());
            }
        }
        return Ok(found);
    }
    if active.is_empty() {
        return Err(Fault::new(Code::NotThere, "This account has no active company."));
    }
    if wanted.all_companies || active.len() == 1 {
        return Ok(active);
    }
    let chosen = ask.choose("company", "--company, or take --all-companies", &choices(&active))?;
    Ok(active.into_iter().skip(chosen).take(1).collect())
}

fn report(
    arguments: &Arguments,
    wanted: &CallrailSetup,
    cookies: &[String],
    account: &str,
    results: &[(Entry, Option<Result<Done, Fault>>)],
) {
    let dry_run = wanted.how.dry_run;
    if arguments.json {
        let companies: Vec<_> = results
            .iter()
            .map(|(company, result)| match result {
                Some(Ok(done)) => {
                    json!({ "id": company.id, "name": company.name, "result": done.how, "added": done.added, "kept": done.kept })
                }
                Some(Err(fault)) => {
                    json!({ "id": company.id, "name": company.name, "result": "failed", "code": fault.code, "message": fault.message })
                }
                None => json!({ "id": company.id, "name": company.name, "result": "not-tried" }),
            })
            .collect();
        println!("{}", json!({ "tracker": "callrail", "account": account, "companies": companies, "dryRun": dry_run }));
        return;
    }
    for (company, result) in results {
        if let Some(Err(fault)) = result {
            eprintln!("aftercall: {} “{}”: {fault}", company.id, plain(&company.name));
        }
    }
    if arguments.quiet {
        return;
    }
    let rows: Vec<Vec<String>> = results
        .iter()
        .map(|(company, result)| {
            let (how, captured) = match result {
                Some(Ok(done)) => {
                    let how = if done.how == "unchanged" || !dry_run {
                        done.how.to_owned()
                    } else {
                        format!("would be {}", done.how)
                    };
                    let all: Vec<String> = done.kept.iter().chain(cookies).map(|cookie| plain(cookie)).collect();
                    (how, all.join(", "))
                }
                Some(Err(fault)) => (fault.code.to_owned(), String::new()),
                None => ("not tried".to_owned(), String::new()),
            };
            vec![company.id.clone(), plain(&company.name), how, captured]
        })
        .collect();
    table::print(&["company", "name", "result", "captured"], &rows);
    if results.iter().any(|(_, result)| matches!(result, Some(Ok(_)))) {
        println!(
            "Calls to numbers of website (session) pools carry the cookie; calls to numbers of source trackers never do."
        );
    }
}
