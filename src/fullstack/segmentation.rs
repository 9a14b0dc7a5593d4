//! Segments: the conditions that a campaign or a variation sets on the visitor's variables.
//!
//! ```text
//! segments = {}                                   everyone
//!          | {"and": [node…]} | {"or": [node…]} | {"not": node}
//!          | {"custom_variable": {name: operand}}
//!          | {"user": "id, id, …"}                 the user ids of a whitelist
//! operand  = "lower(…)" | "wildcard(*…*)" | "regex(…)" | "gt(n)" | "gte(n)" | "lt(n)" | "lte(n)" | any other value
//! ```
//!
//! Of each object only the first property counts, in JavaScript's order. An operand that starts with a number meets a
//! variable that starts with one as a number, whatever the operator: so `10` is `10.0` and `10abc`.
//! What makes the SDK throw makes all of the segments false; it looks at every condition, so the order does not matter.
//!
//! Source: `vwo-node-sdk` 1.73.0 `SegmentEvaluator` and `SegmentUtil`, executed.

use super::{
    javascript::{self, first_property, floor, is_line_terminator, is_space, lower, number_text, parse_float},
    regex::Pattern,
    value::PROTO,
};
use crate::values::{
    json::Json,
    text::{cut, cut_at, parts},
};
use alloc::{
    borrow::{Cow, ToOwned},
    boxed::Box,
    string::String,
    vec::Vec,
};
use core::cell::OnceCell;

/// The variables that segments are about.
#[derive(Debug, Default)]
pub struct Variables<'a> {
    named: Vec<Variable<'a>>,
    user: Option<Cow<'a, str>>,
    /// May looking at them throw?
    fragile: bool,
}

#[derive(Debug)]
struct Variable<'a> {
    name: Cow<'a, str>,
    json: Json<'a>,
    /// What the value is as text: made when it is asked for, and kept for the next campaign.
    tag: OnceCell<Tag<'a>>,
}

/// The value of a variable.
#[derive(Debug)]
enum Tag<'a> {
    Text(Cow<'a, str>),
    Null,
    /// It has no text: asking for it throws.
    Throws,
}

/// The name under which the user id is a variable.
const USER: &str = "_vwoUserId";
/// The method that the SDK calls on the caller's object.
const HAS_OWN: &str = "hasOwnProperty";

impl<'a> Variables<'a> {
    /// The variables in a caller's object, and for a whitelist the user's id.
    #[must_use]
    pub fn new(object: Json<'a>, user_id: Option<&'a str>) -> Self {
        let mut variables = Variables::default();
        for (name, json) in object.entries() {
            let mut name = name;
            if user_id.is_some() && name == PROTO {
                // The SDK copies the variables of a whitelist: this becomes the copy's prototype, and without one it has
                // no methods.
                if !json.is_null() {
                    continue;
                }
                name = HAS_OWN.to_owned();
            }
            if name == USER {
                variables.user = json.text().map(Cow::Owned);
            }
            variables.fragile |= name == HAS_OWN || json.is_array() || json.is_object();
            variables.named.push(Variable { name: Cow::Owned(name), json, tag: OnceCell::new() });
        }
        if let Some(user_id) = user_id {
            variables.user = Some(Cow::Borrowed(user_id));
            let tag = OnceCell::from(Tag::Text(Cow::Borrowed(user_id)));
            variables.named.push(Variable { name: Cow::Borrowed(USER), json: Json::default(), tag });
        }
        variables
    }

    /// The variable of that name: of equal names the last one counts.
    fn get(&self, name: &str) -> Option<&Tag<'a>> {
        let variable = self.named.iter().rev().find(|variable| variable.name == name)?;
        Some(variable.tag.get_or_init(|| Tag::new(variable.json)))
    }
}

impl<'a> Tag<'a> {
    fn new(json: Json<'a>) -> Self {
        if json.is_null() {
            return Tag::Null;
        }
        javascript::text_in(json).map_or(Tag::Throws, Tag::Text)
    }

