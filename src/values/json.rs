//! JSON text: a reader that builds no tree, and a writer.
//!
//! [`Json`] is a slice of text that was checked once to be one JSON value; looking into it scans the slice again.
//! That needs no allocation, no recursion on drop and, above all, few bytes in the page.
//! Numbers stay the text that they are: nothing here knows floating point.
//!
//! The grammar is RFC 8259's, which is `JSON.parse`'s, and of equal keys the last one counts, as there.

use super::digits::{push_hex, push_number};
use super::text::{DIGIT, PLAIN, SPACE, behind, is, split_leading};
use alloc::{string::String, vec::Vec};

/// Cookies nest two levels deep, page states four. Deeper text is refused, so that no input can exhaust the stack.
const DEPTH: u32 = 32;

/// Conditions of segments nest in settings files, and what nests in [`Json::parse_deep`] nests when it is looked into.
#[cfg(feature = "fullstack")]
const DEEP: u32 = 256;
#[cfg(not(feature = "fullstack"))]
const DEEP: u32 = DEPTH;

/// The text of one well-formed JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

impl Default for Json<'_> {
    /// `null`.
    fn default() -> Self {
        Json("null")
    }
}

impl<'a> Json<'a> {
    /// The text as one JSON value, or nothing where it is not one.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        Self::parse_within(text, DEPTH)
    }

    /// The text as one JSON value; `null` where it is not one.
    #[must_use]
    #[inline(never)]
    pub fn parse_or_null(text: &'a str) -> Self {
        Self::parse(text).unwrap_or_default()
    }

    /// The same for text that nests deeper than what is found in a page: a settings file.
    #[cfg(feature = "fullstack")]
    #[must_use]
    pub fn parse_deep(text: &'a str) -> Option<Self> {
        Self::parse_within(text, DEEP)
    }

    fn parse_within(text: &'a str, depth: u32) -> Option<Self> {
        let mut scan = Scan::of(text);
        let value = scan.json(depth)?;
        (scan.at == text.len()).then_some(value)
    }

    /// The members of an object, in the order of the text; none where this is no object.
    #[must_use]
    #[inline(never)]
    pub fn entries(self) -> Entries<'a> {
        Entries(self.within(b'{'))
    }

    /// The members of an object, to be asked for by name; none where this is no object.
    #[must_use]
    pub fn members(self) -> Members<'a> {
        let mut members = Vec::new();
        for member in self.entries() {
            members.push(member);
        }
        Members(members)
    }

    /// One member of an object, where it is there and not `null`. Who wants several asks for [`Json::members`].
    #[must_use]
    pub fn get(self, name: &str) -> Option<Json<'a>> {
        self.members().get(name)
    }

    /// The elements of an array; none where this is no array.
    #[must_use]
    #[inline(never)]
    pub fn items(self) -> Items<'a> {
        Items(self.within(b'['))
    }

    /// What stands behind that bracket, where the text begins with it.
    fn within(self, bracket: u8) -> Scan<'a> {
        Scan::of(behind(self.0, bracket).unwrap_or(""))
    }

    /// Is this an object?
    #[must_use]
    pub fn is_object(self) -> bool {
        self.begins(b'{')
    }

    /// Is this an array?
    #[must_use]
    pub fn is_array(self) -> bool {
        self.begins(b'[')
    }

    /// Is this `null`?
    #[must_use]
    pub fn is_null(self) -> bool {
        self.begins(b'n')
    }

    /// Is this `true`?
    #[must_use]
    pub fn is_true(self) -> bool {
        self.begins(b't')
    }

    /// Is this `true` or `false`?
    #[must_use]
    pub fn is_bool(self) -> bool {
        self.begins(b't') || self.begins(b'f')
    }

    #[inline(never)]
    fn begins(self, byte: u8) -> bool {
        self.0.as_bytes().first() == Some(&byte)
    }

    /// The value of a string. A lone surrogate reads as U+FFFD, as everywhere on the web.
    #[must_use]
    pub fn text(self) -> Option<String> {
        let mut text = String::new();
        Scan::of(self.0).string(Some(&mut text)).then_some(text)
    }

    /// Hands out the UTF-16 units of a string, halves of characters included; nothing where this is no string, or where
    /// `take` gives up.
    #[must_use]
    pub fn each_unit(self, take: &mut dyn FnMut(u32) -> Option<()>) -> Option<()> {
        let mut rest = behind(self.0, b'"')?;
        loop {
            let mut chars = rest.chars();
            let mut code = u32::from(chars.next()?);
            let mut after = chars.as_str();
            if code == u32::from('"') {
                return Some(());
            }
            if let Some(escape) = behind(rest, b'\\') {
                let mut scan = Scan::of(escape);
                if scan.byte(b'u') {
                    code = scan.unit()?;
                    after = escape.get(scan.at..)?;
                } else {
                    let (letter, tail) = escape.split_at_checked(1)?;
                    code = escaped(*letter.as_bytes().first()?)?.into();
                    after = tail;
                }
            }
            rest = after;
            if let Some(low) = code.checked_sub(0x1_0000) {
                take(0xD800 | (low >> 10))?;
                code = 0xDC00 | (low & 0x3FF);
            }
            take(code)?;
        }
    }

    /// The text of a number, as it stands.
    #[must_use]
    pub fn number(self) -> Option<&'a str> {
        let first = self.0.as_bytes().first()?;
        (first.is_ascii_digit() || *first == b'-').then_some(self.0)
    }

    /// The text of the value itself.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// The value of a string, or the text of a number.
    #[must_use]
    pub fn scalar(self) -> Option<String> {
        self.text().or_else(|| self.number().map(String::from))
    }
}

