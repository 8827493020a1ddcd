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

-- the instant that a question is asked of; NULL: no bound. It takes some 5 ms of a query each time: use it once.
CREATE MACRO no_later(t) AS coalesce(instant(t), TIMESTAMPTZ 'infinity');

-- whether a stored row is in effect as of an instant, by what was known at another
CREATE MACRO in_effect(valid_from, next_from, known_from, next_known, known_to, as_of, known) AS
    known_from <= known AND (known_to IS NULL OR known_to > known)
    AND valid_from <= as_of AND (next_from IS NULL OR next_from > as_of OR next_known > known);
