//! JSON text: a reader that builds no tree, and a writer.
//!
//! [`Json`] is a slice of text that was checked once to be one JSON value; looking into it scans the slice again.
//! That needs no allocation, no recursion on drop and, above all, few bytes in the page.
//! Numbers stay the text that they are: nothing here knows floating point.
//!
//! The grammar is RFC 8259's, which is `JSON.parse`'s, and of equal keys the last one counts, as there.

use super::digits::{push_hex, push_number};
use super::text::{DIGIT, PLAIN, SPACE, behind, split_leading};
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

    /// The same for text that nests deeper than what is found in a page: a settings file.
    #[cfg(feature = "fullstack")]
    #[must_use]
    pub fn parse_deep(text: &'a str) -> Option<Self> {
        Self::parse_within(text, DEEP)
    }

    fn parse_within(text: &'a str, depth: u32) -> Option<Self> {
        let (value, rest) = first_value(text, depth)?;
        rest.is_empty().then_some(value)
    }

    /// The members of an object, in the order of the text; none where this is no object.
    #[must_use]
    #[inline(never)]
    pub fn entries(self) -> Entries<'a> {
        Entries(behind(self.0, b'{').unwrap_or(""))
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
        Items(behind(self.0, b'[').unwrap_or(""))
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
        behind(self.0, b'"').map(unescape)
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
                if let Some(digits) = behind(escape, b'u') {
                    code = hex_unit(digits)?;
                    after = digits.get(4..)?;
                } else {
                    let (short, tail) = rest.split_at_checked(2)?;
                    code = unescape(short).chars().next()?.into();
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

    /// The text of that name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text()
    }
}

/// Iterator of [`Json::entries`].
#[derive(Debug)]
pub struct Entries<'a>(&'a str);

impl<'a> Iterator for Entries<'a> {
    type Item = (String, Json<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let text = skip_space(self.0);
        let rest = skip_string(text)?;
        let name = unescape(behind(text, b'"')?);
        let value = next_value(behind(skip_space(rest), b':')?, &mut self.0)?;
        Some((name, value))
    }
}

/// Iterator of [`Json::items`].
#[derive(Debug)]
pub struct Items<'a>(&'a str);

impl<'a> Iterator for Items<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        next_value(self.0, &mut self.0)
    }
}

/// The value at the start of the text, and what follows it.
fn first_value(text: &str, depth: u32) -> Option<(Json<'_>, &str)> {
    let text = skip_space(text);
    let after = skip_value(text, depth)?;
    let value = text.get(..text.len().checked_sub(after.len())?)?;
    Some((Json(value), skip_space(after)))
}

/// The value at the start of the text; `rest` becomes what stands behind its comma.
fn next_value<'a>(text: &'a str, rest: &mut &'a str) -> Option<Json<'a>> {
    let (value, after) = first_value(text, DEEP)?;
    *rest = behind(after, b',').unwrap_or("");
    Some(value)
}

fn skip_space(text: &str) -> &str {
    split_leading(text, SPACE).1
}

/// What follows the value at the start of the text.
fn skip_value(text: &str, depth: u32) -> Option<&str> {
    let depth = depth.checked_sub(1)?;
    let text = skip_space(text);
    let close = match text.as_bytes().first()? {
        b'"' => return skip_string(text),
        b'{' => b'}',
        b'[' => b']',
        b't' => return text.strip_prefix("true"),
        b'f' => return text.strip_prefix("false"),
        b'n' => return text.strip_prefix("null"),
        _ => return skip_number(text),
    };
    let mut rest = skip_space(text.get(1..)?);
    if let Some(rest) = behind(rest, close) {
        return Some(rest);
    }
    loop {
        if close == b'}' {
            rest = behind(skip_space(skip_string(skip_space(rest))?), b':')?;
        }
        rest = skip_space(skip_value(rest, depth)?);
        if let Some(rest) = behind(rest, close) {
            return Some(rest);
        }
        rest = behind(rest, b',')?;
    }
}

fn skip_string(text: &str) -> Option<&str> {
    let mut rest = behind(text, b'"')?;
    loop {
        rest = split_leading(rest, PLAIN).1;
        if let Some(after) = behind(rest, b'"') {
            return Some(after);
        }
        rest = behind(rest, b'\\')?;
        let (escape, tail) = rest.split_at_checked(1)?;
        rest = match escape.as_bytes() {
            [b'u'] => {
                hex_unit(tail)?;
                tail.get(4..)?
            }
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't'] => tail,
            _ => return None,
        };
    }
}

fn skip_number(text: &str) -> Option<&str> {
    let text = behind(text, b'-').unwrap_or(text);
    let mut rest = match behind(text, b'0') {
        Some(rest) => rest,
        None => skip_digits(text)?,
    };
    if let Some(fraction) = behind(rest, b'.') {
        rest = skip_digits(fraction)?;
    }
    match behind(rest, b'e').or_else(|| behind(rest, b'E')) {
        Some(exponent) => skip_digits(behind(exponent, b'+').or_else(|| behind(exponent, b'-')).unwrap_or(exponent)),
        None => Some(rest),
    }
}

fn skip_digits(text: &str) -> Option<&str> {
    let (digits, rest) = split_leading(text, DIGIT);
    (!digits.is_empty()).then_some(rest)
}

fn hex_unit(text: &str) -> Option<u32> {
    let digits = text.get(..4)?;
    digits.chars().try_fold(0u32, |unit, c| Some((unit << 4) | c.to_digit(16)?))
}

/// The value of a string whose text stands behind its opening quote.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let (plain, tail) = split_leading(rest, PLAIN);
        out.push_str(plain);
        let Some((_, escape)) = tail.split_at_checked(1).filter(|(first, _)| *first == "\\") else { return out };
        let mut chars = escape.chars();
        let escape = chars.next();
        rest = chars.as_str();
        out.push(match escape {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => unicode(&mut rest),
            Some(other) => other,
            None => return out,
        });
    }
}

/// The character whose four hex digits stand at the start; a surrogate pair is one character.
fn unicode(rest: &mut &str) -> char {
    let unit = hex_unit(rest).unwrap_or(0xFFFD);
    *rest = rest.get(4..).unwrap_or("");
    let mut code = unit;
    if let Some(tail) = rest.strip_prefix("\\u")
        && let Some(low) = hex_unit(tail)
        && (0xD800..0xDC00).contains(&unit)
        && (0xDC00..0xE000).contains(&low)
    {
        *rest = tail.get(4..).unwrap_or("");
        code = 0x1_0000_u32.wrapping_add(((unit & 0x3FF) << 10) | (low & 0x3FF));
    }
    char::from_u32(code).unwrap_or('\u{FFFD}')
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
        let letter = match byte {
            0x8 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0xC => b'f',
            b'\r' => b'r',
            0..b' ' => b'u',
            _ => *byte,
        };
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
