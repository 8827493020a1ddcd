-- A link is in the tree while neither it nor its outcome is deleted: its row is cut where that changes.

CREATE VIEW stored.links_shown AS
    WITH deleted_rows AS (
        SELECT tenant, id, valid_from, valid_to,
            CASE WHEN lag(valid_to) OVER (PARTITION BY tenant, id ORDER BY valid_from) = valid_from THEN 0 ELSE 1 END
                AS begins
        FROM stored.outcomes_now
        WHERE status = 'deleted'
    ),
    numbered AS (
        SELECT tenant, id, valid_from, valid_to,
            sum(begins) OVER (PARTITION BY tenant, id ORDER BY valid_from) AS span
        FROM deleted_rows
    ),
    deleted AS (  -- each span as long as it can be
        SELECT tenant, id, min(valid_from) AS valid_from,
            CASE WHEN count(valid_to) < count(*) THEN NULL ELSE max(valid_to) END AS valid_to
        FROM numbered
        GROUP BY tenant, id, span
    ),
    reached AS (
        SELECT l.position, l.valid_from, l.valid_to, d.valid_from AS deleted_from, d.valid_to AS deleted_to
        FROM stored.links_now AS l
        JOIN deleted AS d ON d.tenant = l.tenant AND d.id = l.learning_outcome_id
        WHERE l.status <> 'deleted' AND (l.valid_to IS NULL OR d.valid_from < l.valid_to)
            AND (d.valid_to IS NULL OR d.valid_to > l.valid_from)
    ),
    cuts AS (
        SELECT position, valid_from, FALSE AS is_deleted FROM stored.links_now
        UNION ALL
        SELECT position, greatest(deleted_from, valid_from), TRUE FROM reached
        UNION ALL
        SELECT position, deleted_to, FALSE FROM reached WHERE valid_to IS NULL OR deleted_to < valid_to
    ),
    joined AS (
        SELECT position, valid_from, bool_or(is_deleted) AS is_deleted
        FROM cuts
        WHERE valid_from IS NOT NULL
        GROUP BY position, valid_from
    ),
    parts AS (
        SELECT position, valid_from, is_deleted,
            lead(valid_from) OVER (PARTITION BY position ORDER BY valid_from) AS next_from
        FROM joined
    )
    SELECT l.* EXCLUDE (valid_from, valid_to), p.valid_from, coalesce(p.next_from, l.valid_to) AS valid_to,
        l.status <> 'deleted' AND NOT p.is_deleted AS in_tree
    FROM stored.links_now AS l
    JOIN parts AS p ON p.position = l.position;

CREATE MACRO stored.links_in_tree_at
    (t) AS TABLE (
        SELECT l.*, l.status <> 'deleted' AND d.id IS NULL AS in_tree
        FROM stored.links_at(t) AS l
        LEFT JOIN (
            SELECT tenant, id
            FROM stored.outcomes, (SELECT no_later(t) AS as_of) AS asked
            WHERE status = 'deleted' AND known_to IS NULL
                AND valid_from <= asked.as_of AND (next_from IS NULL OR next_from > asked.as_of)
        ) AS d ON d.tenant = l.tenant AND d.id = l.learning_outcome_id
    ),
    (t, k) AS TABLE (
        SELECT l.*, l.status <> 'deleted' AND d.id IS NULL AS in_tree
        FROM stored.links_at(t, k) AS l
        LEFT JOIN (
            SELECT tenant, id
            FROM stored.outcomes, (SELECT no_later(t) AS as_of, no_later(k) AS known) AS asked
            WHERE status = 'deleted'
                AND in_effect(valid_from, next_from, known_from, next_known, known_to, asked.as_of, asked.known)
        ) AS d ON d.tenant = l.tenant AND d.id = l.learning_outcome_id
    );
