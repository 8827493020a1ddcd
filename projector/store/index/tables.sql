-- Derived: `rebuild` makes these again from the log, beside the old ones, and switches. Keys are small and clustered, and new
-- rows fall near their ends, so that writing costs the same however long the log is.

CREATE TABLE tenancy (                      -- one row: how much of institutions the rest rests on
    generation INTEGER NOT NULL
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
    tenant          INTEGER NOT NULL,
    kind            INTEGER NOT NULL,
    id              TEXT NOT NULL,
    event_time      INTEGER NOT NULL,
    updated         INTEGER NOT NULL,       -- 0 for _created, 1 for _updated
    updated_at      INTEGER NOT NULL,
    digest          BLOB NOT NULL,
    from_generation INTEGER NOT NULL,       -- of the tenancy: from which on the event belongs here,
    to_generation   INTEGER,                -- until which; NULL while it does
    position        INTEGER NOT NULL,
    institution     INTEGER NOT NULL,       -- as the event names it
    context         TEXT,                   -- of the part of a tree it describes
    PRIMARY KEY (tenant, kind, id, event_time, updated, updated_at, digest, from_generation)
) WITHOUT ROWID;

CREATE TABLE unresolved (                   -- rows of timelines whose events hold global ids of no shard of the tenant
    institution INTEGER NOT NULL,           -- as the event names it
    position    INTEGER NOT NULL,
    kind        INTEGER NOT NULL,
    PRIMARY KEY (institution, position, kind)
) WITHOUT ROWID;

CREATE TABLE has_title (                    -- results some event of which has a title, which later ones may lack
    tenant INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    id     TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) WITHOUT ROWID;

CREATE TABLE high_water (                   -- of aggregates with many events: how far their event_time had come
    tenant     INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    id         TEXT NOT NULL,
    position   INTEGER NOT NULL,
    event_time INTEGER NOT NULL,            -- the latest of all up to the position
    PRIMARY KEY (tenant, kind, id, position)
) WITHOUT ROWID;

CREATE TABLE mention_target (               -- what events name beside themselves, numbered to keep keys small
    number INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    what   TEXT NOT NULL,
    id     TEXT NOT NULL,
    UNIQUE (tenant, what, id)
);

CREATE TABLE mention (                      -- which aggregates ever named it
    segment INTEGER NOT NULL,               -- position / 65,536: only the last segment is written to
    target  INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    batch   INTEGER NOT NULL,               -- in which it was named; below 0 for events that moved to other aggregates
    ids     TEXT NOT NULL,                  -- a JSON array: of the aggregates that named it
    PRIMARY KEY (segment, target, kind, batch)
) WITHOUT ROWID;

CREATE TABLE result_row (                   -- what the identities of one result have in common
    tenant      INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    outcome     TEXT NOT NULL,
    generation  INTEGER NOT NULL,           -- 1 or 2: a guessed identity, g1 or g2; 0: a row with an id
    fingerprint INTEGER NOT NULL,           -- of a row with an id that might have come without, else 0
    event_time  INTEGER NOT NULL,           -- of an event of the result
    id          TEXT NOT NULL,              -- of the result
    PRIMARY KEY (tenant, created_at, outcome, generation, fingerprint, event_time, id)
) WITHOUT ROWID;

CREATE TABLE part (                         -- outcomes, groups and links by context, each version: a tree is one range
    tenant          INTEGER NOT NULL,
    context         TEXT NOT NULL,          -- Account/1, Course/565
    kind            INTEGER NOT NULL,
    id              TEXT NOT NULL,
    event_time      INTEGER NOT NULL,
    updated         INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    digest          BLOB NOT NULL,
    position        INTEGER NOT NULL,
    from_generation INTEGER NOT NULL,       -- as in timeline
    to_generation   INTEGER,
    status          TEXT NOT NULL,
    title           TEXT,
    parent          TEXT,
    outcome         TEXT,
    PRIMARY KEY (tenant, context, kind, id, event_time, updated, updated_at, digest, from_generation)
) WITHOUT ROWID;

CREATE TABLE multi_context_part (           -- outcomes, groups and links that were in more than one context, or moved
    tenant INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    id     TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, id)
) WITHOUT ROWID;

CREATE TABLE received (                     -- the events of an institution up to a batch
    institution INTEGER NOT NULL,
    batch       INTEGER NOT NULL,
    last        INTEGER NOT NULL,           -- the latest event_time so far
    first       INTEGER NOT NULL,           -- the earliest
    events      INTEGER NOT NULL,           -- so far
    PRIMARY KEY (institution, batch)
) WITHOUT ROWID;
