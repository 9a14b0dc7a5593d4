//! The syntax of patterns: ECMA-262 22.2.1 with Annex B.1.2, without flags.
//!
//! ```text
//! either   = sequence ("|" sequence)*
//! sequence = (assertion | atom quantifier?)*
//! atom     = unit | "." | "[" class "]" | "\" escape | "(" ["?:" | "?<name>"] either ")" | "(?=" either ")" | "(?!" either ")"
//! ```
//!
//! Annex B keeps what old pages rely on: a `{` or `]` that closes nothing is itself, `\8` is 8, `\u{2}` is two times u.

use crate::fullstack::javascript::is_space;
use alloc::{boxed::Box, vec::Vec};
use core::ops::Range;

/// Groups nest no deeper, so that no pattern can exhaust the stack.
const DEPTH: usize = 200;

/// No upper limit.
pub const UNLIMITED: usize = usize::MAX;

/// A parsed pattern.
#[derive(Debug)]
pub enum Node {
    Unit(u16),
    Any,
    Set(Set),
    Start,
    End,
    Boundary { negated: bool },
    Group { index: usize, node: Box<Node> },
    Back { group: usize },
    Look { behind: bool, negated: bool, node: Box<Node> },
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat { node: Box<Node>, min: usize, max: usize, greedy: bool, groups: Range<usize> },
}

/// Some of the UTF-16 units.
#[derive(Clone, Debug, Default)]
pub struct Set {
    ranges: Vec<(u16, u16)>,
    negated: bool,
}

impl Set {
    /// Is the unit one of them?
    #[must_use]
    pub fn has(&self, unit: u16) -> bool {
        self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&unit)) != self.negated
    }

    fn of(ranges: &[(u16, u16)]) -> Self {
        Set { ranges: ranges.into(), negated: false }
    }

    /// The class that the letter behind a backslash names.
    fn named(letter: u16) -> Option<Self> {
        let lower = letter | 0x20;
        let mut set = match u8::try_from(lower).ok()? {
            b'd' => Set::of(&[(0x30, 0x39)]),
            b'w' => Set::of(&[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]),
            b's' => {
                let spaces = (0..=u16::MAX).filter(|unit| char::from_u32((*unit).into()).is_some_and(is_space));
                Set { ranges: spaces.map(|unit| (unit, unit)).collect(), negated: false }
            }
            _ => return None,
        };
        set.negated = letter != lower;
        Some(set)
    }

    fn add(&mut self, other: Set) {
        if other.negated {
            let mut first = Some(0);
            for (start, end) in other.ranges {
                if let Some(gap) = first.filter(|first| *first < start) {
                    self.ranges.push((gap, start.saturating_sub(1)));
                }
                first = end.checked_add(1);
            }
            self.ranges.extend(first.map(|first| (first, u16::MAX)));
        } else {
            self.ranges.extend(other.ranges);
        }
    }
}

/// A pattern, and how many groups it captures; nothing where it is none.
#[must_use]
pub fn parse(pattern: &[u16]) -> Option<(Node, usize)> {
    let names = group_names(pattern)?;
    let groups = names.len();
    let has_names = names.iter().any(|name| !name.is_empty());
    let mut parser = Parser { rest: pattern, groups: 0, names: &names, has_names, depth: DEPTH };
    let node = parser.either()?;
    parser.rest.is_empty().then_some((node, groups))
}

/// The names of the groups that capture, in order; an empty one is none.
fn group_names(pattern: &[u16]) -> Option<Vec<&[u16]>> {
    let mut names: Vec<&[u16]> = Vec::new();
    let mut in_class = false;
    let mut rest = pattern;
    while let Some((unit, tail)) = rest.split_first() {
        rest = tail;
        match ascii(*unit) {
            b'\\' => rest = tail.get(1..).unwrap_or(&[]),
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => {
                if let Some(named) = behind(tail, "?<").filter(|named| !starts(named, "=") && !starts(named, "!")) {
                    let (name, _) = group_name(named)?;
                    if names.contains(&name) {
                        return None;
                    }
                    names.push(name);
                } else if !starts(tail, "?") {
                    names.push(&[]);
                }
            }
            _ => {}
        }
    }
    Some(names)
}

