//! What Convert knows of a visitor.
//!
//! ```text
//! cookie = pair *( "*" pair )              "|" instead of "*" in very old cookies
//! pair   = key ":" value                   what follows a second ":" does not count
//! _conv_v: vi, exp, seg …                  _conv_s: sh …
//! exp    = "{" [ e *( "-" e ) ] "}"        e = experience ".{" "v." variation [ "-g.{" [ goals ] "}" ] "}"
//! goals  = goal ".1" *( "-" goal ".1" )    seg = "{" [ segment ".1" *( "-" segment ".1" ) ] "}"
//! ```
//! Cookies are encoded, encoded twice or raw, so they are decoded twice, as the vendor's script does it (a raw `+` is a
//! space the first time). Of cookies of one name the last counts, and `Deleted` means that there is none. In an address,
//! `_conv_v` and `_conv_s` together hand a visitor over from another domain and win over the cookies.
//!
//! The visitor id is `vi`, or where that is `1` (no id of their own) the session's `sh`; never `1`. Variation 1 means
//! excluded. Where the vendor loses a whole `exp` for one wrong letter, this reader keeps what stands before it.
//! Source: Convert's tracking script 1.3.14 of April 2026.

use crate::values::{
    fields::{NO_ID, Shape, Walker},
    id::{Id, IdMap},
    page::Page,
    percent,
    personal::is_personal,
    problem::{Code, PlatformName, Problem, report},
    text::{DIGIT, before, cut, eat, member, replaced, split_leading},
    text_id::{is_text_id, text_id},
};
use alloc::{string::String, vec::Vec};

text_id! {
    /// Convert's id of a visitor: of their own, or of their session.
    VisitorId, |text| text != "1" && is_text_id(text, 512)
}

/// What Convert knows of a visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// `vi` of `_conv_v`, or `sh` of `_conv_s`.
    pub id: Option<VisitorId>,
    /// The account, as the page names it.
    pub account: Option<Id>,
    /// The project, as the page names it.
    pub project: Option<Id>,
    /// What was seen: experience → variation, one each.
    pub experiences: IdMap,
    /// Experience → goals that were hit already.
    pub goals: IdMap,
    /// Custom segments.
    pub segments: Vec<Id>,
}

const PLATFORM: PlatformName = PlatformName::Convert;

static BLOBS: [(&str, Level); 2] = [("exp", Level::Experiences), ("seg", Level::Marks)];

static OPT_OUTS: [&str; 2] = ["convert_optout", "_conv_prevent_tracking"];
/// The variation of whoever was left out of an experience.
const LEFT_OUT: u64 = 1;

pub(super) fn capture(out: &mut Visitor, page: &Page<'_>, problems: &mut Vec<Problem>) -> bool {
    for name in &OPT_OUTS {
        if matches!(page.cookies.last(name), Some("1" | "true")) {
            report(problems, PLATFORM, Code::OptedOut, name);
            return false;
        }
    }
    let (mut visitor, mut session) = (page.parameter("_conv_v"), page.parameter("_conv_s"));
    if visitor.is_none() || session.is_none() {
        (visitor, session) = (page.cookies.last("_conv_v"), page.cookies.last("_conv_s"));
    }
    let visitor = decode_twice(visitor);
    if visitor.is_empty() {
        return false;
    }
    out.account = page.global_id(PLATFORM, "accountId");
    out.project = page.global_id(PLATFORM, "projectId");
    let mut reader = Reader::default();
    for (key, level) in &BLOBS {
        if let Some(blob) = field(&visitor, key) {
            reader.rest = blob;
            if !reader.entries(*level, out) || !reader.rest.is_empty() {
                report(problems, PLATFORM, Code::TruncatedCookie, "_conv_v");
            }
        }
    }
    out.segments = reader.marks;
    let session = decode_twice(session);
    let mut id = field(&visitor, "vi").unwrap_or_default();
    if id == "1" {
        id = field(&session, "sh").unwrap_or_default();
    }
    if is_personal(id) {
        report(problems, PLATFORM, Code::PersonalId, "_conv_v");
    } else {
        out.id = VisitorId::parse(id);
        if out.id.is_none() {
            report(problems, PLATFORM, Code::NoVisitorId, "_conv_v");
        }
    }
    true
}

/// The decoded value; nothing where there is none.
fn decode_twice(value: Option<&str>) -> String {
    let value = value.unwrap_or_default();
    if value.eq_ignore_ascii_case("deleted") {
        return String::new();
    }
    percent::decode_or_raw(&percent::decode_or_raw(&replaced(value, b'+', " ")))
}

/// The value of a key; the first part of it that a `:` ends.
fn field<'a>(cookie: &'a str, key: &str) -> Option<&'a str> {
    let separator = if cut(cookie, b'|').is_some() { b'|' } else { b'*' };
    member(cookie, separator, b':', key).map(|value| before(value, b':'))
}

/// What the entries between two braces are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// `exp`: experiences.
    Experiences,
    /// Of one experience: `v` and `g`, in either order.
    Experience,
    /// `g` or `seg`: ids, each with `.1`.
    Marks,
}

/// Reads a blob as far as it can be read.
#[derive(Default)]
struct Reader<'a> {
    rest: &'a str,
    /// Of the experience that is being read.
    variation: Option<Id>,
    marks: Vec<Id>,
}

