-- The store beside the event log of the eventsourcing library (table stored_events, whose rowid is
-- an event's position in the log). Instants are microseconds since 1970 UTC.

-- Primary: made by appending only, never derived again.

CREATE TABLE IF NOT EXISTS batch (          -- what was committed at one instant
    number      INTEGER PRIMARY KEY,
    first       INTEGER NOT NULL,           -- positions in the log
    last        INTEGER NOT NULL UNIQUE,
    recorded_at INTEGER NOT NULL UNIQUE,
    hash        BLOB NOT NULL               -- of the log up to `last`
);

CREATE TABLE IF NOT EXISTS source_range (   -- from which position on events were read from a source, until the next row
    first  INTEGER PRIMARY KEY,
    source TEXT NOT NULL                    -- another than that of the row before
);

CREATE TABLE IF NOT EXISTS quarantine (     -- what was refused or set aside, and why
    number     INTEGER PRIMARY KEY,
    sha256     BLOB NOT NULL UNIQUE,        -- of the whole input
    source     TEXT NOT NULL,
    position   INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    seen_at    INTEGER NOT NULL,
    length     INTEGER NOT NULL,            -- bytes of the whole input
    raw        BLOB NOT NULL,               -- all of it, or its first 64 KiB
    retried_at INTEGER                      -- when a retry could append it
);

CREATE TABLE IF NOT EXISTS duplicate (      -- events that were received again
    position INTEGER PRIMARY KEY,
    times    INTEGER NOT NULL,              -- how often again
    last_at  INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS setting (        -- what no event carries, in force from an instant on
    number      INTEGER PRIMARY KEY,
    tenant      TEXT NOT NULL,
    name        TEXT NOT NULL,
    value       TEXT NOT NULL,              -- on or off
    valid_from  INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS alias (          -- two names of one institution
    number      INTEGER PRIMARY KEY,
    other       TEXT NOT NULL UNIQUE,
    stands_for  TEXT NOT NULL,
    batch       INTEGER NOT NULL,           -- the last one before it was declared
    recorded_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS file_read (      -- files that were read whole, to their end
    path        TEXT PRIMARY KEY,
    size        INTEGER NOT NULL,           -- in bytes
    modified_at INTEGER NOT NULL,           -- nanoseconds since 1970
    sha256      BLOB NOT NULL,              -- of its bytes
    recorded_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS dictionary (     -- of zstd, with which events of this store are compressed
    number  INTEGER PRIMARY KEY,
    content BLOB NOT NULL
);

CREATE TABLE IF NOT EXISTS person (         -- who a learner is, for display only; deletable at once
    user_uuid TEXT PRIMARY KEY,
    name      TEXT,
    sis_id    TEXT
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS checksum (       -- over all of these but people: what was lost or altered shows
    name  TEXT PRIMARY KEY,                 -- of the table
    count INTEGER NOT NULL,                 -- of its rows
    sum   INTEGER NOT NULL                  -- of hashes of them
) WITHOUT ROWID;
