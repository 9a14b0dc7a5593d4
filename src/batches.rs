//! Batches: many conversions of many visitors in as few requests as the platforms' limits allow.
//!
//! Optimizely's Event API, Kameleoon's Data API and Convert's v1 take many conversions at once; everything else has a
//! request of its own. What shares a request goes to the same place and differs in visitor and event alone
//! ([a POST's pieces](crate::values::request::Post)).

use crate::{
    conversion::{self, Accounts, Conversion},
    values::{
        idempotency::IdempotencyKey,
        index::Index,
        json::Writer,
        problem::{Code, Error, Problem},
        request::{ConversionRequest, Draft, Post},
    },
    visitor::VisitorContext,
};
use alloc::{string::String, vec::Vec};

/// A request, and the conversions that it carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The request; its key is made of the keys of all that it carries.
    pub request: ConversionRequest,
    /// What it carries: the conversion's id, and the key of a request for it alone.
    pub conversions: Vec<(String, IdempotencyKey)>,
}

/// A problem of one conversion of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairProblem {
    /// Which pair, counted from 0.
    pub pair: usize,
    /// The conversion's id, where it has a usable one.
    pub conversion: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What many conversions come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchPlan {
    /// To be sent.
    pub requests: Vec<Batch>,
    /// What cannot be told, and why. Nothing is dropped in silence.
    pub skipped: Vec<PairProblem>,
    /// Told all the same.
    pub warnings: Vec<PairProblem>,
}

/// Takes conversions one after the other and fills batches with them.
#[derive(Debug)]
pub struct Batcher<'a> {
    accounts: &'a Accounts,
    pairs: usize,
    /// Keys of drafts, and where a draft goes → the batch that still has room.
    seen: Index,
    batches: Vec<Filling>,
    plan: BatchPlan,
}

/// A batch that is being filled: entries in the order in which they came. Those of a visitor who has a part of the body
/// stand together in the end, so each of them knows the next.
#[derive(Debug, Default)]
struct Filling {
    size: usize,
    /// Parts of the body → the last entry so far.
    visitors: Index,
    entries: Vec<Entry>,
}

/// A draft, until it is taken, the conversion's id, and the next entry of the same part of the body.
#[derive(Debug)]
struct Entry {
    draft: Option<Draft>,
    id: String,
    next: usize,
}

/// The number of no entry.
const NONE: usize = usize::MAX;

impl<'a> Batcher<'a> {
    /// Batches for these accounts.
    #[must_use]
    pub fn new(accounts: &'a Accounts) -> Self {
        Batcher { accounts, pairs: 0, seen: Index::default(), batches: Vec::new(), plan: BatchPlan::default() }
    }

    /// Takes a conversion of a visitor. `captured_here`: see [`conversion::conversion_requests`].
    pub fn add(&mut self, visitor: &VisitorContext, captured_here: bool, conversion: &Conversion) {
        let id = &conversion.facts.id;
        let drafts = conversion::drafts(visitor, captured_here, conversion, self.accounts);
        let pair = self.pairs;
        self.pairs = pair.saturating_add(1);
        let of_pair = |problem| PairProblem { pair, conversion: id.clone(), problem };
        self.plan.skipped.extend(drafts.skipped.into_iter().map(of_pair));
        self.plan.warnings.extend(drafts.warnings.into_iter().map(of_pair));
        for draft in drafts.requests {
            // Numbers begin at 1 here, so that 0 says: seen before.
            let seen = core::mem::take(self.seen.number(&[draft.key.hex().as_bytes()], 1)) == 0;
            if seen {
                self.plan.skipped.push(of_pair(Problem::new(draft.platform, Code::DuplicateConversion, "id")));
            } else {
                self.place(draft, id);
            }
        }
    }

    /// Takes note of a pair that could not even be read. `conversion`: its id, where it has a usable one.
    pub fn refuse(&mut self, conversion: String, error: Error) {
        self.plan.skipped.push(PairProblem { pair: self.pairs, conversion, problem: error.into() });
        self.pairs = self.pairs.saturating_add(1);
    }

