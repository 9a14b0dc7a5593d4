//! JavaScript's values, as far as the SDK's results depend on how it treats them: what is truthy, what a text is as a
//! number, what a value is as text, and in which order an object keeps its properties.

use super::javascript::{array_index, text_in, text_number};
use crate::values::{
    digits::push_number,
    json::{Json, Writer},
};
use alloc::{borrow::Cow, string::String, vec::Vec};

/// Is the value neither `null`, `false`, 0 nor `""`?
#[must_use]
pub fn is_truthy(json: Json<'_>) -> bool {
    let Some(number) = json.number() else {
        return !json.is_null() && !matches!(json.as_str(), "false" | "\"\"");
    };
    for byte in number.bytes() {
        match byte {
            b'1'..=b'9' => return true,
            b'e' | b'E' => break,
            _ => {}
        }
    }
    false
}

/// `Number(value)`
#[must_use]
pub fn number(json: Json<'_>) -> f64 {
    match json.as_str() {
        "null" | "false" => 0.0,
        "true" => 1.0,
        _ => text_in(json).map_or(f64::NAN, |text| text_number(&text)),
    }
}

/// An own property of an object, or an element of an array.
#[must_use]
pub fn property<'a>(json: Json<'a>, name: &str) -> Option<Json<'a>> {
    if json.is_array() {
        let mut left = array_index(name)?;
        for item in json.items() {
            left = match left.checked_sub(1) {
                Some(left) => left,
                None => return Some(item),
            };
        }
        return None;
    }
    json.members().get_or_null(name)
}

/// `value.hasOwnProperty(name)`; nothing where that throws.
#[must_use]
pub fn has_own(json: Json<'_>, name: &str) -> Option<bool> {
    if json.is_null() {
        return None;
    }
    if json.is_object() {
        let mut has = false;
        for (own, _) in json.entries() {
            if own == "hasOwnProperty" {
                return None;
            }
            has |= own == name;
        }
        return Some(has);
    }
    let mut length = 0_u32;
    let _ = json.each_unit(&mut |_| {
        length = length.wrapping_add(1);
        Some(())
    });
    for _ in json.items() {
        length = length.wrapping_add(1);
    }
    let has_length = json.is_array() || json.as_str().starts_with("\"");
    Some(has_length && (name == "length" || array_index(name).is_some_and(|index| index < length)))
}

/// A value that settings are asked for over and over: an id, a name.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// `String(value)`
    pub text: String,
    /// `JSON.stringify(value)`; nothing where the value is missing. Two that are the same text are `===`.
    pub json: Option<String>,
}

impl Scalar {
    /// The value of a member.
    #[must_use]
    pub fn new(json: Option<Json<'_>>) -> Self {
        let text = json.map_or(Cow::Borrowed("undefined"), |json| text_in(json).unwrap_or_default());
        let json = json.map(|json| match json.as_str().as_bytes() {
            [b'"', ..] => quoted(&text),
            _ if json.number().is_some() => text.as_ref().into(),
            _ => json.as_str().into(),
        });
        Scalar { text: text.as_ref().into(), json }
    }
}

/// A string as JSON.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = Writer::default();
    out.text(text);
    out.finish()
}

/// What is set under this name is an object's prototype.
pub const PROTO: &str = "__proto__";

