//! CSV as people have it: with a byte order mark or without, `,` `;` or tab, quoted line breaks, any case in its headers.

use super::{
    columns::{Columns, Field},
    row::Row,
};
use crate::fault::{Code, Fault};
use std::{collections::HashMap, io::Read};

/// A CSV file, read row by row.
pub struct Table<R> {
    reader: csv::Reader<R>,
    record: csv::StringRecord,
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
        let (parameters, header) = match start.split_once('\n') {
            Some((first, rest)) if first.trim_start_matches('\u{feff}').to_lowercase().starts_with("parameters:") => {
                (Some(first), rest)
            }
            _ => (None, start),
        };
        let header = header.lines().next().unwrap_or_default();
        let count = |separator: char| header.matches(separator).count();
        let separator = [',', ';', '\t'].into_iter().max_by_key(|separator| (count(*separator), *separator == ','));
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(u8::try_from(separator.unwrap_or(',')).unwrap_or(b','))
            .flexible(true)
            .has_headers(false)
            .from_reader(source);
        let mut record = csv::StringRecord::new();
        let mut next = |record: &mut csv::StringRecord| {
            reader
                .read_record(record)
                .map_err(|error| Fault::new(Code::BadInput, format!("The header cannot be read: {error}.")))
        };
        next(&mut record)?;
        let zone = parameters.and_then(|line| {
            let (_, zone) = line.split_once("TimeZone=").or_else(|| line.split_once("timezone="))?;
            Some(zone.split([',', ';']).next()?.trim().trim_matches('"').to_owned())
        });
        if parameters.is_some() {
            next(&mut record)?;
        }
        let mut headers = HashMap::new();
        for (place, name) in record.iter().enumerate() {
            headers.entry(name.trim_start_matches('\u{feff}').trim().to_lowercase()).or_insert(place);
        }
        let places: Vec<(Field, Vec<usize>)> = Field::ALL
            .iter()
            .map(|field| (*field, columns.names(*field).iter().filter_map(|name| headers.get(name).copied()).collect()))
            .filter(|(_, places): &(Field, Vec<usize>)| !places.is_empty())
            .collect();
        if !places.iter().any(|(field, _)| *field == Field::Id) {
            let known: Vec<String> = record.iter().map(|name| format!("\"{}\"", name.trim())).collect();
            return Err(Fault::new(
                Code::BadInput,
                format!(
                    "No column holds the conversion's id. There are {}; say which one it is in [columns] id = \"…\".",
                    known.join(", ")
                ),
            ));
        }
        let parts = (2..=99)
            .map_while(|number| {
                columns.names(Field::Token).iter().find_map(|name| headers.get(&format!("{name}{number}")).copied())
            })
            .collect();
        Ok(Table { reader, record, places, parts, zone })
    }

    /// The zone that the file itself names.
    pub fn zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }

    /// The next row; `Err` has the line of one that cannot be read.
    pub fn next(&mut self) -> Option<Result<Row, u64>> {
        loop {
            let read = self.reader.read_record(&mut self.record);
            match read {
                Ok(false) => return None,
                Ok(true) if self.record.iter().all(|value| value.trim().is_empty()) => {}
                Ok(true) => break,
                Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                    return Some(Err(error.position().map_or(0, csv::Position::line)));
                }
                // The file itself cannot be read any further.
                Err(_) => return None,
            }
        }
        let mut row = Row::at(self.record.position().map_or(0, csv::Position::line));
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