/// The name before the next `>`, and what follows that.
fn group_name(text: &[u16]) -> Option<(&[u16], &[u16])> {
    let end = text.iter().position(|unit| *unit == u16::from(b'>'))?;
    let (name, rest) = text.split_at_checked(end)?;
    let mut chars = char::decode_utf16(name.iter().copied());
    let mark = |c: char| matches!(c, '$' | '_');
    let first = chars.next()?.ok()?;
    let is_name = (first.is_alphabetic() || mark(first))
        && chars.all(|c| c.is_ok_and(|c| c.is_alphanumeric() || mark(c) || matches!(c, '\u{200C}' | '\u{200D}')));
    is_name.then_some((name, rest.get(1..)?))
}

/// The unit, where it is ASCII; else a byte that means nothing in a pattern.
fn ascii(unit: u16) -> u8 {
    u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(0)
}

fn behind<'a>(text: &'a [u16], prefix: &str) -> Option<&'a [u16]> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.iter().copied().eq(prefix.encode_utf16()).then_some(rest)
}

fn starts(text: &[u16], prefix: &str) -> bool {
    behind(text, prefix).is_some()
}

struct Parser<'a> {
    rest: &'a [u16],
    /// The groups that were opened so far.
    groups: usize,
    names: &'a [&'a [u16]],
    has_names: bool,
    depth: usize,
}

