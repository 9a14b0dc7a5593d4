//! ECMAScript regular expressions without flags, searched for anywhere in a text.
//!
//! In WebAssembly the host's `RegExp` serves; natively `regress`, which speaks the same language. Both count in UTF-16
//! units here, as `RegExp` does without the flag `u`.
//!
//! Both backtrack, so a pattern may take for ever on a text that a visitor chose, here as in the SDK. Neither engine can
//! be stopped; what is longer than [`LONGEST`] is therefore not searched at all.

#[cfg(all(target_arch = "wasm32", not(feature = "bindings")))]
compile_error!("in WebAssembly `fullstack` asks the host for regular expressions: add the feature `bindings`");

use alloc::boxed::Box;

/// The longest text that is searched, and the longest pattern that is compiled, in bytes.
pub const LONGEST: usize = 4096;

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern(Option<Box<engine::RegExp>>);

impl Pattern {
    /// Compiles a pattern. One that is no pattern never matches.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Pattern(if pattern.len() > LONGEST { None } else { engine::compile(pattern).map(Box::new) })
    }

    /// Is there a match anywhere in the text?
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        text.len() <= LONGEST && self.0.as_ref().is_some_and(|pattern| engine::test(pattern, text))
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod engine {
    use alloc::vec::Vec;
    use regress::{Flags, Regex};

    pub type RegExp = Regex;

    pub fn compile(pattern: &str) -> Option<RegExp> {
        let units: Vec<u32> = pattern.encode_utf16().map(u32::from).collect();
        Regex::from_unicode(units.into_iter(), Flags::default()).ok()
    }

    pub fn test(pattern: &RegExp, text: &str) -> bool {
        if text.is_ascii() {
            return pattern.find_from_ascii(text, 0).next().is_some();
        }
        let units: Vec<u16> = text.encode_utf16().collect();
        pattern.find_from_ucs2(&units, 0).next().is_some()
    }
}

#[cfg(target_arch = "wasm32")]
mod engine {
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

    #[wasm_bindgen]
    extern "C" {
        #[derive(Debug)]
        pub type RegExp;
        #[wasm_bindgen(constructor, catch)]
        fn new(pattern: &str) -> Result<RegExp, JsValue>;
        #[wasm_bindgen(method)]
        fn test(this: &RegExp, text: &str) -> bool;
    }

    pub fn compile(pattern: &str) -> Option<RegExp> {
        RegExp::new(pattern).ok()
    }

    pub fn test(pattern: &RegExp, text: &str) -> bool {
        pattern.test(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_as_javascript_does() {
        for (pattern, text, due) in [
            ("a+", "caat", true),
            ("^123$", "123", true),
            ("^$", "", true),
            ("[", "[", false),
            ("*", "*", false),
            ("(?<=a)b(?!c)", "abc abd", true),
            ("(\\w)\\1", "hello", true),
            ("^.$", "é", true),
            ("^.$", "😀", false),
            ("^..$", "😀", true),
            ("^[^😀]$", "é", true),
            ("😀{2}", "😀😀", false),
            ("a{,2}", "a{,2}", true),
            ("]", "]", true),
            ("\\-\\_", "-_", true),
            ("a.c", "a\nc", false),
            ("(?<year>\\d{4})-\\k<year>", "2020-2020", true),
            ("É", "é", false),
        ] {
            assert_eq!(Pattern::new(pattern).is_in(text), due, "{pattern} in {text}");
        }
    }

    #[test]
    fn long_texts_stay_unsearched() {
        assert!(Pattern::new("a").is_in(&"a".repeat(LONGEST)));
        assert!(!Pattern::new("a").is_in(&"a".repeat(LONGEST + 1)));
        assert!(!Pattern::new(&"(".repeat(LONGEST)).is_in("a"));
    }
}
