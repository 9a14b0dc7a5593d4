//! ECMAScript regular expressions without flags, searched for anywhere in a text.
//!
//! In WebAssembly the host's `RegExp` serves. Natively a search of our own does, for it must end: a pattern such as
//! `(a+)+$` keeps a backtracking engine busy for ever on a text that a visitor chose. The crate `regress` 0.12, which
//! speaks this language, counts no steps, and takes `\b+` and `\u{2}` for what they are not here. After [`STEPS`] steps a
//! text does not match.
//!
//! Both count in UTF-16 units, as `RegExp` does without the flag `u`; and a group's name is used once, as in Node 20.

#[cfg(all(target_arch = "wasm32", not(any(feature = "bindings", feature = "fullstack-bindings"))))]
compile_error!("in WebAssembly `fullstack` asks the host for regular expressions: add `fullstack-bindings`");

/// What a native search may cost: some milliseconds.
pub const STEPS: usize = 1_000_000;

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern(engine::RegExp);

impl Pattern {
    /// Compiles a pattern. One that is no pattern never matches.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        Pattern(engine::compile(pattern))
    }

    /// Is there a match anywhere in the text?
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        engine::test(&self.0, text)
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod search;
#[cfg(not(target_arch = "wasm32"))]
mod syntax;

#[cfg(not(target_arch = "wasm32"))]
mod engine {
    use super::{STEPS, search::Program, syntax};
    use alloc::{boxed::Box, vec::Vec};

    pub type RegExp = Option<Box<Program>>;

    pub fn compile(pattern: &str) -> RegExp {
        let units: Vec<u16> = pattern.encode_utf16().collect();
        let (node, groups) = syntax::parse(&units)?;
        Some(Box::new(Program::new(&node, groups)))
    }

    pub fn test(pattern: &RegExp, text: &str) -> bool {
        let Some(pattern) = pattern else { return false };
        let found = if text.is_ascii() {
            pattern.search(text.as_bytes(), STEPS)
        } else {
            let units: Vec<u16> = text.encode_utf16().collect();
            pattern.search(&units, STEPS)
        };
        found.unwrap_or(false)
    }
}

#[cfg(target_arch = "wasm32")]
mod engine {
    use alloc::{borrow::ToOwned, string::String};

    pub use crate::fullstack::host::test;

    /// The pattern itself: engines keep what they have compiled, by its text.
    pub type RegExp = String;

    pub fn compile(pattern: &str) -> RegExp {
        pattern.to_owned()
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
            ("\\u{2}", "uu", true),
            ("\\b+", "a", false),
            ("\\ud83d?", "", true),
            ("(?=a)*", "", true),
            ("(?<=a)*", "", false),
            ("(?:(a)|b)*\\1$", "ab", true),
            ("(z)((a+)?(b+)?(c))*\\4d", "zaacbbbcacd", true),
            ("(?<=(\\d+)(\\d+))x\\2", "1053x053", true),
            ("(?!(a))\\1b", "b", true),
            ("\\0[\\b]\\cA\\c", "\0\u{8}\u{1}\\c", true),
            ("\\18\\101", "\u{1}8A", true),
            ("[\\w-z]+$", "-z_", true),
            ("[b-a]", "a", false),
            ("a{2,1}", "aa", false),
            ("[^]", "\n", true),
            ("[]", "", false),
            ("^\\s+$", "\u{FEFF}\u{2028}\u{A0}", true),
            ("\\k<a>", "k<a>", true),
            ("(?<a>b)\\k<c>", "b", false),
            ("(?i:a)", "A", false),
        ] {
            assert_eq!(Pattern::new(pattern).is_in(text), due, "{pattern} in {text}");
        }
    }

    #[test]
    fn every_search_ends() {
        let text = alloc::format!("{}!", "a".repeat(50_000));
        for pattern in ["(a+)+$", "(a|a)*$", "(a?){100}a{100}$", "a*a*a*a*b", "(?=(a+))\\1*b", "(?:a{0,9}){0,9}$"] {
            assert!(!Pattern::new(pattern).is_in(&text), "{pattern}");
        }
        assert!(Pattern::new("!$").is_in(&text));
    }

    #[test]
    fn no_pattern_exhausts_the_stack() {
        for open in ["(", "(?:", "(?=", "(?<=", "(?!a|", "[", "(?<n>"] {
            assert!(!Pattern::new(&open.repeat(100_000)).is_in("a"), "{open}");
        }
        let nested = |depth| alloc::format!("{}a{}", "(?:".repeat(depth), ")*".repeat(depth));
        assert!(Pattern::new(&nested(100)).is_in("aaa"));
        assert!(!Pattern::new(&nested(100_000)).is_in("aaa"));
    }
}
