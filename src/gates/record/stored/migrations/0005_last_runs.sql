-- The newest run of a gate is told apart by the command: that a gate passes and that it was proved are two things, and
-- neither is over with what became of the other.
CREATE TABLE last_runs_before AS SELECT id, kind, name, newest, newest_failed FROM subjects;
DROP VIEW v_last_failed;
DROP TABLE subjects;

-- What was executed, once for all runs: a command, a gate or a test of a project.
CREATE TABLE subjects (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,           -- run, gate, test
    name TEXT NOT NULL,           -- check; lint or packages/a:lint; the node id
    UNIQUE (kind, name)
);

-- How it went in the newest run of each command and test, and of each gate by the command that ran it.
CREATE TABLE last_runs (
    subject_id INTEGER NOT NULL,
    command TEXT NOT NULL,        -- empty of a test, which is the same whatever runs it
    newest TEXT NOT NULL,         -- started and name of its newest run
    failed INTEGER NOT NULL,
    PRIMARY KEY (subject_id, command)
) WITHOUT ROWID;
CREATE INDEX last_runs_failed ON last_runs (newest DESC) WHERE failed = 1;

INSERT INTO subjects (id, kind, name) SELECT id, kind, name FROM last_runs_before;
INSERT INTO last_runs (subject_id, command, newest, failed)
SELECT id, CASE kind WHEN 'run' THEN name ELSE '' END, newest, newest_failed
FROM last_runs_before WHERE kind <> 'gate';
INSERT INTO last_runs (subject_id, command, newest, failed)
SELECT subject_id, command, newest, failed FROM (
    SELECT gates.subject_id, runs.command, max(runs.started || ' ' || runs.run) AS newest,
        gates.verdict <> 'passed' AS failed
    FROM gates JOIN runs ON runs.id = gates.run_id GROUP BY gates.subject_id, runs.command
);
DROP TABLE last_runs_before;

-- What failed in the newest run of each command, gate and test; a run only where it is not a gate that failed. A
-- module that could not be collected is over with that as soon as one of its tests ran, and a test is as soon as the
-- gate that ran it passes, be it on evidence of the cache or without that test.
CREATE VIEW v_last_failed AS
SELECT subjects.kind, subjects.name AS subject, last_runs.command,
    substr(last_runs.newest, instr(last_runs.newest, ' ') + 1) AS run,
    substr(last_runs.newest, 1, instr(last_runs.newest, ' ') - 1) AS started
FROM last_runs CROSS JOIN subjects ON subjects.id = last_runs.subject_id
WHERE last_runs.failed = 1 AND NOT EXISTS (
    SELECT 1 FROM subjects AS within JOIN last_runs AS later ON later.subject_id = within.id
    WHERE within.kind = 'test' AND subjects.kind = 'test'
    AND (within.name BETWEEN subjects.name || '::' AND subjects.name || ':;') AND later.newest > last_runs.newest
) AND NOT EXISTS (
    SELECT 1 FROM runs JOIN tests ON tests.run_id = runs.id AND tests.subject_id = subjects.id
    JOIN last_runs AS judged ON judged.subject_id = tests.gate_id
    WHERE runs.run = substr(last_runs.newest, instr(last_runs.newest, ' ') + 1) AND subjects.kind = 'test'
    AND judged.command NOT IN ('prove', 'diagnose') AND judged.failed = 0 AND judged.newest > last_runs.newest
) ORDER BY subjects.kind DESC, last_runs.newest DESC, subjects.name, last_runs.command;
