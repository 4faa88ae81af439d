-- What the store was made from. Everything else in it follows from these tables, and can be made again.

-- An event, as it stands in its file without the end of the line. The key is the SHA-256 over run, span, attempt and
-- sequence, so that no event is ever there twice.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,     -- 32 bytes
    run TEXT NOT NULL,            -- 20261122T171350Z-8939d157
    seq INTEGER NOT NULL,         -- place in the file of the run, from 0
    line TEXT NOT NULL            -- canonical JSON
);
CREATE INDEX events_of_run ON events (run, seq);

-- What recorded runs of pytest say of each attempt at each test, by the digest of the recording.
CREATE TABLE recordings (
    digest TEXT PRIMARY KEY,      -- SHA-256 of .gates/recordings/DIGEST.jsonl
    tree TEXT NOT NULL,           -- digest of the files that were tested
    settings TEXT NOT NULL,       -- digest of what pytest was told
    started TEXT NOT NULL,
    attempts BLOB NOT NULL        -- compressed JSON: test, number, outcome, duration, error, requirements
) WITHOUT ROWID;

-- Closed event files that were read to their end; one of the same name, size and last digest is not read again.
CREATE TABLE files (
    name TEXT NOT NULL,
    head TEXT NOT NULL,           -- digest of the last event
    size INTEGER NOT NULL,        -- bytes
    modified INTEGER NOT NULL,    -- nanoseconds since 1970
    events INTEGER NOT NULL,
    bad_lines INTEGER NOT NULL,   -- lines that stand in quarantine.jsonl
    PRIMARY KEY (name, head)
) WITHOUT ROWID;