    fn text(&self) -> Option<&str> {
        match self {
            Tag::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number that it starts with, as the SDK compares it.
    fn number(&self) -> Option<f64> {
        comparable(parse_float(self.text()?))
    }
}

/// Segments, read once and ready to be matched.
#[derive(Debug)]
pub struct Segments(Root);

#[derive(Debug)]
enum Root {
    Everyone,
    /// The SDK throws, whoever comes.
    Nobody,
    Node {
        node: Node,
        /// May it throw?
        fragile: bool,
    },
}

#[derive(Debug)]
enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Variable {
        name: String,
        operand: Operand,
    },
    User(Vec<String>),
    /// An operator that the SDK does not know: `undefined`, which counts as false.
    Unknown,
}

/// What a variable is compared with. A `number` is what the operand starts with, where that is comparable.
#[derive(Debug)]
enum Operand {
    Equal { value: Scalar, number: Option<f64> },
    Lower { text: String, number: Option<f64> },
    Wildcard { place: Place, text: String, number: Option<String> },
    Regex { pattern: Pattern, number: Option<Pattern> },
    Than { order: Order, bound: f64 },
    Throws,
}

/// What equality is strict about.
#[derive(Debug)]
enum Scalar {
    Text(String),
    Null,
    /// No variable's text is strictly equal to a number, a flag or an object.
    Other,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Anywhere,
    Start,
    End,
}

#[derive(Clone, Copy, Debug)]
enum Order {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Segments {
    /// Reads segments; what is no object with properties is everyone.
    #[must_use]
    pub fn compile(json: Json<'_>) -> Self {
        if !json.is_object() || json.entries().next().is_none() {
            return Segments(Root::Everyone);
        }
        Segments(match Node::compile(json) {
            Some(node) => {
                let fragile = node.any_operand(&|_, operand| matches!(operand, Operand::Throws));
                Root::Node { node, fragile }
            }
            None => Root::Nobody,
        })
    }

    /// Do they set conditions at all? (Only a variation with conditions can be whitelisted.)
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        !matches!(self.0, Root::Everyone)
    }

    /// Does someone with these variables belong to them?
    #[must_use]
    pub fn matches(&self, variables: &Variables<'_>) -> bool {
        match &self.0 {
            Root::Everyone => true,
            Root::Nobody => false,
            Root::Node { node, fragile } => {
                let throws = (*fragile || variables.fragile) && node.throws(variables);
                !throws && node.matches(variables)
            }
        }
    }
}

impl Node {
    /// The node in a value; nothing where evaluating it always throws.
    fn compile(json: Json<'_>) -> Option<Self> {
        let (key, value) = first_entry(json)?;
        Some(match (key.as_str(), value) {
            ("and", Some(list)) => Node::And(children(list)?),
            ("or", Some(list)) => Node::Or(children(list)?),
            ("not", Some(node)) => Node::Not(Box::new(Node::compile(node)?)),
            ("custom_variable", Some(variable)) => {
                let (name, operand) = first_entry(variable)?;
                let operand = match operand {
                    Some(json) => Operand::compile(json),
                    // Of a text the first property is its first letter.
                    None => {
                        let text = variable.text()?;
                        Operand::from_text(text.get(..text.chars().next()?.len_utf8())?)
                    }
                };
                Node::Variable { name, operand }
            }
            ("user", Some(users)) => {
                let mut listed = Vec::new();
                for user in parts(&users.text()?, b',') {
                    listed.push(user.trim_matches(is_space).to_owned());
                }
                Node::User(listed)
            }
            _ => Node::Unknown,
        })
    }

    fn matches(&self, variables: &Variables<'_>) -> bool {
        match self {
            Node::And(nodes) => nodes.iter().all(|node| node.matches(variables)),
            Node::Or(nodes) => nodes.iter().any(|node| node.matches(variables)),
            Node::Not(node) => !node.matches(variables),
            Node::Variable { name, operand } => variables.get(name).is_some_and(|tag| operand.matches(tag)),
            Node::User(users) => {
                variables.user.as_deref().is_some_and(|user| users.iter().any(|listed| listed == user))
            }
            Node::Unknown => false,
        }
    }

    /// Does it throw for these variables?
    fn throws(&self, variables: &Variables<'_>) -> bool {
        self.any_operand(&|name, operand| {
            variables.get(HAS_OWN).is_some()
                || variables
                    .get(name)
                    .is_some_and(|tag| matches!(tag, Tag::Throws) || matches!(operand, Operand::Throws))
        })
    }

