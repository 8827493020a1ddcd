-- The share of active results with mastery, of each outcome in each course, as of the last instant of each month.

WITH months AS (
    SELECT unnest(generate_series(date_trunc('month', min(valid_from)), max(valid_from), INTERVAL 1 MONTH)) AS month,
        month + INTERVAL 1 MONTH - INTERVAL 1 MICROSECOND AS as_of
    FROM {{ source('projector', 'results') }}
)
SELECT results.tenant, CAST(months.month AS DATE) AS month, results.result_context_id AS course,
    outcomes.id AS outcome, outcomes.title, count(*) AS results, avg(CAST(results.mastery AS INTEGER)) AS mastered
FROM months
JOIN {{ source('projector', 'results') }} AS results
    ON results.valid_from <= months.as_of AND (results.valid_to IS NULL OR months.as_of < results.valid_to)
JOIN {{ source('projector', 'outcomes') }} AS outcomes
    ON outcomes.tenant = results.tenant AND outcomes.id = results.learning_outcome_id
    AND outcomes.valid_from <= months.as_of AND (outcomes.valid_to IS NULL OR months.as_of < outcomes.valid_to)
WHERE results.status = 'active' AND results.mastery IS NOT NULL AND results.result_context_type = 'Course'
GROUP BY ALL
