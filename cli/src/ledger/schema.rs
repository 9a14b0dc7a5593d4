//! The ledger's tables. `docs/ledger.md` describes them for people; a change here is a new version with a step from the old.

/// Of the schema, in `PRAGMA user_version`.
pub const VERSION: i64 = 3;

/// Marks the file as ours, in `PRAGMA application_id`: "AFTC".
pub const APPLICATION: i64 = 0x4146_5443;

/// All that leads from that version to this one; a new file has version 0.
pub fn steps_from(version: i64) -> String {
    let steps: &[&str] = match version {
        0 => &[REQUESTS, KEYS, GONE],
        // There `requests` had an index of its own.
        1 => &[
            "ALTER TABLE requests RENAME TO old;",
            REQUESTS,
            "INSERT INTO requests SELECT * FROM old; DROP TABLE old;",
            KEYS,
            GONE,
        ],
        _ => &[GONE],
    };
    steps.concat()
}

/// What this is all about.
pub const REQUESTS: &str = "
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
";

/// Since version 2. Keys are hashes: in an index each falls on a page of its own, and these pages are most of what a ledger
/// writes. So the index is a table that is filled for many requests at once, in the order of the keys: up to `filed.up_to`
/// they are in it.
const KEYS: &str = "
CREATE TABLE keys (key BLOB PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE filed (up_to INTEGER NOT NULL) STRICT;
INSERT INTO filed VALUES (0);
";

/// Since version 3: what has left, and in which start of the system. Where nothing is written yet, a mark as in flight says it.
const GONE: &str = "
CREATE TABLE gone (boot TEXT NOT NULL, numbers BLOB NOT NULL) STRICT;
INSERT INTO gone VALUES ('', x'');
";

/// Takes into the index what is not in it.
pub const FILE: &str = "
INSERT INTO keys SELECT key, id FROM requests WHERE id > (SELECT up_to FROM filed) ORDER BY key;
UPDATE filed SET up_to = (SELECT coalesce(max(id), 0) FROM requests);
";
