-- Sources by ranges of positions, made from the source of each batch and its changes within batches.

INSERT OR IGNORE INTO source_range (first, source)
SELECT first, source FROM (
    SELECT first, source, lag(source) OVER (ORDER BY first) AS before FROM (
        SELECT first, source FROM batch_before
        UNION ALL
        SELECT position, source FROM source_change WHERE position NOT IN (SELECT first FROM batch_before)
    )
)
WHERE source IS NOT before AND typeof(first) = 'integer';

INSERT INTO batch (number, first, last, recorded_at, hash)
SELECT number, first, last, recorded_at, hash FROM batch_before;

DROP TABLE batch_before;
DROP TABLE source_change;
DELETE FROM checksum WHERE name = 'source_change';
