-- The stored rows of a kind, whose columns layout.py names, as tables.

-- by what is known now
CREATE VIEW stored.{table}_now AS
    SELECT tenant, id, position, valid_from, next_from AS valid_to, recorded_at, {rest}
    FROM stored.{table}
    WHERE known_to IS NULL AND (next_from IS NULL OR next_from > valid_from OR continued_by IS NOT NULL);

-- on both clocks: until the next event was known nothing ended the version. One pass, so that rows stay in their order.
CREATE VIEW stored.{table}_both AS
    SELECT tenant, id, valid_from, CASE WHEN is_ended THEN next_from END AS valid_to, recorded_at,
        CASE WHEN is_ended THEN coalesce(next_known, known_from) ELSE known_from END AS known_from,
        CASE WHEN is_ended THEN known_to ELSE next_known END AS known_to, {rest}
    FROM (
        SELECT *, unnest(CASE WHEN next_known > known_from THEN [FALSE, TRUE] ELSE [TRUE] END) AS is_ended
        FROM stored.{table}
    )
    WHERE NOT is_ended OR next_from IS NULL OR next_from > valid_from OR continued_by IS NOT NULL;

-- as of an instant, with the versions' own spans
CREATE MACRO stored.{table}_at
    (t) AS TABLE (
        SELECT tenant, id, coalesce(own_from, valid_from) AS valid_from,
            CASE WHEN own_from IS NULL THEN next_from ELSE own_to END AS valid_to, recorded_at, {rest_in_effect}
        FROM stored.{table}, (SELECT no_later(t) AS as_of) AS asked
        WHERE known_to IS NULL AND valid_from <= asked.as_of AND (next_from IS NULL OR next_from > asked.as_of)
    ),
    (t, k) AS TABLE (
        SELECT tenant, id, coalesce(own_from, valid_from) AS valid_from,
            CASE WHEN next_known > asked.known THEN NULL WHEN own_from IS NULL THEN next_from ELSE own_to END
                AS valid_to,
            recorded_at, {rest_in_effect}
        FROM stored.{table}, (SELECT no_later(t) AS as_of, no_later(k) AS known) AS asked
        WHERE in_effect(valid_from, next_from, known_from, next_known, known_to, asked.as_of, asked.known)
    );
