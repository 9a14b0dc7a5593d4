//! Bits, in one direction or the other: what the sections of a token hold.
//!
//! Every method takes the value to write, and leaves the value of the token in its place: writing leaves what it was given,
//! reading fills it. So one description of a section serves both ways, and they cannot drift apart.
//!
//! ```text
//! bits(n)     n bits, the most significant first
//! gamma       Elias gamma of n + 1: as many zeros as n + 1 has bits behind its first, then n + 1.     0 → 1, 1 → 010
//! number      6 bits: how many bits n has; then n without its first bit.          0 → 000000, 5 → 000011 01
//! count       gamma
//! optional    1 bit: is there one? then what it is
//! ids         count; if any, 6 bits: how many bits the largest has (at least 1); then each in that many
//! map         1 bit: are its ids those of the map before it in this section (at first: none)? if not, ids;
//!             then, if there are ids: 1 bit: has every list exactly one id? if not, a count for each;
//!             then, if there are any: all ids of all lists, as in `ids` but without their count
//! texts       ids, then a text each
//! decisions   count; then each: number, optional number, optional number, 1 bit
//! pairs       count; then each: text, text
//! text        3 bits: its form; then
//!   0 bytes       count; then the UTF-8 bytes
//!   1 base 36     count of letters of 0-9 a-z; then three letters in 16 bits each, two in 11, one in 6
//!   2 decimal     number
//!   3 oeu…r0.…    41 bits: thirteen digits; count of zeros behind the point, at most 6; number: the digits after
//!   4 …-0.…       the same
//!   5, 6, 7       128 bits: 32 upper-case hex digits, behind D, behind J, alone
//! ```
//! A text has the first form of 5, 6, 7, 2, 3, 4, 1, 0 that fits it. Whatever could be said in another way (ids that do not
//! ascend, a width that is too large, another form) is refused where it is read: two tokens never say the same.

use super::{
    decision::Decision,
    digits::{digit, push_number},
    id::{Id, IdMap, List},
    room,
    text::{DIGIT, LOWER, behind, is_all},
    utf8,
};
use alloc::{string::String, vec::Vec};
use core::ops::{Deref, DerefMut};

/// Reads or writes sections of bits, one behind the other, tags ascending.
#[derive(Debug)]
pub struct Bits {
    /// Reading: a section whose value is all sections, and what is to spare. Writing: the section that is open.
    bytes: Vec<u8>,
    /// The next bit.
    at: usize,
    /// Reading: the bit behind the last of the section that is open.
    end: usize,
    /// Reading: the byte with which the next section begins.
    next: usize,
    /// Reading: the byte behind the last of all sections.
    size: usize,
    /// Writing: the sections that are closed.
    written: Vec<u8>,
    /// Writing: the tag of the section that is open.
    tag: u8,
    reading: bool,
    /// What was read made no sense.
    broken: bool,
    /// The ids of the map before: what a visitor has goals for are, as a rule, the experiences that it saw.
    keys: Vec<Id>,
}

/// Bytes behind the last that is used.
const SPARE: usize = if cfg!(feature = "lean") { 0 } else { 8 };

/// As many stand before a count, at most: nothing is longer than four gigabits.
const MOST_ZEROS: u32 = 31;

/// Thirteen digits are milliseconds since the epoch; 41 bits hold them until the year 2039.
const MILLISECONDS: u32 = 41;
/// The smallest number of thirteen digits.
const THIRTEEN_DIGITS: u64 = 1_000_000_000_000;

/// What stands before and behind them in Optimizely's ids, and behind them in Convert's.
const OEU: &str = "oeu";
const OEU_POINT: &str = "r0.";
const POINT: &str = "-0.";

impl Bits {
    /// Writes.
    #[must_use]
    pub fn writer() -> Self {
        let (bytes, written, keys) = (Vec::new(), Vec::new(), Vec::new());
        Bits { bytes, at: 0, end: 0, next: 0, size: 0, written, tag: 0, reading: false, broken: false, keys }
    }

    /// Reads the sections that are the value of a section; what stands behind that does not count.
    #[must_use]
    pub fn reader(mut bytes: Vec<u8>) -> Self {
        let (length, rest) = section(&bytes).map_or((0, 0), |(_, length, rest)| (length, rest.len()));
        let next = bytes.len().wrapping_sub(rest);
        bytes.extend_from_slice(&[0; SPARE]);
        Bits { bytes, next, size: next.wrapping_add(length), reading: true, ..Self::writer() }
    }

