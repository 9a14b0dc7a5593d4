//! Ids that are text. Each platform has its own types of them, so that none can pass for another's.

use super::text::all;
use alloc::string::String;

/// Is this text fit to be somebody's id: not empty, no control characters, at most so many UTF-16 units?
#[must_use]
pub fn is_text_id(text: &str, max_utf16_units: usize) -> bool {
    if !cfg!(feature = "lean") && (1..=max_utf16_units).contains(&text.len()) {
        // There are no more units than bytes.
        return all(text, |byte| !byte.is_ascii_control());
    }
    let mut units = 0_usize;
    for byte in text.bytes() {
        if byte.is_ascii_control() {
            return false;
        }
        // The first byte of a character counts, and that of one beyond U+FFFF twice; the bytes behind it do not.
        let count = match byte {
            0x80..0xC0 => 0,
            0xF0.. => 2,
            _ => 1,
        };
        units = units.wrapping_add(count);
    }
    (1..=max_utf16_units).contains(&units)
}

/// The text, where it fits.
pub(crate) fn fitting(text: &str, fits: fn(&str) -> bool) -> Option<String> {
    fits(text).then(|| text.into())
}

/// Declares a type of text for which that function of `&str` holds.
macro_rules! text_id {
    ($(#[$doc:meta])+ $name:ident, $fits:expr) => {
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(alloc::string::String);

        impl $name {
            /// The text, where it is fit to be this.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                $crate::values::text_id::fitting(text, $fits).map($name)
            }

            /// Hands the field to whoever walks over the visitor.
            pub fn walk(value: &mut Option<Self>, name: &str, walker: &mut $crate::values::fields::Walker<'_>) {
                Self::walk_fitting(value, name, walker, $fits);
            }

            /// The same code for all types of text, so that it is there once.
            #[inline(never)]
            fn walk_fitting(
                value: &mut Option<Self>,
                name: &str,
                walker: &mut $crate::values::fields::Walker<'_>,
                fits: fn(&str) -> bool,
            ) {
                let mut text = value.take().map(|id| id.0);
                walker.text(name, &mut text, fits);
                *value = text.map($name);
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}
pub(crate) use text_id;