/// The members of an object. Looking one up scans no text again.
#[derive(Clone, Debug, Default)]
pub struct Members<'a>(Vec<(String, Json<'a>)>);

impl<'a> Members<'a> {
    /// The value of that name, where there is one and it is not `null`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        self.get_or_null(name).filter(|value| !value.is_null())
    }

    /// The value of that name; `null` where there is none.
    #[must_use]
    #[inline(never)]
    pub fn or_null(&self, name: &str) -> Json<'a> {
        self.get_or_null(name).unwrap_or_default()
    }

    /// The value of that name, `null` included.
    #[must_use]
    pub fn get_or_null(&self, name: &str) -> Option<Json<'a>> {
        let mut last = None;
        for (key, value) in &self.0 {
            if key == name {
                last = Some(*value);
            }
        }
        last
    }

    /// The only member, where there is one and no other.
    #[must_use]
    pub fn only(&self) -> Option<(&str, Json<'a>)> {
        match &*self.0 {
            [(name, value)] => Some((name, *value)),
            _ => None,
        }
    }

    /// The text of that name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text()
    }
}

/// Iterator of [`Json::entries`].
#[derive(Debug)]
pub struct Entries<'a>(Scan<'a>);

impl<'a> Iterator for Entries<'a> {
    type Item = (String, Json<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let mut name = String::new();
        self.0.name(Some(&mut name)).then_some(())?;
        Some((name, self.0.next()?))
    }
}

/// Iterator of [`Json::items`].
#[derive(Debug)]
pub struct Items<'a>(Scan<'a>);

impl<'a> Iterator for Items<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