    /// Reading: did all that was there make sense?
    #[must_use]
    pub fn made_sense(&self) -> bool {
        !self.broken && self.next == self.size
    }

    /// Writing: the sections.
    #[must_use]
    pub fn written(self) -> Vec<u8> {
        self.written
    }

    /// What was read makes no sense.
    pub fn refuse_unless(&mut self, fits: bool) {
        self.broken |= !fits;
    }

    /// The section of that tag begins, if it is there: written, it is where there is something to write; read, it is where it
    /// comes next.
    pub fn open(&mut self, tag: u8, there: bool) -> bool {
        self.keys.clear();
        self.tag = tag;
        if !self.reading {
            return there;
        }
        match self.bytes.get(self.next..self.size).and_then(section) {
            Some((found, length, rest)) if found == tag && length <= rest.len() => {
                let start = self.size.wrapping_sub(rest.len());
                self.next = start.wrapping_add(length);
                (self.at, self.end) = (start.wrapping_mul(8), self.next.wrapping_mul(8));
                true
            }
            _ => false,
        }
    }

    /// The section ends.
    pub fn close(&mut self) {
        if self.reading {
            let spare = u32::try_from(self.left()).unwrap_or(u32::MAX);
            let is_used_up = spare < 8 && self.bits(spare, 0) == 0;
            self.refuse_unless(is_used_up);
        } else {
            if SPARE != 0 {
                self.bytes.truncate(self.at.div_ceil(8));
            }
            push_section(&mut self.written, self.tag, &self.bytes);
            self.bytes.clear();
            self.at = 0;
        }
    }

    /// Reading, behind all sections that are known: are there any with higher tags?
    pub fn others(&mut self, mut last: u8) -> bool {
        let any = self.next < self.size;
        while self.next < self.size {
            let tag = self.bytes.get(self.next).copied().unwrap_or(0);
            if tag <= last || !self.open(tag, false) {
                self.broken = true;
                break;
            }
            last = tag;
        }
        any
    }

    fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// The bits of that width: what is written there, or read. Natively through eight bytes at once: as many are to spare behind
    /// the last that is used.
    #[cfg(not(feature = "lean"))]
    #[inline(always)]
    fn bits(&mut self, width: u32, value: u64) -> u64 {
        if self.reading { self.read(width) } else { self.write(width, value) }
    }

    #[cfg(not(feature = "lean"))]
    fn read(&mut self, width: u32) -> u64 {
        let bits = if width > 57 {
            // With seven bits of a byte in front they may stand in nine.
            self.take(width.wrapping_sub(32)) << 32 | self.take(32)
        } else {
            self.take(width)
        };
        if self.at > self.end {
            self.broken = true;
            return 0;
        }
        bits
    }

    /// At most 57 bits.
    #[cfg(not(feature = "lean"))]
    #[inline(always)]
    fn take(&mut self, width: u32) -> u64 {
        let bits = self.window() >> 1 >> (63_u32.wrapping_sub(width) & 63);
        self.at = self.at.wrapping_add(width as usize);
        bits
    }

    #[cfg(not(feature = "lean"))]
    fn write(&mut self, width: u32, value: u64) -> u64 {
        if width > 57 {
            self.write(width.wrapping_sub(32), value >> 32);
            self.write(32, value & u64::from(u32::MAX));
            return value;
        }
        let end = self.at.wrapping_add(width as usize);
        if end / 8 >= self.bytes.len().saturating_sub(SPARE) {
            self.bytes.resize(self.bytes.len().saturating_add(64), 0);
        }
        if let Some(eight) = self.bytes.get_mut(self.at / 8..).and_then(<[u8]>::first_chunk_mut) {
            let front = value << 1 << (63_u32.wrapping_sub(width) & 63);
            *eight = (u64::from_be_bytes(*eight) | front >> (self.at % 8)).to_be_bytes();
        }
        self.at = end;
        value
    }

    /// The next 57 bits and more, in front of zeros.
    #[cfg(not(feature = "lean"))]
    #[inline(always)]
    fn window(&self) -> u64 {
        let eight = self.bytes.get(self.at / 8..).and_then(<[u8]>::first_chunk);
        eight.map_or(0, |eight| u64::from_be_bytes(*eight) << (self.at % 8))
    }

