//! One row of the input, whatever format it came in.

use super::columns::Field;

/// A row that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it begins in its file.
    pub line: u64,
    /// One sentence.
    pub why: &'static str,
}

/// What a row says, by field.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Where it begins in its file, counted from 1.
    pub line: u64,
    values: Vec<(Field, String)>,
    /// What came as a JSON number: it has one reading.
    numbers: Vec<Field>,
    /// The further parts of the token, in order.
    parts: Vec<String>,
}

impl Row {
    /// A row without anything, at that line.
    pub fn at(line: u64) -> Self {
        Row { line, ..Row::default() }
    }

    /// Adds what it says; blank is nothing.
    pub fn put(&mut self, field: Field, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.values.push((field, value.to_owned()));
        }
    }

    /// Takes note that this came as a number, not as text.
    pub fn mark_number(&mut self, field: Field) {
        self.numbers.push(field);
    }

    /// Did it come as a number?
    pub fn is_number(&self, field: Field) -> bool {
        self.numbers.contains(&field)
    }

    /// Adds a further part of the token.
    pub fn put_part(&mut self, part: &str) {
        if !part.trim().is_empty() {
            self.parts.push(part.trim().to_owned());
        }
    }

    /// What it says there; never blank.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.values.iter().find(|(name, _)| *name == field).map(|(_, value)| value.as_str())
    }

    /// The token in its parts.
    pub fn token(&self) -> Option<Vec<&str>> {
        let first = self.get(Field::Token)?;
        Some(std::iter::once(first).chain(self.parts.iter().map(String::as_str)).collect())
    }

    /// A row for a test.
    #[cfg(test)]
    pub fn of(values: &[(Field, &str)]) -> Self {
        let mut row = Row::at(1);
        for (field, value) in values {
            row.put(*field, value);
        }
        row
    }
}
