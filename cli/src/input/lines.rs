//! JSONL: one object a line, as webhooks are stored and APIs are drained.

use super::{
    columns::{Columns, Field},
    row::{Row, Unreadable},
};
use crate::fault::{Code, Fault};
use serde_json::Value;
use std::{
    borrow::Cow,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

/// A line may not be longer: it would be no webhook but an attempt on our memory.
const LONGEST: u64 = 1 << 20;

/// Reads a file of our own making, where a line that cannot be used is a mistake: each line and its object, until `take`
/// finds that one is not `wanted`. Empty lines do not count.
///
/// # Errors
/// `bad-input`, with the line.
pub fn each_entry(path: &Path, wanted: &str, mut take: impl FnMut(&str, &Value) -> Option<()>) -> Result<(), Fault> {
    let bad = |message: String| Fault::new(Code::BadInput, format!("{}: {message}", path.display()));
    let file = File::open(path).map_err(|error| bad(format!("{error}.")))?;
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|error| bad(format!("{error}.")))?;
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            continue;
        }
        let entry = serde_json::from_str(line).unwrap_or_default();
        take(line, &entry).ok_or_else(|| bad(format!("line {} is no {wanted}.", index.saturating_add(1))))?;
    }
    Ok(())
}

/// A JSONL file, read row by row.
pub struct Lines<R> {
    source: R,
    columns: Columns,
    line: u64,
    buffer: Vec<u8>,
    /// Why it could not be read to its end.
    broken: Option<String>,
}

impl<R: BufRead> Lines<R> {
    /// The lines of a source.
    pub fn open(source: R, columns: &Columns) -> Self {
        Lines { source, columns: columns.clone(), line: 0, buffer: Vec::new(), broken: None }
    }

    /// The next row.
    pub fn next(&mut self) -> Option<Result<Row, Unreadable>> {
        loop {
            self.buffer.clear();
            let mut limited = std::io::Read::take(&mut self.source, LONGEST);
            let read = limited.read_until(b'\n', &mut self.buffer);
            let read = self.read(read)?;
            if read == 0 {
                return None;
            }
            self.line = self.line.saturating_add(1);
            if u64::try_from(read).unwrap_or(u64::MAX) == LONGEST && !self.buffer.ends_with(b"\n") {
                self.skip_line()?;
                return Some(Err(Unreadable { line: self.line, why: "The line is longer than 1 MB." }));
            }
            let text = self.buffer.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&self.buffer).trim_ascii();
            if text.is_empty() {
                continue;
            }
            return Some(match serde_json::from_slice::<Value>(text) {
                Ok(value) => row_of(&value, &self.columns, self.line),
                Err(_) => Err(Unreadable { line: self.line, why: "The line is no JSON object in UTF-8." }),
            });
        }
    }

    /// Why it could not be read to its end, where that is so.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    fn read<T>(&mut self, read: std::io::Result<T>) -> Option<T> {
        let line = self.line.saturating_add(1);
        read.map_err(|error| {
            self.broken = Some(format!("From line {line} on it cannot be read. The system says: {error}."));
        })
        .ok()
    }

    fn skip_line(&mut self) -> Option<()> {
        loop {
            let available = match self.source.fill_buf() {
                Ok(available) => available,
                Err(error) => return self.read(Err(error)),
            };
            let end = available.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(available.len(), |end| end.saturating_add(1));
            self.source.consume(used);
            if end.is_some() || used == 0 {
                return Some(());
            }
        }
    }
}

/// What an object says. An answer of an API is none: it holds a list of them.
///
/// # Errors
/// It is no row.
pub fn row_of(object: &Value, columns: &Columns, line: u64) -> Result<Row, Unreadable> {
    if !object.is_object() {
        return Err(Unreadable { line, why: "There must be a JSON object." });
    }
    let mut row = Row::at(line);
    for field in Field::ALL {
        let mut values = columns.names(*field).iter().filter_map(|name| value(object, name));
        if let Some(value) = values.find(|value| !text(value).trim().is_empty()) {
            row.put(*field, &text(value));
            if value.is_number() {
                row.mark_number(*field);
            }
        }
    }
    if row.get(Field::Id).is_none() && LISTS.iter().any(|name| member(object, name).is_some_and(Value::is_array)) {
        return Err(Unreadable {
            line,
            why: "This is an API's answer, not a row: write its list alone, as jq .calls does.",
        });
    }
    let part = |number: u8| {
        columns.names(Field::Token).iter().find_map(|name| {
            let name = match name.strip_suffix(']') {
                Some(name) => format!("{name}{number}]"),
                None => format!("{name}{number}"),
            };
            value(object, &name).map(|part| text(part).into_owned())
        })
    };
    for part in (2..=99).map_while(part) {
        row.put_part(&part);
    }
    Ok(row)
}

