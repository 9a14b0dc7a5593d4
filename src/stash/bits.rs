//! Bits, in one direction or the other.
//!
//! Every method takes the value to write and gives back the value of the token: writing gives back what it was given,
//! reading ignores it. So one description of a section (`sections`) serves both ways, and they cannot drift apart.
//!
//! ```text
//! bits(n)     n bits, the most significant first
//! gamma       Elias gamma of n + 1: as many zeros as n + 1 has bits behind its first, then n + 1.     0 → 1, 1 → 010
//! number      6 bits: how many bits n has; then n without its first bit.          0 → 000000, 5 → 000011 01
//! optional    1 bit: is there a number? then the number
//! ids         gamma: how many; if any, 6 bits: how many bits the largest has (at least 1); then each in that many
//! text        3 bits: its form; then
//!   0 bytes       gamma: how many; then the UTF-8 bytes
//!   1 base 36     gamma: how many letters of 0-9 a-z; then three letters in 16 bits each, two in 11, one in 6
//!   2 decimal     number
//!   3 oeu…r0.…    41 bits: thirteen digits; gamma: how many zeros behind the point, at most 6; number: the digits after
//!   4 …-0.…       the same
//!   5, 6, 7       128 bits: 32 upper-case hex digits, behind D, behind J, alone
//! ```
//! A text has the first form of 5, 6, 7, 2, 3, 4, 1, 0 that fits it.

use crate::values::{
    digits::{push_number, push_upper_hex},
    id::Id,
    room,
    text::{self, DIGIT, LOWER, is_all},
};
use alloc::{string::String, vec::Vec};

/// Reads or writes bits.
#[derive(Debug)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    at: usize,
    reading: bool,
    /// What was read made no sense; all that follows is zero.
    broken: bool,
}

/// Bytes behind the last that is used.
const SPARE: usize = if cfg!(feature = "lean") { 0 } else { 8 };

/// Room is made for so many at most: a count may be a lie.
const MANY: usize = 16;

/// Thirteen digits are milliseconds since the epoch; 41 bits hold them until the year 2039.
const MILLISECONDS: u32 = 41;

impl Bits {
    pub(super) fn writer() -> Self {
        Bits { bytes: Vec::new(), at: 0, reading: false, broken: false }
    }

    pub(super) fn reader(bytes: &[u8]) -> Self {
        let mut bytes = Vec::from(bytes);
        if !cfg!(feature = "lean") {
            bytes.resize(bytes.len().saturating_add(SPARE), 0);
        }
        Bits { bytes, at: 0, reading: true, broken: false }
    }

