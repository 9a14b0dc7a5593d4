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
    javascript::{self, first_property, is_line_terminator, lower, number_text, parse_float, parse_int, trim},
    regex::Pattern,
    value::PROTO,
};
use crate::values::{
    json::Json,
    text::{behind, cut, cut_at, parts},
};
use alloc::{
    borrow::{Cow, ToOwned},
    string::String,
    vec::Vec,
};

/// The variables that segments are about.
#[derive(Debug, Default)]
pub struct Variables<'a> {
    named: Vec<(String, Json<'a>)>,
    user_id: Option<&'a str>,
    /// May looking at them throw?
    fragile: bool,
    /// Does it throw, because the object lacks or hides its method?
    bare: bool,
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
        let mut variables = Variables { user_id, ..Variables::default() };
        for (name, json) in object.entries() {
            // The SDK copies the variables of a whitelist: this becomes the copy's prototype, and without one it has no
            // methods.
            let is_proto = user_id.is_some() && name == PROTO;
            variables.bare |= name == HAS_OWN || (is_proto && json.is_null());
            if !is_proto {
                variables.fragile |= json.is_array() || json.is_object();
                variables.named.push((name, json));
            }
        }
        variables.fragile |= variables.bare;
        variables
    }

    /// The variable of that name: of equal names the last one counts.
    fn json(&self, name: &str) -> Option<Json<'a>> {
        let mut last = None;
        for (own, json) in &self.named {
            if own == name {
                last = Some(*json);
            }
        }
        last
    }

    /// Its value.
    fn get(&self, name: &str) -> Option<Tag<'a>> {
        if name == USER
            && let Some(user_id) = self.user_id
        {
            return Some(Tag::Text(Cow::Borrowed(user_id)));
        }
        let json = self.json(name)?;
        if json.is_null() {
            return Some(Tag::Null);
        }
        Some(javascript::text_in(json).map_or(Tag::Throws, Tag::Text))
    }

    /// Is this the user, as a whitelist sees it? What is no text is nobody's id.
    fn is_user(&self, id: &str) -> bool {
        match self.user_id {
            Some(user_id) => user_id == id,
            None => self.json(USER).and_then(Json::text).is_some_and(|user_id| user_id == id),
        }
    }
}

/// Segments, read once and ready to be matched.
#[derive(Debug)]
pub struct Segments {
    /// Do they set conditions at all?
    conditional: bool,
    /// May matching them throw?
    fragile: bool,
    /// Who meets all of these belongs to them.
    nodes: Node,
}

/// A group of nodes, or what a variable or the user is compared with.
#[derive(Debug, Default)]
struct Node {
    test: Test,
    nodes: Vec<Node>,
    /// The variable's.
    name: String,
    text: String,
    /// What the text starts with, where that is [`comparable`]; what a test of order compares with.
    number: f64,
    pattern: Option<Pattern>,
}

/// Groups come first, then what is about the user, then what is about a variable, and of that what compares an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
enum Test {
    #[default]
    All,
    Any,
    Not,
    User,
    Throws,
    Equal,
    Null,
    /// No variable's text is strictly equal to a number, a flag or an object.
    Nothing,
    Lower,
    Anywhere,
    Start,
    End,
    Regex,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// A node's operators; `Equal` stands for whatever test a variable's operand asks for.
static OPERATORS: [(&str, Test); 5] =
    [("and", Test::All), ("or", Test::Any), ("not", Test::Not), ("user", Test::User), ("custom_variable", Test::Equal)];

/// How an operand that asks for a test starts.
static TESTS: [(&str, Test); 7] = [
    ("lower(", Test::Lower),
    ("wildcard(", Test::Anywhere),
    ("regex(", Test::Regex),
    ("gt(", Test::Greater),
    ("gte(", Test::GreaterOrEqual),
    ("lt(", Test::Less),
    ("lte(", Test::LessOrEqual),
];

impl Segments {
    /// Reads segments; what is no object with properties is everyone.
    #[must_use]
    pub fn compile(json: Json<'_>) -> Self {
        let conditional = json.entries().next().is_some();
        let mut nodes = Node::default();
        if conditional && Node::read(json, &mut nodes.nodes).is_none() {
            // Evaluating them always throws: nobody.
            nodes = Node { test: Test::Any, ..Node::default() };
        }
        Segments { conditional, fragile: nodes.is_fragile(), nodes }
    }

