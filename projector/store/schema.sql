-- The store beside the event log of the eventsourcing library (table stored_events, whose rowid is
-- an event's position in the log). Instants are microseconds since 1970 UTC.

-- Primary: made by appending only, never derived again.

CREATE TABLE IF NOT EXISTS batch (          -- what was committed at one instant
    number      INTEGER PRIMARY KEY,
    first       INTEGER NOT NULL,           -- positions in the log
    last        INTEGER NOT NULL UNIQUE,
    recorded_at INTEGER NOT NULL UNIQUE,
    source      TEXT NOT NULL,
    hash        BLOB NOT NULL               -- of the log up to `last`
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

CREATE TABLE IF NOT EXISTS repeat (         -- events that were heard again
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

CREATE TABLE IF NOT EXISTS person (         -- who a learner is, for display only; deletable at once
    user_uuid TEXT PRIMARY KEY,
    name      TEXT,
    sis_id    TEXT
) WITHOUT ROWID;

-- Derived: `rebuild` makes these anew from the log.

CREATE TABLE IF NOT EXISTS derivation (     -- one row: by which rules, knowing how much of institutions
    rules   INTEGER NOT NULL,
    tenancy INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS root_account (   -- how events name their institution
    uuid TEXT,
    id   TEXT
);

CREATE TABLE IF NOT EXISTS institution (    -- a uuid or a root account's id, numbered to keep keys small
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS stream (         -- events that always belong together
    number      INTEGER PRIMARY KEY,
    institution INTEGER NOT NULL,           -- as the events name it
    kind        INTEGER NOT NULL,
    context     TEXT,                       -- of the part of a tree its events describe
    abroad      INTEGER NOT NULL            -- 1 where an event holds a global id of no shard known as the tenant's own
);
CREATE INDEX IF NOT EXISTS stream_abroad ON stream (institution) WHERE abroad;

CREATE TABLE IF NOT EXISTS aggregate (      -- which streams make up an aggregate, from one tenancy number until another
    tenant INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    id     TEXT NOT NULL,
    stream INTEGER NOT NULL,
    since  INTEGER NOT NULL,
    until  INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind, id, stream, since)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS timeline (       -- a stream's events in winning order
    stream     INTEGER NOT NULL,
    event_time INTEGER NOT NULL,
    updated    INTEGER NOT NULL,            -- 0 for _created, 1 for _updated
    updated_at INTEGER NOT NULL,
    digest     BLOB NOT NULL,
    position   INTEGER NOT NULL,
    titled     INTEGER NOT NULL,
    PRIMARY KEY (stream, event_time, updated, updated_at, digest)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS timeline_titled ON timeline (stream) WHERE titled;

CREATE TABLE IF NOT EXISTS mention (        -- which aggregates ever named this outcome, learner, context, …
    tenant INTEGER NOT NULL,
    what   TEXT NOT NULL,
    id     TEXT NOT NULL,
    kind   INTEGER NOT NULL,
    named_by TEXT NOT NULL,                 -- the id of the aggregate that named it
    PRIMARY KEY (tenant, what, id, kind, named_by)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS part (           -- outcomes, groups and links by context, each version: a tree is one range
    tenant     INTEGER NOT NULL,
    context    TEXT NOT NULL,               -- Account/1, Course/565
    kind       INTEGER NOT NULL,
    id         TEXT NOT NULL,
    event_time INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    digest     BLOB NOT NULL,
    position   INTEGER NOT NULL,
    since      INTEGER NOT NULL,            -- tenancy numbers, as in aggregate
    until      INTEGER NOT NULL,
    status     TEXT NOT NULL,
    title      TEXT,
    parent     TEXT,
    outcome    TEXT,
    PRIMARY KEY (tenant, context, kind, id, event_time, updated, updated_at, digest, since)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS wanderer (       -- outcomes, groups and links that were in more than one context, or moved
    tenant INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    id     TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS heard (          -- how far an institution had been heard, after a batch
    institution INTEGER NOT NULL,
    batch       INTEGER NOT NULL,
    until       INTEGER NOT NULL,           -- its latest event_time so far
    since       INTEGER NOT NULL,           -- its earliest
    events      INTEGER NOT NULL,           -- so far
    PRIMARY KEY (institution, batch)
) WITHOUT ROWID;
