//! The search: ECMA-262 22.2.2 as a program that backtracks, a step at a time.
//!
//! A trail remembers each choice and each value that was overwritten since. So giving up a path costs what it did, text
//! and pattern of any kind need no recursion (but one level for each lookaround), and steps can be counted.

use super::syntax::{Node, Set};
use crate::fullstack::javascript::is_line_terminator;
use alloc::{vec, vec::Vec};
use core::ops::Range;

/// A pattern as a program.
#[derive(Debug)]
pub struct Program {
    ops: Vec<Op>,
    /// Two for each group: where it starts and ends. Then two for each loop: how often it ran, where it last began.
    slots: usize,
}

#[derive(Debug)]
enum Op {
    Unit(u16),
    Any,
    Set(Set),
    Start,
    End,
    Boundary {
        negated: bool,
    },
    /// Go on; where that fails, go there.
    Or(usize),
    Jump(usize),
    /// Remember the position.
    Save(usize),
    /// Start counting.
    Zero(usize),
    /// Another round, which comes next, or the exit.
    Loop {
        counter: usize,
        min: usize,
        max: usize,
        greedy: bool,
        exit: usize,
    },
    /// A round begins: it is counted, and its groups captured nothing yet.
    Enter {
        counter: usize,
        groups: Range<usize>,
    },
    Again {
        counter: usize,
        min: usize,
        head: usize,
    },
    Back {
        group: usize,
    },
    Look {
        behind: bool,
        negated: bool,
        exit: usize,
    },
    Done,
}

/// A slot without a value.
const NONE: usize = usize::MAX;

impl Program {
    /// The program of a pattern with so many groups.
    #[must_use]
    pub fn new(pattern: &Node, groups: usize) -> Self {
        let mut program = Program { ops: Vec::new(), slots: groups.saturating_mul(2) };
        program.push_node(pattern, false);
        program.ops.push(Op::Done);
        program
    }

    /// Is there a match that starts anywhere in the text? Nothing where the steps do not suffice to tell.
    #[must_use]
    pub fn search<U: Copy + Into<u16>>(&self, text: &[U], steps: usize) -> Option<bool> {
        let mut search = Search { program: self, text, slots: vec![NONE; self.slots], trail: Vec::new(), steps };
        let anchored = matches!(self.ops.first(), Some(Op::Start));
        let last = if anchored { 0 } else { text.len() };
        let first = match self.ops.first() {
            Some(Op::Unit(unit)) => Some(*unit),
            _ => None,
        };
        for start in 0..=last {
            // Most texts do not hold the letter that a pattern starts with: no need to try there.
            if first.is_some() && first != search.unit(start) {
                continue;
            }
            if search.run(0, start, false).is_some() {
                return Some(true);
            }
            if search.steps == 0 {
                return None;
            }
        }
        Some(false)
    }

    fn push(&mut self, op: Op) -> usize {
        self.ops.push(op);
        self.ops.len().saturating_sub(1)
    }

    /// Backwards, as lookbehind reads, the last node of a sequence comes first.
    fn push_node(&mut self, node: &Node, backwards: bool) {
        let op = match node {
            Node::Unit(unit) => Op::Unit(*unit),
            Node::Any => Op::Any,
            Node::Set(set) => Op::Set(set.clone()),
            Node::Start => Op::Start,
            Node::End => Op::End,
            Node::Boundary { negated } => Op::Boundary { negated: *negated },
            Node::Back { group } => Op::Back { group: *group },
            Node::Sequence(nodes) if backwards => {
                return nodes.iter().rev().for_each(|node| self.push_node(node, backwards));
            }
            Node::Sequence(nodes) => return nodes.iter().for_each(|node| self.push_node(node, backwards)),
            Node::Either(nodes) => return self.push_either(nodes, backwards),
            Node::Group { index, node } => {
                let start = index.saturating_mul(2);
                let end = start.saturating_add(1);
                let (before, after) = if backwards { (end, start) } else { (start, end) };
                self.push(Op::Save(before));
                self.push_node(node, backwards);
                Op::Save(after)
            }
            Node::Look { behind, negated, node } => {
                let look = self.push(Op::Done);
                self.push_node(node, *behind);
                let exit = self.push(Op::Done).saturating_add(1);
                return self.set(look, Op::Look { behind: *behind, negated: *negated, exit });
            }
            Node::Repeat { node, min, max, greedy, groups } => {
                let counter = self.slots;
                self.slots = counter.saturating_add(2);
                self.push(Op::Zero(counter));
                let head = self.push(Op::Done);
                let groups = groups.start.saturating_mul(2)..groups.end.saturating_mul(2);
                self.push(Op::Enter { counter, groups });
                self.push_node(node, backwards);
                let exit = self.push(Op::Again { counter, min: *min, head }).saturating_add(1);
                return self.set(head, Op::Loop { counter, min: *min, max: *max, greedy: *greedy, exit });
            }
        };
        self.push(op);
    }

