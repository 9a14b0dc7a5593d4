//! What leaves as one request, and batches that are being filled.

use crate::{
    job::{self, Work},
    ledger::Numbers,
};
use aftercall::values::request::{ConversionRequest, Draft};
use std::collections::HashMap;

/// A conversion on its way.
pub enum Member {
    /// The ledger does not have it yet: it is written down when it leaves.
    New(Work),
    /// The ledger has it, under that number.
    Noted(i64, Draft),
}

impl Member {
    pub fn draft(&self) -> &Draft {
        match self {
            Member::New(work) => &work.draft,
            Member::Noted(_, draft) => draft,
        }
    }

    /// Its number in the ledger, where it has one.
    pub fn id(&self) -> Option<i64> {
        match self {
            Member::New(_) => None,
            Member::Noted(id, _) => Some(*id),
        }
    }
}

/// What leaves as one request.
pub struct Unit {
    pub members: Vec<Member>,
    /// The members' numbers in the ledger, once they have them.
    pub numbers: Vec<Numbers>,
    /// Attempts so far.
    pub attempts: u32,
    /// Its place in the host's bucket is taken already.
    pub placed: bool,
    /// It is part of a batch that was refused.
    pub is_half: bool,
}

impl Unit {
    pub fn of(members: Vec<Member>) -> Self {
        Unit { members, numbers: Vec::new(), attempts: 0, placed: false, is_half: false }
    }

    pub fn first(&self) -> Option<&Draft> {
        self.members.first().map(Member::draft)
    }

    pub fn host(&self) -> &str {
        self.first().and_then(|draft| job::host(&draft.url)).unwrap_or_default()
    }

    /// The request for all members.
    pub fn request(&self) -> Option<ConversionRequest> {
        let (first, others) = self.members.split_first()?;
        let others: Vec<Draft> = others.iter().map(|member| member.draft().clone()).collect();
        Some(first.draft().clone().join(&others))
    }

    /// Two halves, the first one last: one of them holds the bad row.
    pub fn halves(mut self) -> [Unit; 2] {
        let second = self.members.split_off(self.members.len() / 2);
        // They begin anew: what failed was the whole.
        [second, self.members].map(|members| Unit { is_half: true, ..Unit::of(members) })
    }
}

/// Batches that are being filled, by where they go.
pub struct Batches {
    open: HashMap<(String, String), (usize, Vec<Member>)>,
    held: usize,
    most: usize,
}

impl Batches {
    /// Batches of at most so many conversions.
    pub fn new(most: usize) -> Self {
        Batches { open: HashMap::new(), held: 0, most }
    }

    /// Takes a conversion. What is ready to leave comes back: itself, where it shares a request with nobody, or a batch that
    /// is full.
    pub fn take(&mut self, member: Member) -> Option<Unit> {
        let (size, limit, place) = match &member.draft().post {
            // Where the platform takes several, it waits for company.
            Some(post) if self.most > 1 && post.limit > 0 => {
                (post.size(), post.limit, (member.draft().url.clone(), post.head().to_owned()))
            }
            _ => return Some(Unit::of(vec![member])),
        };
        let around = place.1.len() + 64;
        let (filled, members) = self.open.entry(place).or_insert((around, Vec::new()));
        let mut full = None;
        if *filled + size > limit && !members.is_empty() {
            self.held -= members.len();
            *filled = around;
            full = Some(std::mem::take(members));
        }
        *filled += size;
        members.push(member);
        self.held += 1;
        if full.is_none() && members.len() >= self.most {
            self.held -= members.len();
            *filled = around;
            full = Some(std::mem::take(members));
        }
        full.map(together)
    }

    /// Conversions that wait for company.
    pub fn held(&self) -> usize {
        self.held
    }

    /// All that is there, full or not.
    pub fn flush(&mut self) -> Vec<Unit> {
        self.held = 0;
        self.open.drain().map(|(_, (_, members))| members).filter(|members| !members.is_empty()).map(together).collect()
    }
}

/// One request; conversions of one visitor stand together, otherwise as they came.
fn together(mut members: Vec<Member>) -> Unit {
    members.sort_by(|a, b| {
        let visitor = |member: &Member| {
            member.draft().post.as_ref().map(|post| (post.visitor_head().to_owned(), post.member().to_owned()))
        };
        visitor(a).cmp(&visitor(b))
    });
    Unit::of(members)
}
