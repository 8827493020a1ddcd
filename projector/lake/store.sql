-- Of which store, and up to where: one row.

CREATE TABLE store (
    position    BIGINT,       -- of the last event
    recorded_at TIMESTAMPTZ,  -- when that was recorded
    head_hash   VARCHAR,      -- of the log up to it
    rules       INTEGER,      -- by which its answers are derived
    format      INTEGER,      -- of these tables
    program     VARCHAR       -- that made them, and its version
);

CREATE TABLE stored.made (
    generation INTEGER,       -- of what is known of institutions
    derivation INTEGER        -- of the store's index: another one where that was rebuilt
);

-- an instant no later than which something is asked; NULL: no bound
CREATE MACRO no_later(t) AS coalesce(instant(t), TIMESTAMPTZ 'infinity');
