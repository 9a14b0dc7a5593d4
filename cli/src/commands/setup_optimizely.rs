//! `aftercall setup optimizely`: the event that a phone call will be, and its ids in `aftercall.toml`.

use crate::{
    args::{Arguments, OptimizelySetup},
    config::Config,
    exit::Exit,
    fault::{Code, Fault},
    setup::{
        api::Api,
        ask::{self, Ask, Choice},
        optimizely::{
            self, Event, Generation, Project,
            login::{App, Login},
        },
        secret::Secret,
        settings::Settings,
    },
    table::{self, plain},
};
use serde_json::{Value, json};

/// The section of the settings.
const SECTION: &str = "optimizely";

/// How often an event is made whose making was not answered.
const TRIES: u32 = 3;

/// What Optimizely suggests for calls.
const USUAL_NAME: &str = "phone_call_conversion";

/// The event as it is now.
struct Chosen {
    /// Nothing where it was only said what would be made.
    id: Option<String>,
    key: String,
    made: bool,
}

/// Chooses or makes the event, and writes it down.
///
/// # Errors
/// See `docs/codes.md`.
pub async fn run(arguments: &Arguments, wanted: &OptimizelySetup) -> Result<Exit, Fault> {
    let (mut settings, config) = Settings::open(arguments.config.as_deref())?;
    let ask = Ask::new(wanted.how.no_input);
    let asked = wanted.api.or_else(|| Generation::parse(&settings.get(SECTION, "api")?));
    let login = log_in(wanted, asked, &config, &ask).await?;
    let projects = optimizely::projects(&login).await?;
    if wanted.list && wanted.project.is_none() {
        list_projects(arguments, &projects);
        return Ok(Exit::Done);
    }
    let project = project(wanted, &settings, &projects, &ask)?;
    let generation = generation(asked, project, &login)?;
    let events = optimizely::events(&login, generation, project).await?;
    if wanted.list {
        list_events(arguments, &events);
        return Ok(Exit::Done);
    }
    let event = event(wanted, &settings, &login, generation, project, events, &ask).await?;

    settings.set(SECTION, "account_id", &project.account_id);
    settings.set(SECTION, "project_id", &project.id);
    settings.set(SECTION, "api", generation.name());
    settings.set(SECTION, "event", &event.key);
    // A goal of Classic is named in requests, an event has its id there too.
    if let (Generation::Events, Some(id)) = (generation, &event.id) {
        settings.set(SECTION, "event_id", id);
    }
    if !wanted.how.dry_run {
        settings.save()?;
    }
    report(arguments, wanted.how.dry_run, generation, project, &event, &settings);
    Ok(Exit::Done)
}

async fn log_in(
    wanted: &OptimizelySetup,
    asked: Option<Generation>,
    config: &Config,
    ask: &Ask,
) -> Result<Login, Fault> {
    let api = Api::new("Optimizely", config)?;
    if wanted.oauth {
        let need = |name: &str| {
            let missing = || {
                Fault::new(
                    Code::NoLogin,
                    format!("--oauth needs {name}: the application's, as it is registered with Optimizely."),
                )
            };
            Secret::of_environment(name)?.ok_or_else(missing)
        };
        let app = App {
            client_id: need("AFTERCALL_OPTIMIZELY_CLIENT_ID")?.reveal().to_owned(),
            secret: need("AFTERCALL_OPTIMIZELY_CLIENT_SECRET")?,
            redirect_uri: wanted.redirect_uri.clone(),
        };
        return Login::with_oauth(api, app, wanted.tokens.clone(), ask).await;
    }
    let variable = "AFTERCALL_OPTIMIZELY_TOKEN";
    let classic = Secret::of_environment("AFTERCALL_OPTIMIZELY_CLASSIC_TOKEN")?;
    match classic {
        Some(token) if asked == Some(Generation::Classic) || Secret::of_environment(variable)?.is_none() => {
            Ok(Login::with_classic_token(api, token))
        }
        _ => Ok(Login::with_token(api, ask.secret(variable, "a personal access token of Optimizely")?)),
    }
}

