//! Templates: a URL or a body as one readable line, with places for values.
//!
//! ```text
//! template = *( literal place ) literal
//! place    = "@" [ "A" … "Z" ]                 of the next value; a letter says which one it is
//! ```
//! With letters several templates are filled by one loop, each with what it needs, in an order of its own. No literal
//! begins with a capital letter.
//!
//! A value that is missing takes the literal in front of its place with it, back to the place before, or to the start of
//! the line. How text and ids are written follows from where they stand: behind `:`, `[` or `,` as JSON strings, elsewhere
//! as parts of a URL.
//!
//! ```
//! use aftercall::values::{id::Id, template::Form};
//!
//! let mut url = Form::new("https://example.com/?a=@&r=@&n=@");
//! url.number(7);
//! url.number(None);
//! url.text("a&b");
//! assert_eq!(url.finish(), "https://example.com/?a=7&n=a%26b");
//!
//! let mut body = Form::new(r#"{"a":@,"r":@,"n":@}"#);
//! body.id(Id::default());
//! body.flag(None);
//! body.text("a\"b");
//! assert_eq!(body.finish(), r#"{"a":"0","n":"a\"b"}"#);
//! ```

use super::{
    digits,
    id::{Id, push_joined},
    json::push_string,
    money::Cents,
    percent, room,
    text::{UPPER, cut, split_leading},
};
use alloc::string::String;

/// A template that is being filled: each call fills the next place.
// Calls, not a list of values: to put a value into a list takes more code than to hand it on.
#[derive(Debug)]
pub struct Form {
    out: String,
    /// What stands in front of the next place, or at the end.
    literal: &'static str,
    /// What follows that place, where there is one.
    rest: Option<&'static str>,
}

impl Form {
    /// A form of this template.
    #[must_use]
    pub fn new(template: &'static str) -> Self {
        let mut form = Form { out: room::text(384), literal: "", rest: None };
        form.go_on(template);
        form
    }

    /// Ends the template, whose other places stay empty; this one follows.
    pub fn then(&mut self, template: &'static str) {
        while self.rest.is_some() {
            self.place(false);
        }
        self.out.push_str(self.literal);
        self.go_on(template);
    }

    /// What was written. Places that were not filled stay empty.
    #[must_use]
    pub fn finish(&mut self) -> String {
        self.then("");
        core::mem::take(&mut self.out)
    }

    /// The letter of the next place.
    #[must_use]
    pub fn letter(&self) -> Option<u8> {
        let letter = self.rest?.bytes().next()?;
        letter.is_ascii_uppercase().then_some(letter)
    }

