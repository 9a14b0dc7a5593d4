//! The ledger: what was sent, so that nothing is lost and nothing is counted twice by us.
//!
//! A request is written down before it leaves and again when its answer is there. Between the two lies what no sender can
//! know: after a crash such a request is in doubt, unless the platform documents that a repeat is harmless.

mod left;
mod lock;
mod log;
mod parked;
mod schema;
mod state;

pub use left::{Numbers, rows};
pub use log::Log;
pub use parked::platform;
pub use state::{State, repeat_of};

use crate::{
    config::Secrets,
    fault::{Code, Fault},
    job::Work,
};
use aftercall::values::{
    idempotency::IdempotencyKey,
    request::{Draft, Repeat},
};
use lock::Lock;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use std::{collections::HashMap, path::Path};

/// Requests that are taken into the index of keys at once.
const FILED_AT_ONCE: usize = 65_536;

/// A ledger that is open. Without a connection it remembers nothing: for measurements.
pub struct Ledger {
    connection: Option<Connection>,
    secrets: Secrets,
    /// The numbers of those that the index does not have yet.
    fresh: HashMap<[u8; 16], i64>,
    last: i64,
    now: i64,
    /// This start of the system, where it says so.
    boot: Option<String>,
    /// What was last written of what has left.
    left: Vec<u8>,
    _lock: Option<Lock>,
}

/// What the ledger knows of a conversion.
#[derive(Debug, PartialEq, Eq)]
pub enum Known {
    /// It is the same.
    Same(State),
    /// It had another revenue, and what that was.
    Changed { id: i64, state: State, was: Option<i64> },
}

/// A request that waits.
pub struct Waiting {
    pub id: i64,
    /// Nothing where it cannot be read any more.
    pub draft: Option<Draft>,
}

/// What became of a request.
#[derive(Clone, Debug)]
pub struct Settlement {
    pub id: i64,
    pub state: State,
    pub attempts: u32,
    pub status: Option<u16>,
    pub reason: Option<&'static str>,
}

/// One line of a report.
pub struct Line {
    pub key: String,
    pub platform: String,
    pub conversion: Option<String>,
    pub state: State,
    pub repeat: Repeat,
    pub attempts: i64,
    pub status: Option<i64>,
    pub reason: Option<String>,
    pub revenue: Option<i64>,
    pub changed: bool,
    pub new_revenue: Option<i64>,
    pub at: i64,
}

impl Ledger {
    /// Opens a ledger to write, alone; makes it where there is none.
    ///
    /// # Errors
    /// `ledger-busy`, `ledger-unusable`, `ledger-version`.
    pub fn open(path: &Path, wait: bool, secrets: &Secrets) -> Result<Self, Fault> {
        let lock = Lock::take(path, wait)?;
        let connection = Connection::open(path)?;
        // FULL: a transaction stands on the disk when it has ended.
        connection.execute_batch(
            "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA cache_size = -16000;",
        )?;
        let version = check_version(&connection, path)?;
        if version < schema::VERSION {
            connection.execute_batch(&format!(
                "BEGIN; {} PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT;",
                schema::steps_from(version),
                schema::APPLICATION,
                schema::VERSION
            ))?;
        }
        connection.execute_batch(&format!("BEGIN IMMEDIATE; {} COMMIT;", schema::FILE))?;
        Ok(Self::with(Some(connection), Some(lock), secrets))
    }

    /// Opens a ledger to look into, while another may write.
    ///
    /// # Errors
    /// `ledger-unusable`, `ledger-version`.
    pub fn look_into(path: &Path) -> Result<Self, Fault> {
        if !path.exists() {
            return Err(Fault::new(Code::LedgerUnusable, format!("There is no ledger at {}.", path.display())));
        }
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        match check_version(&connection, path)? {
            0 => return Err(Fault::new(Code::LedgerUnusable, format!("{} is no ledger.", path.display()))),
            schema::VERSION => {}
            // Brought up to date first.
            _ => drop(Self::open(path, true, &Secrets::default())?),
        }
        Ok(Self::with(Some(connection), None, &Secrets::default()))
    }