/// The project of the command line, of the settings, the only one, or the one that is chosen.
fn project<'a>(
    wanted: &OptimizelySetup,
    settings: &Settings,
    projects: &'a [Project],
    ask: &Ask,
) -> Result<&'a Project, Fault> {
    let choices = |projects: &[&Project]| projects.iter().map(|project| project.choice()).collect::<Vec<_>>();
    let by_id = |id: &str| projects.iter().find(|project| project.id == id);
    let active: Vec<&Project> = projects.iter().filter(|project| project.active).collect();
    if let Some(id) = &wanted.project {
        let list = ask::list(&choices(&projects.iter().collect::<Vec<_>>()));
        let message = format!("This login sees no project {}: {list}.", plain(id));
        return by_id(id).ok_or_else(|| Fault::new(Code::NotThere, message));
    }
    if let Some(project) = settings.get(SECTION, "project_id").and_then(|id| by_id(&id)) {
        return Ok(project);
    }
    match active.as_slice() {
        [] => Err(Fault::new(Code::NotThere, "This login sees no active project.")),
        [only] => Ok(only),
        several => {
            let chosen = ask.choose("project", "--project", &choices(several))?;
            several.get(chosen).copied().ok_or_else(|| Fault::new(Code::ChoiceNeeded, "No project was chosen."))
        }
    }
}

fn generation(asked: Option<Generation>, project: &Project, login: &Login) -> Result<Generation, Fault> {
    let found = if project.only_classic { Generation::Classic } else { Generation::Events };
    let generation = asked.unwrap_or(found);
    if generation == Generation::Events && login.is_classic() {
        let message = "A token of Optimizely Classic is good for goals alone: pass --api classic, or set AFTERCALL_OPTIMIZELY_TOKEN.";
        return Err(Fault::new(Code::NoLogin, message));
    }
    if generation == Generation::Events && project.only_classic {
        let message =
            format!("Project {} is Optimizely Classic and has no events of today's: pass --api classic.", project.id);
        return Err(Fault::new(Code::ChoiceNeeded, message));
    }
    Ok(generation)
}

/// The event of the command line or of the settings, or the one that is chosen; made, where it is not there.
async fn event(
    wanted: &OptimizelySetup,
    settings: &Settings,
    login: &Login,
    generation: Generation,
    project: &Project,
    mut events: Vec<Event>,
    ask: &Ask,
) -> Result<Chosen, Fault> {
    let noun = generation.noun();
    let (name, sure) = match (&wanted.event, settings.get(SECTION, "event")) {
        (Some(name), _) => (name.trim().to_owned(), true),
        (None, Some(name)) => (name, false),
        (None, None) => (ask_for_name(&events, noun, ask)?, true),
    };
    let mut refused = None;
    for attempt in 1..=TRIES {
        if let Some(event) = optimizely::find(&events, &name, noun)? {
            return Ok(Chosen { id: Some(event.id.clone()), key: event.key.clone(), made: attempt > 1 });
        }
        if let Some(failure) = refused {
            return Err(Fault::from(failure));
        }
        optimizely::check(generation, &name)?;
        if wanted.how.dry_run {
            return Ok(Chosen { id: None, key: name, made: true });
        }
        if !sure
            && ask.is_attended()
            && !ask.agree(&format!("Make the {noun} “{}” in “{}”?", plain(&name), plain(&project.name)))?
        {
            return Err(Fault::new(Code::ChoiceNeeded, "Nothing was made. Name another one with --event."));
        }
        match optimizely::create(login, generation, project, &name).await {
            Ok(event) => return Ok(Chosen { id: Some(event.id), key: event.key, made: true }),
            // It may have been made: look, before another one is.
            Err(failure) if failure.is_unclear() && attempt < TRIES => login.api().pause(attempt).await,
            // Somebody else may have made it since we looked.
            Err(failure) if matches!(failure.status(), Some(400 | 409 | 422)) => refused = Some(failure),
            Err(failure) => return Err(failure.into()),
        }
        events = optimizely::events(login, generation, project).await?;
    }
    Err(refused.map_or_else(
        || {
            Fault::new(
                Code::VendorUnreachable,
                "Optimizely did not say whether it made it: run the same command again later.",
            )
        },
        Fault::from,
    ))
}

