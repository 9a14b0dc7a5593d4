//! Templates: a URL or a body as one readable line, with places for values.
//!
//! ```text
//! template = *( literal place ) literal
//! place    = "@" [ "A" … "Z" ]                 that value, "A" for the first; without a letter the next one
//! ```
//! With letters one list of values serves several templates, each of which takes what it needs, in an order of its own.
//!
//! A value that is missing takes the literal in front of its place with it, back to the place before, or to the start of
//! the line. How text and ids are written follows from where they stand: behind `:`, `[` or `,` as JSON strings, elsewhere
//! as parts of a URL.
//!
//! ```
//! use aftercall::values::{id::Id, template::{Value, fill}};
//!
//! let mut url = String::new();
//! fill(&mut url, "https://example.com/?a=@&r=@&n=@", &[Value::Number(7), Value::Nothing, Value::Text("a&b")]);
//! assert_eq!(url, "https://example.com/?a=7&n=a%26b");
//!
//! let mut body = String::new();
//! fill(&mut body, r#"{"a":@,"r":@,"n":@}"#, &[Value::Id(Id::default()), Value::Nothing, Value::Text("a\"b")]);
//! assert_eq!(body, r#"{"a":"0","n":"a\"b"}"#);
//!
//! let mut url = String::new();
//! fill(&mut url, "https://@B.example.com/?n=@A&p=@B", &[Value::Text("a&b"), Value::Number(7)]);
//! assert_eq!(url, "https://7.example.com/?n=a%26b&p=7");
//! ```

use super::{
    digits::{push_decimals, push_number},
    id::{Id, push_joined},
    json::push_string,
    money::Cents,
    percent,
    text::parts,
};
use alloc::string::String;

/// What fills a place.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// Nothing: neither does what stands in front of the place appear.
    Nothing,
    /// Text, escaped or encoded as its place wants it.
    Text(&'a str),
    /// Text that is fit for its place as it stands.
    Raw(&'a str),
    /// A folder of a path: the text and a slash. Where there is none, what stands in front appears all the same.
    Folder(Option<&'a str>),
    /// An id: in JSON its text.
    Id(Id),
    /// Ids with something between them, digits only.
    Ids(&'a [Id], &'a str),
    /// A number.
    Number(u64),
    /// Sixteen decimals of a number between 0 and 1: the last digits of this one.
    Decimals(u64),
    /// `true` or `false`.
    Flag(bool),
    /// An amount as an integer of cents.
    Cents(Cents),
    /// An amount as the shortest decimal.
    Decimal(Cents),
    /// An amount with two decimals.
    Fixed(Cents),
}

/// Appends the template with these values in its places.
pub fn fill(out: &mut String, template: &str, values: &[Value<'_>]) {
    let mut following = values.iter();
    let mut literals = parts(template, b'@');
    let mut literal = literals.next().unwrap_or_default();
    for next in literals {
        let (value, next) = match next.as_bytes().first() {
            Some(letter @ b'A'..=b'Z') => (values.get(usize::from(letter.wrapping_sub(b'A'))), next.get(1..)),
            _ => (following.next(), Some(next)),
        };
        let (value, next) = (value.copied().unwrap_or(Value::Nothing), next.unwrap_or_default());
        if matches!(value, Value::Nothing) {
            let line = parts(literal, b'\n').last().unwrap_or_default();
            literal = literal.strip_suffix(line).unwrap_or_default();
        }
        out.push_str(literal);
        let is_json = matches!(literal.as_bytes().last(), Some(b':' | b'[' | b','));
        match value {
            Value::Nothing => {}
            Value::Text(text) if is_json => push_string(out, text),
            Value::Text(text) => percent::encode(out, text),
            Value::Raw(text) => out.push_str(text),
            Value::Folder(folder) => {
                if let Some(folder) = folder {
                    out.push_str(folder);
                    out.push('/');
                }
            }
            Value::Id(id) if is_json => {
                out.push('"');
                id.push_to(out);
                out.push('"');
            }
            Value::Id(id) => id.push_to(out),
            Value::Ids(ids, separator) => push_joined(out, ids, separator),
            Value::Number(number) => push_number(out, number),
            Value::Decimals(number) => push_decimals(out, number),
            Value::Flag(flag) => out.push_str(if flag { "true" } else { "false" }),
            Value::Cents(amount) => amount.push_cents(out),
            Value::Decimal(amount) => amount.push_decimal(out),
            Value::Fixed(amount) => amount.push_fixed(out),
        }
        literal = next;
    }
    out.push_str(literal);
}

/// A template filled: what [`fill`] appends to nothing.
#[must_use]
pub fn filled(template: &str, values: &[Value<'_>]) -> String {
    let mut out = String::with_capacity(384);
    fill(&mut out, template, values);
    out
}

/// The value of something that may be missing.
pub fn maybe<'a, T>(value: Option<T>, kind: fn(T) -> Value<'a>) -> Value<'a> {
    value.map_or(Value::Nothing, kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Cents as C, Decimal, Decimals, Fixed, Flag, Folder, Ids, Nothing, Number, Raw, Text};

    fn id(number: u64) -> Id {
        Id::from_number(number).unwrap()
    }

    #[test]
    fn places_are_filled_in_their_order() {
        assert_eq!(filled("", &[]), "");
        assert_eq!(filled("a@b@c", &[Raw("1"), Number(2)]), "a1b2c");
        let amount = Cents::parse("49.90").unwrap();
        assert_eq!(filled("@ @ @", &[C(amount), Decimal(amount), Fixed(amount)]), "4990 49.9 49.90");
        assert_eq!(filled("e=@&f=@", &[Ids(&[id(1), id(22)], "-"), Flag(true)]), "e=1-22&f=true");
        assert_eq!(filled("0.@", &[Decimals(25)]), "0.0000000000000025");
        assert_eq!(filled("h/@p h/@p", &[Folder(Some("eu")), Folder(None)]), "h/eu/p h/p");
    }

    #[test]
    fn a_letter_says_which_value_a_place_has() {
        assert_eq!(filled("x=@B&y=@A&z=@BB", &[Raw("1"), Raw("2")]), "x=2&y=1&z=2B");
        assert_eq!(filled("x=@B&y=@C.", &[Raw("1"), Nothing]), ".", "a letter too far is missing");
    }

    #[test]
    fn a_place_says_how_text_is_written() {
        assert_eq!(filled("?a=@&b=@", &[Text("a b|\""), Value::Id(id(7))]), "?a=a%20b%7C%22&b=7");
        assert_eq!(
            filled(r#"{"a":@,"b":[@,@]}"#, &[Text("a b|\"\n"), Value::Id(id(7)), Text("é")]),
            "{\"a\":\"a b|\\\"\\n\",\"b\":[\"7\",\"é\"]}"
        );
    }

    #[test]
    fn what_is_missing_takes_its_name_along() {
        assert_eq!(filled("?a=@&b=@&c=@.", &[Number(1), Nothing, Number(3)]), "?a=1&c=3.");
        assert_eq!(filled("?a=@&b=@&c=@.", &[Nothing, Nothing, Nothing]), ".");
        assert_eq!(filled("[\n{@,\nx=@&\n]", &[Nothing, Nothing]), "[\n,\n&\n]");
        assert_eq!(filled("a@b@", &[Number(1)]), "a1", "a value too few is missing");
    }
}