/// Text that is read from its start, and how much of it is read. Who reads something that is not there gets `false`, or
/// nothing.
#[derive(Debug)]
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn of(text: &'a str) -> Self {
        Scan { text, at: 0 }
    }

    /// The next byte, which is not read yet; 0 where there is none, which is no byte of JSON.
    fn first(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// What was read since that place.
    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or("")
    }

    /// A byte.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn byte(&mut self, byte: u8) -> bool {
        let is_there = self.first() == byte;
        self.at = self.at.wrapping_add(usize::from(is_there));
        is_there
    }

    /// Bytes of these classes: at least one.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn some(&mut self, classes: u8) -> bool {
        let start = self.at;
        for byte in self.text.as_bytes().get(start..).unwrap_or_default() {
            if !is(*byte, classes) {
                break;
            }
            self.at = self.at.wrapping_add(1);
        }
        self.at > start
    }

    /// A byte with space around it.
    fn sign(&mut self, byte: u8) -> bool {
        self.some(SPACE);
        let is_there = self.byte(byte);
        self.some(SPACE);
        is_there
    }

    /// A value, and the space around it.
    fn json(&mut self, depth: u32) -> Option<Json<'a>> {
        self.some(SPACE);
        let start = self.at;
        if !self.value(depth) {
            return None;
        }
        let value = Json(self.since(start));
        self.some(SPACE);
        Some(value)
    }

    /// The next of a list of values, and its comma.
    fn next(&mut self) -> Option<Json<'a>> {
        let value = self.json(DEEP);
        if !self.byte(b',') {
            self.text = "";
        }
        value
    }

    /// The name of a member, and its colon.
    fn name(&mut self, out: Option<&mut String>) -> bool {
        self.some(SPACE);
        self.string(out) && self.sign(b':')
    }

    fn value(&mut self, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let is_object = self.byte(b'{');
        if is_object || self.byte(b'[') {
            return self.members(is_object, depth);
        }
        match self.first() {
            b'"' => self.string(None),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        word.bytes().all(|byte| self.byte(byte))
    }

    /// What stands in brackets, and the one that closes them.
    fn members(&mut self, is_object: bool, depth: u32) -> bool {
        let close = if is_object { b'}' } else { b']' };
        self.some(SPACE);
        if self.byte(close) {
            return true;
        }
        loop {
            if is_object && !self.name(None) || self.json(depth).is_none() {
                return false;
            }
            if !self.byte(b',') {
                return self.byte(close);
            }
        }
    }

    fn number(&mut self) -> bool {
        self.byte(b'-');
        if !self.byte(b'0') && !self.some(DIGIT) || self.byte(b'.') && !self.some(DIGIT) {
            return false;
        }
        if self.byte(b'e') || self.byte(b'E') {
            let _sign = self.byte(b'+') || self.byte(b'-');
            return self.some(DIGIT);
        }
        true
    }

    /// A string: what it says is appended, where somebody wants to know.
    fn string(&mut self, mut out: Option<&mut String>) -> bool {
        if !self.byte(b'"') {
            return false;
        }
        loop {
            let start = self.at;
            self.some(PLAIN);
            if let Some(out) = &mut out {
                out.push_str(self.since(start));
            }
            if self.byte(b'"') {
                return true;
            }
            let Some(c) = self.escape() else { return false };
            if let Some(out) = &mut out {
                out.push(c);
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        if !self.byte(b'\\') {
            return None;
        }
        if self.byte(b'u') {
            return self.unicode();
        }
        let letter = self.first();
        self.at = self.at.wrapping_add(1);
        escaped(letter)
    }

    /// The character whose four hex digits stand here; a surrogate pair is one character.
    fn unicode(&mut self) -> Option<char> {
        let mut code = self.unit()?;
        let behind = self.at;
        if code >> 10 == 0xD800 >> 10 && self.word("\\u") {
            match self.unit()? {
                low @ 0xDC00..0xE000 => code = 0x1_0000_u32.wrapping_add(((code & 0x3FF) << 10) | (low & 0x3FF)),
                _ => self.at = behind,
            }
        } else {
            self.at = behind;
        }
        Some(char::from_u32(code).unwrap_or('\u{FFFD}'))
    }

    /// Four hex digits.
    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = (unit << 4) | char::from(self.first()).to_digit(16)?;
            self.at = self.at.wrapping_add(1);
        }
        Some(unit)
    }
}

/// The letters behind a backslash, and what they stand for.
static ESCAPES: [[u8; 2]; 8] = [*b"\"\"", *b"\\\\", *b"//", [b'b', 8], *b"t\t", *b"n\n", [b'f', 12], *b"r\r"];

fn escaped(letter: u8) -> Option<char> {
    for [short, byte] in &ESCAPES {
        if *short == letter {
            return Some(char::from(*byte));
        }
    }
    None
}

/// Appends the text as a JSON string.
pub fn push_string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    loop {
        let (plain, tail) = split_leading(rest, PLAIN);
        out.push_str(plain);
        let Some((byte, _)) = tail.as_bytes().split_first() else { break };
        // As JSON.stringify writes it: the short form where there is one.
        let mut letter = b'u';
        for [short, escaped] in &ESCAPES {
            if escaped == byte {
                letter = *short;
            }
        }
        out.push('\\');
        out.push(char::from(letter));
        if letter == b'u' {
            out.push_str("00");
            push_hex(out, &[*byte]);
        }
        rest = tail.get(1..).unwrap_or("");
    }
    out.push('"');
}

/// Writes JSON text. Commas come by themselves.
#[derive(Debug, Default)]
pub struct Writer(String);

impl Writer {
    /// The text written so far.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }

    /// A writer that has so many bytes to begin with.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Writer(String::with_capacity(bytes))
    }

    /// Ends a line: JSON text has no line feeds, so what follows is a text of its own.
    pub fn line(&mut self) {
        self.plain("\n");
    }

    /// Text that is not JSON, in a line of its own.
    pub fn plain(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// `{` or `[`.
    pub fn open(&mut self, bracket: char) {
        self.separate();
        self.0.push(bracket);
    }

    /// `}` or `]`.
    pub fn close(&mut self, bracket: char) {
        self.0.push(bracket);
    }

    /// The name of the member whose value is written next.
    pub fn name(&mut self, name: &str) {
        self.text(name);
        self.0.push(':');
    }

    /// A string.
    pub fn text(&mut self, text: &str) {
        self.separate();
        push_string(&mut self.0, text);
    }

    /// A value whose JSON text is at hand: a number, `true`.
    pub fn raw(&mut self, json: &str) {
        self.separate();
        self.0.push_str(json);
    }

    /// A member that is a string.
    pub fn member(&mut self, name: &str, text: &str) {
        self.name(name);
        self.text(text);
    }

    /// A member that is a number.
    pub fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        push_number(&mut self.0, number);
    }

    /// A member that is a list of strings.
    pub fn texts(&mut self, name: &str, texts: impl Iterator<Item = impl AsRef<str>>) {
        self.name(name);
        self.open('[');
        texts.for_each(|text| self.text(text.as_ref()));
        self.close(']');
    }

    /// A member that is `true` or `false`.
    pub fn flag(&mut self, name: &str, value: bool) {
        self.name(name);
        self.raw(if value { "true" } else { "false" });
    }

    fn separate(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':' | b'\n')) {
            self.0.push(',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};

    #[test]
    fn accepts_what_json_parse_accepts_and_nothing_else() {
        for good in ["0", " -1.5e+3 ", "\"\\u00e9\"", "[]", "[1,\t[2]]", "{\"a\":{\"b\":null}}", "true"] {
            assert!(Json::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "01",
            "1.",
            "-",
            "+1",
            "1e",
            "'a'",
            "\"a",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12\"",
            "[1,]",
            "[,]",
            "{a:1}",
            "{\"a\"}",
            "{\"a\":1,}",
            "nul",
            "tru",
            "1 2",
            "{\"12\":\"34",
        ] {
            assert!(Json::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn refuses_what_would_exhaust_the_stack() {
        let deep = "[".repeat(100_000);
        assert!(Json::parse(&deep).is_none());
    }

    #[cfg(feature = "fullstack")]
    #[test]
    fn looks_into_all_of_a_deep_text() {
        let nested = |depth: usize| "[".repeat(depth) + "7" + &"]".repeat(depth);
        let text = nested(200);
        assert_eq!(Json::parse(&text), None);
        let mut json = Json::parse_deep(&text).unwrap();
        while let Some(inner) = json.items().next() {
            json = inner;
        }
        assert_eq!(json.number(), Some("7"));
        assert_eq!(Json::parse_deep(&nested(100_000)), None);
    }

    #[test]
    fn of_equal_keys_the_last_one_counts() {
        let json = Json::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(json.members().get("a").and_then(Json::number), Some("3"));
        assert_eq!(json.entries().count(), 3);
    }

    #[test]
    fn reads_escapes() {
        let text = |json: &str| Json::parse(json).unwrap().text().unwrap();
        assert_eq!(text(r#""a\"\\\/\b\f\n\r\t""#), "a\"\\/\u{8}\u{c}\n\r\t");
        assert_eq!(text(r#""\u00e9\ud83d\ude00\u0041""#), "é😀A");
        assert_eq!(text(r#""\udbff\udfff\ud800\udc00""#), "\u{10FFFF}\u{10000}");
        assert_eq!(text(r#""\ud800x\udc00""#), "\u{FFFD}x\u{FFFD}");
    }

    #[test]
    fn units_are_halves_of_characters_too() {
        let units = |json: &str| {
            let mut units = Vec::new();
            let complete = Json::parse(json).unwrap().each_unit(&mut |unit| {
                units.push(unit);
                (unit < 0xFFFF).then_some(())
            });
            (units, complete.is_some())
        };
        assert_eq!(units(r#""a\n\"\\é""#), (vec![0x61, 10, 0x22, 0x5C, 0xE9], true));
        assert_eq!(units(r#""\ud805\udc0f😀""#), (vec![0xD805, 0xDC0F, 0xD83D, 0xDE00], true));
        assert_eq!(units(r#""a\uffffb""#), (vec![0x61, 0xFFFF], false));
        assert_eq!(units("1"), (vec![], false));
    }

    #[test]
    fn iterates_items() {
        let json = Json::parse(r#"[ 1 ,"x", {"y":[2]} ]"#).unwrap();
        assert_eq!(json.items().filter_map(Json::scalar).collect::<Vec<_>>(), ["1", "x"]);
        assert_eq!(json.items().count(), 3);
    }

    #[test]
    fn writes_commas_and_escapes() {
        let mut out = Writer::default();
        out.open('{');
        out.member("a", "\"\n\\é");
        out.name("b");
        out.open('[');
        out.raw("1");
        out.text(":");
        out.text("{");
        out.close(']');
        out.close('}');
        assert_eq!(out.finish(), "{\"a\":\"\\\"\\n\\\\é\",\"b\":[1,\":\",\"{\"]}");
    }
}