    /// Reads a number that is not 0: before it stand as many zeros as it has bits behind its first.
    #[cfg(not(feature = "lean"))]
    fn gamma(&mut self) -> u64 {
        let zeros = self.window().leading_zeros();
        self.refuse_unless(zeros <= MOST_ZEROS);
        self.read((zeros & MOST_ZEROS).wrapping_mul(2).wrapping_add(1))
    }

    /// The same in few lines.
    #[cfg(feature = "lean")]
    fn gamma(&mut self) -> u64 {
        let mut zeros = 0_u32;
        while !self.bit(true) && !self.broken {
            zeros = zeros.wrapping_add(1);
        }
        self.refuse_unless(zeros <= MOST_ZEROS);
        zeros &= MOST_ZEROS;
        1 << zeros | self.bits(zeros, 0)
    }

    /// The same in few lines, one by one.
    #[cfg(feature = "lean")]
    fn bits(&mut self, width: u32, value: u64) -> u64 {
        let mut out = 0;
        for place in (0..width).rev() {
            let shift = 7_usize.wrapping_sub(self.at % 8);
            if !self.reading && shift == 7 {
                room::push(&mut self.bytes, 0);
            }
            let Some(byte) = self.bytes.get_mut(self.at / 8).filter(|_| !self.reading || self.at < self.end) else {
                self.broken = true;
                return 0;
            };
            if !self.reading {
                *byte |= low_byte(value >> place & 1) << shift;
            }
            out = (out << 1) | u64::from(*byte >> shift & 1);
            self.at = self.at.wrapping_add(1);
        }
        out
    }

    fn bit(&mut self, value: bool) -> bool {
        self.bits(1, u64::from(value)) == 1
    }

    /// How many elements follow. Each takes a bit at least, so that a wrong number cannot keep a reader busy.
    fn count(&mut self, count: usize) -> usize {
        let mut number = u64::try_from(count).unwrap_or(0).wrapping_add(1);
        if self.reading {
            number = self.gamma();
        } else {
            self.bits(width(number).wrapping_mul(2).wrapping_sub(1), number);
        }
        let count = usize::try_from(number.wrapping_sub(1)).unwrap_or(usize::MAX);
        if self.reading && count > self.left() {
            self.broken = true;
            return 0;
        }
        count
    }

    /// A number.
    pub fn number(&mut self, value: u64) -> u64 {
        let width = self.bits(6, u64::from(width(value)));
        match u32::try_from(width).unwrap_or(0).checked_sub(1) {
            Some(rest) => {
                let first = 1_u64 << rest;
                first | self.bits(rest, value & first.wrapping_sub(1))
            }
            None => 0,
        }
    }

    /// An id that may be missing.
    pub fn optional(&mut self, id: &mut Option<Id>) {
        *id = if self.bit(id.is_some()) { Id::from_number(self.number(id.map_or(0, Id::number))) } else { None };
    }

    /// A list of ids.
    pub fn ids(&mut self, ids: &mut Vec<Id>) {
        let count = self.count(ids.len());
        if self.reading {
            *ids = room::list(count);
            ids.resize(count, Id::default());
        }
        if count > 0 {
            let mut lists = [(Id::default(), core::mem::take(ids))];
            self.lists(&mut lists);
            let [(_, list)] = lists;
            *ids = list;
        }
    }

    /// Ids that ascend, as the keys of a map do.
    fn keys(&mut self, keys: &mut Vec<Id>) {
        self.ids(keys);
        let mut ascend = true;
        let mut next = 0;
        for id in keys {
            ascend &= next <= id.number();
            next = id.number().saturating_add(1);
        }
        self.refuse_unless(ascend);
    }

    /// All ids of all lists, whose lengths are known, in as many bits each as the largest has: at least one id.
    fn lists<L: DerefMut<Target = [Id]>>(&mut self, lists: &mut [(Id, L)]) {
        let width = if self.reading { 0 } else { width_of(lists) };
        let width = u32::try_from(self.bits(6, u64::from(width))).unwrap_or(0);
        let mut largest = 1;
        for (_, list) in lists {
            for id in &mut **list {
                let number = self.bits(width, id.number());
                largest |= number;
                *id = Id::from_number(number).unwrap_or_default();
            }
        }
        self.refuse_unless(self::width(largest) == width);
    }

