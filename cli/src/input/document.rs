//! JSON that is no JSONL: an array of objects, or objects that go over several lines, as APIs answer and webhooks are saved.

use super::{columns::Columns, lines, row::Row, row::Unreadable};
use serde::Deserialize;
use serde_json::{Deserializer, Value, error::Category};
use std::io::{self, BufRead, Read};

/// Bytes of one object, at most.
const LONGEST: usize = 16 << 20;

/// A file of objects, read one by one.
pub struct Document<R> {
    source: Guarded<R>,
    columns: Columns,
    /// Inside the brackets of an array.
    is_open: bool,
    /// Why it could not be read to its end.
    broken: Option<String>,
}

/// What counts lines, and bytes of an object.
struct Guarded<R> {
    inner: R,
    line: u64,
    object: usize,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.object > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let count = self.inner.read(buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        self.object = self.object.saturating_add(count);
        let lines = read.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u64::try_from(lines).unwrap_or(0));
        Ok(count)
    }
}

impl<R: BufRead> Guarded<R> {
    /// The first byte of what comes next that is neither blank nor between two objects; it stays there.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let Some(byte) = self.inner.fill_buf()?.first().copied() else { return Ok(None) };
            if !byte.is_ascii_whitespace() && !matches!(byte, b',' | 0xef | 0xbb | 0xbf) {
                return Ok(Some(byte));
            }
            self.skip(byte);
        }
    }

    fn skip(&mut self, byte: u8) {
        self.inner.consume(1);
        self.line = self.line.saturating_add(u64::from(byte == b'\n'));
    }
}

impl<R: BufRead> Document<R> {
    /// The objects of a source.
    pub fn open(source: R, columns: &Columns) -> Self {
        let source = Guarded { inner: source, line: 1, object: 0 };
        Document { source, columns: columns.clone(), is_open: false, broken: None }
    }

    /// The next row.
    pub fn next(&mut self) -> Option<Result<Row, Unreadable>> {
        loop {
            if self.broken.is_some() {
                return None;
            }
            match self.source.peek() {
                Ok(Some(byte @ (b'[' | b']'))) if self.is_open == (byte == b']') => {
                    self.is_open = byte == b'[';
                    self.source.skip(byte);
                }
                Ok(Some(b'{')) => return self.object(),
                Ok(None) if !self.is_open => return None,
                Ok(Some(_)) => self.stop("There must be a JSON object."),
                Ok(None) => self.stop("The file ends inside an array."),
                Err(error) => self.stop(&format!("The system says: {error}.")),
            }
        }
    }

    /// Why it could not be read to its end, where that is so.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    fn object(&mut self) -> Option<Result<Row, Unreadable>> {
        self.source.object = 0;
        let line = self.source.line;
        match Value::deserialize(&mut Deserializer::from_reader(&mut self.source)) {
            Ok(object) => Some(lines::row_of(&object, &self.columns, line)),
            Err(error) => {
                let why = match error.classify() {
                    Category::Eof => "The file ends inside an object.".into(),
                    Category::Io if self.source.object > LONGEST => "An object is longer than 16 MB.".into(),
                    Category::Io => format!("The system says: {error}."),
                    _ => "It is no JSON.".into(),
                };
                self.source.line = line;
                self.stop(&why);
                None
            }
        }
    }

    fn stop(&mut self, why: &str) {
        self.broken = Some(format!("From line {} on it cannot be read. {why}", self.source.line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::columns::{Field, Preset};
    use std::collections::BTreeMap;

    fn ids(text: &str) -> (Vec<(u64, String)>, Option<String>) {
        let columns = Columns::new(Preset::Generic, &BTreeMap::new());
        let mut document = Document::open(text.as_bytes(), &columns);
        let rows = std::iter::from_fn(|| document.next())
            .map(|row| row.map(|row| (row.line, row.get(Field::Id).unwrap_or_default().to_owned())).unwrap());
        (rows.collect(), document.broken().map(String::from))
    }

    #[test]
    fn an_array_or_objects_over_several_lines() {
        let expected = vec![(1, String::from("a")), (2, String::from("b"))];
        for text in [
            "[{\"id\":\"a\"},\n{\"id\":\"b\"}]\n",
            "{\"id\":\"a\",\n\"x\":1} {\n\"id\":\"b\"}",
            "\u{feff}[{\"id\":\"a\"}\n,{\"id\":\"b\"}]",
        ] {
            assert_eq!(ids(text), (expected.clone(), None), "{text}");
        }
        assert_eq!(ids("[]"), (Vec::new(), None));
        assert_eq!(ids("[ {\"id\":\"a\"} ]\n[{\"id\":\"b\"}]").0, expected, "pages one after the other");
    }

    #[test]
    fn one_that_breaks_off_says_where() {
        for (text, words) in [
            ("[{\"id\":\"a\"},\n{\"id\":", "From line 2 on it cannot be read. The file ends inside an object."),
            ("[{\"id\":\"a\"}\n", "From line 2 on it cannot be read. The file ends inside an array."),
            ("[{\"id\":\"a\"},\n\n7]", "From line 3 on it cannot be read. There must be a JSON object."),
            ("{\"id\":\"a\"}\n{\"id\"=1}", "From line 2 on it cannot be read. It is no JSON."),
        ] {
            assert_eq!(ids(text), (vec![(1, String::from("a"))], Some(words.into())), "{text}");
        }
        let long = format!("[{{\"id\":\"a\"}},\n{{\"id\":\"{}", "x".repeat(LONGEST + 9));
        assert!(ids(&long).1.is_some_and(|why| why.contains("longer than 16 MB")));
    }
}