    /// What was written.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if !cfg!(feature = "lean") {
            self.bytes.truncate(self.at.div_ceil(8));
        }
        self.bytes
    }

    /// What was read makes no sense.
    pub(super) fn refuse(&mut self) {
        self.broken = true;
    }

    /// Did all that was read make sense?
    pub(super) fn made_sense(&self) -> bool {
        !self.broken
    }

    fn left(&self) -> usize {
        self.bytes.len().saturating_sub(SPARE).saturating_mul(8).saturating_sub(self.at)
    }

    /// The bits of that width: what is written there, or read. Natively through eight bytes at once: as many are to spare behind
    /// the last that is used.
    #[cfg(not(feature = "lean"))]
    pub(super) fn bits(&mut self, width: u32, value: u64) -> u64 {
        if width > 57 {
            // With seven bits of a byte in front they might stand in nine.
            let high = self.bits(width.wrapping_sub(32), value >> 32);
            return (high << 32) | self.bits(32, value & u64::from(u32::MAX));
        }
        let end = self.at.saturating_add(usize::try_from(width).unwrap_or(0));
        if self.reading {
            self.broken |= end > self.bytes.len().saturating_sub(SPARE).saturating_mul(8);
        } else if end / 8 >= self.bytes.len().saturating_sub(SPARE) {
            self.bytes.resize(self.bytes.len().saturating_add(64), 0);
        }
        let eight = self.bytes.get_mut(self.at / 8..).and_then(<[u8]>::first_chunk_mut);
        let Some(eight) = eight.filter(|_| !self.broken && width > 0) else { return 0 };
        let mut window = u64::from_be_bytes(*eight);
        let behind = 64_u32.wrapping_sub(u32::try_from(self.at % 8).unwrap_or(0)).wrapping_sub(width);
        let mask = (1_u64 << width).wrapping_sub(1);
        if !self.reading {
            window |= (value & mask) << behind;
            *eight = window.to_be_bytes();
        }
        self.at = end;
        (window >> behind) & mask
    }

    /// The same in few lines, a byte at a time.
    #[cfg(feature = "lean")]
    pub(super) fn bits(&mut self, width: u32, value: u64) -> u64 {
        let mut out = 0;
        let mut todo = width;
        while todo > 0 {
            let used = u32::try_from(self.at % 8).unwrap_or(0);
            let step = todo.min(8_u32.wrapping_sub(used));
            todo = todo.wrapping_sub(step);
            let shift = 8_u32.wrapping_sub(used).wrapping_sub(step);
            let mask = (1_u64 << step).wrapping_sub(1);
            if !self.reading && used == 0 {
                self.bytes.push(0);
            }
            let Some(byte) = self.bytes.get_mut(self.at / 8) else {
                self.broken = true;
                return 0;
            };
            if !self.reading {
                *byte |= u8::try_from(((value >> todo) & mask) << shift).unwrap_or(0);
            }
            out = (out << step) | ((u64::from(*byte) >> shift) & mask);
            self.at = self.at.saturating_add(usize::try_from(step).unwrap_or(0));
        }
        out
    }

    pub(super) fn bit(&mut self, value: bool) -> bool {
        self.bits(1, u64::from(value)) == 1
    }

    pub(super) fn gamma(&mut self, value: u64) -> u64 {
        let value = value.saturating_add(1);
        let mut zeros = value.ilog2();
        if self.reading {
            zeros = 0;
            while !self.bit(true) {
                zeros = zeros.saturating_add(1);
                if self.broken || zeros > 62 {
                    self.broken = true;
                    return 0;
                }
            }
        } else {
            self.bits(zeros, 0);
            self.bit(true);
        }
        let first = 1_u64 << zeros;
        (first | self.bits(zeros, value ^ first)).wrapping_sub(1)
    }

    /// How many elements follow. Each takes a bit at least, so that a wrong number cannot keep a reader busy.
    pub(super) fn count(&mut self, count: usize) -> usize {
        // Nothing is longer than four gigabytes.
        let count = self.gamma(u64::try_from(count).unwrap_or(0));
        match usize::try_from(count) {
            Ok(count) if !self.reading || count <= self.left() => count,
            _ => {
                self.broken = true;
                0
            }
        }
    }

    pub(super) fn number(&mut self, value: u64) -> u64 {
        let width = width(value);
        match u32::try_from(self.bits(6, u64::from(width))).unwrap_or(0).checked_sub(1) {
            Some(rest) => {
                let first = 1_u64 << rest;
                first | self.bits(rest, value & first.wrapping_sub(1))
            }
            None => 0,
        }
    }

    pub(super) fn optional(&mut self, id: Option<Id>) -> Option<Id> {
        if !self.bit(id.is_some()) {
            return None;
        }
        Id::from_number(self.number(id.map_or(0, Id::number)))
    }

    pub(super) fn ids(&mut self, ids: &[Id]) -> Vec<Id> {
        let count = self.count(ids.len());
        self.same_width(count, ids)
    }

    /// So many ids, each in as many bits as the largest has.
    fn same_width(&mut self, count: usize, ids: &[Id]) -> Vec<Id> {
        let mut out = room::list(count.min(MANY));
        if count > 0 {
            let largest = ids.iter().fold(1, |largest, id| largest | id.number());
            let width = u32::try_from(self.bits(6, u64::from(width(largest)))).unwrap_or(0);
            for index in 0..count {
                let id = ids.get(index).map_or(0, |id| id.number());
                match Id::from_number(self.bits(width, id)) {
                    Some(id) if !self.broken => out.push(id),
                    _ => break,
                }
            }
        }
        out
    }

    /// The lists of a map whose `count` keys are known: a bit says whether each has exactly one id, else each one's
    /// length comes first; then all ids as one list.
    pub(super) fn lists(&mut self, count: usize, lists: &[&[Id]]) -> Vec<Vec<Id>> {
        let mut out = room::list(count.min(MANY));
        if count == 0 {
            return out;
        }
        let single = self.bit(lists.iter().all(|list| list.len() == 1));
        let mut lengths = room::list(count.min(MANY));
        let mut total = 0_usize;
        let mut all = room::list(count.min(MANY));
        for index in 0..count {
            let list = lists.get(index).copied().unwrap_or(&[]);
            let length = if single { 1 } else { self.count(list.len()) };
            total = total.saturating_add(length);
            lengths.push(length);
            all.extend_from_slice(list);
        }
        if self.reading && total > self.left() {
            self.broken = true;
            return out;
        }
        let mut ids = self.same_width(total, &all).into_iter();
        for length in lengths {
            let mut list = room::list(length.min(MANY));
            for _ in 0..length {
                if let Some(id) = ids.next() {
                    list.push(id);
                }
            }
            out.push(list);
        }
        out
    }

    pub(super) fn text(&mut self, text: &str) -> String {
        let mut out = room::text(40);
        let form = if self.reading { 0 } else { form_of(text) };
        match self.bits(3, form) {
            0 => {
                let mut bytes = Vec::new();
                for index in 0..self.count(text.len()) {
                    let byte = text.as_bytes().get(index).copied().unwrap_or(0);
                    bytes.push(u8::try_from(self.bits(8, u64::from(byte))).unwrap_or(0));
                }
                match String::from_utf8(bytes) {
                    Ok(text) => out = text,
                    Err(_) => self.broken = true,
                }
            }
            1 => self.base36(text, &mut out),
            2 => push_number(&mut out, self.number(Id::parse(text).map_or(0, Id::number))),
            3 => self.random("oeu", "r0.", text, &mut out),
            4 => self.random("", "-0.", text, &mut out),
            5 => self.hex("D", text, &mut out),
            6 => self.hex("J", text, &mut out),
            _ => self.hex("", text, &mut out),
        }
        out
    }

    pub(super) fn optional_text(&mut self, text: Option<&str>) -> Option<String> {
        self.bit(text.is_some()).then(|| self.text(text.unwrap_or("")))
    }

    fn base36(&mut self, text: &str, out: &mut String) {
        let mut left = self.count(text.len());
        let mut given = text.bytes();
        while left > 0 && !self.broken {
            let letters = left.min(3);
            left = left.saturating_sub(letters);
            let mut group = 0_u64;
            for _ in 0..letters {
                let digit = given.next().and_then(|letter| char::from(letter).to_digit(36)).unwrap_or(0);
                group = group.wrapping_mul(36).wrapping_add(u64::from(digit));
            }
            let (width, mut place) = match letters {
                3 => (16, 36 * 36),
                2 => (11, 36),
                _ => (6, 1),
            };
            group = self.bits(width, group);
            while let Some(digit) = group.checked_div(place) {
                // A group too large for its letters is not what the writer writes, and is found out as such.
                let digit = u32::try_from(digit % 36).unwrap_or(0);
                out.push(char::from_digit(digit, 36).unwrap_or('0'));
                place /= 36;
            }
        }
    }

    fn random(&mut self, prefix: &str, point: &str, text: &str, out: &mut String) {
        let (ms, zeros, digits) = random_parts(text, prefix, point).unwrap_or_default();
        out.push_str(prefix);
        push_number(out, self.bits(MILLISECONDS, ms));
        out.push_str(point);
        for _ in 0..self.count(zeros) {
            out.push('0');
        }
        push_number(out, self.number(digits));
    }

    fn hex(&mut self, prefix: &str, text: &str, out: &mut String) {
        let mut digits = text.strip_prefix(prefix).unwrap_or("").bytes();
        let mut bytes = [0; 16];
        for byte in &mut bytes {
            let mut given = 0;
            for _ in 0..2 {
                given = (given << 4) | digits.next().and_then(|digit| char::from(digit).to_digit(16)).unwrap_or(0);
            }
            *byte = u8::try_from(self.bits(8, u64::from(given))).unwrap_or(0);
        }
        out.push_str(prefix);
        push_upper_hex(out, bytes);
    }
}