    /// Ids → lists of ids.
    pub fn map(&mut self, map: &mut IdMap) {
        let mut keys = Vec::new();
        let entries = map.entries();
        for (key, _) in &*entries {
            keys.push(*key);
        }
        if !self.bit(keys == self.keys) {
            self.keys(&mut keys);
            // They could have been said in a bit.
            self.refuse_unless(keys != self.keys);
            self.keys = keys;
        }
        if self.reading {
            *entries = room::list(self.keys.len());
            for key in &self.keys {
                entries.push((*key, List::new()));
            }
        }
        if entries.is_empty() {
            return;
        }
        let are_single = self.bit(!self.reading && are_single(entries));
        let mut total = 0_usize;
        for (_, list) in &mut *entries {
            let count = if are_single { 1 } else { self.count(list.len()) };
            total = total.saturating_add(count);
            if self.reading {
                if total > self.left() {
                    self.broken = true;
                    return;
                }
                list.resize(count, Id::default());
            }
        }
        self.refuse_unless(are_single || !self::are_single(entries));
        if total > 0 {
            self.lists(entries);
        }
    }

    /// Ids → texts.
    pub fn texts(&mut self, texts: &mut Vec<(Id, String)>) {
        let mut keys = Vec::new();
        for (key, _) in &*texts {
            keys.push(*key);
        }
        self.keys(&mut keys);
        if self.reading {
            for key in keys {
                texts.push((key, String::new()));
            }
        }
        for (_, text) in texts {
            self.text(text);
        }
    }

    /// Decisions: at least one. They have a section of their own.
    pub fn decisions(&mut self, decisions: &mut Vec<Decision>) {
        for _ in 0..self.missing(decisions.len()) {
            decisions.push(Decision::default());
        }
        for decision in decisions {
            let campaign = self.number(decision.campaign.number());
            decision.campaign = Id::from_number(campaign).unwrap_or_default();
            self.optional(&mut decision.experiment);
            self.optional(&mut decision.variation);
            decision.holdback = self.bit(decision.holdback);
        }
    }

    /// Texts by their names, which ascend: at least one.
    pub fn pairs(&mut self, pairs: &mut Vec<(String, String)>) {
        for _ in 0..self.missing(pairs.len()) {
            pairs.push(Default::default());
        }
        let mut last = None;
        let mut ascend = true;
        for (name, text) in pairs {
            self.text(name);
            self.text(text);
            ascend &= last < Some(name.as_str());
            last = Some(name.as_str());
        }
        self.refuse_unless(ascend);
    }

    /// Says how many elements there are, at least one, of at least eight bits each; when reading, all of them are still missing.
    fn missing(&mut self, count: usize) -> usize {
        let count = self.count(count);
        if !self.reading {
            return 0;
        }
        self.refuse_unless(count > 0 && count <= self.left() / 8);
        if self.broken { 0 } else { count }
    }

    /// A text that may be missing, and fits.
    pub fn optional_text(&mut self, value: &mut Option<String>, fits: fn(&str) -> bool) {
        if !self.bit(value.is_some()) {
            return;
        }
        let text = value.get_or_insert_default();
        self.text(text);
        self.refuse_unless(fits(text));
    }

    fn text(&mut self, text: &mut String) {
        let mut form = 0;
        if self.reading {
            *text = room::text(40);
        } else {
            form = form_of(text);
        }
        form = self.bits(3, form);
        match form {
            2 => {
                let number = self.number(Id::parse(text).map_or(0, Id::number));
                text.clear();
                push_number(text, number);
            }
            3 | 4 => self.random(form == 3, text),
            _ => self.letters(form, text),
        }
        // Of all but letters and bytes there is no other form.
        if self.reading && form < 2 {
            self.refuse_unless(form_of(text) == form);
        }
    }

