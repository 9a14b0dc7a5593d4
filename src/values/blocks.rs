//! A message in blocks of 64 bytes, as MD5 and SHA-1 take it: whole blocks, behind it a bit, zeros, and how many bits it
//! had. MD5 writes that number the other way round than SHA-1.
//!
//! The builds for pages put the message together in memory, in a few lines; elsewhere nothing is allocated.

#[cfg(not(any(feature = "lean", feature = "deliver-bindings")))]
pub use fast::each_block;
#[cfg(any(feature = "lean", feature = "deliver-bindings"))]
pub use small::each_block;

#[cfg(any(feature = "lean", feature = "deliver-bindings", test))]
mod small {
    use alloc::vec::Vec;

    /// Hands out the message that these pieces are.
    pub fn each_block(pieces: &[&[u8]], length: fn(u64) -> [u8; 8], mut take: impl FnMut(&[u8; 64])) {
        let mut message = Vec::new();
        for piece in pieces {
            message.extend_from_slice(piece);
        }
        let bits = u64::try_from(message.len()).unwrap_or(u64::MAX).wrapping_mul(8);
        message.push(0x80);
        let zeros = 56_usize.wrapping_sub(message.len()) % 64;
        message.resize(message.len().wrapping_add(zeros), 0);
        message.extend_from_slice(&length(bits));
        for block in message.as_chunks().0 {
            take(block);
        }
    }
}

#[cfg(any(not(any(feature = "lean", feature = "deliver-bindings")), test))]
mod fast {
    /// Hands out the message that these pieces are.
    pub fn each_block(pieces: &[&[u8]], length: fn(u64) -> [u8; 8], mut take: impl FnMut(&[u8; 64])) {
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
            *end = length(bytes.wrapping_mul(8));
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
            fast::each_block(&[first, b"", second], u64::to_be_bytes, |block| blocks.push(*block));
            small::each_block(&[&message], u64::to_be_bytes, |block| due.push(*block));
            assert_eq!(blocks, due, "{count}");
        }
    }
}
