//! The ledger's table. `docs/ledger.md` describes them for people; a change here is a new version with a step from the old.

/// Of the schema, in `PRAGMA user_version`.
pub const VERSION: i64 = 2;

/// Marks the file as ours, in `PRAGMA application_id`: "AFTC".
pub const APPLICATION: i64 = 0x4146_5443;

/// Version 2.
///
/// Keys are hashes: in an index each falls on a page of its own, and these pages are most of what a ledger writes. So the
/// index is a table that is filled for many requests at once, in the order of the keys: up to `filed.up_to` they are in it.
pub const CREATE: &str = "
CREATE TABLE requests (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL,
  platform TEXT NOT NULL,
  state INTEGER NOT NULL,
  repeat INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  status INTEGER,
  reason TEXT,
  revenue INTEGER,
  changed INTEGER NOT NULL,
  new_revenue INTEGER,
  conversion TEXT,
  visitor BLOB,
  at INTEGER NOT NULL,
  draft TEXT
) STRICT;
CREATE TABLE keys (key BLOB PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE filed (up_to INTEGER NOT NULL) STRICT;
INSERT INTO filed VALUES (0);
";

/// Before and behind [`CREATE`], from version 1: there `requests` had an index of its own.
pub const FROM_1: [&str; 2] =
    ["ALTER TABLE requests RENAME TO old;", "INSERT INTO requests SELECT * FROM old; DROP TABLE old;"];

/// Takes into the index what is not in it.
pub const FILE: &str = "
INSERT INTO keys SELECT key, id FROM requests WHERE id > (SELECT up_to FROM filed) ORDER BY key;
UPDATE filed SET up_to = (SELECT coalesce(max(id), 0) FROM requests);
";
