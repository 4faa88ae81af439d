-- Views for people, with names in place of numbers; `sqlite3 .gates/record.sqlite "SELECT * FROM v_runs LIMIT 5"`.

-- Runs, newest first, with the gates that did not pass.
CREATE VIEW v_runs AS
SELECT
    runs.run, runs.started, runs.command, runs.status, runs.verdict, runs.exit_code, runs.duration_ms,
    runs.branch, runs.commit_id, runs.attempt, runs.trace_id, runs.span_id,
    (SELECT retry_of FROM executions WHERE run_id = runs.id AND kind = 'run') AS retry_of,
    (SELECT group_concat(name, ' ') FROM (
        SELECT name FROM gates JOIN subjects ON subjects.id = subject_id
        WHERE run_id = runs.id AND verdict <> 'passed' ORDER BY name
    )) AS red,
    runs.tests, runs.failed_tests,
    (SELECT count(*) FROM suites WHERE run_id = runs.id AND known = 0) AS unknown_recordings,
    runs.project, runs.scope, runs.configuration, runs.runner, runs.machine, runs.gates_version, runs.backfilled,
    runs.ended, runs.report, runs.grounds, runs.unwritten
FROM runs ORDER BY runs.started DESC, runs.run DESC;

-- Attempts at runs, gates and tests. A test has the configuration and the files of the recording in which it stands.
CREATE VIEW v_executions AS
SELECT
    executions.kind, subjects.name AS subject, of_gate.name AS gate, runs.run, executions.trace_id, executions.span_id,
    executions.attempt, executions.retry_of, executions.status, executions.error_type, executions.error_message,
    executions.stack_hash, coalesce(executions.started, recordings.started) AS started, executions.ended,
    executions.duration_ms, coalesce(executions.inputs, recordings.tree) AS inputs,
    coalesce(executions.outputs, executions.recording) AS outputs,
    coalesce(executions.configuration, recordings.settings) AS configuration, runs.runner, runs.backfilled,
    runs.started AS run_started
FROM executions
JOIN runs ON runs.id = executions.run_id
JOIN subjects ON subjects.id = executions.subject_id
LEFT JOIN subjects AS of_gate ON of_gate.id = executions.gate_id
LEFT JOIN recordings ON recordings.digest = executions.recording;

-- What failed in the newest run of each command, gate and test; a run only where it is not a gate that failed. A
-- module that could not be collected is over with that as soon as one of its tests ran.
CREATE VIEW v_last_failed AS
SELECT kind, name AS subject, substr(newest, instr(newest, ' ') + 1) AS run,
    substr(newest, 1, instr(newest, ' ') - 1) AS started
FROM subjects WHERE newest_failed = 1 AND NOT EXISTS (
    SELECT 1 FROM subjects AS within WHERE within.kind = 'test' AND subjects.kind = 'test'
    AND (within.name BETWEEN subjects.name || '::' AND subjects.name || ':;') AND within.newest > subjects.newest
) ORDER BY kind DESC, newest DESC;

-- Findings, with the gate and the run.
CREATE VIEW v_findings AS
SELECT runs.run, runs.started, findings.gate, findings.project, findings.rule, findings.name, findings.tool_rule,
    findings.severity, findings.message, findings.path, findings.line, findings.subject, findings.fingerprint,
    findings.blocks
FROM findings JOIN runs ON runs.id = findings.run_id;

-- Numbers that gates judged; `bound` is the limit.
CREATE VIEW v_measures AS
SELECT runs.run, runs.started, measures.gate, measures.project, measures.name, measures.value, measures.unit,
    measures.bound, measures.bound_from, measures.direction
FROM measures JOIN runs ON runs.id = measures.run_id;

-- How each test ended in each run, all its attempts taken together.
CREATE VIEW v_tests AS
SELECT runs.run, runs.started, subjects.name AS test, of_gate.name AS gate, tests.outcome, tests.reruns,
    tests.duration_ms
FROM tests
JOIN runs ON runs.id = tests.run_id
JOIN subjects ON subjects.id = tests.subject_id
JOIN subjects AS of_gate ON of_gate.id = tests.gate_id;

-- Failures that look the same, the most frequent first.
CREATE VIEW v_patterns AS
SELECT executions.stack_hash, max(executions.error_type) AS error_type, max(executions.error_message) AS error_message,
    count(*) AS failures, count(DISTINCT executions.run_id) AS runs,
    count(DISTINCT executions.subject_id) AS subjects, min(runs.started) AS first, max(runs.started) AS last
FROM executions JOIN runs ON runs.id = executions.run_id
WHERE executions.stack_hash IS NOT NULL
GROUP BY executions.stack_hash ORDER BY failures DESC, executions.stack_hash;

-- Runs in which a recording ran for the first time: a run that takes it from the cache ran no test.
CREATE VIEW v_suites AS
SELECT run_id, started, run, min(tree) AS tree FROM (
    SELECT suites.recording, recordings.tree, min(runs.started || ' ' || runs.run) AS first,
        runs.id AS run_id, runs.started, runs.run
    FROM suites
    JOIN runs ON runs.id = suites.run_id
    JOIN recordings ON recordings.digest = suites.recording
    WHERE suites.known = 1
    GROUP BY suites.recording
) GROUP BY run_id ORDER BY started DESC, run DESC;

-- Tests whose outcome moved between neighbours among the newest 50 of those runs: `flips` of `pairs`, `same_tree` of
-- them over the same files, where those are known. `reruns` counts attempts that failed before another within a run.
CREATE VIEW v_flaky AS
WITH outcomes AS (
    SELECT tests.subject_id, max(tests.outcome IN ('failed', 'error', 'unfinished')) AS bad,
        sum(tests.reruns) AS reruns, recent.started, recent.run, recent.tree
    FROM (SELECT * FROM v_suites LIMIT 50) AS recent
    JOIN tests ON tests.run_id = recent.run_id
    WHERE tests.outcome <> 'skipped'
    GROUP BY tests.subject_id, tests.run_id
), pairs AS (
    SELECT *, lag(bad) OVER one AS bad_before, lag(tree) OVER one AS tree_before FROM outcomes
    WINDOW one AS (PARTITION BY subject_id ORDER BY started, run)
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
FROM (SELECT * FROM v_suites LIMIT 20) AS recent
JOIN tests ON tests.run_id = recent.run_id
JOIN subjects ON subjects.id = tests.subject_id
WHERE tests.outcome <> 'skipped'
GROUP BY tests.subject_id ORDER BY average_ms DESC, test;

-- What became of each requirement in each run.
CREATE VIEW v_requirements AS
SELECT requirements.requirement, runs.run, runs.started, requirements.status, requirements.tests, requirements.failed
FROM requirements JOIN runs ON runs.id = requirements.run_id
ORDER BY runs.started DESC, runs.run DESC, requirements.requirement;
