//! Files of conversions: CSV and JSON, in the names of whoever exported them.

pub mod amount;
pub mod columns;
pub mod contexts;
mod document;
pub mod filter;
mod formats;
mod lines;
pub mod row;
mod table;
pub mod time;
pub mod vwo_report;
pub mod vwo_users;

use crate::fault::{Code, Fault};
use columns::Columns;
use row::{Row, Unreadable};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// A file that counts what was read of it.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        Ok(count)
    }
}

type Source = BufReader<Box<dyn Read + Send>>;

/// The rows of one file.
pub struct Input {
    path: PathBuf,
    rows: Rows,
}

/// What was looked at already, then the rest.
type Whole = std::io::Chain<std::io::Cursor<Vec<u8>>, Source>;

enum Rows {
    Table(Box<table::Table<Whole>>),
    Lines(Box<lines::Lines<BufReader<Whole>>>),
    Document(Box<document::Document<BufReader<Whole>>>),
}

impl Input {
    /// Opens a file; `-` is standard input. `read` grows with the bytes that were read.
    ///
    /// # Errors
    /// `bad-input`: it cannot be read, or it is neither CSV with a header nor JSON.
    pub fn open(path: &Path, columns: &Columns, read: &Arc<AtomicU64>) -> Result<Self, Fault> {
        let bad = |message: String| Fault::new(Code::BadInput, format!("{}: {message}", path.display()));
        let inner: Box<dyn Read + Send> = if path == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            Box::new(File::open(path).map_err(|error| bad(format!("{error}.")))?)
        };
        let counted: Box<dyn Read + Send> = Box::new(Counted { inner, read: Arc::clone(read) });
        let mut source = BufReader::with_capacity(1 << 16, counted);
        let start = first_lines(&mut source).map_err(|error| bad(format!("{error}.")))?;
        let text = String::from_utf8_lossy(&start).into_owned();
        let first = text.trim_start_matches('\u{feff}').trim_start().chars().next();
        if let Some(what) = formats::mistaken(&start) {
            return Err(bad(what.into()));
        }
        let whole = std::io::Cursor::new(start).chain(source);
        let rows = if first == Some('[') || first == Some('{') && goes_on(&text) {
            Rows::Document(Box::new(document::Document::open(BufReader::new(whole), columns)))
        } else if first == Some('{') {
            Rows::Lines(Box::new(lines::Lines::open(BufReader::new(whole), columns)))
        } else if first.is_none() {
            return Err(bad("The file is empty.".into()));
        } else {
            let table = table::Table::open(whole, &text, columns).map_err(|fault| bad(fault.message))?;
            Rows::Table(Box::new(table))
        };
        Ok(Input { path: path.to_owned(), rows })
    }

    /// The zone that the file itself names.
    pub fn zone(&self) -> Option<&str> {
        match &self.rows {
            Rows::Table(table) => table.zone(),
            Rows::Lines(_) | Rows::Document(_) => None,
        }
    }

    /// After the last row: was that the end of the file?
    ///
    /// # Errors
    /// `bad-input`: it was not.
    pub fn end(&self) -> Result<(), Fault> {
        let broken = match &self.rows {
            Rows::Table(table) => table.broken(),
            Rows::Lines(lines) => lines.broken(),
            Rows::Document(document) => document.broken(),
        };
        let bad = |why| Fault::new(Code::BadInput, format!("{}: {why}", self.path.display()));
        broken.map_or(Ok(()), |why| Err(bad(why)))
    }

    /// The next row.
    pub fn next(&mut self) -> Option<Result<Row, Unreadable>> {
        match &mut self.rows {
            Rows::Table(table) => table.next(),
            Rows::Lines(lines) => lines.next(),
            Rows::Document(document) => document.next(),
        }
    }
}

/// The first two lines that are not blank, to look at, or what there is of them in 64 KB.
fn first_lines(source: &mut Source) -> std::io::Result<Vec<u8>> {
    let (mut start, mut lines) = (Vec::new(), 0);
    while lines < 2 && start.len() < 1 << 15 {
        let before = start.len();
        if source.by_ref().take(1 << 15).read_until(b'\n', &mut start)? == 0 {
            break;
        }
        lines += usize::from(!start.get(before..).unwrap_or_default().trim_ascii().is_empty());
    }
    Ok(start)
}