    fn any_operand(&self, holds: &dyn Fn(&str, &Operand) -> bool) -> bool {
        match self {
            Node::And(nodes) | Node::Or(nodes) => nodes.iter().any(|node| node.any_operand(holds)),
            Node::Not(node) => node.any_operand(holds),
            Node::Variable { name, operand } => holds(name, operand),
            Node::User(_) | Node::Unknown => false,
        }
    }
}

/// The first property of any value: nothing where it has none, which the SDK does not survive. The letters of a text are
/// properties too, but no value here.
fn first_entry<'a>(json: Json<'a>) -> Option<(String, Option<Json<'a>>)> {
    if json.is_object() {
        return first_property(json).map(|(name, value)| (name, Some(value)));
    }
    let first = json.items().next();
    let is_empty = first.is_none() && json.text().is_none_or(|text| text.is_empty());
    (!is_empty).then(|| ("0".to_owned(), first))
}

/// The nodes of `and` and `or`; nothing where one of them throws. What is no list has no nodes, only a text has letters.
fn children(json: Json<'_>) -> Option<Vec<Node>> {
    if json.is_null() {
        return None;
    }
    let mut nodes = Vec::new();
    if json.text().is_some_and(|text| !text.is_empty()) {
        nodes.push(Node::Unknown);
    }
    for item in json.items() {
        nodes.push(Node::compile(item)?);
    }
    Some(nodes)
}

impl Operand {
    fn compile(json: Json<'_>) -> Self {
        if let Some(text) = json.text() {
            return Self::from_text(&text);
        }
        match javascript::text_in(json) {
            None => Operand::Throws,
            Some(text) => {
                let value = if json.is_null() { Scalar::Null } else { Scalar::Other };
                Operand::Equal { value, number: comparable(parse_float(&text)) }
            }
        }
    }

    fn from_text(text: &str) -> Self {
        if let Some(inner) = call(text, "lower(") {
            return Operand::Lower { text: lower(inner), number: comparable(parse_float(inner)) };
        }
        if let Some(inner) = call(text, "wildcard(") {
            return Self::wildcard(inner);
        }
        if let Some(inner) = call(text, "regex(") {
            let number = comparable(parse_float(inner)).map(|number| Pattern::new(&number_text(number)));
            return Operand::Regex { pattern: Pattern::new(inner), number };
        }
        for (name, order) in [
            ("gt(", Order::Greater),
            ("gte(", Order::GreaterOrEqual),
            ("lt(", Order::Less),
            ("lte(", Order::LessOrEqual),
        ] {
            if let Some(bound) = text.strip_prefix(name).and_then(bound) {
                return Operand::Than { order, bound };
            }
        }
        Self::equal(text)
    }

    fn equal(text: &str) -> Self {
        Operand::Equal { value: Scalar::Text(text.to_owned()), number: comparable(parse_float(text)) }
    }

    /// One star is taken off at each end; a single one stands at both.
    fn wildcard(pattern: &str) -> Self {
        let place = match (pattern.starts_with('*'), pattern.ends_with('*')) {
            (true, true) => Place::Anywhere,
            (true, false) => Place::End,
            (false, true) => Place::Start,
            (false, false) => return Self::equal(pattern),
        };
        let text = pattern.strip_prefix('*').unwrap_or(pattern);
        let text = text.strip_suffix('*').unwrap_or(text).to_owned();
        let number = comparable(parse_float(&text)).map(number_text);
        Operand::Wildcard { place, text, number }
    }

    fn matches(&self, tag: &Tag<'_>) -> bool {
        match self {
            Operand::Equal { value, number } => match number.zip(tag.number()) {
                Some((own, tag)) => same(own, tag),
                None => match value {
                    Scalar::Text(own) => tag.text() == Some(own),
                    Scalar::Null => matches!(tag, Tag::Null),
                    Scalar::Other => false,
                },
            },
            Operand::Lower { text, number } => match number.zip(tag.number()) {
                Some((own, tag)) => same(own, tag),
                None => tag.text().is_some_and(|tag| is_lower(tag, text)),
            },
            Operand::Wildcard { place, text, number } => match number.as_ref().zip(tag.number()) {
                Some((own, tag)) => place.has(&number_text(tag), own),
                None => tag.text().is_some_and(|tag| place.has(tag, text)),
            },
            Operand::Regex { pattern, number } => match number.as_ref().zip(tag.number()) {
                Some((own, tag)) => own.is_in(&number_text(tag)),
                None => pattern.is_in(tag.text().unwrap_or("null")),
            },
            Operand::Than { order, bound } => tag.text().is_some_and(|tag| order.holds(parse_float(tag), *bound)),
            Operand::Throws => false,
        }
    }
}

