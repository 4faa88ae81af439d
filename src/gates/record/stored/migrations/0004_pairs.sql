-- Outcomes of a test are compared only where the same gate ran it on the same kind of machine, over the files of that
-- gate: a member of a workspace has files of its own, and legs of a matrix of a CI may differ for ever.
DROP VIEW v_flaky;
DROP VIEW v_slowest;
DROP VIEW v_suites;

-- Gates for which a recording ran for the first time in a run: a run that takes it from the cache ran no test. `place`
-- counts those runs from the newest, which is 1; `tree` is empty where recordings of the gate were over several.
CREATE VIEW v_suites AS
SELECT run_id, gate_id, started, run, machine, CASE WHEN min(tree) = max(tree) THEN min(tree) ELSE '' END AS tree,
    dense_rank() OVER (ORDER BY started DESC, run DESC) AS place
FROM (
    SELECT suites.gate_id, recordings.tree,
        min(printf('%s %s %012d', runs.started, runs.run, suites.seq)) AS first,
        runs.id AS run_id, runs.started, runs.run, runs.machine
    FROM suites
    JOIN runs ON runs.id = suites.run_id
    JOIN recordings ON recordings.digest = suites.recording
    WHERE suites.known = 1
    GROUP BY suites.recording
) GROUP BY run_id, gate_id ORDER BY started DESC, run DESC, gate_id;

-- Tests whose outcome moved among the newest 50 of those runs. A pair are two neighbours among the runs of a gate on
-- machines of one kind: `flips` of `pairs`, `same_tree` of them over the same files, where those are known. `reruns`
-- counts attempts that failed before another within a run.
CREATE VIEW v_flaky AS
WITH outcomes AS (
    SELECT tests.subject_id, tests.gate_id, recent.machine, tests.outcome IN ('failed', 'error', 'unfinished') AS bad,
        tests.reruns, recent.started, recent.run, recent.tree
    FROM v_suites AS recent
    JOIN tests ON tests.run_id = recent.run_id AND tests.gate_id = recent.gate_id
    WHERE recent.place <= 50 AND tests.outcome <> 'skipped'
), pairs AS (
    SELECT *, lag(bad) OVER one AS bad_before, lag(tree) OVER one AS tree_before FROM outcomes
    WINDOW one AS (PARTITION BY subject_id, gate_id, machine ORDER BY started, run)
)
SELECT subjects.name AS test, count(*) AS runs, sum(bad) AS failures, count(bad_before) AS pairs,
    total(bad <> bad_before) AS flips, total(bad <> bad_before AND tree = tree_before AND tree <> '') AS same_tree,
    sum(reruns) AS reruns, round(total(bad <> bad_before) / max(count(bad_before), 1), 4) AS rate,
    max(started) AS last
FROM pairs JOIN subjects ON subjects.id = subject_id
GROUP BY subject_id HAVING total(bad <> bad_before) > 0 OR sum(reruns) > 0
ORDER BY rate DESC, reruns DESC, test;

-- Tests by how long they take on the average of the newest 20 of those runs, the slowest first.
CREATE VIEW v_slowest AS
SELECT subjects.name AS test, count(*) AS runs, round(avg(tests.duration_ms), 1) AS average_ms,
    max(tests.duration_ms) AS most_ms
FROM v_suites AS recent
JOIN tests ON tests.run_id = recent.run_id AND tests.gate_id = recent.gate_id
JOIN subjects ON subjects.id = tests.subject_id
WHERE recent.place <= 20 AND tests.outcome <> 'skipped'
GROUP BY tests.subject_id ORDER BY average_ms DESC, test;