/// Under these names APIs answer with a list.
const LISTS: [&str; 7] = ["calls", "form_submissions", "leads", "records", "transactions", "data", "results"];

/// The member at a path: `custom.aftercall_ctx`, `custom_data[aftercall_ctx]`. `null` is none.
fn value<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    let value = member(object, path).or_else(|| {
        let (head, rest) = path.split_once('.')?;
        member_or_listed(object, head).and_then(|inner| descend(inner, rest))
    });
    value.or_else(|| member_or_listed(object, path)).filter(|value| !value.is_null())
}

/// A value as text. Optimizely's buckets, say, may come as the object that they are.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

fn descend<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        Some((head, rest)) => member_or_listed(value, head).and_then(|inner| descend(inner, rest)),
        None => member_or_listed(value, path),
    }
}

fn member_or_listed<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    if let Some((list, entry)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        let named = |item: &&Value| {
            // Invoca's own example has one entry with `partner_name` instead of `name`.
            ["name", "partner_name"].iter().any(|key| {
                member(item, key).and_then(Value::as_str).is_some_and(|name| name.eq_ignore_ascii_case(entry))
            })
        };
        return member(value, list)?.as_array()?.iter().find(named).and_then(|item| member(item, "value"));
    }
    member(value, name)
}

/// A member, whatever the case of its name.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.trim().to_lowercase() == name).map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::columns::Preset;
    use std::collections::BTreeMap;

    fn rows(preset: Preset, text: &str) -> Vec<Result<Row, u64>> {
        let mut lines = Lines::open(text.as_bytes(), &Columns::new(preset, &BTreeMap::new()));
        std::iter::from_fn(|| lines.next()).map(|row| row.map_err(|bad| bad.line)).collect()
    }

    #[test]
    fn an_answer_of_an_api_is_no_row() {
        let text = "{\"page\":1,\"calls\":[{\"id\":\"CAL1\"}]}\n{\"id\":\"CAL2\",\"data\":[]}";
        let mut lines = Lines::open(text.as_bytes(), &Columns::new(Preset::Callrail, &BTreeMap::new()));
        assert!(lines.next().unwrap().is_err_and(|bad| bad.why.contains("jq .calls")));
        assert_eq!(lines.next().unwrap().unwrap().get(Field::Id), Some("CAL2"));
    }

    #[test]
    fn a_callrail_webhook() {
        let text = r#"{"id":123,"resource_id":"CAL1","custom":{"aftercall_ctx":"Aone","aftercall_ctx2":"Atwo"},"session_uuid":"s-1","value":"","duration":"95"}
{"id":124,"custom":""}"#;
        let rows = rows(Preset::Callrail, text);
        let [Ok(first), Ok(second)] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!(first.get(Field::Id), Some("CAL1"));
        assert_eq!(first.token(), Some(vec!["Aone", "Atwo"]));
        assert_eq!(first.get(Field::TrackerId), Some("s-1"));
        assert_eq!(first.get(Field::Revenue), None);
        assert_eq!((second.get(Field::Id), second.token(), second.line), (Some("124"), None, 2));
    }

    #[test]
    fn invocas_lists_of_names_and_values() {
        let text = r#"{"complete_call_id":"C1","custom_data":[{"name":"x","value":"1"},{"partner_name":"aftercall_ctx","value":"Aone"}]}"#;
        let rows = rows(Preset::Invoca, text);
        assert_eq!(rows[0].as_ref().unwrap().token(), Some(vec!["Aone"]));
    }

    #[test]
    fn a_bad_line_costs_itself_only() {
        let rows = rows(Preset::Generic, "\u{feff}{\"id\":\"a\"}\n\n{\"id\":\n[1]\n{\"ID\":\"b\"}");
        let ids: Vec<Result<&str, u64>> =
            rows.iter().map(|row| row.as_ref().map(|row| row.get(Field::Id).unwrap()).map_err(|line| *line)).collect();
        assert_eq!(ids, [Ok("a"), Err(3), Err(4), Ok("b")]);
    }

    #[test]
    fn a_line_without_end_is_one_bad_line() {
        let text = format!("{{\"id\":\"{}\"}}\n{{\"id\":\"b\"}}", "x".repeat(3 << 20));
        let rows = rows(Preset::Generic, &text);
        assert!(matches!(&rows[..], [Err(1), Ok(row)] if row.line == 2), "{}", rows.len());
    }
}