/// Does the first object go over several lines? Otherwise each line is one, and a bad one costs itself only.
fn goes_on(start: &str) -> bool {
    let mut lines =
        start.lines().map(|line| line.trim_start_matches('\u{feff}').trim()).filter(|line| !line.is_empty());
    let (first, second) = (lines.next().unwrap_or_default(), lines.next());
    let is_part = serde_json::from_str::<serde_json::Value>(first).is_err_and(|error| error.is_eof());
    is_part && second.is_some_and(|second| !second.starts_with('{')) && first.len() < 1 << 14
}

#[cfg(test)]
mod tests {
    use super::*;
    use columns::{Field, Preset};
    use std::{collections::BTreeMap, sync::atomic::AtomicUsize};

    /// Ids, and lines that cannot be read, of a file with these bytes; or why it is none.
    fn read(bytes: &[u8]) -> Result<Vec<Result<String, u64>>, String> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("aftercall-input-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).unwrap();
        let columns = Columns::new(Preset::Generic, &BTreeMap::new());
        let input = Input::open(&path, &columns, &Arc::default()).map_err(|fault| fault.message);
        let rows = input.and_then(|mut input| {
            let rows = std::iter::from_fn(|| input.next()).map(|row| match row {
                Ok(row) => Ok(row.get(Field::Id).unwrap_or_default().to_owned()),
                Err(bad) => Err(bad.line),
            });
            let rows = rows.collect();
            input.end().map_err(|fault| fault.message).map(|()| rows)
        });
        let _ = std::fs::remove_file(path);
        rows
    }

    #[test]
    fn files_as_people_have_them() {
        let two = || Ok(vec![Ok(String::from("a")), Ok(String::from("b"))]);
        for text in [
            "\u{feff}id,value\na,1\nb,2\n",
            "\n\n \nid;value\n\na;1\n\nb;2",
            "\r\n\r\nid\tvalue\r\na\t1\r\nb\t2\r\n",
            "sep=;\r\nid;value\r\na;1,5\r\nb;2\r\n",
            "\u{feff}\"sep=|\"\nid|value\na|1\nb|2\n",
            "ID,Value,,\na,1,,\nb,2,,\n",
            "id\ra\rb",
            "Call ID,Value\na,1\nb,2",
            "call-id;Start Time\na;1\nb;2",
            "Conversion ID,Conversion-ID,Order-ID\nx,y,a\nx,y,b",
            "{\"id\":\"a\"}\n\n{\"id\":\"b\"}",
            "[{\"id\":\"a\"},{\"id\":\"b\"}]",
            "[\n  {\n    \"id\": \"a\"\n  },\n  {\n    \"id\": \"b\"\n  }\n]\n",
            "{\n  \"id\": \"a\"\n}\n{\n  \"id\": \"b\"\n}\n",
        ] {
            assert_eq!(read(text.as_bytes()), two(), "{text}");
        }
    }

    #[test]
    fn a_bad_row_costs_itself_only() {
        let rows = |text: &[u8]| read(text).unwrap();
        assert_eq!(rows(b"id,note\na,M\xfcller\nb,Meier\n"), [Err(2), Ok("b".into())]);
        assert_eq!(rows(b"id,note\na,x\nb\0,x\nc,x"), [Ok("a".into()), Err(3), Ok("c".into())]);
        assert_eq!(rows(b"{\"id\":\"a\n{\"id\":\"b\"}"), [Err(1), Ok("b".into())], "no object over two lines");
    }

    #[test]
    fn what_is_no_such_file_is_named() {
        for (bytes, words) in [
            (&b"\x1f\x8b\x08\0\0"[..], "compressed"),
            (b"\n \n", "empty"),
            (b"<!DOCTYPE html>\n", "No column holds"),
            (b"[{\"id\":\"a\"}", "ends inside an array"),
        ] {
            assert!(read(bytes).is_err_and(|message| message.contains(words)), "{words}");
        }
    }
}