    /// The batches, in the order in which their first conversions came.
    #[must_use]
    pub fn finish(mut self) -> BatchPlan {
        for batch in self.batches {
            let (drafts, conversions) = batch.finish();
            let mut drafts = drafts.into_iter();
            if let Some(first) = drafts.next() {
                let request = first.join(drafts.as_slice());
                self.plan.requests.push(Batch { request, conversions });
            }
        }
        self.plan
    }

    fn place(&mut self, draft: Draft, id: &str) {
        let next = self.batches.len();
        let mut index = next;
        if let Some(post) = &draft.post {
            let open = self.seen.number(&[draft.url.as_bytes(), post.head().as_bytes()], next);
            if self.batches.get_mut(*open).is_some_and(|batch| batch.size_with(post) > post.limit) {
                *open = next;
            }
            index = *open;
        }
        if index == next {
            let around = draft.post.as_ref().map_or(0, |post| post.size_around());
            self.batches.push(Filling { size: around, ..Filling::default() });
        }
        if let Some(batch) = self.batches.get_mut(index) {
            batch.take(draft, id);
        }
    }
}

impl Filling {
    /// The last entry of the same part of the body.
    fn last(&mut self, post: &Post) -> &mut usize {
        self.visitors.number(&[post.visitor_head().as_bytes(), post.visitor_tail().as_bytes()], NONE)
    }

    /// Bytes of the body with this in it, at most.
    fn size_with(&mut self, post: &Post) -> usize {
        let mut size = post.size();
        if *self.last(post) != NONE {
            size = size.saturating_sub(post.visitor_head().len()).saturating_sub(post.visitor_tail().len());
        }
        self.size.saturating_add(size)
    }

    fn take(&mut self, draft: Draft, id: &str) {
        let place = self.entries.len();
        if let Some(post) = &draft.post {
            self.size = self.size_with(post);
            let last = core::mem::replace(self.last(post), place);
            if let Some(last) = self.entries.get_mut(last)
                && !post.visitor_head().is_empty()
            {
                last.next = place;
            }
        }
        self.entries.push(Entry { draft: Some(draft), id: String::from(id), next: NONE });
    }

    /// Drafts, and `conversions` as in [`Batch`], draft by draft.
    fn finish(mut self) -> (Vec<Draft>, Vec<(String, IdempotencyKey)>) {
        let mut drafts = Vec::new();
        let mut conversions = Vec::new();
        for first in 0..self.entries.len() {
            let mut place = first;
            while let Some(entry) = self.entries.get_mut(place)
                && let Some(draft) = entry.draft.take()
            {
                conversions.push((core::mem::take(&mut entry.id), draft.key));
                drafts.push(draft);
                place = entry.next;
            }
        }
        (drafts, conversions)
    }
}

impl BatchPlan {
    /// `{requests, skipped, warnings}`; a request also has `conversionIds` and `idempotencyKeys`, a problem also `pair` and
    /// `conversionId`.
    pub fn write(&self, out: &mut Writer) {
        out.open('{');
        out.name("requests");
        out.open('[');
        for batch in &self.requests {
            out.open('{');
            batch.request.write_members(out);
            out.texts("conversionIds", batch.conversions.iter().map(|(id, _)| id.as_str()));
            out.texts("idempotencyKeys", batch.conversions.iter().map(|(_, key)| key.hex()));
            out.close('}');
        }
        out.close(']');
        for (name, problems) in [("skipped", &self.skipped), ("warnings", &self.warnings)] {
            out.name(name);
            out.open('[');
            for problem in problems {
                problem.write(out);
            }
            out.close(']');
        }
        out.close('}');
    }
}

impl PairProblem {
    fn write(&self, out: &mut Writer) {
        out.open('{');
        out.number("pair", u64::try_from(self.pair).unwrap_or(u64::MAX));
        out.member("conversionId", &self.conversion);
        self.problem.write_members(out);
        out.close('}');
    }
}
