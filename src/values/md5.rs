//! MD5 (RFC 1321), for names and numbers that follow from them: nothing here is a secret.
//!
//! Natively the crate `md-5` does it. The builds for pages and workers, where every byte is paid for, have these few lines
//! instead.

#[cfg(not(any(feature = "lean", feature = "fullstack-bindings")))]
use md5::{Digest, Md5};

#[cfg(any(feature = "lean", feature = "fullstack-bindings", test))]
use super::{blocks::hash, rounds::add_block};

/// MD5 of the bytes.
#[cfg(not(any(feature = "lean", feature = "fullstack-bindings")))]
#[must_use]
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

/// MD5 of the bytes.
#[cfg(any(feature = "lean", feature = "fullstack-bindings"))]
#[must_use]
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    small(bytes)
}

#[cfg(any(feature = "lean", feature = "fullstack-bindings", test))]
fn small(bytes: &[u8]) -> [u8; 16] {
    let [hash @ .., _, _, _, _] = hash(&[bytes], false, add_block);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn few_lines_say_what_the_crate_says() {
        for length in 0..200_u8 {
            let bytes = vec![length.wrapping_mul(37); length.into()];
            assert_eq!(small(&bytes), <[u8; 16]>::from(::md5::Md5::digest(&bytes)), "{length}");
        }
    }
}
