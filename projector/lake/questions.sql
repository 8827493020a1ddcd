-- The instants of a question, and whether a stored row is in effect.

-- the instant that a question is asked of; NULL: no bound. It takes some 5 ms of a query each time: use it once.
CREATE MACRO no_later(t) AS coalesce(instant(t), TIMESTAMPTZ 'infinity');

-- whether a stored row is in effect as of an instant, by what was known at another
CREATE MACRO in_effect(valid_from, next_from, known_from, next_known, known_to, as_of, known) AS
    known_from <= known AND (known_to IS NULL OR known_to > known)
    AND valid_from <= as_of AND (next_from IS NULL OR next_from > as_of OR next_known > known);