/// The properties of an object that is being put together, each with its JSON text. Setting one that is there already
/// leaves it in its place.
#[derive(Debug, Default)]
pub struct Properties<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Properties<'a> {
    /// `object[name] = value`: array indexes come first, in ascending order, then the others as they were set.
    /// (ECMA-262 10.1.11.1) With the name `__proto__` that makes no property. (B.2.2.1)
    pub fn set(&mut self, name: Cow<'a, str>, json: Cow<'a, str>) {
        if name == PROTO {
            return;
        }
        let index = array_index(&name);
        let mut place = self.0.len();
        for (at, (own, value)) in self.0.iter_mut().enumerate() {
            if *own == name {
                *value = json;
                return;
            }
            if at < place
                && let Some(index) = index
                && array_index(own).is_none_or(|other| other > index)
            {
                place = at;
            }
        }
        self.0.insert(place, (name, json));
    }

    /// `Object.assign(object, source)`: a list gives its elements, a text its letters, what else is no object nothing.
    pub fn assign(&mut self, source: Json<'a>) {
        for (name, value) in source.entries() {
            self.set(name.into(), value.as_str().into());
        }
        let mut index = 0;
        for item in source.items() {
            self.set_element(&mut index, item.as_str().into());
        }
        for letter in source.text().unwrap_or_default().chars() {
            self.set_element(&mut index, quoted(letter.encode_utf8(&mut [0; 4])).into());
        }
    }

    fn set_element(&mut self, index: &mut u64, json: Cow<'a, str>) {
        let mut name = String::new();
        push_number(&mut name, *index);
        self.set(name.into(), json);
        *index = index.wrapping_add(1);
    }

    /// `object[name] = undefined`, for all that `JSON.stringify` makes of it.
    pub fn unset(&mut self, name: &str) {
        if let Some(place) = self.0.iter().position(|(own, _)| own == name) {
            self.0.remove(place);
        }
    }

    /// The properties, in JavaScript's order.
    #[must_use]
    pub fn entries(&self) -> &[(Cow<'a, str>, Cow<'a, str>)] {
        &self.0
    }

    /// `JSON.stringify(object)`
    pub fn write(&self, out: &mut Writer) {
        out.open('{');
        for (name, json) in &self.0 {
            out.name(name);
            out.raw(json);
        }
        out.close('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::parse(text).unwrap()
    }

    #[test]
    fn tells_truth() {
        for truthy in ["1", "-0.5", "0.01", "\"0\"", "\" \"", "[]", "{}", "true"] {
            assert!(is_truthy(json(truthy)), "{truthy}");
        }
        for falsy in ["0", "-0", "0.00", "0e5", "\"\"", "null", "false"] {
            assert!(!is_truthy(json(falsy)), "{falsy}");
        }
    }

    #[test]
    fn numbers_of_weights() {
        for (text, due) in [
            ("33.3", 33.3),
            ("\" 50 \"", 50.0),
            ("\"\"", 0.0_f64),
            ("\"-.5e1\"", -5.0),
            ("\"5.\"", 5.0),
            ("null", 0.0),
            ("true", 1.0),
            ("[]", 0.0),
            ("[\"5\"]", 5.0),
            ("\"-Infinity\"", f64::NEG_INFINITY),
            ("\" 0x1F \"", 31.0),
            ("\"0b11\"", 3.0),
            ("\"0O17\"", 15.0),
        ] {
            assert_eq!(number(json(text)).to_bits(), due.to_bits(), "{text}");
        }
        for text in ["\"50%\"", "\"5-3\"", "\".\"", "\"1e\"", "\"inf\"", "\"0x\"", "\"-0x1\"", "\"0b2\"", "[1,2]", "{}"]
        {
            assert!(number(json(text)).is_nan(), "{text}");
        }
    }

    #[test]
    fn own_properties() {
        assert_eq!(has_own(json(r#"{"a":null}"#), "a"), Some(true));
        assert_eq!(has_own(json(r#"{"a":null}"#), "toString"), Some(false));
        assert_eq!(has_own(json("null"), "a"), None);
        assert_eq!(has_own(json(r#"{"hasOwnProperty":1}"#), "a"), None);
        assert_eq!(has_own(json(r#""aé""#), "1"), Some(true));
        assert_eq!(has_own(json("[0]"), "1"), Some(false));
        assert_eq!(has_own(json("[]"), "length"), Some(true));
        assert_eq!(has_own(json("5"), "length"), Some(false));
        assert_eq!(property(json("[1,2]"), "1").and_then(Json::number), Some("2"));
        assert_eq!(property(json(r#"{"1":3}"#), "1").and_then(Json::number), Some("3"));
    }

    #[test]
    fn the_same_value_is_the_same_text() {
        let scalar = |text| Scalar::new(Some(json(text)));
        assert_eq!(scalar("2.30e2").json.as_deref(), Some("230"));
        assert_eq!(scalar("\"\\u0041\"").json.as_deref(), Some("\"A\""));
        assert_eq!(&*scalar("null").text, "null");
        assert_eq!(&*Scalar::new(None).text, "undefined");
    }

    #[test]
    fn an_object_keeps_javascripts_order() {
        let mut object = Properties::default();
        for name in ["b", "10", "2", "a"] {
            object.set(name.into(), "0".into());
        }
        object.assign(json(r#"{"b":1,"__proto__":3,"x":[2]}"#));
        object.set("y".into(), "0".into());
        object.unset("y");
        let mut list = Properties::default();
        list.assign(json(r#"["a",{}]"#));
        list.assign(json("\"é\""));
        list.assign(json("5"));
        assert_eq!(list.entries(), [("0".into(), "\"é\"".into()), ("1".into(), "{}".into())]);
        let mut out = Writer::default();
        object.write(&mut out);
        assert_eq!(out.finish(), r#"{"2":0,"10":0,"b":1,"a":0,"x":[2]}"#);
    }
}