impl Place {
    fn has(self, text: &str, part: &str) -> bool {
        match self {
            Place::Anywhere => cut_at(text, part).is_some(),
            Place::Start => text.starts_with(part),
            Place::End => text.ends_with(part),
        }
    }
}

impl Order {
    fn holds(self, number: f64, bound: f64) -> bool {
        let (number, bound) = comparable(number).zip(comparable(bound)).unwrap_or((number, bound));
        match self {
            Order::Greater => number > bound,
            Order::GreaterOrEqual => number >= bound,
            Order::Less => number < bound,
            Order::LessOrEqual => number <= bound,
        }
    }
}

/// The text between the bracket of `name` and the last closing one on the line.
fn call<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let inner = text.strip_prefix(name)?;
    let mut end = None;
    for (at, c) in inner.char_indices() {
        if is_line_terminator(c) {
            break;
        }
        if c == ')' {
            end = Some(at);
        }
    }
    inner.get(..end?)
}

/// Digits with a point before, between or behind them, and the closing bracket.
fn bound(text: &str) -> Option<f64> {
    let (number, _) = cut(text, b')')?;
    let (whole, fraction) = cut(number, b'.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    is_number.then(|| parse_float(number))
}

/// The number as the SDK compares it; nothing for 0 and NaN, which it does not take for numbers.
///
/// It reads a whole number once more with `parseInt`, which knows no exponent: 1e21 becomes 1, an infinity NaN.
fn comparable(number: f64) -> Option<f64> {
    if number == 0.0 || number.is_nan() {
        return None;
    }
    if number.abs() < 1e21 || number != floor(number) {
        return Some(number);
    }
    let text = number_text(number);
    let end = text.bytes().position(|byte| matches!(byte, b'.' | b'e')).unwrap_or(0);
    Some(text.get(..end).map_or(f64::NAN, |digits| if digits.is_empty() { f64::NAN } else { parse_float(digits) }))
}

/// Are the texts of the two numbers equal?
fn same(left: f64, right: f64) -> bool {
    left == right || (left.is_nan() && right.is_nan())
}

/// Is the text that one in lower case?
fn is_lower(text: &str, lowered: &str) -> bool {
    if text.is_ascii() { text.eq_ignore_ascii_case(lowered) } else { lower(text) == lowered }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn matches(segments: &str, variables: &str) -> bool {
        let json = |text| Json::parse_deep(text).unwrap_or_else(|| panic!("{text}"));
        Segments::compile(json(segments)).matches(&Variables::new(json(variables), None))
    }

    /// Operands and values as JSON, and whether they match.
    #[track_caller]
    fn check(table: &[(&str, &str, bool)]) {
        for (operand, value, due) in table {
            let segments = format!(r#"{{"custom_variable":{{"eq":{operand}}}}}"#);
            assert_eq!(matches(&segments, &format!(r#"{{"eq":{value}}}"#)), *due, "{operand} {value}");
        }
    }

    #[test]
    fn equality_is_strict_but_for_numbers() {
        check(&[
            (r#""something""#, r#""something""#, true),
            (r#""10""#, "10", true),
            (r#""10.0""#, "10", true),
            (r#""10abc""#, "10", true),
            ("10", "10", true),
            ("[10]", r#""10px""#, true),
            (r#""0""#, "0", true),
            (r#""0""#, r#""0.0""#, false),
            ("0", "0", false),
            (r#""true""#, "true", true),
            ("true", "true", false),
            (r#""İ""#, r#""i̇""#, false),
            (r#""x""#, "null", false),
            (r#""null""#, "null", false),
            ("null", "null", true),
            (r#""a""#, r#"{"a":1}"#, false),
            (r#""[object Object]""#, "{}", true),
            (r#""1,2""#, "[1,2]", true),
            (r#""""#, r#""""#, true),
            (r#""1e3""#, "1000", true),
            (r#""9007199254740993""#, r#""9007199254740992""#, true),
            (r#""-5""#, "-5", true),
            (r#""-0""#, "0", false),
            (r#""NaN""#, r#""NaN""#, true),
            (r#""1e21""#, "1", true),
            (r#""-2.5e22""#, r#""-2""#, true),
            (r#""Infinity""#, r#""-Infinity""#, true),
            (r#""1e400""#, r#""NaN""#, false),
        ]);
    }

    #[test]
    fn lower_and_wildcard() {
        check(&[
            (r#""lower(ABC)""#, r#""aBc""#, true),
            (r#""lower(10.0)""#, r#""10""#, true),
            (r#""lower(a)b""#, r#""a""#, true),
            (r#"" lower(a)""#, r#""a""#, false),
            (r#""lower(A)b)""#, r#""a)b""#, true),
            (r#""lower(a\nb)""#, r#""a\nb""#, false),
            (r#""lower(a\nb)""#, r#""lower(a\nb)""#, true),
            (r#""lower(null)""#, "null", false),
            (r#""lower(İ)""#, r#""i̇""#, true),
            (r#""lower(ΑΣ)""#, r#""ας""#, true),
            (r#""wildcard(*ab*)""#, r#""xxabyy""#, true),
            (r#""wildcard(*ab)""#, r#""xxab""#, true),
            (r#""wildcard(*ab)""#, r#""abxx""#, false),
            (r#""wildcard(ab*)""#, r#""abxx""#, true),
            (r#""wildcard(ab*)""#, r#""xxab""#, false),
            (r#""wildcard(ab)""#, r#""ab""#, true),
            (r#""wildcard(**a**)""#, r#""*a*""#, true),
            (r#""wildcard(**a**)""#, r#""a""#, false),
            (r#""wildcard(*)""#, r#""anything""#, true),
            (r#""wildcard(*)""#, "null", false),
            (r#""wildcard(*10.0)""#, r#""110""#, true),
            (r#""wildcard(1*)""#, r#""1e1""#, true),
            (r#""wildcard(*e1)""#, r#""1e1""#, true),
        ]);
    }

    #[test]
    fn patterns() {
        check(&[
            (r#""regex(a+)""#, r#""caat""#, true),
            (r#""regex([)""#, r#""[""#, false),
            (r#""regex(^123$)""#, "123", true),
            (r#""regex(.*)""#, "null", true),
            (r#""regex(null)""#, "null", true),
            (r#""regex((a)|b)""#, r#""b""#, true),
            // Where both sides start with a number, nothing else of them is left.
            (r#""regex(1.*x)""#, r#""21""#, true),
            (r#""regex(1.*x)""#, r#""y1""#, false),
        ]);
    }

    #[test]
    fn comparisons() {
        check(&[
            (r#""gt(5)""#, r#""6px""#, true),
            (r#""gt(5)""#, r#""5""#, false),
            (r#""gt(5)""#, r#""abc""#, false),
            (r#""gt(5)""#, "null", false),
            (r#""gt(-5)""#, "3", false),
            (r#""gt(-5)""#, r#""gt(-5)""#, true),
            (r#""gt(0)""#, "1", true),
            (r#""gt(5)x""#, "6", true),
            (r#""gt( 5)""#, "6", false),
            (r#""gt(.)""#, "6", false),
            (r#""gt()""#, "6", false),
            (r#""gt(1.2.3)""#, "6", false),
            (r#""gte(5.0)""#, "5", true),
            (r#""gte(5.)""#, "4.9", false),
            (r#""lt(.5)""#, "0.4", true),
            (r#""lt(.5)""#, "0.5", false),
            (r#""lte(0)""#, "0", true),
            (r#""lt(2)""#, "1e21", true),
            (r#""lt(2)""#, "3e21", false),
        ]);
    }

    #[test]
    fn trees() {
        for (segments, variables, due) in [
            ("{}", "{}", true),
            ("[]", "{}", true),
            ("null", "{}", true),
            (r#"{"and":[]}"#, "{}", true),
            (r#"{"or":[]}"#, "{}", false),
            (r#"{"not":{"and":[]}}"#, "{}", false),
            (r#"{"foo":[]}"#, "{}", false),
            (r#"{"not":{"foo":[]}}"#, "{}", true),
            (r#"{"and":[{"and":[]}],"or":[]}"#, "{}", true),
            (r#"{"and":[],"0":1}"#, "{}", false),
            (r#"{"and":{"a":1}}"#, "{}", true),
            (r#"{"and":"ab"}"#, "{}", false),
            (r#"{"and":""}"#, "{}", true),
            (r#"{"or":5}"#, "{}", false),
            (r#"{"custom_variable":{"a":"1","b":"2"}}"#, r#"{"a":1,"b":9}"#, true),
            (r#"{"custom_variable":{"a":"1","2":"2"}}"#, r#"{"a":1,"2":9}"#, false),
            (r#"{"custom_variable":{"a":"regex(.*)"}}"#, "{}", false),
            (r#"{"not":{"custom_variable":{"a":"x"}}}"#, "{}", true),
            (r#"{"custom_variable":"ab"}"#, r#"{"0":"a"}"#, true),
            (r#"{"custom_variable":["x"]}"#, r#"{"0":"x"}"#, true),
            (r#"{"custom_variable":{"a":"2"}}"#, r#"{"a":1,"a":2}"#, true),
        ] {
            assert_eq!(matches(segments, variables), due, "{segments} {variables}");
        }
    }

    #[test]
    fn what_throws_is_false_even_under_not() {
        for (segments, variables) in [
            (r#"{"not":{}}"#, "{}"),
            (r#"{"not":[]}"#, "{}"),
            (r#"{"not":null}"#, "{}"),
            (r#"{"not":5}"#, "{}"),
            (r#"{"not":{"or":null}}"#, "{}"),
            (r#"{"not":{"user":5}}"#, "{}"),
            (r#"{"not":{"custom_variable":{}}}"#, "{}"),
            (r#"{"or":[{"and":[]},null]}"#, "{}"),
            (r#"{"not":{"custom_variable":{"a":{"toString":1}}}}"#, r#"{"a":1}"#),
            (r#"{"not":{"custom_variable":{"a":"x"}}}"#, r#"{"a":[{"toString":1}]}"#),
            (r#"{"or":[{"and":[]},{"custom_variable":{"a":"x"}}]}"#, r#"{"hasOwnProperty":1}"#),
        ] {
            assert!(!matches(segments, variables), "{segments} {variables}");
        }
        assert!(matches(r#"{"not":{"custom_variable":{"a":{"toString":1}}}}"#, "{}"));
        assert!(matches(r#"{"not":{"custom_variable":{"b":"x"}}}"#, r#"{"a":{"toString":1}}"#));
        assert!(matches(r#"{"and":[]}"#, r#"{"hasOwnProperty":1}"#));
    }

    #[test]
    fn users() {
        let listed = Segments::compile(Json::parse(r#"{"user":"A, B\u00a0,C"}"#).unwrap());
        let variables = |text, user| Variables::new(Json::parse(text).unwrap(), user);
        assert!(listed.matches(&variables(r#"{"_vwoUserId":"B"}"#, None)));
        assert!(!listed.matches(&variables(r#"{"_vwoUserId":"A, B"}"#, None)));
        assert!(!listed.matches(&variables("{}", None)));
        assert!(listed.matches(&variables("{}", Some("C"))));
        assert!(!listed.matches(&variables(r#"{"_vwoUserId":"C"}"#, Some("D"))));
        let five = Segments::compile(Json::parse(r#"{"user":"5"}"#).unwrap());
        assert!(!five.matches(&variables(r#"{"_vwoUserId":5}"#, None)));
        let named = Segments::compile(Json::parse(r#"{"custom_variable":{"__proto__":"x"}}"#).unwrap());
        assert!(named.matches(&variables(r#"{"__proto__":"x"}"#, None)));
        assert!(!named.matches(&variables(r#"{"__proto__":"x"}"#, Some("D"))));
        let other = Segments::compile(Json::parse(r#"{"not":{"custom_variable":{"a":"x"}}}"#).unwrap());
        assert!(other.matches(&variables(r#"{"__proto__":"x"}"#, Some("D"))));
        assert!(!other.matches(&variables(r#"{"__proto__":null}"#, Some("D"))));
        let own = Segments::compile(Json::parse(r#"{"custom_variable":{"_vwoUserId":"D"}}"#).unwrap());
        assert!(own.matches(&variables(r#"{"_vwoUserId":"C"}"#, Some("D"))));
    }

    #[test]
    fn conditions_nest_deeply() {
        let nested = |depth: usize| format!("{}{}{}", r#"{"not":"#.repeat(depth), r#"{"and":[]}"#, "}".repeat(depth));
        for depth in [1, 2, 31, 32, 200, 201] {
            assert_eq!(matches(&nested(depth), "{}"), depth % 2 == 0, "{depth}");
        }
    }
}
