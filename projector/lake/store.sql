-- Of which store, and up to where: one row.

CREATE TABLE store (
    position    BIGINT,       -- of the last event
    recorded_at TIMESTAMPTZ,  -- when that was recorded
    head_hash   VARCHAR,      -- of the log up to it
    rules       INTEGER,      -- by which its answers are derived
    format      INTEGER,      -- of these tables
    program     VARCHAR       -- that made them, and its version
);
