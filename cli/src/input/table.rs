//! CSV as people have it: with a byte order mark or without, `,` `;` or tab, quoted line breaks, any case in its headers.

use super::{
    columns::{Columns, Field},
    row::{Row, Unreadable},
};
use crate::{
    fault::{Code, Fault},
    table::plain,
};
use std::{
    collections::{HashMap, HashSet},
    io::{self, Read},
};

/// Bytes of one row, at most. Only a quotation mark that is never closed makes one so long.
const LONGEST: usize = 16 << 20;

/// What stands behind the end of the file: where it turns up inside a row, the end stood inside quotation marks.
const END: &str = "\u{0}end\u{0}";

/// A file, up to an end that shows, and in rows of bounded length.
struct Guarded<R> {
    inner: R,
    /// Bytes of this row so far, give or take a buffer.
    row: usize,
    end: io::Cursor<Vec<u8>>,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.row > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut count = self.inner.read(buffer)?;
        if count == 0 {
            count = self.end.read(buffer)?;
        }
        self.row = self.row.saturating_add(count);
        Ok(count)
    }
}

/// A CSV file, read row by row.
pub struct Table<R> {
    reader: csv::Reader<Guarded<R>>,
    record: csv::StringRecord,
    /// Columns that have a name.
    width: usize,
    /// Why it could not be read to its end.
    broken: Option<String>,
    /// Field → the places of its columns, the best name first.
    places: Vec<(Field, Vec<usize>)>,
    parts: Vec<usize>,
    /// Google's template may begin with a line of parameters.
    zone: Option<String>,
}

impl<R: Read> Table<R> {
    /// A table from its first line on. `start` is what was read of it to look at.
    ///
    /// # Errors
    /// `bad-input` where there is no header with an id.
    pub fn open(source: R, start: &str, columns: &Columns) -> Result<Self, Fault> {
        let mut lines = start.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
        let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let parameters = first.to_lowercase().starts_with("parameters:").then_some(first);
        // Excel's own way of naming the separator.
        let named = first.trim().trim_matches('"').strip_prefix("sep=").and_then(|named| named.chars().next());
        let is_header = parameters.is_none() && named.is_none();
        let header = if is_header { first } else { second };
        let count = |separator: char| header.matches(separator).count();
        let likely = [',', ';', '\t'].into_iter().max_by_key(|separator| (count(*separator), *separator == ','));
        let separator = named.or(likely);
        let end = io::Cursor::new(format!("\n{END}\n").into_bytes());
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(u8::try_from(separator.unwrap_or(',')).unwrap_or(b','))
            .flexible(true)
            .has_headers(false)
            .from_reader(Guarded { inner: source, row: 0, end });
        let mut record = csv::StringRecord::new();
        let mut next = |record: &mut csv::StringRecord| {
            loop {
                let read = reader.read_record(record).map_err(|error| Fault::new(Code::BadInput, in_words(&error)))?;
                if !read || record.iter().any(|name| !name.trim().is_empty()) {
                    return Ok::<_, Fault>(());
                }
            }
        };
        next(&mut record)?;
        let zone = parameters.and_then(|line| {
            let (_, zone) = line.split_once("TimeZone=").or_else(|| line.split_once("timezone="))?;
            Some(zone.split([',', ';']).next()?.trim().trim_matches('"').to_owned())
        });
        if !is_header {
            next(&mut record)?;
        }
        let mut headers = HashMap::new();
        let mut twice = HashSet::new();
        for (place, name) in record.iter().enumerate() {
            let name = name.trim_start_matches('\u{feff}').trim().to_lowercase();
            if headers.insert(name.clone(), place).is_some() {
                twice.insert(name);
            }
        }
        let mut names = Field::ALL.iter().flat_map(|field| columns.names(*field));
        if let Some(name) = names.find(|name| twice.contains(*name)) {
            return Err(Fault::new(
                Code::BadInput,
                format!("Two columns are called \"{name}\", and only one can be it: rename the other."),
            ));
        }
        // `Call ID` is call_id, too, where no other column could be it.
        let mut loose: HashMap<String, Option<usize>> = HashMap::new();
        for (name, place) in &headers {
            loose.entry(loosely(name)).and_modify(|known| *known = None).or_insert(Some(*place));
        }
        let place = |name: &str| headers.get(name).copied().or_else(|| loose.get(&loosely(name)).copied().flatten());
        let places: Vec<(Field, Vec<usize>)> = Field::ALL
            .iter()
            .map(|field| (*field, columns.names(*field).iter().filter_map(|name| place(name)).collect()))
            .filter(|(_, places): &(Field, Vec<usize>)| !places.is_empty())
            .collect();
        if !places.iter().any(|(field, _)| *field == Field::Id) {
            let message = match names_of(&record) {
                Some(names) => format!(
                    "No column holds the conversion's id. There are {names}; say which one it is in [columns] id = \"…\"."
                ),
                None => "The first line looks like a row: the names of the columns must stand there.".into(),
            };
            return Err(Fault::new(Code::BadInput, message));
        }
        let parts = (2..=99)
            .map_while(|number| columns.names(Field::Token).iter().find_map(|name| place(&format!("{name}{number}"))))
            .collect();
        let width = record.len();
        Ok(Table { reader, record, width, broken: None, places, parts, zone })
    }

