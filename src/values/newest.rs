//! Which of several things that are said of an id is the newest.

use super::id::{Id, IdMap};

/// When the newest was said, of each id.
#[derive(Debug, Default)]
pub struct Newest(IdMap);

impl Newest {
    /// Is what was said of the id at that time the newest so far? Of one time it is what comes last.
    #[inline(never)]
    pub fn is_newest(&mut self, id: Id, time: Id) -> bool {
        let is_newest = self.0.get(id).is_none_or(|known| known.first() <= Some(&time));
        if is_newest {
            self.0.insert_one(id, time);
        }
        is_newest
    }
}
