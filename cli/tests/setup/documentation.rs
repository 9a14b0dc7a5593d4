//! "Set up by API", done as it says.

use super::{
    callrail_standin::{CallRail, KEY, company},
    checked, command,
    common::Folder,
    optimizely_standin::{CLASSIC_TOKEN, CLIENT, CLIENT_SECRET, CODE, Optimizely, TOKEN},
    server::StandIn,
    settings,
};

const DOCUMENT: &str = include_str!("../../../docs/setup.md");

/// What stands in the code block of that name.
#[track_caller]
fn passage(name: &str) -> &'static str {
    let (_, rest) = DOCUMENT.split_once(&format!("<!-- {name} -->\n```")).unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\n```\n").unwrap().0
}

#[track_caller]
fn done(folder: &Folder, name: &str, environment: &[(&str, &str)]) {
    for line in passage(name).lines() {
        let arguments: Vec<&str> = line.strip_prefix("aftercall ").unwrap().split(' ').collect();
        let output = command(folder, &arguments, environment).output().unwrap();
        checked(folder, &output, 0);
    }
}

#[test]
fn every_command_of_the_document_works() {
    let all: usize =
        ["optimizely", "classic", "oauth", "callrail"].iter().map(|name| passage(name).lines().count()).sum();
    assert_eq!(all, DOCUMENT.lines().filter(|line| line.starts_with("aftercall ")).count(), "each is tried here");

    let optimizely = StandIn::start(Optimizely { next_id: 7001, ..Optimizely::small() });
    let folder = Folder::new("setup-docs");
    folder.write("aftercall.toml", settings(&optimizely.address));
    done(&folder, "optimizely", &[("AFTERCALL_OPTIMIZELY_TOKEN", TOKEN)]);
    let written = String::from_utf8(folder.read("aftercall.toml")).unwrap();
    assert!(written.ends_with(&format!("\n\n{}\n", passage("written"))), "{written}");
    assert_eq!(optimizely.orders().len(), 1);
    done(
        &folder,
        "oauth",
        &[
            ("AFTERCALL_OPTIMIZELY_CLIENT_ID", CLIENT),
            ("AFTERCALL_OPTIMIZELY_CLIENT_SECRET", CLIENT_SECRET),
            ("AFTERCALL_OPTIMIZELY_CODE", CODE),
        ],
    );
    done(&folder, "classic", &[("AFTERCALL_OPTIMIZELY_CLASSIC_TOKEN", CLASSIC_TOKEN)]);

    let mut callrail = CallRail::small();
    callrail.companies.push(company("COM2", "Baker"));
    let callrail = StandIn::start(callrail);
    folder.write("aftercall.toml", settings(&callrail.address));
    done(&folder, "callrail", &[("AFTERCALL_CALLRAIL_KEY", KEY)]);
    assert_eq!(callrail.state().vendor.cookies("COM2"), ["aftercall_ctx", "aftercall_ctx2"]);
}
