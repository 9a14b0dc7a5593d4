//! Visitor ids that are opaque text. Each platform has its own type of them, so that none can pass for another's.

/// Is this text fit to be somebody's id: not empty, no control characters, at most as long as a cookie lets it be?
#[must_use]
pub fn is_text_id(text: &str, max_utf16_units: usize) -> bool {
    !text.is_empty() && text.encode_utf16().count() <= max_utf16_units && !text.chars().any(char::is_control)
}

/// Declares a type of visitor id: opaque text of at most that many UTF-16 units.
macro_rules! text_id {
    ($(#[$doc:meta])+ $name:ident, $max:literal) => {
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(alloc::string::String);

        impl $name {
            /// The id; nothing where the text is empty, too long or holds control characters.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                $crate::values::text_id::is_text_id(text, $max).then(|| $name(text.into()))
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