    /// Text, escaped or encoded as its place wants it.
    pub fn text<'v>(&mut self, value: impl Into<Option<&'v str>>) {
        self.push_text(value.into(), true);
    }

    /// Text that is fit for its place as it stands.
    pub fn raw<'v>(&mut self, value: impl Into<Option<&'v str>>) {
        self.push_text(value.into(), false);
    }

    /// An id: in JSON its text.
    pub fn id(&mut self, value: impl Into<Option<Id>>) {
        self.push_id(value.into());
    }

    /// Sixteen decimals of a number between 0 and 1: the last digits of this one.
    pub fn decimals(&mut self, number: u64) {
        self.place(true);
        digits::push_decimals(&mut self.out, number);
    }

    /// A number.
    pub fn number(&mut self, value: impl Into<Option<u64>>) {
        self.push_number(value.into());
    }

    /// `true` or `false`.
    pub fn flag(&mut self, value: impl Into<Option<bool>>) {
        self.raw(value.into().map(|flag| if flag { "true" } else { "false" }));
    }

    /// Ids with something between them, digits only. A list without any is missing.
    pub fn ids<'v>(&mut self, ids: impl Into<Option<&'v [Id]>>, separator: &str) {
        self.push_ids(ids.into(), separator);
    }

    /// A folder of a path: the text and a slash. Where there is none, what stands in front appears all the same.
    pub fn folder(&mut self, folder: Option<&str>) {
        self.raw(folder.unwrap_or_default());
        if folder.is_some() {
            self.out.push('/');
        }
    }

    /// An amount, in that form: [`Cents::push_decimal`] for example.
    pub fn amount(&mut self, value: impl Into<Option<Cents>>, push: fn(Cents, &mut String)) {
        self.push_amount(value.into(), push);
    }

    fn push_text(&mut self, value: Option<&str>, is_encoded: bool) {
        let is_json = self.place(value.is_some());
        match value {
            Some(text) if !is_encoded => self.out.push_str(text),
            Some(text) if is_json => push_string(&mut self.out, text),
            Some(text) => percent::encode(&mut self.out, text),
            None => {}
        }
    }

    fn push_id(&mut self, value: Option<Id>) {
        let is_json = self.place(value.is_some());
        if let Some(id) = value {
            if is_json {
                self.out.push('"');
            }
            id.push_to(&mut self.out);
            if is_json {
                self.out.push('"');
            }
        }
    }

    fn push_amount(&mut self, value: Option<Cents>, push: fn(Cents, &mut String)) {
        self.place(value.is_some());
        if let Some(amount) = value {
            push(amount, &mut self.out);
        }
    }

    fn push_ids(&mut self, ids: Option<&[Id]>, separator: &str) {
        let ids = ids.unwrap_or_default();
        self.place(!ids.is_empty());
        push_joined(&mut self.out, ids, separator);
    }

    fn push_number(&mut self, value: Option<u64>) {
        self.place(value.is_some());
        if let Some(number) = value {
            digits::push_number(&mut self.out, number);
        }
    }

    /// Writes what stands in front of the next place, which is filled where `is_filled`. Is it one of JSON?
    fn place(&mut self, is_filled: bool) -> bool {
        let mut literal = self.literal;
        if !is_filled {
            let line = literal.bytes().rposition(|byte| byte == b'\n').map_or(0, |end| end.saturating_add(1));
            literal = literal.get(..line).unwrap_or_default();
        }
        self.out.push_str(literal);
        self.go_on(split_leading(self.rest.unwrap_or_default(), UPPER).1);
        matches!(literal.as_bytes().last(), Some(b':' | b'[' | b','))
    }

    fn go_on(&mut self, template: &'static str) {
        (self.literal, self.rest) = match cut(template, b'@') {
            Some((literal, rest)) => (literal, Some(rest)),
            None => (template, None),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> Id {
        Id::from_number(number).unwrap()
    }

    fn filled(template: &'static str, fill: impl Fn(&mut Form)) -> String {
        let mut form = Form::new(template);
        fill(&mut form);
        form.finish()
    }

    #[test]
    fn places_are_filled_in_their_order() {
        assert_eq!(filled("", |_| ()), "");
        let two = |form: &mut Form| {
            form.raw("1");
            form.number(2);
        };
        assert_eq!(filled("a@b@c", two), "a1b2c");
        let amounts = |form: &mut Form| {
            for push in [Cents::push_cents, Cents::push_decimal, Cents::push_fixed] {
                form.amount(Cents::parse("49.90"), push);
            }
        };
        assert_eq!(filled("@ @ @", amounts), "4990 49.9 49.90");
        let ids = |form: &mut Form| {
            form.ids(&[id(1), id(22)][..], "-");
            form.flag(true);
        };
        assert_eq!(filled("e=@&f=@", ids), "e=1-22&f=true");
        let folders = |form: &mut Form| {
            form.folder(Some("eu"));
            form.folder(None);
        };
        assert_eq!(filled("h/@p h/@p", folders), "h/eu/p h/p");
        let pieces = |form: &mut Form| {
            for piece in ["b", "c"] {
                form.then(",@");
                form.raw(piece);
            }
        };
        assert_eq!(filled("a", pieces), "a,b,c");
    }

    #[test]
    fn a_letter_says_which_value_a_place_has() {
        let by_letters = |form: &mut Form| {
            while let Some(letter) = form.letter() {
                form.number(u64::from(letter - b'A'));
            }
        };
        assert_eq!(filled("x=@B&y=@A&z=@Bb", by_letters), "x=1&y=0&z=1b");
        assert_eq!(filled("x=@A&y=@b", by_letters), "x=0b", "no letter, no value");
    }

    #[test]
    fn a_place_says_how_text_is_written() {
        let url = |form: &mut Form| {
            form.text("a b|\"");
            form.id(id(7));
        };
        assert_eq!(filled("?a=@&b=@", url), "?a=a%20b%7C%22&b=7");
        let body = |form: &mut Form| {
            form.text("a b|\"\n");
            form.id(id(7));
            form.text("é");
        };
        assert_eq!(filled(r#"{"a":@,"b":[@,@]}"#, body), "{\"a\":\"a b|\\\"\\n\",\"b\":[\"7\",\"é\"]}");
    }

    #[test]
    fn what_is_missing_takes_its_name_along() {
        let middle = |form: &mut Form| {
            form.number(1);
            form.number(None);
            form.number(3);
        };
        assert_eq!(filled("?a=@&b=@&c=@.", middle), "?a=1&c=3.");
        assert_eq!(filled("?a=@&b=@&c=@.", |_| ()), ".", "what is not filled is missing");
        assert_eq!(filled("[\n{@,\nx=@&\n]", |_| ()), "[\n,\n&\n]");
        assert_eq!(filled("a@b@", |form| form.number(1)), "a1", "a value too few");
    }
}
