//! What MD5 and SHA-1 have in common: a message in blocks of 64 bytes (whole blocks, behind it a bit, zeros, and how many
//! bits it had), and a state into which each block is mixed. MD5 writes its numbers the other way round than SHA-1; its
//! state is one word shorter, and begins as that of SHA-1 does.
//!
//! The builds for pages put the message together in memory, in a few lines; elsewhere nothing is allocated.

#[cfg(not(any(feature = "lean", feature = "deliver-bindings")))]
use fast::each_block;
#[cfg(any(feature = "lean", feature = "deliver-bindings"))]
use small::each_block;

/// Mixes a block into the state. Is the first byte of a number its biggest?
pub type AddBlock = fn(&mut [u32; 5], &[u8; 64], bool);

/// The state behind the last block of the message that these pieces are. `is_big`: the first byte of a number is its biggest.
#[must_use]
pub fn hash(pieces: &[&[u8]], is_big: bool, add_block: AddBlock) -> [u8; 20] {
    let mut state = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0];
    each_block(pieces, is_big, |block| add_block(&mut state, block, is_big));
    let mut hash = [0; 20];
    for (four, word) in hash.as_chunks_mut().0.iter_mut().zip(&state) {
        *four = if is_big { word.to_be_bytes() } else { word.to_le_bytes() };
    }
    hash
}

/// The bytes of how many bits there are.
fn length(bits: u64, is_big: bool) -> [u8; 8] {
    if is_big { bits.to_be_bytes() } else { bits.to_le_bytes() }
}

#[cfg(any(feature = "lean", feature = "deliver-bindings", test))]
mod small {
    use super::length;
    use crate::values::room;
    use alloc::vec::Vec;

    /// Hands out the message that these pieces are.
    pub fn each_block(pieces: &[&[u8]], is_big: bool, mut take: impl FnMut(&[u8; 64])) {
        let mut message = Vec::new();
        for piece in pieces {
            message.extend_from_slice(piece);
        }
        let bits = u64::try_from(message.len()).unwrap_or(u64::MAX).wrapping_mul(8);
        room::push(&mut message, 0x80);
        while message.len() % 64 != 56 {
            room::push(&mut message, 0);
        }
        message.extend_from_slice(&length(bits, is_big));
        for block in message.as_chunks().0 {
            take(block);
        }
    }
}

#[cfg(any(not(any(feature = "lean", feature = "deliver-bindings")), test))]
mod fast {
    use super::length;

    /// Hands out the message that these pieces are.
    pub fn each_block(pieces: &[&[u8]], is_big: bool, mut take: impl FnMut(&[u8; 64])) {
        let mut block = [0; 64];
        let mut used = 0_usize;
        let mut bytes = 0_u64;
        for piece in pieces {
            bytes = bytes.wrapping_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            let mut rest = *piece;
            while let Some(room) = block.get_mut(used..)
                && let Some((now, later)) = rest.split_at_checked(room.len().min(rest.len()))
            {
                if let Some(places) = room.get_mut(..now.len()) {
                    places.copy_from_slice(now);
                }
                used = used.wrapping_add(now.len());
                if used < block.len() {
                    break;
                }
                take(&block);
                (used, rest) = (0, later);
            }
        }
        for place in block.iter_mut().skip(used) {
            *place = 0;
        }
        if let Some(place) = block.get_mut(used) {
            *place = 0x80;
        }
        if used >= 56 {
            take(&block);
            block = [0; 64];
        }
        if let Some(end) = block.last_chunk_mut() {
            *end = length(bytes.wrapping_mul(8), is_big);
        }
        take(&block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};

    #[test]
    fn both_hand_out_the_same_blocks() {
        for count in 0..200 {
            let message = vec![7; count];
            let (first, second) = message.split_at(count / 3);
            let (mut blocks, mut due) = (Vec::new(), Vec::new());
            fast::each_block(&[first, b"", second], true, |block| blocks.push(*block));
            small::each_block(&[&message], true, |block| due.push(*block));
            assert_eq!(blocks, due, "{count}");
        }
    }
}