    /// Do they set conditions at all? (Only a variation with conditions can be whitelisted.)
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        self.conditional
    }

    /// Does someone with these variables belong to them?
    #[must_use]
    pub fn matches(&self, variables: &Variables<'_>) -> bool {
        let throws = (self.fragile || variables.fragile) && self.nodes.throws(variables);
        !throws && self.nodes.matches(variables)
    }
}

impl Node {
    /// Another node, which nobody meets.
    #[inline(never)]
    fn add(nodes: &mut Vec<Node>) -> &mut Node {
        nodes.push_mut(Node { test: Test::Any, ..Node::default() })
    }

    /// Reads the node in a value; nothing where evaluating it always throws.
    fn read(json: Json<'_>, nodes: &mut Vec<Node>) -> Option<()> {
        let (key, value) = first_entry(json)?;
        let node = Self::add(nodes);
        let test = OPERATORS.iter().find(|(name, _)| key == *name);
        // An operator that the SDK does not know is `undefined`, which counts as false.
        let (Some((_, test)), Some(value)) = (test, value) else { return Some(()) };
        match test {
            Test::Equal => return node.read_variable(value),
            Test::Not => Self::read(value, &mut node.nodes)?,
            Test::User => {
                for user in parts(&value.text()?, b',') {
                    let listed = Self::add(&mut node.nodes);
                    listed.test = Test::User;
                    listed.text = trim(user);
                }
                return Some(());
            }
            _ if value.is_null() => return None,
            _ => {
                // What is no list has no nodes, only a text has letters.
                if has_letters(value) {
                    Self::add(&mut node.nodes);
                }
                for item in value.items() {
                    Self::read(item, &mut node.nodes)?;
                }
            }
        }
        node.test = *test;
        Some(())
    }

    fn read_variable(&mut self, json: Json<'_>) -> Option<()> {
        let (name, operand) = first_entry(json)?;
        self.name = name;
        let Some(json) = operand else {
            // Of a text the first property is its first letter.
            let text = json.text()?;
            self.read_text(text.get(..text.chars().next()?.len_utf8())?);
            return Some(());
        };
        match javascript::text_in(json) {
            None => self.test = Test::Throws,
            Some(text) if json.as_str().starts_with("\"") => self.read_text(&text),
            Some(text) => self.set(if json.is_null() { Test::Null } else { Test::Nothing }, &text),
        }
        Some(())
    }

    fn read_text(&mut self, text: &str) {
        for (name, test) in &TESTS {
            let Some(inner) = text.strip_prefix(name) else { continue };
            if *test >= Test::Greater {
                if let Some(number) = bound(inner) {
                    self.test = *test;
                    self.number = number;
                    return;
                }
            } else if let Some(inner) = to_last_bracket(inner) {
                return if *test == Test::Anywhere { self.read_wildcard(inner) } else { self.set(*test, inner) };
            }
        }
        self.set(Test::Equal, text);
    }

    /// One star is taken off at each end; a single one stands at both.
    fn read_wildcard(&mut self, pattern: &str) {
        let behind_star = behind(pattern, b'*');
        let text = behind_star.unwrap_or(pattern);
        let test = match (behind_star.is_some(), pattern.ends_with("*")) {
            (true, true) => Test::Anywhere,
            (true, false) => Test::End,
            (false, true) => Test::Start,
            (false, false) => Test::Equal,
        };
        self.set(test, text.strip_suffix("*").unwrap_or(text));
    }

    fn set(&mut self, test: Test, text: &str) {
        self.test = test;
        self.number = comparable(parse_float(text));
        self.text = if test == Test::Lower { lower(text) } else { text.to_owned() };
        if test == Test::Regex {
            self.pattern = Some(Pattern::new(text));
        }
    }

    fn matches(&self, variables: &Variables<'_>) -> bool {
        if self.test > Test::User {
            return variables.get(&self.name).is_some_and(|tag| self.meets(&tag));
        }
        if self.test == Test::User {
            return variables.is_user(&self.text);
        }
        let is_any = self.test == Test::Any;
        for node in &self.nodes {
            if node.matches(variables) != (self.test == Test::All) {
                return is_any;
            }
        }
        !is_any
    }

