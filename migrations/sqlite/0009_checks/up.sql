-- Spot checks (双随机、一公开): the libraries, the tasks and their events, the published files, the secrets apart from them,
-- and who is visited by whom. But for the state of a task everything is only ever added.

CREATE TABLE check_version (
    kind TEXT NOT NULL, -- 'item' or 'officer'
    id TEXT NOT NULL,
    version INTEGER NOT NULL, -- 1, 2, 3 ...; the last one is in use
    district TEXT, -- of an officer
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    data TEXT NOT NULL, -- JSON
    PRIMARY KEY (kind, id, version)
) STRICT;

CREATE TABLE check_task (
    id TEXT NOT NULL PRIMARY KEY, -- number of the draw
    district TEXT NOT NULL,
    state TEXT NOT NULL, -- 'planned', 'committed', 'drawn', 'failed', 'revealed'
    version INTEGER NOT NULL, -- number of its events
    data TEXT NOT NULL, -- JSON of the whole task; no secret
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX check_task_district ON check_task (district, id);

CREATE TABLE check_task_event (
    task TEXT NOT NULL REFERENCES check_task (id),
    seq INTEGER NOT NULL, -- the version of the task that this event made
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    data TEXT NOT NULL, -- JSON; no secret
    PRIMARY KEY (task, seq)
) STRICT;

CREATE TABLE check_file (
    task TEXT NOT NULL REFERENCES check_task (id),
    seq INTEGER NOT NULL, -- of the event that published it; the last one is public
    at INTEGER NOT NULL,
    data TEXT NOT NULL, -- the published file
    PRIMARY KEY (task, seq)
) STRICT;

-- What nothing but the draw itself reads before the reveal.
CREATE TABLE check_secret (
    task TEXT NOT NULL REFERENCES check_task (id),
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    data TEXT NOT NULL, -- secret, salt, frozen plan, substitutions
    PRIMARY KEY (task, seq)
) STRICT;

-- A ledger: an object comes in by the draw or a substitution, and goes out by a substitution.
CREATE TABLE check_visit (
    company TEXT NOT NULL,
    task TEXT NOT NULL REFERENCES check_task (id),
    attempt INTEGER NOT NULL, -- the last one of a task counts
    number INTEGER NOT NULL, -- 0: the draw; else that of the substitution
    object TEXT NOT NULL,
    way INTEGER NOT NULL, -- 1: in, -1: out
    kind TEXT NOT NULL, -- 'company' or 'project'
    district TEXT NOT NULL,
    grade TEXT NOT NULL,
    officers TEXT NOT NULL, -- ids, with ; between them
    year INTEGER NOT NULL, -- of the first day of the visits
    at INTEGER NOT NULL,
    PRIMARY KEY (company, task, attempt, number, object, way)
) STRICT;
CREATE INDEX check_visit_year ON check_visit (year);
CREATE INDEX check_visit_task ON check_visit (task);

CREATE TRIGGER check_version_no_update BEFORE UPDATE ON check_version
BEGIN SELECT RAISE(ABORT, 'check_version is append-only'); END;
CREATE TRIGGER check_version_no_delete BEFORE DELETE ON check_version
BEGIN SELECT RAISE(ABORT, 'check_version is append-only'); END;
CREATE TRIGGER check_task_no_delete BEFORE DELETE ON check_task
BEGIN SELECT RAISE(ABORT, 'check_task is never deleted'); END;
CREATE TRIGGER check_task_event_no_update BEFORE UPDATE ON check_task_event
BEGIN SELECT RAISE(ABORT, 'check_task_event is append-only'); END;
CREATE TRIGGER check_task_event_no_delete BEFORE DELETE ON check_task_event
BEGIN SELECT RAISE(ABORT, 'check_task_event is append-only'); END;
CREATE TRIGGER check_file_no_update BEFORE UPDATE ON check_file
BEGIN SELECT RAISE(ABORT, 'check_file is append-only'); END;
CREATE TRIGGER check_file_no_delete BEFORE DELETE ON check_file
BEGIN SELECT RAISE(ABORT, 'check_file is append-only'); END;
CREATE TRIGGER check_secret_no_update BEFORE UPDATE ON check_secret
BEGIN SELECT RAISE(ABORT, 'check_secret is append-only'); END;
CREATE TRIGGER check_secret_no_delete BEFORE DELETE ON check_secret
BEGIN SELECT RAISE(ABORT, 'check_secret is append-only'); END;
CREATE TRIGGER check_visit_no_update BEFORE UPDATE ON check_visit
BEGIN SELECT RAISE(ABORT, 'check_visit is append-only'); END;
CREATE TRIGGER check_visit_no_delete BEFORE DELETE ON check_visit
BEGIN SELECT RAISE(ABORT, 'check_visit is append-only'); END;