    /// A ledger that remembers nothing.
    pub fn none() -> Self {
        Self::with(None, None, &Secrets::default())
    }

    fn with(connection: Option<Connection>, lock: Option<Lock>, secrets: &Secrets) -> Self {
        Ledger {
            connection,
            secrets: secrets.clone(),
            fresh: HashMap::new(),
            last: 0,
            now: 0,
            boot: left::boot(),
            left: Vec::new(),
            _lock: lock,
        }
    }

    /// From now on a transaction is written and not flushed: its log is, by whoever holds it. Nothing where nothing is
    /// remembered.
    pub fn flush_apart(&self) -> Result<Option<Log>, Fault> {
        let Some(connection) = &self.connection else { return Ok(None) };
        // Whoever holds the log takes over what is in it; SQLite itself only if that does not succeed for long.
        connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16000;")?;
        Ok(Some(Log::of(connection.path().unwrap_or_default())?))
    }

    /// Is it known after a crash which of the requests that are marked as in flight have left? Else a mark alone says so.
    pub fn knows_what_left(&self) -> bool {
        self.boot.is_some()
    }

    /// Does it keep what it is told?
    pub fn remembers(&self) -> bool {
        self.connection.is_some()
    }

    /// Begins a transaction. `now`: seconds since the epoch.
    pub fn begin(&mut self, now: i64) -> Result<(), Fault> {
        self.now = now;
        self.execute("BEGIN IMMEDIATE")
    }

    /// Ends it; from here on it stands.
    pub fn commit(&mut self) -> Result<(), Fault> {
        if let Some(connection) = &self.connection
            && self.fresh.len() >= FILED_AT_ONCE
        {
            connection.execute_batch(schema::FILE)?;
            self.fresh.clear();
        }
        self.execute("COMMIT")
    }

    /// Ends it as if it had not been; nothing new can be admitted from then on.
    pub fn roll_back(&mut self) {
        // Where even this fails, closing the file does it.
        let _ = self.execute("ROLLBACK");
    }

    fn execute(&self, sql: &str) -> Result<(), Fault> {
        if let Some(connection) = &self.connection {
            connection.prepare_cached(sql)?.execute([])?;
        }
        Ok(())
    }

