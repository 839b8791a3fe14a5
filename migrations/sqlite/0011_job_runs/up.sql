-- Jobs that this database knows, and the run of each that is under way.
CREATE TABLE job (
    name TEXT NOT NULL PRIMARY KEY,
    since INTEGER NOT NULL, -- slots after this instant are run, whoever is away meanwhile
    slot INTEGER, -- of the run under way; NULL: by hand
    started_at INTEGER, -- of the run under way; NULL: there is none
    holder TEXT NOT NULL -- who runs it; '': nobody
) STRICT;

-- Runs that have ended, however. The last 500 of each job stay.
CREATE TABLE job_history (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    slot INTEGER, -- NULL: by hand
    holder TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    outcome TEXT NOT NULL, -- 'done', 'failed', 'lost'
    detail TEXT NOT NULL -- what was done, or why not
) STRICT;
CREATE INDEX job_history_name ON job_history (name, id);

CREATE TRIGGER job_history_no_update BEFORE UPDATE ON job_history
BEGIN SELECT RAISE(ABORT, 'job_history is append-only'); END;
CREATE TRIGGER job_history_no_early_delete BEFORE DELETE ON job_history
WHEN (SELECT count(*) FROM job_history AS newer WHERE newer.name = OLD.name AND newer.id > OLD.id) < 500
BEGIN SELECT RAISE(ABORT, 'job_history keeps the last 500 runs of a job'); END;
