//! The ledger's table. `docs/ledger.md` describes them for people; a change here is a new version with a step from the old.

/// Of the schema, in `PRAGMA user_version`.
pub const VERSION: i64 = 1;

/// Marks the file as ours, in `PRAGMA application_id`: "AFTC".
pub const APPLICATION: i64 = 0x4146_5443;

/// Version 1.
pub const CREATE: &str = "
CREATE TABLE requests (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
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
";
