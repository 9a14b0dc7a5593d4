//! Files of conversions: CSV and JSONL, in the names of whoever exported them.

pub mod amount;
pub mod columns;
pub mod contexts;
pub mod filter;
mod lines;
pub mod row;
mod table;
pub mod time;
pub mod vwo_report;
pub mod vwo_users;

use crate::fault::{Code, Fault};
use columns::Columns;
use row::Row;
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
}

impl Input {
    /// Opens a file; `-` is standard input. `read` grows with the bytes that were read.
    ///
    /// # Errors
    /// `bad-input`: it cannot be read, or it is neither CSV with a header nor JSONL.
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
        if first == Some('[') {
            return Err(bad("This is one JSON array; write one object a line, as `jq -c '.[]'` does.".into()));
        }
        if text.contains('\0') {
            return Err(bad("This is not UTF-8 text; export it as CSV UTF-8.".into()));
        }
        let whole = std::io::Cursor::new(start).chain(source);
        let rows = if first == Some('{') {
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
            Rows::Lines(_) => None,
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
        };
        let bad = |why| Fault::new(Code::BadInput, format!("{}: {why}", self.path.display()));
        broken.map_or(Ok(()), |why| Err(bad(why)))
    }

    /// The next row; `Err` has the line of one that cannot be read.
    pub fn next(&mut self) -> Option<Result<Row, u64>> {
        match &mut self.rows {
            Rows::Table(table) => table.next(),
            Rows::Lines(lines) => lines.next(),
        }
    }
}

/// The first two lines, to look at, or what there is of them in 64 KB.
fn first_lines(source: &mut Source) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::new();
    for _ in 0..2 {
        source.by_ref().take(1 << 15).read_until(b'\n', &mut start)?;
    }
    Ok(start)
}
