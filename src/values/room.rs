//! Room for what comes, made once: natively a text or a list that grows costs more time than what is written into it.
//!
//! The builds for pages, where every byte is paid for by every visitor, leave it to the first thing that comes.

use alloc::{string::String, vec::Vec};

const IS_MADE: bool = !cfg!(any(feature = "lean", feature = "deliver-bindings"));

/// An empty text with room for so many bytes.
#[inline(always)]
#[must_use]
pub fn text(bytes: usize) -> String {
    if IS_MADE { String::with_capacity(bytes) } else { String::new() }
}

/// An empty list with room for so many elements.
#[inline(always)]
#[must_use]
pub fn list<T>(count: usize) -> Vec<T> {
    if IS_MADE { Vec::with_capacity(count) } else { Vec::new() }
}

/// Appends a byte. In the builds for pages as a slice: for `Vec::push` of bytes the standard library brings code of its own
/// for a list that grows, next to that which all other lists share.
#[inline]
pub fn push(bytes: &mut Vec<u8>, byte: u8) {
    if IS_MADE {
        bytes.push(byte);
    } else {
        bytes.extend_from_slice(&[byte]);
    }
}
