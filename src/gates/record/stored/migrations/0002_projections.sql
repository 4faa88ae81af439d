-- What follows from events and recordings. Times are UTC in ISO 8601, durations are in milliseconds.

-- A run of a command.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL UNIQUE,
    trace_id TEXT NOT NULL,       -- the question, the same for all attempts at it
    span_id TEXT NOT NULL,        -- this attempt
    attempt INTEGER NOT NULL,
    command TEXT NOT NULL,
    gates TEXT NOT NULL,          -- JSON: the gates that were named
    project TEXT NOT NULL,
    branch TEXT,
    commit_id TEXT,
    scope TEXT NOT NULL,
    status TEXT NOT NULL,         -- passed, failed, undecided, error, interrupted, lost; running: no end is known
    verdict TEXT NOT NULL,
    exit_code INTEGER,
    started TEXT NOT NULL,
    ended TEXT,
    duration_ms INTEGER NOT NULL,
    configuration TEXT,
    runner TEXT NOT NULL,         -- kind/id/job
    machine TEXT NOT NULL,        -- system, architecture and Python
    gates_version TEXT NOT NULL,
    backfilled INTEGER NOT NULL,
    report TEXT,                  -- digest of the report without `run`
    grounds TEXT,                 -- digest of what it was decided on
    unwritten INTEGER NOT NULL,   -- findings that have no event
    events INTEGER NOT NULL,
    tests INTEGER NOT NULL,
    failed_tests INTEGER NOT NULL
);
CREATE INDEX runs_by_start ON runs (started DESC, run DESC);
CREATE INDEX runs_by_status ON runs (status, started DESC, run DESC);
CREATE INDEX runs_by_branch ON runs (branch, started DESC, run DESC);
CREATE INDEX runs_by_command ON runs (command, started DESC, run DESC);
CREATE INDEX runs_by_commit ON runs (commit_id);

-- What was executed, once for all runs: a command, a gate or a test of a project, and how it went in the newest run.
CREATE TABLE subjects (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,           -- run, gate, test
    name TEXT NOT NULL,           -- check; lint or packages/a:lint; the node id
    newest TEXT NOT NULL,         -- started and name of its newest run
    newest_failed INTEGER NOT NULL,
    UNIQUE (kind, name)
);
CREATE INDEX subjects_failed ON subjects (kind, newest DESC) WHERE newest_failed = 1;

-- One attempt at a run, a gate or a test.
CREATE TABLE executions (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    gate_id INTEGER,              -- of a test: the subject that is the gate which ran it
    trace_id TEXT NOT NULL,
    span_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    told_retry_of TEXT,           -- span of the attempt before, as the event says
    retry_of TEXT,                -- the same, or as found by trace and attempt
    status TEXT NOT NULL,
    error_type TEXT,
    error_message TEXT,
    stack_hash TEXT,              -- the same for failures that look the same
    started TEXT,
    ended TEXT,
    duration_ms REAL NOT NULL,
    inputs TEXT,
    outputs TEXT,
    configuration TEXT,
    recording TEXT                -- of a test: where it stands
);
CREATE INDEX executions_of_run ON executions (run_id, kind);
CREATE INDEX executions_by_trace ON executions (trace_id, attempt);
CREATE INDEX executions_by_stack ON executions (stack_hash, run_id, subject_id) WHERE stack_hash IS NOT NULL;

-- The verdict of a gate in a run.
CREATE TABLE gates (
    subject_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    denominator INTEGER,
    unit TEXT,
    cached INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    findings TEXT NOT NULL,       -- JSON: how many block, by rule
    tools TEXT NOT NULL,          -- JSON: versions
    PRIMARY KEY (run_id, subject_id)
) WITHOUT ROWID;
CREATE INDEX gates_by_subject ON gates (subject_id, run_id);

-- A finding of a gate.
CREATE TABLE findings (
    run_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,         -- that of its event
    gate TEXT NOT NULL,
    project TEXT NOT NULL,
    rule TEXT NOT NULL,
    name TEXT NOT NULL,
    tool_rule TEXT,
    severity TEXT NOT NULL,
    message TEXT NOT NULL,
    path TEXT,
    line INTEGER,
    subject TEXT,
    fingerprint TEXT NOT NULL,
    blocks INTEGER NOT NULL,
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;

-- A number that a gate judged; `limit` is a word of SQL.
CREATE TABLE measures (
    run_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    gate TEXT NOT NULL,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    value REAL NOT NULL,
    unit TEXT NOT NULL,
    bound REAL,
    bound_from TEXT,
    direction TEXT,
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;

-- How a test ended in a run, all its attempts taken together.
CREATE TABLE tests (
    run_id INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    gate_id INTEGER NOT NULL,
    outcome TEXT NOT NULL,        -- passed, failed, error, flaky, skipped, xfailed, xpassed, unfinished
    reruns INTEGER NOT NULL,      -- attempts that failed and were followed by another
    duration_ms REAL NOT NULL,    -- of the last attempt
    PRIMARY KEY (run_id, subject_id, gate_id)
) WITHOUT ROWID;
CREATE INDEX tests_by_subject ON tests (subject_id, run_id);

-- A recording that ran in a run. `known` is 0 while nobody has seen it: the tests of the run are unknown until then.
CREATE TABLE suites (
    run_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    gate_id INTEGER NOT NULL,
    recording TEXT NOT NULL,
    known INTEGER NOT NULL,
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;
CREATE INDEX suites_unknown ON suites (recording) WHERE known = 0;

-- What became of a requirement in a run: `passed` where every test that names it passed.
CREATE TABLE requirements (
    requirement TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    status TEXT NOT NULL,         -- passed, failed, undecided: none failed and some did not pass
    tests INTEGER NOT NULL,
    failed INTEGER NOT NULL,      -- tests that did not pass
    PRIMARY KEY (requirement, run_id)
) WITHOUT ROWID;
CREATE INDEX requirements_of_run ON requirements (run_id);
