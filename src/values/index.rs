//! Texts that were seen before, each with a number.

use super::idempotency::hash;
use alloc::vec::Vec;

/// A hash table of texts that may come in pieces. Its hash is the MD5 that is in the crate already: a map of the standard
/// library would weigh more in a page than all that uses it.
#[derive(Debug, Default)]
pub struct Index {
    /// Twice as many as are in use, at least.
    slots: Vec<Option<([u8; 16], usize)>>,
    used: usize,
}

impl Index {
    /// The number of the text made of these pieces; `new` where it was not seen before.
    pub fn number(&mut self, pieces: &[&[u8]], new: usize) -> &mut usize {
        if self.used.saturating_mul(2) >= self.slots.len() {
            let room = self.slots.len().saturating_mul(2).max(16);
            for slot in core::mem::replace(&mut self.slots, alloc::vec![None; room]) {
                if let Some((hash, _)) = slot {
                    *self.slot(hash) = slot;
                }
            }
        }
        let hash = hash(pieces);
        if self.slot(hash).is_none() {
            self.used = self.used.saturating_add(1);
        }
        &mut self.slot(hash).get_or_insert((hash, new)).1
    }

    /// The slot of that hash, or the empty one that it may take.
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // the remainder is a place; there always is room
    fn slot(&mut self, hash: [u8; 16]) -> &mut Option<([u8; 16], usize)> {
        let [a, b, c, d, ..] = hash;
        let room = self.slots.len();
        let mut place = u32::from_le_bytes([a, b, c, d]) as usize % room;
        while self.slots[place].is_some_and(|(other, _)| other != hash) {
            place = (place + 1) % room;
        }
        &mut self.slots[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_what_it_has_not_seen() {
        let mut index = Index::default();
        for number in 0..1000_usize {
            assert_eq!(*index.number(&[&number.to_le_bytes(), b"x"], number), number);
        }
        for number in 0..1000_usize {
            assert_eq!(*index.number(&[&number.to_le_bytes(), b"x"], 9999), number);
        }
        assert_eq!(*index.number(&[b"new"], 7), 7);
    }
}
