//! `aftercall.toml`, changed by a few keys: comments, order and spelling of all else stay as they are.

use super::files;
use crate::{
    config::Config,
    fault::{Code, Fault},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use toml_edit::{DocumentMut, Item, Table, Value, value};

/// Rights of a new file: nothing secret is in it.
const RIGHTS: u32 = 0o644;

/// The file as it was read, and as it is to be.
pub struct Settings {
    path: PathBuf,
    /// What stood there; nothing where there is no file yet.
    was: Option<String>,
    document: DocumentMut,
    changes: Vec<Change>,
}

/// One key that gets another value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub key: String,
    pub from: Option<String>,
    pub to: String,
}

impl Settings {
    /// The file, and what it says. One that is not there yet is empty.
    ///
    /// # Errors
    /// `bad-config`.
    pub fn open(path: Option<&Path>) -> Result<(Self, Config), Fault> {
        let path = path.unwrap_or(Path::new("aftercall.toml")).to_owned();
        let bad = |message: String| Fault::new(Code::BadConfig, format!("{}: {message}", path.display()));
        let was = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(bad(format!("{error}."))),
        };
        let text = was.as_deref().unwrap_or_default();
        let config = Config::parse(text).map_err(|fault| bad(fault.message))?;
        let document = text.parse().map_err(|_| bad("it cannot be changed.".into()))?;
        Ok((Settings { path, was, document, changes: Vec::new() }, config))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What changes.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// A value, an id as text.
    pub fn get(&self, table: &str, key: &str) -> Option<String> {
        text(self.document.get(table)?.get(key)?)
    }

    /// Gives a key this value, unless it has it.
    pub fn set(&mut self, table: &str, key: &str, to: &str) {
        let from = self.get(table, key);
        if from.as_deref() == Some(to) {
            return;
        }
        self.changes.push(Change { key: format!("{table}.{key}"), from, to: to.to_owned() });
        self.make_room(table);
        let Some(table) = self.document.get_mut(table).and_then(Item::as_table_like_mut) else { return };
        match table.get_mut(key).and_then(Item::as_value_mut) {
            Some(old) => {
                // Ids may be written as numbers: the file's way stays. So does the comment behind the value.
                let number = to.parse::<i64>().ok().filter(|_| old.is_integer());
                let mut new: Value = number.map_or_else(|| to.into(), Value::from);
                *new.decor_mut() = old.decor().clone();
                *old = new;
            }
            None => {
                table.insert(key, value(to));
            }
        }
    }

    /// A new table stands at the end, behind the comments that end the table before.
    fn make_room(&mut self, name: &str) {
        if self.document.contains_key(name) {
            return;
        }
        let before = self.document.trailing().as_str().unwrap_or_default().to_owned();
        let gap = if self.was.as_deref().unwrap_or_default().trim().is_empty() { "" } else { "\n" };
        let gap = if before.ends_with("\n\n") { "" } else { gap };
        let mut table = Table::new();
        table.decor_mut().set_prefix(format!("{before}{gap}"));
        self.document.set_trailing("");
        self.document.insert(name, Item::Table(table));
    }

    /// The file's text as it is to be.
    fn text(&self) -> String {
        let text = self.document.to_string();
        let windows = self.was.as_deref().is_some_and(|was| was.contains("\r\n"));
        if windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text }
    }

    /// Writes the file, if anything changes.
    ///
    /// # Errors
    /// `changed-meanwhile`: somebody else wrote it since; `bad-config`: it cannot be written.
    pub fn save(&self) -> Result<(), Fault> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let bad = |message: String| Fault::new(Code::BadConfig, format!("{}: {message}", self.path.display()));
        let text = self.text();
        Config::parse(&text).map_err(|fault| bad(format!("it would not be valid: {}", fault.message)))?;
        if fs::read_to_string(&self.path).ok() != self.was {
            let message =
                format!("{} was changed by somebody else meanwhile: run the same command again.", self.path.display());
            return Err(Fault::new(Code::ChangedMeanwhile, message));
        }
        files::replace(&self.path, &text, RIGHTS).map_err(|error| bad(format!("it cannot be written: {error}.")))
    }
}

fn text(item: &Item) -> Option<String> {
    item.as_str().map(String::from).or_else(|| item.as_integer().map(|number| number.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn changed(before: &str, keys: &[(&str, &str)]) -> String {
        let mut settings = Settings {
            path: PathBuf::new(),
            was: Some(before.to_owned()),
            document: before.parse().unwrap(),
            changes: Vec::new(),
        };
        for (key, to) in keys {
            settings.set("optimizely", key, to);
        }
        let text = settings.text();
        Config::parse(&text).unwrap();
        text
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        let before = "# Ours.\nledger  = 'l.db' # keep\n\n[optimizely]   # the shop\naccount_id = 12001 # number\n#: region = \"eu\"\nevent = \"old\"   # spoken\n\n# The end.\n";
        let after = changed(before, &[("account_id", "12002"), ("event", "phone_call"), ("event_id", "7")]);
        assert_eq!(
            after,
            "# Ours.\nledger  = 'l.db' # keep\n\n[optimizely]   # the shop\naccount_id = 12002 # number\n#: region = \"eu\"\nevent = \"phone_call\"   # spoken\nevent_id = \"7\"\n\n# The end.\n"
        );
        assert_eq!(
            changed(before, &[("account_id", "12001"), ("event", "old")]),
            before,
            "equal values change nothing"
        );
    }

    #[test]
    fn a_new_table_stands_behind_the_comments_of_the_one_before() {
        assert_eq!(
            changed("[convert]\naccount_id = \"1\"\n#: repeat = false\n", &[("event", "a")]),
            "[convert]\naccount_id = \"1\"\n#: repeat = false\n\n[optimizely]\nevent = \"a\"\n"
        );
        assert_eq!(changed("", &[("event", "a")]), "[optimizely]\nevent = \"a\"\n");
    }

    #[test]
    fn other_spellings_of_a_table_stay() {
        assert_eq!(
            changed("optimizely = { event = \"old\" }\n", &[("event", "new"), ("event_id", "7")]),
            "optimizely = { event = \"new\" , event_id = \"7\" }\n"
        );
        assert_eq!(
            changed("optimizely.event = \"old\"\n", &[("event_id", "7")]),
            "optimizely.event = \"old\"\noptimizely.event_id = \"7\"\n"
        );
        assert_eq!(
            changed("ledger = \"a\"\r\n[optimizely]\r\nevent = \"old\"\r\n", &[("event", "new"), ("event_id", "7")]),
            "ledger = \"a\"\r\n[optimizely]\r\nevent = \"new\"\r\nevent_id = \"7\"\r\n"
        );
    }

    #[test]
    fn the_example_changes_by_its_keys_alone() {
        let before = include_str!("../../aftercall.example.toml");
        let after = changed(before, &[("event", "phone_call"), ("event_id", "7")]);
        let old: Vec<&str> = before.lines().collect();
        let added: Vec<&str> = after.lines().filter(|line| !old.contains(line)).collect();
        assert_eq!(added, ["event = \"phone_call\"", "event_id = \"7\""]);
        assert_eq!(after.lines().count(), old.len() + 1);
    }
}
