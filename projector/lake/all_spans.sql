-- The spans of events: those of windows, and those of the fold.

SELECT n, valid_from, next_from, known_from, next_known, CAST(NULL AS TIMESTAMPTZ) AS known_to,
    CAST(NULL AS TIMESTAMPTZ) AS own_from, CAST(NULL AS TIMESTAMPTZ) AS own_to,
    'no' AS guessed, CAST(NULL AS VARCHAR) AS continued_by, next_from IS NULL AS is_last
FROM ({spans})
WHERE next_known IS NULL OR next_known > known_from OR next_from > valid_from
UNION ALL
SELECT n, valid_from, next_from, known_from, NULL, known_to, own_from, own_to, guessed, continued_by, is_last
FROM folded
