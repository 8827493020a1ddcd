-- Derived: `rebuild` makes these anew from the log, beside the old ones, and switches. Keys are small and clustered,
-- and news falls near their ends, so that writing costs the same however long the log is.

CREATE TABLE tenancy (                      -- one row: how much of institutions the rest rests on
    number INTEGER NOT NULL
);

CREATE TABLE root_account (                 -- how events name their institution, in the order in which that was learned
    number INTEGER PRIMARY KEY,
    uuid   TEXT,
    id     TEXT
);

CREATE TABLE institution (                  -- a uuid or a root account's id, numbered to keep keys small
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE
);

CREATE TABLE timeline (                     -- an aggregate's events in winning order
    tenant      INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    id          TEXT NOT NULL,
    event_time  INTEGER NOT NULL,
    updated     INTEGER NOT NULL,           -- 0 for _created, 1 for _updated
    updated_at  INTEGER NOT NULL,
    digest      BLOB NOT NULL,
    since       INTEGER NOT NULL,           -- tenancy numbers: from which on the event belongs here,
    until       INTEGER,                    -- until which; NULL while it does
    position    INTEGER NOT NULL,
    institution INTEGER NOT NULL,           -- as the event names it
    abroad      INTEGER NOT NULL,           -- 1 where it holds a global id of no shard known as the tenant's own
    context     TEXT,                       -- of the part of a tree it describes
    PRIMARY KEY (tenant, kind, id, event_time, updated, updated_at, digest, since)
) WITHOUT ROWID;
CREATE INDEX timeline_abroad ON timeline (institution) WHERE abroad;

CREATE TABLE titled (                       -- results some event of which has a title, which later ones may lack
    tenant INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    id     TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) WITHOUT ROWID;

CREATE TABLE milestone (                    -- of aggregates with many events: how far their event_time had come
    tenant     INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    id         TEXT NOT NULL,
    position   INTEGER NOT NULL,
    event_time INTEGER NOT NULL,            -- the latest of all up to the position
    PRIMARY KEY (tenant, kind, id, position)
) WITHOUT ROWID;

CREATE TABLE named (                        -- what events name beside themselves, numbered to keep keys small
    number INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    what   TEXT NOT NULL,
    id     TEXT NOT NULL,
    UNIQUE (tenant, what, id)
);

CREATE TABLE mention (                      -- which aggregates ever named it
    run   INTEGER NOT NULL,                 -- position / 65,536: only the last run is written to
    named INTEGER NOT NULL,
    kind  INTEGER NOT NULL,
    id    TEXT NOT NULL,                    -- of the aggregate that named it
    PRIMARY KEY (run, named, kind, id)
) WITHOUT ROWID;

CREATE TABLE birth (                        -- what the identities of one result have in common
    tenant     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    outcome    TEXT NOT NULL,
    generation INTEGER NOT NULL,            -- 1 or 2: a guessed identity, g1 or g2; 0: a row with an id
    twin       INTEGER NOT NULL,            -- the number of a row with an id that might have come without, else 0
    event_time INTEGER NOT NULL,            -- of an event of the result
    id         TEXT NOT NULL,               -- of the result
    PRIMARY KEY (tenant, created_at, outcome, generation, twin, event_time, id)
) WITHOUT ROWID;

CREATE TABLE part (                         -- outcomes, groups and links by context, each version: a tree is one range
    tenant     INTEGER NOT NULL,
    context    TEXT NOT NULL,               -- Account/1, Course/565
    kind       INTEGER NOT NULL,
    id         TEXT NOT NULL,
    event_time INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    digest     BLOB NOT NULL,
    position   INTEGER NOT NULL,
    since      INTEGER NOT NULL,            -- tenancy numbers, as in timeline
    until      INTEGER,
    status     TEXT NOT NULL,
    title      TEXT,
    parent     TEXT,
    outcome    TEXT,
    PRIMARY KEY (tenant, context, kind, id, event_time, updated, updated_at, digest, since)
) WITHOUT ROWID;

CREATE TABLE wanderer (                     -- outcomes, groups and links that were in more than one context, or moved
    tenant INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    id     TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) WITHOUT ROWID;

CREATE TABLE heard (                        -- how far an institution had been heard, after a batch
    institution INTEGER NOT NULL,
    batch       INTEGER NOT NULL,
    until       INTEGER NOT NULL,           -- its latest event_time so far
    since       INTEGER NOT NULL,           -- its earliest
    events      INTEGER NOT NULL,           -- so far
    PRIMARY KEY (institution, batch)
) WITHOUT ROWID;