    fn push_either(&mut self, nodes: &[Node], backwards: bool) {
        let Some((last, others)) = nodes.split_last() else { return };
        let mut jumps = Vec::new();
        for node in others {
            let choice = self.push(Op::Done);
            self.push_node(node, backwards);
            jumps.push(self.push(Op::Done));
            self.set(choice, Op::Or(self.ops.len()));
        }
        self.push_node(last, backwards);
        for jump in jumps {
            self.set(jump, Op::Jump(self.ops.len()));
        }
    }

    fn set(&mut self, at: usize, op: Op) {
        if let Some(place) = self.ops.get_mut(at) {
            *place = op;
        }
    }
}

/// What to do where a path fails.
enum Undo {
    /// Go on there.
    Path { op: usize, position: usize },
    /// Give a slot its value back, and look further.
    Slot { slot: usize, value: usize },
}

struct Search<'a, U> {
    program: &'a Program,
    text: &'a [U],
    slots: Vec<usize>,
    trail: Vec<Undo>,
    steps: usize,
}

impl<U: Copy + Into<u16>> Search<'_, U> {
    /// Where a match from that position ends.
    fn run(&mut self, op: usize, position: usize, backwards: bool) -> Option<usize> {
        let base = self.trail.len();
        let (mut op, mut position) = (op, position);
        loop {
            self.steps = self.steps.checked_sub(1)?;
            if matches!(self.program.ops.get(op), None | Some(Op::Done)) {
                return Some(position);
            }
            (op, position) = match self.step(op, position, backwards) {
                Some(next) => next,
                None => self.undo(base)?,
            };
        }
    }

    /// Back to the last choice above the base.
    fn undo(&mut self, base: usize) -> Option<(usize, usize)> {
        while self.trail.len() > base {
            match self.trail.pop()? {
                Undo::Path { op, position } => return Some((op, position)),
                Undo::Slot { slot, value } => {
                    if let Some(place) = self.slots.get_mut(slot) {
                        *place = value;
                    }
                }
            }
        }
        None
    }

    /// The next operation and position; nothing where this path fails.
    fn step(&mut self, op: usize, position: usize, backwards: bool) -> Option<(usize, usize)> {
        let next = op.saturating_add(1);
        let program = self.program;
        Some(match program.ops.get(op)? {
            Op::Unit(unit) => (next, self.take(position, backwards, |other| other == *unit)?),
            Op::Any => (next, self.take(position, backwards, |unit| !ends_line(unit))?),
            Op::Set(set) => (next, self.take(position, backwards, |unit| set.has(unit))?),
            Op::Start => (position == 0).then_some((next, position))?,
            Op::End => (position == self.text.len()).then_some((next, position))?,
            Op::Boundary { negated } => {
                let before = position.checked_sub(1).is_some_and(|before| self.is_word(before));
                ((before != self.is_word(position)) != *negated).then_some((next, position))?
            }
            Op::Or(other) => {
                self.trail.push(Undo::Path { op: *other, position });
                (next, position)
            }
            Op::Jump(target) => (*target, position),
            Op::Save(slot) => {
                self.set(*slot, position);
                (next, position)
            }
            Op::Zero(counter) => {
                self.set(*counter, 0);
                (next, position)
            }
            Op::Loop { counter, min, max, greedy, exit } => {
                let count = self.slot(*counter);
                let (first, second) = if *greedy { (next, *exit) } else { (*exit, next) };
                if count < *min {
                    (next, position)
                } else if count >= *max {
                    (*exit, position)
                } else {
                    self.trail.push(Undo::Path { op: second, position });
                    (first, position)
                }
            }
            Op::Enter { counter, groups } => {
                self.set(*counter, self.slot(*counter).saturating_add(1));
                self.set(counter.saturating_add(1), position);
                for slot in groups.clone() {
                    self.steps = self.steps.saturating_sub(1);
                    self.set(slot, NONE);
                }
                (next, position)
            }
            // Once it ran often enough, a round that took nothing is not worth another.
            Op::Again { counter, min, head } => {
                let is_empty = self.slot(counter.saturating_add(1)) == position;
                (!is_empty || self.slot(*counter) <= *min).then_some((*head, position))?
            }
            Op::Back { group } => (next, self.repeat(*group, position, backwards)?),
            Op::Look { behind, negated, exit } => {
                let base = self.trail.len();
                let found = self.run(next, position, *behind).is_some();
                if self.steps == 0 {
                    return None;
                }
                if found && !negated {
                    self.forget_choices(base);
                } else {
                    while self.undo(base).is_some() {}
                }
                (found != *negated).then_some((*exit, position))?
            }
            Op::Done => return None,
        })
    }
    fn slot(&self, slot: usize) -> usize {
        self.slots.get(slot).copied().unwrap_or(NONE)
    }

    fn set(&mut self, slot: usize, value: usize) {
        if let Some(place) = self.slots.get_mut(slot) {
            self.trail.push(Undo::Slot { slot, value: *place });
            *place = value;
        }
    }

    /// A lookaround that holds is not asked again how else it may hold; what it captured stays.
    fn forget_choices(&mut self, base: usize) {
        let above = self.trail.split_off(base.min(self.trail.len()));
        self.trail.extend(above.into_iter().filter(|undo| matches!(undo, Undo::Slot { .. })));
    }

    fn unit(&self, position: usize) -> Option<u16> {
        self.text.get(position).map(|unit| (*unit).into())
    }

    /// The position behind the next unit, where that fits.
    fn take(&self, position: usize, backwards: bool, fits: impl Fn(u16) -> bool) -> Option<usize> {
        let (at, behind) = if backwards {
            let before = position.checked_sub(1)?;
            (before, before)
        } else {
            (position, position.checked_add(1)?)
        };
        self.unit(at).filter(|unit| fits(*unit)).map(|_| behind)
    }

    /// The position behind what the group captured, where that comes once more. Nothing comes always.
    fn repeat(&mut self, group: usize, position: usize, backwards: bool) -> Option<usize> {
        let start = group.saturating_mul(2);
        let captured = self.slot(start)..self.slot(start.saturating_add(1));
        if captured.start == NONE || captured.end == NONE {
            return Some(position);
        }
        self.steps = self.steps.saturating_sub(captured.len());
        let other = if backwards {
            position.checked_sub(captured.len())?..position
        } else {
            position..position.checked_add(captured.len())?
        };
        let far = if backwards { other.start } else { other.end };
        if other.end > self.text.len() {
            return None;
        }
        captured.zip(other).all(|(own, other)| self.unit(own) == self.unit(other)).then_some(far)
    }

    fn is_word(&self, position: usize) -> bool {
        self.unit(position)
            .and_then(|unit| u8::try_from(unit).ok())
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }
}

fn ends_line(unit: u16) -> bool {
    char::from_u32(unit.into()).is_some_and(is_line_terminator)
}