fn ask_for_name(events: &[Event], noun: &str, ask: &Ask) -> Result<String, Fault> {
    let usable: Vec<&Event> = events.iter().filter(|event| event.custom && !event.archived).collect();
    let mut choices: Vec<Choice> = usable.iter().map(|event| event.choice()).collect();
    if ask.is_attended() {
        choices.push(Choice { id: "new".into(), name: format!("make a new {noun}") });
    }
    let chosen = ask.choose(noun, "--event (one that is not there is made)", &choices)?;
    match usable.get(chosen) {
        Some(event) => Ok(event.key.clone()),
        None => Ok(ask.line(&format!("Its name [{USUAL_NAME}]"))?.unwrap_or_else(|| USUAL_NAME.to_owned())),
    }
}

fn list_projects(arguments: &Arguments, projects: &[Project]) {
    if arguments.json {
        let all: Vec<Value> = projects
            .iter()
            .map(|project| json!({ "id": project.id, "accountId": project.account_id, "name": project.name, "classic": project.only_classic, "active": project.active }))
            .collect();
        println!("{}", json!({ "projects": all }));
        return;
    }
    let rows: Vec<Vec<String>> = projects
        .iter()
        .map(|project| {
            let api = if project.only_classic { "classic" } else { "events" };
            let state = if project.active { "active" } else { "archived" };
            vec![project.id.clone(), plain(&project.name), project.account_id.clone(), api.into(), state.into()]
        })
        .collect();
    table::print(&["project", "name", "account", "api", "state"], &rows);
}

fn list_events(arguments: &Arguments, events: &[Event]) {
    if arguments.json {
        let all: Vec<Value> = events
            .iter()
            .map(|event| json!({ "id": event.id, "key": event.key, "name": event.name, "custom": event.custom, "archived": event.archived }))
            .collect();
        println!("{}", json!({ "events": all }));
        return;
    }
    let rows: Vec<Vec<String>> = events
        .iter()
        .filter(|event| event.custom)
        .map(|event| {
            let state = if event.archived { "archived" } else { "active" };
            vec![event.id.clone(), plain(&event.key), plain(&event.name), state.into()]
        })
        .collect();
    table::print(&["id", "key", "name", "state"], &rows);
}

fn report(
    arguments: &Arguments,
    dry_run: bool,
    generation: Generation,
    project: &Project,
    event: &Chosen,
    settings: &Settings,
) {
    let (key, noun) = (plain(&event.key), generation.noun());
    let next = match generation {
        Generation::Events => {
            format!("In Optimizely, open the experiment, add the event “{key}” as a metric, and publish.")
        }
        Generation::Classic => format!("In Optimizely, add the saved goal “{key}” to the experiment."),
    };
    if arguments.json {
        let changes: Vec<Value> = settings
            .changes()
            .iter()
            .map(|change| json!({ "key": change.key, "from": change.from, "to": change.to }))
            .collect();
        println!(
            "{}",
            json!({
                "platform": "optimizely", "api": generation.name(), "accountId": project.account_id, "projectId": project.id,
                "event": event.key, "eventId": event.id, "made": event.made, "file": settings.path(), "changes": changes,
                "dryRun": dry_run, "next": next,
            })
        );
        return;
    }
    if arguments.quiet {
        return;
    }
    let done = match (event.made, dry_run) {
        (false, _) => "is there",
        (true, false) => "was made",
        (true, true) => "would be made",
    };
    println!("Project {} “{}”: the {noun} “{key}” {done}.", project.id, plain(&project.name));
    let file = settings.path().display();
    if settings.changes().is_empty() {
        println!("{file} says so already.");
    } else {
        println!("{file} {}:", if dry_run { "would change" } else { "changed" });
        for change in settings.changes() {
            let from = change.from.as_ref().map(|from| format!("   # was \"{}\"", plain(from))).unwrap_or_default();
            println!("  {} = \"{}\"{from}", change.key, plain(&change.to));
        }
    }
    println!("Last step, by hand: {next}");
}