    /// Does it throw for these variables?
    fn throws(&self, variables: &Variables<'_>) -> bool {
        if self.test > Test::User {
            return variables.bare
                || variables
                    .get(&self.name)
                    .is_some_and(|tag| matches!(tag, Tag::Throws) || self.test == Test::Throws);
        }
        self.nodes.iter().any(|node| node.throws(variables))
    }

    /// May it throw?
    fn is_fragile(&self) -> bool {
        self.test == Test::Throws || self.nodes.iter().any(Self::is_fragile)
    }

    fn meets(&self, tag: &Tag<'_>) -> bool {
        let Tag::Text(text) = tag else {
            return match self.test {
                Test::Null => matches!(tag, Tag::Null),
                Test::Regex => self.has("null"),
                _ => false,
            };
        };
        if self.test >= Test::Greater {
            return self.test.orders(parse_float(text), self.number);
        }
        if self.number != 0.0 {
            let number = comparable(parse_float(text));
            if number != 0.0 {
                if self.test < Test::Anywhere {
                    return number == self.number || (number.is_nan() && self.number.is_nan());
                }
                let mut of_number = Node::default();
                of_number.set(self.test, &number_text(self.number));
                return of_number.has(&number_text(number));
            }
        }
        self.has(text)
    }

    /// The same for text, where no numbers meet.
    fn has(&self, text: &str) -> bool {
        let own = self.text.as_str();
        match self.test {
            Test::Equal => text == own,
            Test::Lower => is_lower(text, own),
            Test::Anywhere => cut_at(text, own).is_some(),
            Test::Start => text.starts_with(own),
            Test::End => text.ends_with(own),
            _ => self.pattern.as_ref().is_some_and(|pattern| pattern.is_in(text)),
        }
    }
}

impl Test {
    fn orders(self, mut number: f64, mut bound: f64) -> bool {
        let numbers = (comparable(number), comparable(bound));
        if numbers.0 != 0.0 && numbers.1 != 0.0 {
            (number, bound) = numbers;
        }
        match self {
            Test::Greater => number > bound,
            Test::GreaterOrEqual => number >= bound,
            Test::Less => number < bound,
            _ => number <= bound,
        }
    }
}

/// The first property of any value: nothing where it has none, which the SDK does not survive. The letters of a text are
/// properties too, but no value here.
fn first_entry<'a>(json: Json<'a>) -> Option<(String, Option<Json<'a>>)> {
    if json.is_object() {
        let (name, value) = first_property(json)?;
        return Some((name, Some(value)));
    }
    let first = json.items().next();
    if first.is_none() && !has_letters(json) {
        return None;
    }
    Some(("0".to_owned(), first))
}

/// Is it a text that is not empty?
fn has_letters(json: Json<'_>) -> bool {
    json.as_str().len() > 2 && json.as_str().starts_with("\"")
}

/// The text up to the last closing bracket on the line.
fn to_last_bracket(text: &str) -> Option<&str> {
    let mut end = None;
    for (at, c) in text.char_indices() {
        if is_line_terminator(c) {
            break;
        }
        if c == ')' {
            end = Some(at);
        }
    }
    text.get(..end?)
}

/// Digits with a point before, between or behind them, and the closing bracket.
fn bound(text: &str) -> Option<f64> {
    let (number, _) = cut(text, b')')?;
    let mut digits = false;
    let mut points = 0_u8;
    for byte in number.bytes() {
        match byte {
            b'0'..=b'9' => digits = true,
            b'.' if points == 0 => points = 1,
            _ => return None,
        }
    }
    digits.then(|| parse_float(number))
}

/// The number as the SDK compares it; 0 for 0 and NaN, which it does not take for numbers.
///
/// It reads a whole number once more with `parseInt`, which knows no exponent: 1e21 becomes 1, an infinity NaN.
fn comparable(number: f64) -> f64 {
    if number.is_nan() {
        0.0
    } else if number.abs() < 1e21 {
        number
    } else {
        parse_int(&number_text(number))
    }
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