impl Parser<'_> {
    fn eat(&mut self, prefix: &str) -> bool {
        let rest = behind(self.rest, prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn next(&mut self) -> Option<u16> {
        let (unit, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*unit)
    }

    fn either(&mut self) -> Option<Node> {
        self.depth = self.depth.checked_sub(1)?;
        let first = self.sequence()?;
        let mut nodes = Vec::from([first]);
        while self.eat("|") {
            nodes.push(self.sequence()?);
        }
        self.depth = self.depth.saturating_add(1);
        Some(Node::Either(nodes))
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        while !self.rest.is_empty() && !starts(self.rest, "|") && !starts(self.rest, ")") {
            let groups = self.groups;
            let (node, quantifiable) = self.term()?;
            let node = match self.quantifier() {
                Some((min, max)) if quantifiable && min <= max => {
                    let greedy = !self.eat("?");
                    Node::Repeat { node: Box::new(node), min, max, greedy, groups: groups..self.groups }
                }
                Some(_) => return None,
                None => node,
            };
            nodes.push(node);
        }
        Some(Node::Sequence(nodes))
    }

    /// An assertion or an atom, and whether a quantifier may follow.
    fn term(&mut self) -> Option<(Node, bool)> {
        if self.quantifier().is_some() {
            return None;
        }
        let unit = self.next()?;
        Some(match ascii(unit) {
            b'^' => (Node::Start, false),
            b'$' => (Node::End, false),
            b'.' => (Node::Any, true),
            b'(' => return self.group(),
            b'[' => (Node::Set(self.class()?), true),
            b'\\' if self.eat("b") => (Node::Boundary { negated: false }, false),
            b'\\' if self.eat("B") => (Node::Boundary { negated: true }, false),
            b'\\' => (self.atom_escape()?, true),
            _ => (Node::Unit(unit), true),
        })
    }

    /// What follows an opening bracket, with the closing one.
    fn group(&mut self) -> Option<(Node, bool)> {
        for (sign, behind, negated) in
            [("?=", false, false), ("?!", false, true), ("?<=", true, false), ("?<!", true, true)]
        {
            if self.eat(sign) {
                return Some((Node::Look { behind, negated, node: self.closed()? }, !behind));
            }
        }
        if self.eat("?:") {
            return Some((*self.closed()?, true));
        }
        if self.eat("?<") {
            self.rest = group_name(self.rest)?.1;
        } else if starts(self.rest, "?") {
            return None;
        }
        let index = self.groups;
        self.groups = index.saturating_add(1);
        Some((Node::Group { index, node: self.closed()? }, true))
    }

    fn closed(&mut self) -> Option<Box<Node>> {
        let node = self.either()?;
        self.eat(")").then(|| Box::new(node))
    }

    /// The least and the largest number of times. What looks like one and is none is left for an atom.
    fn quantifier(&mut self) -> Option<(usize, usize)> {
        for (sign, min, max) in [("*", 0, UNLIMITED), ("+", 1, UNLIMITED), ("?", 0, 1)] {
            if self.eat(sign) {
                return Some((min, max));
            }
        }
        let (min, rest) = decimal(behind(self.rest, "{")?)?;
        let (max, rest) = match behind(rest, ",") {
            None => (min, rest),
            Some(rest) => decimal(rest).unwrap_or((UNLIMITED, rest)),
        };
        self.rest = behind(rest, "}")?;
        Some((min, max))
    }

    fn atom_escape(&mut self) -> Option<Node> {
        if let Some((number, rest)) = decimal(self.rest)
            && !starts(self.rest, "0")
            && number <= self.names.len()
        {
            self.rest = rest;
            return Some(Node::Back { group: number.saturating_sub(1) });
        }
        if self.has_names && self.eat("k") {
            let (name, rest) = group_name(behind(self.rest, "<")?)?;
            self.rest = rest;
            let group = self.names.iter().position(|own| *own == name)?;
            return Some(Node::Back { group });
        }
        if let Some(set) = Set::named(*self.rest.first()?) {
            self.next();
            return Some(Node::Set(set));
        }
        self.unit_escape(false).map(Node::Unit)
    }

    /// The unit that stands behind a backslash, in a class or not.
    fn unit_escape(&mut self, in_class: bool) -> Option<u16> {
        if let Some(octal) = self.octal() {
            return Some(octal);
        }
        // `\c` without a letter is a backslash, and the c comes next.
        if let Some(control) = behind(self.rest, "c") {
            let letter = control.first().copied().map_or(0, ascii);
            let controls = letter.is_ascii_alphabetic() || (in_class && (letter.is_ascii_digit() || letter == b'_'));
            if !controls {
                return Some(b'\\'.into());
            }
            self.rest = control.get(1..)?;
            return Some((letter & 0x1F).into());
        }
        let unit = self.next()?;
        Some(match ascii(unit) {
            b'b' if in_class => 0x8,
            b'f' => 0xC,
            b'n' => 0xA,
            b'r' => 0xD,
            b't' => 0x9,
            b'v' => 0xB,
            b'x' => self.hex(2).unwrap_or(unit),
            b'u' => self.hex(4).unwrap_or(unit),
            b'k' if self.has_names => return None,
            _ => unit,
        })
    }

    /// Up to three octal digits, up to 255.
    fn octal(&mut self) -> Option<u16> {
        let digit = |unit: &u16| char::from(ascii(*unit)).to_digit(8).and_then(|digit| u16::try_from(digit).ok());
        let mut value = digit(self.rest.first()?)?;
        self.next();
        for _ in 0..2 {
            match self.rest.first().and_then(digit) {
                Some(low) if value < 0o40 => value = (value << 3) | low,
                _ => break,
            }
            self.next();
        }
        Some(value)
    }

    fn hex(&mut self, count: usize) -> Option<u16> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        let value = digits
            .iter()
            .try_fold(0, |value: u32, unit| Some((value << 4) | char::from(ascii(*unit)).to_digit(16)?))?;
        self.rest = rest;
        u16::try_from(value).ok()
    }

    /// What stands behind `[`, with the closing bracket.
    fn class(&mut self) -> Option<Set> {
        let negated = self.eat("^");
        let mut set = Set::default();
        while !self.eat("]") {
            let from = self.class_atom()?;
            if !starts(self.rest, "-") || starts(self.rest, "-]") {
                set.add(from);
                continue;
            }
            self.next();
            let to = self.class_atom()?;
            match (from.single(), to.single()) {
                (Some(first), Some(last)) if first <= last => set.ranges.push((first, last)),
                (Some(_), Some(_)) => return None,
                // A range from or to a class is both of them, and a hyphen.
                _ => {
                    set.add(from);
                    set.add(to);
                    set.add(Set::of(&[(0x2D, 0x2D)]));
                }
            }
        }
        set.negated = negated;
        Some(set)
    }

    fn class_atom(&mut self) -> Option<Set> {
        let mut unit = self.next()?;
        if ascii(unit) == b'\\' {
            if let Some(set) = Set::named(*self.rest.first()?) {
                self.next();
                return Some(set);
            }
            unit = self.unit_escape(true)?;
        }
        Some(Set::of(&[(unit, unit)]))
    }
}

impl Set {
    fn single(&self) -> Option<u16> {
        match self.ranges.as_slice() {
            [(first, last)] if first == last && !self.negated => Some(*first),
            _ => None,
        }
    }
}

/// The number that the text starts with, and what follows it. One that is too large is as good as none.
fn decimal(text: &[u16]) -> Option<(usize, &[u16])> {
    let digits = text.iter().take_while(|unit| ascii(**unit).is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(digits).filter(|(digits, _)| !digits.is_empty())?;
    let number = digits.iter().fold(0_usize, |number, unit| {
        number.saturating_mul(10).saturating_add(usize::from(ascii(*unit).wrapping_sub(b'0')))
    });
    Some((number, rest))
}
