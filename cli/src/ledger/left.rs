//! Which requests have left, to the number.
//!
//! A request is marked as in flight, and flushed to the disk, a while before it leaves: so the wire never waits for the disk.
//! Which of these really leave is written before they do, and not flushed: that stands however this process ends, as long as
//! the system goes on. Only where the system itself began anew since (the power went, say) nobody knows which of them left.

use std::ops::RangeInclusive;

/// Numbers of requests that follow each other.
pub type Numbers = RangeInclusive<i64>;

/// What tells one start of the system from another, where the system says it.
pub fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// The numbers as the ledger keeps them: first and last of each row of them.
pub fn pack<'a>(all: impl Iterator<Item = &'a Numbers>) -> Vec<u8> {
    all.flat_map(|numbers| [*numbers.start(), *numbers.end()]).flat_map(i64::to_le_bytes).collect()
}

/// The numbers again.
pub fn unpack(packed: &[u8]) -> Vec<Numbers> {
    let mut ends = packed.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
    std::iter::from_fn(|| Some(ends.next()?..=ends.next()?)).collect()
}

/// The shortest list of these numbers.
pub fn rows(ids: impl Iterator<Item = i64>) -> Vec<Numbers> {
    let mut rows: Vec<Numbers> = Vec::new();
    for id in ids {
        match rows.last_mut() {
            Some(last) if last.end().checked_add(1) == Some(id) => *last = *last.start()..=id,
            _ => rows.push(id..=id),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were() {
        let found = rows([3, 4, 5, 9, 8, i64::MAX].into_iter());
        assert_eq!(found, [3..=5, 9..=9, 8..=8, i64::MAX..=i64::MAX]);
        assert_eq!(unpack(&pack(found.iter())), found);
        assert_eq!(unpack(b"broken off"), []);
    }
}
