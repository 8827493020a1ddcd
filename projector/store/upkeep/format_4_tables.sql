-- From formats 1, 2 and 3 to 4: what was derived goes, and tables that stay get the names of format 4.

DROP TABLE IF EXISTS stream;
DROP TABLE IF EXISTS aggregate;
DROP TABLE IF EXISTS derivation;
DROP TABLE IF EXISTS tenancy;
DROP TABLE IF EXISTS root_account;
DROP TABLE IF EXISTS institution;
DROP TABLE IF EXISTS timeline;
DROP TABLE IF EXISTS titled;
DROP TABLE IF EXISTS milestone;
DROP TABLE IF EXISTS named;
DROP TABLE IF EXISTS mention;
DROP TABLE IF EXISTS birth;
DROP TABLE IF EXISTS part;
DROP TABLE IF EXISTS wanderer;
DROP TABLE IF EXISTS heard;

-- Of a rebuild that was ended.

DROP TABLE IF EXISTS fresh_tenancy;
DROP TABLE IF EXISTS fresh_root_account;
DROP TABLE IF EXISTS fresh_institution;
DROP TABLE IF EXISTS fresh_timeline;
DROP TABLE IF EXISTS fresh_titled;
DROP TABLE IF EXISTS fresh_milestone;
DROP TABLE IF EXISTS fresh_named;
DROP TABLE IF EXISTS fresh_mention;
DROP TABLE IF EXISTS fresh_birth;
DROP TABLE IF EXISTS fresh_part;
DROP TABLE IF EXISTS fresh_wanderer;
DROP TABLE IF EXISTS fresh_heard;

-- Those that a format did not have yet, or that a damaged store has lost.

CREATE TABLE IF NOT EXISTS batch (
    number      INTEGER PRIMARY KEY,
    first       INTEGER NOT NULL,
    last        INTEGER NOT NULL UNIQUE,
    recorded_at INTEGER NOT NULL UNIQUE,
    source      TEXT NOT NULL,
    hash        BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS source_change (position INTEGER PRIMARY KEY, source TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS repeat (position INTEGER PRIMARY KEY, times INTEGER NOT NULL, last_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS seal (name TEXT PRIMARY KEY, count INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;

ALTER TABLE batch RENAME TO batch_before;
ALTER TABLE repeat RENAME TO duplicate;
ALTER TABLE seal RENAME TO checksum;
UPDATE OR IGNORE checksum SET name = 'duplicate' WHERE name = 'repeat';