    /// Bytes of UTF-8, or letters that are digits.
    fn letters(&mut self, form: u64, text: &mut String) {
        let mut bytes = core::mem::take(text).into_bytes();
        let mut prefix = 0;
        if form < 2 {
            let count = self.count(bytes.len());
            bytes.resize(count, b'0');
        } else {
            prefix = usize::from(form < 7);
            bytes.resize(prefix.wrapping_add(32), b'0');
            if let Some(first) = bytes.first_mut().filter(|_| prefix > 0) {
                *first = if form == 5 { b'D' } else { b'J' };
            }
        }
        let letters = bytes.get_mut(prefix..).unwrap_or_default();
        match form {
            0 => {
                for byte in letters {
                    *byte = low_byte(self.bits(8, u64::from(*byte)));
                }
            }
            1 => self.digits(letters, 3, 36, b'a'),
            _ => self.digits(letters, 8, 16, b'A'),
        }
        match utf8::text(bytes) {
            Some(letters) => *text = letters,
            None => self.broken = true,
        }
    }

    /// Letters that are digits to a base, of which 10 is the letter `ten`: so many together as one number, in as many bits as the
    /// largest takes.
    #[cfg_attr(not(feature = "lean"), inline(always))] // no division where the base is known
    fn digits(&mut self, letters: &mut [u8], many: usize, base: u64, ten: u8) {
        for group in letters.chunks_mut(many) {
            let mut number = 0_u64;
            let mut room = 1_u64;
            for letter in &*group {
                let zero = if *letter > b'9' { ten.wrapping_sub(10) } else { b'0' };
                number = number.wrapping_mul(base).wrapping_add(u64::from(letter.wrapping_sub(zero)));
                room = room.wrapping_mul(base);
            }
            let mut rest = self.bits(width(room.wrapping_sub(1)), number);
            for letter in group.iter_mut().rev() {
                *letter = digit(low_byte(rest.checked_rem(base).unwrap_or(0)), ten);
                rest = rest.checked_div(base).unwrap_or(0);
            }
            self.refuse_unless(rest == 0);
        }
    }

    /// Milliseconds and `Math.random()`, as Optimizely (`oeu…r0.…`) and Convert (`…-0.…`) make ids.
    fn random(&mut self, is_optimizely: bool, text: &mut String) {
        let (ms, zeros, digits) = random_parts(text).unwrap_or_default();
        text.clear();
        if is_optimizely {
            text.push_str(OEU);
        }
        let ms = self.bits(MILLISECONDS, ms);
        push_number(text, ms);
        text.push_str(if is_optimizely { OEU_POINT } else { POINT });
        let zeros = self.count(zeros);
        for _ in 0..zeros {
            text.push('0');
        }
        let digits = self.number(digits);
        push_number(text, digits);
        // Else the text would be cut into other parts, or be none of this form.
        self.refuse_unless(ms >= THIRTEEN_DIGITS && zeros < 7 && digits > 0);
    }
}

/// Appends tag, length, value. The length is LEB128: seven bits a byte, the least significant first; the eighth says that more
/// follow.
pub fn push_section(out: &mut Vec<u8>, tag: u8, value: &[u8]) {
    room::push(out, tag);
    let mut length = value.len();
    while length > 0x7F {
        room::push(out, u8::try_from(length & 0x7F).unwrap_or(0) | 0x80);
        length >>= 7;
    }
    room::push(out, u8::try_from(length).unwrap_or(0));
    out.extend_from_slice(value);
}

/// Tag, length, and what follows them: value and all behind it. A length has at most four bytes, and its shortest form.
#[must_use]
pub fn section(bytes: &[u8]) -> Option<(u8, usize, &[u8])> {
    let (tag, mut rest) = bytes.split_first()?;
    let mut length = 0;
    let mut shift = 0_u32;
    while shift < 28 {
        let (byte, tail) = rest.split_first()?;
        rest = tail;
        length |= usize::from(byte & 0x7F) << shift;
        if *byte < 0x80 {
            return (*byte > 0 || shift == 0).then_some((*tag, length, rest));
        }
        shift = shift.wrapping_add(7);
    }
    None
}

/// How many bits a number has: none for 0.
fn width(value: u64) -> u32 {
    u64::BITS.wrapping_sub(value.leading_zeros())
}

/// How many bits the largest of these ids has, at least one.
fn width_of<L: Deref<Target = [Id]>>(lists: &[(Id, L)]) -> u32 {
    let mut largest = 1;
    for (_, list) in lists {
        for id in &**list {
            largest |= id.number();
        }
    }
    width(largest)
}

fn are_single(lists: &[(Id, List)]) -> bool {
    let mut are_single = true;
    for (_, list) in lists {
        are_single &= list.len() == 1;
    }
    are_single
}