    /// What is known of a conversion, if anything.
    pub fn find(&self, work: &Work) -> Result<Option<Known>, Fault> {
        let Some(connection) = &self.connection else { return Ok(None) };
        let Some(id) = self.number(connection, &work.draft.key.bytes())? else { return Ok(None) };
        let mut select = connection.prepare_cached(
            "SELECT state, revenue, CASE WHEN changed THEN new_revenue ELSE revenue END, conversion IS NOT ?2
             FROM requests WHERE id = ?1",
        )?;
        type Columns = (i64, Option<i64>, Option<i64>, bool);
        let (state, first, was, other): Columns = select
            .query_row(params![id, work.conversion], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let state = State::of(state).unwrap_or(State::InDoubt);
        // Of what was forgotten nobody knows the revenue any more; another conversion of a user whose goal counts once has one
        // of its own. The first revenue again is an export from before the change.
        Ok(Some(if other || [first, was].contains(&work.revenue) {
            Known::Same(state)
        } else {
            Known::Changed { id, state, was }
        }))
    }

    /// The number of a key, where there is one.
    fn number(&self, connection: &Connection, key: &[u8; 16]) -> Result<Option<i64>, Fault> {
        if let Some(id) = self.fresh.get(key) {
            return Ok(Some(*id));
        }
        let mut select = connection.prepare_cached("SELECT id FROM keys WHERE key = ?1")?;
        Ok(select.query_row([&key[..]], |row| row.get(0)).optional()?)
    }

    /// Takes note of a conversion in that state; its number comes back, or nothing where it is known.
    pub fn admit(&mut self, work: &Work, state: State) -> Result<Option<i64>, Fault> {
        let Some(connection) = &self.connection else {
            self.last += 1;
            return Ok(Some(self.last));
        };
        let key = work.draft.key.bytes();
        if self.number(connection, &key)?.is_some() {
            return Ok(None);
        }
        let mut insert = connection.prepare_cached(
            "INSERT INTO requests (key, platform, state, repeat, attempts, revenue, changed, conversion, visitor, at, draft)
             VALUES (?1, ?2, ?3, ?4, 0, ?5, 0, ?6, ?7, ?8, ?9)",
        )?;
        insert.execute(params![
            key,
            work.draft.platform.name(),
            state.number(),
            state::repeat_number(work.draft.repeat),
            work.revenue,
            work.conversion,
            work.visitor,
            self.now,
            parked::park(&work.draft, &self.secrets)
        ])?;
        let id = connection.last_insert_rowid();
        self.fresh.insert(key, id);
        Ok(Some(id))
    }

    /// Takes note that a known conversion came with another revenue.
    pub fn note_change(&self, id: i64, revenue: Option<i64>) -> Result<(), Fault> {
        if let Some(connection) = &self.connection {
            connection
                .prepare_cached("UPDATE requests SET changed = changed + 1, new_revenue = ?2 WHERE id = ?1")?
                .execute(params![id, revenue])?;
        }
        Ok(())
    }

    /// The request leaves, which is written before it does; or it does not leave yet.
    pub fn mark(&self, id: i64, state: State) -> Result<(), Fault> {
        if let Some(connection) = &self.connection {
            let mut update = connection.prepare_cached("UPDATE requests SET state = ?2, at = ?3 WHERE id = ?1")?;
            update.execute(params![id, state.number(), self.now])?;
        }
        Ok(())
    }

    /// What has left and has no answer yet, all of it.
    pub fn leave<'a>(&mut self, numbers: impl Iterator<Item = &'a Numbers>) -> Result<(), Fault> {
        if let (Some(connection), Some(boot)) = (&self.connection, &self.boot) {
            let packed = left::pack(numbers);
            if packed != self.left {
                connection.prepare_cached("UPDATE gone SET boot = ?1, numbers = ?2")?.execute(params![boot, packed])?;
                self.left = packed;
            }
        }
        Ok(())
    }

    /// What became of it. The body of what is settled is not kept.
    pub fn settle(&self, settlement: &Settlement) -> Result<(), Fault> {
        let Some(connection) = &self.connection else { return Ok(()) };
        let Settlement { id, state, attempts, status, reason } = settlement;
        let sql = if state.is_settled() {
            "UPDATE requests SET state = ?2, attempts = ?3, status = ?4, reason = ?5, at = ?6, draft = NULL WHERE id = ?1"
        } else {
            "UPDATE requests SET state = ?2, attempts = ?3, status = ?4, reason = ?5, at = ?6 WHERE id = ?1"
        };
        connection.prepare_cached(sql)?.execute(params![id, state.number(), attempts, status, reason, self.now])?;
        Ok(())
    }