impl Reader<'_> {
    /// Entries in braces, experiences into the visitor. Did they come to their end?
    fn entries(&mut self, level: Level, visitor: &mut Visitor) -> bool {
        if !eat(&mut self.rest, b'{') {
            return false;
        }
        if eat(&mut self.rest, b'}') {
            return true;
        }
        while self.entry(level, visitor) {
            if !eat(&mut self.rest, b'-') {
                return eat(&mut self.rest, b'}');
            }
        }
        false
    }

    fn entry(&mut self, level: Level, visitor: &mut Visitor) -> bool {
        if level == Level::Experience {
            if let Some(rest) = self.rest.strip_prefix("v.") {
                self.rest = rest;
                let variation = self.number();
                self.variation = variation.or(self.variation);
                return variation.is_some();
            }
            if let Some(rest) = self.rest.strip_prefix("g.") {
                self.rest = rest;
                return self.entries(Level::Marks, visitor);
            }
            return true;
        }
        let Some(id) = self.number().filter(|_| eat(&mut self.rest, b'.')) else { return false };
        if level == Level::Marks {
            let is_whole = self.number().is_some();
            if is_whole {
                self.marks.push(id);
            }
            return is_whole;
        }
        let is_whole = self.entries(Level::Experience, visitor);
        // What was read stays, even if the entry ends too early.
        let goals = core::mem::take(&mut self.marks);
        if let Some(variation) = self.variation.take().filter(|id| id.number() != LEFT_OUT) {
            visitor.experiences.insert_one(id, variation);
            visitor.goals.insert(id, goals);
        }
        is_whole
    }

    /// Digits that something follows: an id at the very end may have been cut.
    fn number(&mut self) -> Option<Id> {
        let (digits, rest) = split_leading(self.rest, DIGIT);
        self.rest = rest;
        Id::parse(digits).filter(|_| !rest.is_empty())
    }
}

pub(super) fn walk(visitor: &mut Visitor, walker: &mut Walker<'_>) {
    VisitorId::walk(&mut visitor.id, "visitorId", walker);
    walker.id("accountId", &mut visitor.account);
    walker.id("projectId", &mut visitor.project);
    walker.map("experiences", Shape::One, LEFT_OUT, &mut visitor.experiences);
    walker.map("goals", Shape::Any, NO_ID, &mut visitor.goals);
    walker.ids("segments", &mut visitor.segments);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::cookies::Cookies;

    fn captured(cookie: &str) -> (Visitor, Vec<Code>) {
        let page = Page { cookies: Cookies::parse(cookie), ..Page::default() };
        let (mut visitor, mut problems) = Default::default();
        assert!(capture(&mut visitor, &page, &mut problems));
        (visitor, problems.iter().map(Problem::code).collect())
    }

    fn experiences(visitor: &Visitor) -> Vec<(u64, u64)> {
        visitor.experiences.iter().map(|(id, variation)| (id.number(), variation[0].number())).collect()
    }

    #[test]
    fn a_cut_cookie_gives_what_stands_before_the_cut() {
        let whole = "vi:7*exp:{10.{v.100-g.{1.1-2.1}}-20.{v.200-g.{}}}";
        let start = whole.find("10.{").unwrap();
        let mut seen = 0;
        for end in start..whole.len() {
            let (visitor, problems) = captured(&alloc::format!("_conv_v={}", &whole[..end]));
            assert_eq!(problems, [Code::TruncatedCookie], "{end}");
            let found = experiences(&visitor);
            assert!([&[][..], &[(10, 100)], &[(10, 100), (20, 200)]].contains(&&found[..]), "{found:?}");
            assert!(found.len() >= seen);
            seen = found.len();
        }
        assert_eq!(seen, 2);
        assert_eq!(captured(&alloc::format!("_conv_v={whole}")).1, []);
    }

    #[test]
    fn the_order_of_variation_and_goals_does_not_matter() {
        let (visitor, problems) = captured("_conv_v=vi:7*exp:{10.{g.{5.1}-v.100}-11.{g.{5.1}}}");
        assert_eq!(experiences(&visitor), [(10, 100)]);
        assert_eq!(problems, []);
    }

    #[test]
    fn one_is_no_visitor_id() {
        assert_eq!(captured("_conv_v=vi:1*sc:1"), (Visitor::default(), alloc::vec![Code::NoVisitorId]));
        let (visitor, _) = captured("_conv_v=vi:1*sc:1; _conv_s=si:1*sh:1753152332187-5e-324*pv:2");
        assert_eq!(visitor.id.unwrap().as_str(), "1753152332187-5e-324");
    }

    #[test]
    fn reads_encoded_twice_and_plus_signs() {
        let (visitor, _) = captured("_conv_v=vi%253Aa%252Bb%2Asc%3A1");
        assert_eq!(visitor.id.unwrap().as_str(), "a+b");
        let (visitor, _) = captured("_conv_v=vi:a+b*sc:1");
        assert_eq!(visitor.id.unwrap().as_str(), "a b");
    }

    #[test]
    fn an_address_with_both_parameters_wins() {
        let page = |url| Page { cookies: Cookies::parse("_conv_v=vi:cookie"), url, ..Page::default() };
        let id = |page: Page<'_>| {
            let mut visitor = Visitor::default();
            assert!(capture(&mut visitor, &page, &mut Vec::new()));
            visitor.id.unwrap()
        };
        let both = "https://shop.example/?a=1&_conv_v=vi:url*sc:1&_conv_s=si:1*sh:2#_conv_v=no";
        assert_eq!(id(page(both)).as_str(), "url");
        assert_eq!(id(page("https://shop.example/?_conv_v=vi:url*sc:1")).as_str(), "cookie");
    }
}
