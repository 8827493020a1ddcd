-- The time of the next event of its aggregate, in the order that decides, and when that was recorded: of aggregates
-- whose events were recorded in this order, in which `n` numbers them. Window functions only: every engine runs the same
-- text.

SELECT
    n,
    event_time AS valid_from,
    lead(event_time) OVER following AS next_from,
    recorded_at AS known_from,
    lead(recorded_at) OVER following AS next_known
FROM events
WHERE in_order
WINDOW following AS (PARTITION BY tenant, kind, id ORDER BY n)