    /// The zone that the file itself names.
    pub fn zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }

    /// Why it could not be read to its end, where that is so.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// The next row.
    pub fn next(&mut self) -> Option<Result<Row, Unreadable>> {
        if self.broken.is_some() {
            return None;
        }
        loop {
            self.reader.get_mut().row = 0;
            let began = self.reader.position().line();
            let read = self.reader.read_record(&mut self.record);
            match read {
                Ok(false) => return None,
                Ok(true) if self.record.iter().all(|value| value.trim().is_empty()) => {}
                Ok(true) => break,
                Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    let why = "The row is not UTF-8 text, such as Excel's plain \"CSV\": export it as CSV UTF-8.";
                    return Some(Err(Unreadable { line, why }));
                }
                Err(error) => {
                    self.broken = Some(format!("From line {began} on it cannot be read. {}", in_words(&error)));
                    return None;
                }
            }
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        if self.record.get(0) == Some(END) {
            return None;
        }
        if self.record.iter().next_back().is_some_and(|last| last.trim_end().ends_with(END)) {
            self.broken = Some(format!("In the row of line {line} a quotation mark is opened and never closed."));
            return None;
        }
        // A value more than there are names: an amount like 1,200.00 without its quotation marks, say.
        if self.record.iter().skip(self.width).any(|value| !value.trim().is_empty()) {
            let why =
                "The row has more values than there are columns: is an amount like 1,200.00 not in quotation marks?";
            return Some(Err(Unreadable { line, why }));
        }
        if self.record.as_slice().contains('\0') {
            return Some(Err(Unreadable { line, why: "There are NUL bytes in the row." }));
        }
        let mut row = Row::at(line);
        for (field, places) in &self.places {
            let mut values = places.iter().filter_map(|place| self.record.get(*place));
            if let Some(value) = values.find(|value| !value.trim().is_empty()) {
                row.put(*field, value);
            }
        }
        for place in &self.parts {
            row.put_part(self.record.get(*place).unwrap_or_default());
        }
        Some(Ok(row))
    }
}

/// A name as it could be written, too: with spaces or hyphens.
fn loosely(name: &str) -> String {
    name.replace([' ', '-'], "_")
}

/// The names in a header, to be shown; nothing where it looks like a row. Whoever reads a log need not see visitors' data.
pub fn names_of(header: &csv::StringRecord) -> Option<String> {
    let names = || header.iter().map(|name| name.trim_start_matches('\u{feff}').trim());
    let is_data = |name: &str| {
        let digits = name.bytes().filter(u8::is_ascii_digit).count();
        name.contains('@') || digits > 4 || name.len() > 60 || digits > 0 && digits == name.len()
    };
    let quoted: Vec<String> = names().map(|name| format!("\"{}\"", plain(name))).collect();
    (!names().any(is_data)).then(|| quoted.join(", "))
}

fn in_words(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "The header is not UTF-8 text; export it as CSV UTF-8.".into(),
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            "This row is longer than 16 MB: is a quotation mark never closed?".into()
        }
        csv::ErrorKind::Io(error) => format!("The system says: {error}."),
        _ => format!("{error}."),
    }
}