fn low_byte(number: u64) -> u8 {
    u8::try_from(number & 0xFF).unwrap_or(0)
}

/// The form of a text.
fn form_of(text: &str) -> u64 {
    let prefix = text.len().wrapping_sub(32);
    let form = match (prefix, text.as_bytes().first()) {
        (0, _) => 7,
        (1, Some(b'D')) => 5,
        (1, Some(b'J')) => 6,
        _ => 0,
    };
    let mut is_hex = form > 0;
    for byte in text.bytes().skip(prefix) {
        is_hex &= matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    }
    if is_hex {
        form
    } else if Id::parse(text).is_some() {
        2
    } else if random_parts(text).is_some() {
        if behind(text, b'o').is_some() { 3 } else { 4 }
    } else if is_all(text, DIGIT | LOWER) {
        1
    } else {
        0
    }
}

/// The thirteen digits, the zeros behind the point, the digits after them.
fn random_parts(text: &str) -> Option<(u64, usize, u64)> {
    let (rest, point) = match text.strip_prefix(OEU) {
        Some(rest) => (rest, OEU_POINT),
        None => (text, POINT),
    };
    let (ms, rest) = rest.split_at_checked(13)?;
    let mut digits = rest.strip_prefix(point)?;
    let mut zeros = 0_usize;
    while let Some(rest) = behind(digits, b'0') {
        zeros = zeros.saturating_add(1);
        digits = rest;
    }
    let ms = Id::parse(ms)?.number();
    // The digits take six bits at least, so that as many zeros are never more than the bits that are left.
    (ms >> MILLISECONDS == 0 && zeros < 7).then_some((ms, zeros, Id::parse(digits)?.number()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn there_and_back<T>(code: impl Fn(&mut Bits) -> T) -> (Vec<u8>, T) {
        let mut writer = Bits::writer();
        writer.open(1, true);
        code(&mut writer);
        writer.close();
        let (_, _, bytes) = section(&writer.written).unwrap();
        let mut reader = reader(bytes);
        let value = code(&mut reader);
        reader.close();
        assert!(reader.made_sense());
        (bytes.into(), value)
    }

    fn reader(value: &[u8]) -> Bits {
        let mut bytes = Vec::new();
        push_section(&mut bytes, 1, value);
        let mut whole = Vec::new();
        push_section(&mut whole, 1, &bytes);
        let mut reader = Bits::reader(whole);
        assert!(reader.open(1, false));
        reader
    }

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 5, 63, 64, 1 << 40, (1 << 62) - 1] {
            let number = |bits: &mut Bits| bits.number(if bits.reading { 0 } else { value });
            assert_eq!(there_and_back(number).1, value);
        }
        // A count, and as many bits.
        for value in [0, 1, 5, 63, 64, 1000] {
            let count = |bits: &mut Bits| {
                let count = bits.count(if bits.reading { 0 } else { value });
                (0..count).for_each(|_| assert!(bits.bit(true)));
                count
            };
            assert_eq!(there_and_back(count).1, value);
        }
        assert_eq!(there_and_back(|bits| bits.count(0)).0, [0b1000_0000]);
        assert_eq!(there_and_back(|bits| (bits.count(1), bits.bit(true))).0, [0b0101_0000]);
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
                let mut given = if bits.reading { String::new() } else { String::from(text) };
                bits.text(&mut given);
                given
            });
            assert_eq!((read.as_str(), written.len()), (text, bytes), "{text}");
        }
    }

    #[test]
    fn lengths_have_one_form() {
        for value in [0, 127, 128, 16_383, 16_384] {
            let (mut bytes, value) = (Vec::new(), vec![7; value]);
            push_section(&mut bytes, 9, &value);
            assert_eq!(section(&bytes), Some((9, value.len(), value.as_slice())));
        }
        assert_eq!(section(&[9, 0x80, 0]), None);
        assert_eq!(section(&[9, 0x80]), None);
    }

    #[test]
    fn a_hostile_count_ends_at_once() {
        // 62 zeros, then ones: a count of some 2^63 elements in sixteen bytes.
        let mut bytes = [0xFF_u8; 16];
        bytes[..7].fill(0);
        let mut bits = reader(&bytes);
        assert_eq!(bits.count(0), 0);
        assert!(!bits.made_sense());
    }
}
