//! Kameleoon's obfuscated storage item.
//!
//! ```text
//! kameleoonData = { "value" : obfuscated, … }       obfuscated = JSON text, 16 added to each UTF-16 unit of it
//! {"Visitor":{"visits":[{"startDate":<ms>,"ExperimentActivations":{"<id>":{"associatedVariationID":<id>,…},…},…},…],…},…}
//! ```
//! What it holds is not encrypted, only out of sight. Source: Kameleoon's web engine.

use super::variation::variation;
use crate::values::{
    id::{Id, IdMap},
    json::Json,
    newest::Newest,
};
use alloc::string::String;

/// The text behind an obfuscated JSON string; nothing where it would hold half a character.
///
/// The halves of characters that obfuscation itself makes stand in the JSON text as escapes, so nothing is lost as long
/// as it is not unescaped into a `String`.
#[must_use]
pub fn reveal(string: Json<'_>) -> Option<String> {
    let mut text = String::new();
    let mut first_half = None;
    string.each_unit(&mut |unit| {
        let unit = unit.wrapping_sub(16) & 0xFFFF;
        let code = match (first_half.take(), unit) {
            (None, 0xD800..0xDC00) => {
                first_half = Some(unit);
                return Some(());
            }
            (None, _) => unit,
            (Some(first), 0xDC00..0xE000) => 0x1_0000_u32.wrapping_add(((first & 0x3FF) << 10) | (unit & 0x3FF)),
            _ => return None,
        };
        text.push(char::from_u32(code)?);
        Some(())
    })?;
    first_half.is_none().then_some(text)
}

/// Puts in the experiments of the visits in the item, each with the variation of its newest visit.
#[inline(never)]
pub(super) fn experiments(string: Json<'_>, experiments: &mut IdMap) -> Option<()> {
    let text = reveal(string)?;
    let visits = Json::parse(&text)?.get("Visitor")?.get("visits")?;
    let mut newest = Newest::default();
    for visit in visits.items() {
        let visit = visit.members();
        let date = Id::from_json(visit.or_null("startDate")).unwrap_or_default();
        for (key, activation) in visit.or_null("ExperimentActivations").entries() {
            if let Some(id) = Id::parse(&key)
                && let Some(Some(variation)) = variation(activation.members().or_null("associatedVariationID"))
                && newest.is_newest(id, date)
            {
                experiments.insert_one(id, variation);
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::json::Writer;
    use alloc::{format, vec::Vec};

    /// What the engine stores: the JSON text of a string whose units are 16 higher.
    fn obfuscated(text: &str) -> String {
        let escapes: String = text.encode_utf16().map(|unit| format!("\\u{:04x}", unit.wrapping_add(16))).collect();
        format!("\"{escapes}\"")
    }

    #[test]
    fn subtracts_from_units_not_from_characters() {
        let reveal = |json: &str| reveal(Json::parse(json).unwrap());
        assert_eq!(reveal("\"\u{8b}2q2JA\u{8d}\""), Some(r#"{"a":1}"#.into()));
        // U+D7F5 becomes half a character, U+10FFFF another and none, U+FFF5 a control character.
        for text in ["", "Let's", "é😀", "\u{D7F5}", "\u{10FFFF}", "\u{FFF5}"] {
            assert_eq!(reveal(&obfuscated(text)), Some(text.into()), "{text}");
        }
        // 16 below a first half there is a whole character, and so what follows it stands alone.
        for half in [r#""\ud810""#, r#""\udc10x""#, "\"\u{10000}\"", "7", "{}"] {
            assert_eq!(reveal(half), None, "{half}");
        }
    }

    #[test]
    fn the_newest_visit_counts() {
        let visit = |date: &str, experiments: &str| format!(r#"{{{date}"ExperimentActivations":{{{experiments}}}}}"#);
        let seen = |id: u8, variation: &str| format!(r#""{id}":{{"associatedVariationID":{variation},"times":[1]}}"#);
        let visits = [
            visit(r#""startDate":300,"#, &seen(1, "13")),
            visit(r#""startDate":100,"#, &[seen(1, "11"), seen(2, "\"21\""), seen(3, "\"reference\"")].join(",")),
            visit(r#""startDate":200,"#, &[seen(1, "12"), seen(2, "null"), seen(4, "\"none\"")].join(",")),
            visit("", &[seen(2, "20"), seen(5, "50")].join(",")),
        ];
        let text = obfuscated(&format!(r#"{{"Visitor":{{"visits":[{}]}}}}"#, visits.join(",")));
        let mut found = IdMap::default();
        experiments(Json::parse(&text).unwrap(), &mut found).unwrap();
        let mut out = Writer::default();
        out.open('{');
        for (id, variations) in found.iter() {
            out.texts(&id.text(), variations.iter().map(|id| id.text()).collect::<Vec<_>>().iter().map(String::as_str));
        }
        out.close('}');
        assert_eq!(out.finish(), r#"{"1":["13"],"2":["21"],"3":["0"],"5":["50"]}"#);
        for nothing in ["", "{}", "[]", r#"{"Visitor":{}}"#, "x"] {
            assert_eq!(experiments(Json::parse(&obfuscated(nothing)).unwrap(), &mut found), None, "{nothing}");
        }
    }
}
