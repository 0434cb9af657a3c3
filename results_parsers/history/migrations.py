"""The tables of the history, as the steps that lead to them; ``user_version`` counts those made.

A step that has been released is never changed: a new one follows it.
"""

STEPS = (
    """
    CREATE TABLE jobs (
        id INTEGER PRIMARY KEY,
        job_id TEXT NOT NULL UNIQUE,
        digest TEXT NOT NULL,        -- of the files it was read from
        folder TEXT NOT NULL,
        started REAL,                -- this and all times: seconds since 1970
        complete INTEGER NOT NULL,
        problems TEXT NOT NULL       -- JSON: a list of sentences
    ) STRICT;
    CREATE INDEX jobs_by_time ON jobs (started);

    CREATE TABLE tags (
        job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        tag TEXT NOT NULL,
        PRIMARY KEY (tag, job)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tags_by_job ON tags (job);

    CREATE TABLE tests (
        id INTEGER PRIMARY KEY,
        job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        status TEXT NOT NULL,
        reason TEXT NOT NULL,
        seconds REAL NOT NULL,
        started REAL,
        logdir TEXT NOT NULL,
        level INTEGER,               -- this and the next six: of tests of ours only
        scenario TEXT,
        filesystem TEXT,
        kernel TEXT,
        kernel_release TEXT,
        accelerator TEXT,
        host_class TEXT,
        record BLOB                  -- the whole record or whiteboard: JSON, deflated
    ) STRICT;
    CREATE INDEX tests_by_job ON tests (job);
    CREATE INDEX tests_by_name ON tests (name, started);

    CREATE TABLE metrics (
        test INTEGER NOT NULL REFERENCES tests (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        unit TEXT NOT NULL,
        better TEXT NOT NULL,
        value REAL NOT NULL,
        samples TEXT NOT NULL,       -- JSON: a list of numbers
        noisy INTEGER NOT NULL,      -- how many of the samples a busy host spoiled
        reference TEXT,              -- the filesystem that was measured beside
        ratio REAL,                  -- to that
        PRIMARY KEY (test, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX metrics_by_name ON metrics (name);

    CREATE TABLE findings (
        test INTEGER NOT NULL REFERENCES tests (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,      -- from 0 on, as in the record
        title TEXT NOT NULL,
        kind TEXT NOT NULL,
        severity TEXT NOT NULL,
        expected INTEGER NOT NULL,
        known INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (test, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX findings_by_title ON findings (title);
    """,
    """
    CREATE TABLE alerts (
        fingerprint TEXT NOT NULL,
        started TEXT NOT NULL,       -- this and the end: RFC 3339, as Alertmanager gives them
        ended TEXT,
        status TEXT NOT NULL,
        name TEXT NOT NULL,
        labels TEXT NOT NULL,        -- JSON: a mapping, as the annotations
        annotations TEXT NOT NULL,
        PRIMARY KEY (fingerprint, started)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE templates (         -- of the lines of logs
        id INTEGER PRIMARY KEY,
        text TEXT NOT NULL,          -- <*> and the like for what differs
        example TEXT NOT NULL        -- the first such line, what is never the same masked
    ) STRICT;

    CREATE TABLE template_counts (
        job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        template INTEGER NOT NULL REFERENCES templates (id),
        lines INTEGER NOT NULL,
        tests INTEGER NOT NULL,      -- that have such a line
        PRIMARY KEY (template, job)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX template_counts_by_job ON template_counts (job);

    CREATE TABLE mined (             -- jobs whose logs were read
        job INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
        lines INTEGER NOT NULL,
        unmatched INTEGER NOT NULL   -- lines without a template: there were too many new ones
    ) STRICT;
    """,
)