/// How many bits a number has: none for 0.
fn width(value: u64) -> u32 {
    u64::BITS.wrapping_sub(value.leading_zeros())
}

/// The form of a text.
fn form_of(text: &str) -> u64 {
    let is_hex = |prefix: &str| {
        let digits = text.strip_prefix(prefix).unwrap_or("");
        digits.len() == 32 && text::all(digits, |byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
    };
    if is_hex("D") {
        5
    } else if is_hex("J") {
        6
    } else if is_hex("") {
        7
    } else if Id::parse(text).is_some() {
        2
    } else if random_parts(text, "oeu", "r0.").is_some() {
        3
    } else if random_parts(text, "", "-0.").is_some() {
        4
    } else if is_all(text, DIGIT | LOWER) {
        1
    } else {
        0
    }
}

/// Milliseconds and `Math.random()`, as Optimizely and Convert make ids: the thirteen digits, the zeros behind the
/// point, the digits after them.
fn random_parts(text: &str, prefix: &str, point: &str) -> Option<(u64, usize, u64)> {
    let (ms, rest) = text.strip_prefix(prefix)?.split_at_checked(13)?;
    let fraction = rest.strip_prefix(point)?;
    let zeros = fraction.bytes().take_while(|byte| *byte == b'0').count();
    let digits = fraction.get(zeros..)?;
    let ms = Id::parse(ms)?.number();
    // The digits take six bits at least, so that as many zeros are never more than the bits that are left.
    (ms >> MILLISECONDS == 0 && zeros < 7).then_some((ms, zeros, Id::parse(digits)?.number()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T>(code: impl Fn(&mut Bits) -> T) -> (Vec<u8>, T) {
        let mut writer = Bits::writer();
        code(&mut writer);
        let bytes = writer.finish();
        let mut reader = Bits::reader(&bytes);
        let value = code(&mut reader);
        assert!(reader.left() < 8);
        assert!(reader.made_sense());
        (bytes, value)
    }

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 5, 63, 64, 1 << 40, (1 << 62) - 1] {
            let reading = |bits: &mut Bits| {
                let given = if bits.reading { 0 } else { value };
                (bits.number(given), bits.gamma(given))
            };
            assert_eq!(there_and_back(reading).1, (value, value));
        }
        assert_eq!(there_and_back(|bits| bits.gamma(0)).0, [0b1000_0000]);
        assert_eq!(there_and_back(|bits| bits.gamma(1)).0, [0b0100_0000]);
        assert_eq!(there_and_back(|bits| bits.number(5)).0, [0b0000_1101]);
    }

    #[test]
    fn texts_come_back_in_their_shortest_form() {
        for (text, bytes) in [
            ("", 1),
            ("0", 2),
            ("1234567", 4),
            ("0012", 4),
            ("l200u3djm8kovq4o", 13),
            ("oeu1403497108674r0.684978179866448", 13),
            ("1753152332187-0.005297773138133621", 14),
            ("1753152332187-5e-324", 22),
            ("oeu1403497108674r0.0", 22),
            ("oeu9999999999999r0.5", 22),
            ("D11BD6ED27A63F845ADFCBA2D9AA7835C", 17),
            ("JE6878AEFAD341678C751C65478759669", 17),
            ("11BD6ED27A63F845ADFCBA2D9AA7835C", 17),
            ("11bd6ed27a63f845adfcba2d9aa7835c", 24),
            ("_js_6rrhknrmlm7fw3df", 22),
            ("été", 6),
        ] {
            let (written, read) = there_and_back(|bits| {
                let given = if bits.reading { "" } else { text };
                bits.text(given)
            });
            assert_eq!((read.as_str(), written.len()), (text, bytes), "{text}");
        }
    }

    #[test]
    fn a_hostile_count_ends_at_once() {
        // 62 zeros, then ones: a count of some 2^63 elements in sixteen bytes.
        let mut bytes = [0xFF_u8; 16];
        bytes[..7].fill(0);
        let mut bits = Bits::reader(&bytes);
        assert_eq!(bits.count(0), 0);
        assert!(!bits.made_sense());
    }
}