    /// What a run that ended between request and answer left behind: what had not left and safe requests go out again, of
    /// the others nobody knows. How many became in doubt comes back.
    pub fn recover(&self) -> Result<u64, Fault> {
        let Some(connection) = &self.connection else { return Ok(0) };
        let (boot, numbers): (String, Vec<u8>) =
            connection.query_row("SELECT boot, numbers FROM gone", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if Some(boot) == self.boot {
            // What is marked and not on the list stood in the ledger before its turn came.
            let gone = left::unpack(&numbers);
            let mut select = connection.prepare("SELECT id FROM requests WHERE state = ?1")?;
            let ids = select.query_map([State::InFlight.number()], |row| row.get::<_, i64>(0))?;
            for id in ids.collect::<Result<Vec<_>, _>>()? {
                if !gone.iter().any(|numbers| numbers.contains(&id)) {
                    self.mark(id, State::Pending)?;
                }
            }
        }
        // From here on it is this run that speaks of what has left.
        let boot = self.boot.as_deref().unwrap_or_default();
        connection.execute("UPDATE gone SET boot = ?1, numbers = x''", [boot])?;
        connection.execute(
            "UPDATE requests SET state = ?1 WHERE state = ?2 AND repeat = ?3",
            params![State::Pending.number(), State::InFlight.number(), state::repeat_number(Repeat::Safe)],
        )?;
        let doubtful = connection.execute(
            "UPDATE requests SET state = ?1, reason = ?2 WHERE state = ?3",
            params![State::InDoubt.number(), Code::Interrupted.name(), State::InFlight.number()],
        )?;
        Ok(u64::try_from(doubtful).unwrap_or(0))
    }

    /// Makes pending what is in that state and still has its body.
    pub fn revive(&self, state: State) -> Result<u64, Fault> {
        let Some(connection) = &self.connection else { return Ok(0) };
        let revived = connection.execute(
            "UPDATE requests SET state = ?1, attempts = 0 WHERE state = ?2 AND draft IS NOT NULL",
            params![State::Pending.number(), state.number()],
        )?;
        Ok(u64::try_from(revived).unwrap_or(0))
    }

    /// The highest number so far: what is pending up to there is of earlier runs.
    pub fn highest(&self) -> Result<i64, Fault> {
        let Some(connection) = &self.connection else { return Ok(0) };
        Ok(connection.query_row("SELECT coalesce(max(id), 0) FROM requests", [], |row| row.get(0))?)
    }

    /// Some of what is pending, in the order in which it came.
    pub fn waiting(&self, after: i64, up_to: i64, limit: usize) -> Result<Vec<Waiting>, Fault> {
        let Some(connection) = &self.connection else { return Ok(Vec::new()) };
        let mut select = connection.prepare_cached(
            "SELECT id, key, platform, repeat, draft FROM requests
             WHERE id > ?1 AND id <= ?2 AND state = ?3 AND draft IS NOT NULL ORDER BY id LIMIT ?4",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = select.query_map(params![after, up_to, State::Pending.number(), limit], |row| {
            let (key, platform): ([u8; 16], String) = (row.get(1)?, row.get(2)?);
            let (repeat, text): (i64, String) = (row.get(3)?, row.get(4)?);
            let draft = parked::platform(&platform).and_then(|platform| {
                let key = IdempotencyKey::from_bytes(key);
                parked::unpark(&text, platform, key, repeat_of(repeat), &self.secrets)
            });
            Ok(Waiting { id: row.get(0)?, draft })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Requests by platform and state, and how many of them are changed.
    pub fn counts(&self) -> Result<Vec<(String, State, u64, u64)>, Fault> {
        let Some(connection) = &self.connection else { return Ok(Vec::new()) };
        let mut select = connection
            .prepare("SELECT platform, state, count(*), sum(changed > 0) FROM requests GROUP BY 1, 2 ORDER BY 1, 2")?;
        let rows = select.query_map([], |row| {
            let count = |number: i64| u64::try_from(number).unwrap_or(0);
            let state = State::of(row.get(1)?).unwrap_or(State::InDoubt);
            Ok((row.get(0)?, state, count(row.get(2)?), count(row.get(3)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every request, or those of a state, line by line.
    pub fn report(
        &self,
        state: Option<State>,
        only_changed: bool,
        mut each: impl FnMut(&Line) -> std::io::Result<()>,
    ) -> Result<(), Fault> {
        let Some(connection) = &self.connection else { return Ok(()) };
        let mut select = connection.prepare(
            "SELECT key, platform, conversion, state, repeat, attempts, status, reason, revenue, changed, new_revenue, at
             FROM requests WHERE (?1 IS NULL OR state = ?1) AND (changed OR NOT ?2) ORDER BY id",
        )?;
        let mut rows = select.query(params![state.map(State::number), only_changed])?;
        while let Some(row) = rows.next()? {
            if each(&line(row)?).is_err() {
                // Whoever read this has gone: `| head`, say.
                break;
            }
        }
        Ok(())
    }

    /// The state of one key.
    pub fn state(&self, key: &IdempotencyKey) -> Result<Option<(State, i64)>, Fault> {
        let Some(connection) = &self.connection else { return Ok(None) };
        let found: Option<(i64, i64)> = connection
            .prepare_cached(
                "SELECT state, at FROM requests WHERE id = (
                   SELECT id FROM keys WHERE key = ?1 UNION ALL
                   SELECT id FROM requests WHERE id > (SELECT up_to FROM filed) AND key = ?1 LIMIT 1)",
            )?
            .query_row([&key.bytes()[..]], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.and_then(|(state, at)| Some((State::of(state)?, at))))
    }

    /// Forgets what nothing happened to since that second, but for what a run would still send by itself.
    pub fn prune(&self, before: i64) -> Result<u64, Fault> {
        let Some(connection) = &self.connection else { return Ok(0) };
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let pruned = connection.execute(
            "DELETE FROM requests WHERE at < ?1 AND state NOT IN (?2, ?3)",
            params![before, State::Pending.number(), State::InFlight.number()],
        )?;
        // The numbers behind the last are given again.
        connection.execute_batch(
            "DELETE FROM keys WHERE id NOT IN (SELECT id FROM requests);
             UPDATE filed SET up_to = (SELECT coalesce(max(id), 0) FROM requests);
             COMMIT; VACUUM;",
        )?;
        Ok(u64::try_from(pruned).unwrap_or(0))
    }

    /// Forgets whose conversions these are, by their id or by the visitor's hash. The keys stay, so that nothing is sent twice.
    pub fn forget(&self, conversion: &str, visitor: &[u8; 16]) -> Result<u64, Fault> {
        let Some(connection) = &self.connection else { return Ok(0) };
        let dead = params![
            conversion,
            &visitor[..],
            State::Dead.number(),
            Code::Forgotten.name(),
            State::Delivered.number(),
            State::Rejected.number()
        ];
        connection.execute_batch("BEGIN IMMEDIATE; PRAGMA secure_delete = ON;")?;
        let forgotten = connection.execute(
            "UPDATE requests SET conversion = NULL, visitor = NULL, draft = NULL, revenue = NULL, new_revenue = NULL, changed = 0,
               reason = CASE WHEN state IN (?5, ?6) THEN reason ELSE ?4 END,
               state = CASE WHEN state IN (?5, ?6) THEN state ELSE ?3 END
             WHERE conversion = ?1 OR visitor = ?2",
            dead,
        )?;
        connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);")?;
        Ok(u64::try_from(forgotten).unwrap_or(0))
    }
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    let key: [u8; 16] = row.get(0)?;
    Ok(Line {
        key: IdempotencyKey::from_bytes(key).hex(),
        platform: row.get(1)?,
        conversion: row.get(2)?,
        state: State::of(row.get(3)?).unwrap_or(State::InDoubt),
        repeat: repeat_of(row.get(4)?),
        attempts: row.get(5)?,
        status: row.get(6)?,
        reason: row.get(7)?,
        revenue: row.get(8)?,
        changed: row.get::<_, i64>(9)? > 0,
        new_revenue: row.get(10)?,
        at: row.get(11)?,
    })
}

/// The version of a ledger; 0 where the file is new.
fn check_version(connection: &Connection, path: &Path) -> Result<i64, Fault> {
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let (version, application) = (pragma("user_version")?, pragma("application_id")?);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    match (version, application, tables) {
        (0, 0, 0) => Ok(0),
        (1..=schema::VERSION, schema::APPLICATION, _) => Ok(version),
        (_, schema::APPLICATION, _) => {
            Err(Fault::new(Code::LedgerVersion, format!("{} is of a newer release: update this one.", path.display())))
        }
        _ => Err(Fault::new(Code::LedgerUnusable, format!("{} is another program's file.", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aftercall::values::{problem::PlatformName, request::Draft};

    fn work(conversion: &str) -> Work {
        let draft = Draft {
            platform: PlatformName::Vwo,
            url: "https://dacdn.visualwebsiteoptimizer.com/track-goal".into(),
            post: None,
            key: IdempotencyKey::new("vwo", "1", "2", "3", conversion),
            repeat: Repeat::CountsTwice,
        };
        Work { draft, conversion: conversion.into(), revenue: None, visitor: [0; 16] }
    }

    fn path(name: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("aftercall-ledger-{name}-{}.db", std::process::id()));
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", path.display()));
        }
        path
    }

    fn open(path: &Path) -> Ledger {
        Ledger::open(path, false, &Secrets::default()).unwrap()
    }

    #[test]
    fn what_is_known_is_known_before_and_after_it_is_filed() {
        let path = path("filed");
        let mut ledger = open(&path);
        for round in 0..3 {
            ledger.begin(1).unwrap();
            for number in 0..FILED_AT_ONCE {
                let id = ledger.admit(&work(&format!("{round}-{number}")), State::Delivered).unwrap();
                assert!(id.is_some());
                assert_eq!(ledger.admit(&work(&format!("{round}-{number}")), State::Pending).unwrap(), None);
            }
            ledger.commit().unwrap();
            assert!(ledger.fresh.is_empty());
        }
        ledger.begin(1).unwrap();
        ledger.admit(&work("fresh"), State::Delivered).unwrap();
        ledger.commit().unwrap();
        for known in ["0-0", "2-99", "fresh"] {
            assert_eq!(ledger.find(&work(known)).unwrap(), Some(Known::Same(State::Delivered)), "{known}");
            let reader = Ledger::look_into(&path).unwrap();
            assert_eq!(reader.state(&work(known).draft.key).unwrap(), Some((State::Delivered, 1)), "{known}");
        }
        assert_eq!(ledger.find(&work("new")).unwrap(), None);
        drop(ledger);
        let mut ledger = open(&path);
        assert_eq!(ledger.find(&work("fresh")).unwrap(), Some(Known::Same(State::Delivered)), "after a new start");
        // Numbers that are given again are found all the same.
        assert_eq!(ledger.prune(2).unwrap(), 3 * FILED_AT_ONCE as u64 + 1);
        assert_eq!(ledger.find(&work("fresh")).unwrap(), None);
        ledger.begin(3).unwrap();
        ledger.admit(&work("fresh"), State::Pending).unwrap();
        ledger.commit().unwrap();
        drop(ledger);
        assert_eq!(open(&path).find(&work("fresh")).unwrap(), Some(Known::Same(State::Pending)));
    }

    /// A run that claims five requests and a safe one, lets the second and the third leave, and ends.
    fn ended_in_between(path: &Path) {
        let mut ledger = open(path);
        ledger.begin(1).unwrap();
        ledger.recover().unwrap();
        for number in 1..=5 {
            assert_eq!(ledger.admit(&work(&number.to_string()), State::InFlight).unwrap(), Some(number));
        }
        let mut safe = work("6");
        safe.draft.repeat = Repeat::Safe;
        ledger.admit(&safe, State::InFlight).unwrap();
        ledger.leave([2..=3, 6..=6].iter()).unwrap();
        ledger.commit().unwrap();
    }

    fn states(ledger: &Ledger) -> Vec<State> {
        let mut states = Vec::new();
        let each = |line: &Line| {
            states.push(line.state);
            Ok(())
        };
        ledger.report(None, false, each).unwrap();
        states
    }

    #[test]
    fn after_a_crash_only_what_had_left_is_in_doubt() {
        use State::{InDoubt, Pending};
        let path = path("crash");
        ended_in_between(&path);
        let ledger = open(&path);
        let doubtful = if ledger.knows_what_left() { 2 } else { 5 };
        assert_eq!(ledger.recover().unwrap(), doubtful);
        if doubtful == 2 {
            assert_eq!(states(&ledger), [Pending, InDoubt, InDoubt, Pending, Pending, Pending]);
        }
        assert_eq!(ledger.recover().unwrap(), 0, "once is enough");
    }

    #[test]
    fn after_a_power_cut_all_that_was_marked_is_in_doubt() {
        use State::{InDoubt, Pending};
        let path = path("power-cut");
        ended_in_between(&path);
        // As if the system had begun anew since.
        Connection::open(&path).unwrap().execute("UPDATE gone SET boot = 'another'", []).unwrap();
        let ledger = open(&path);
        assert_eq!(ledger.recover().unwrap(), 5);
        assert_eq!(states(&ledger), [InDoubt, InDoubt, InDoubt, InDoubt, InDoubt, Pending]);
    }

    #[test]
    fn a_mark_in_a_ledger_of_version_2_says_that_it_left() {
        let path = path("version-2");
        ended_in_between(&path);
        Connection::open(&path).unwrap().execute_batch("DROP TABLE gone; PRAGMA user_version = 2;").unwrap();
        assert_eq!(open(&path).recover().unwrap(), 5);
    }

    #[test]
    fn what_is_flushed_apart_can_be_read_by_others() {
        let path = path("apart");
        let mut ledger = open(&path);
        let log = ledger.flush_apart().unwrap().unwrap();
        // So much that the log is begun anew in between.
        for round in 0..40 {
            ledger.begin(1).unwrap();
            for number in 0..2000 {
                ledger.admit(&work(&format!("{round}-{number}")), State::Delivered).unwrap();
            }
            ledger.commit().unwrap();
            log.flush().unwrap();
            log.shorten().unwrap();
        }
        let length = std::fs::metadata(format!("{}-wal", path.display())).unwrap().len();
        assert!(length < 40 << 20, "{length}");
        let reader = Ledger::look_into(&path).unwrap();
        assert_eq!(reader.state(&work("39-1999").draft.key).unwrap(), Some((State::Delivered, 1)));
        drop((log, reader, ledger));
        assert!(!std::fs::exists(format!("{}-wal", path.display())).unwrap(), "it is one file again");
    }

    #[test]
    fn what_a_run_still_sends_is_not_pruned() {
        let mut ledger = open(&path("prune"));
        ledger.begin(5).unwrap();
        for state in State::ALL {
            ledger.admit(&work(state.name()), *state).unwrap();
        }
        ledger.commit().unwrap();
        assert_eq!((ledger.prune(5).unwrap(), ledger.prune(6).unwrap()), (0, 4));
        let states: Vec<State> = ledger.counts().unwrap().iter().map(|(_, state, ..)| *state).collect();
        assert_eq!(states, [State::Pending, State::InFlight]);
    }

    #[test]
    fn a_ledger_of_version_1_is_read_on() {
        let path = path("version-1");
        let connection = Connection::open(&path).unwrap();
        let table =
            schema::REQUESTS.split(';').next().unwrap().replace("key BLOB NOT NULL", "key BLOB NOT NULL UNIQUE");
        connection
            .execute_batch(&format!(
                "{table}; PRAGMA application_id = {}; PRAGMA user_version = 1;
                 INSERT INTO requests VALUES (7, x'{}', 'vwo', 2, 2, 1, 200, NULL, NULL, 0, NULL, 'old', x'00', 5, NULL);",
                schema::APPLICATION,
                work("old").draft.key.hex()
            ))
            .unwrap();
        drop(connection);
        let reader = Ledger::look_into(&path).unwrap();
        assert_eq!(reader.state(&work("old").draft.key).unwrap(), Some((State::Delivered, 5)));
        let mut ledger = open(&path);
        assert_eq!(ledger.find(&work("old")).unwrap(), Some(Known::Same(State::Delivered)));
        ledger.begin(9).unwrap();
        assert_eq!(ledger.admit(&work("new"), State::Pending).unwrap(), Some(8));
        ledger.commit().unwrap();
        drop(ledger);
        assert_eq!(open(&path).find(&work("old")).unwrap(), Some(Known::Same(State::Delivered)), "once is enough");
    }
}
