-- Visits of spot checks, the files and records that hang on them, and the publication of results. But for the state of a visit
-- everything is only ever added.

CREATE TABLE inspection (
    company TEXT NOT NULL,
    task TEXT NOT NULL REFERENCES check_task (id),
    attempt INTEGER NOT NULL, -- of the draw
    object TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL, -- number of its events
    code TEXT, -- what the company looks the visit up by; from the arrival on
    code_digest TEXT UNIQUE, -- SHA-256 of the code: looked up by it, so that no comparison tells how much of a guess was right
    arrived_on TEXT,
    settled_on TEXT,
    year INTEGER NOT NULL, -- of the first day of the visits
    data TEXT NOT NULL, -- JSON: who and what, as it was when the visit began
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (company, task, attempt, object)
) STRICT;
CREATE UNIQUE INDEX inspection_object ON inspection (task, attempt, object);
CREATE INDEX inspection_year ON inspection (year);

CREATE TABLE inspection_event (
    task TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    object TEXT NOT NULL,
    seq INTEGER NOT NULL, -- the version of the visit that this event made
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    data TEXT NOT NULL, -- JSON
    PRIMARY KEY (task, attempt, object, seq)
) STRICT;

-- A finding becomes a record once.
CREATE TABLE inspection_record (
    task TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    object TEXT NOT NULL,
    item TEXT NOT NULL, -- of the rule set: a line of the checklist
    record TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    PRIMARY KEY (task, attempt, object, item)
) STRICT;

CREATE TABLE inspection_file (
    task TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    object TEXT NOT NULL,
    digest TEXT NOT NULL, -- SHA-256 of its bytes
    media TEXT NOT NULL,
    size INTEGER NOT NULL,
    name TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (task, attempt, object, digest)
) STRICT;
CREATE INDEX inspection_file_digest ON inspection_file (digest);

CREATE TABLE inspection_publication (
    task TEXT NOT NULL REFERENCES check_task (id),
    attempt INTEGER NOT NULL,
    due_on TEXT, -- NULL: in no year that the calendar covered
    published_on TEXT NOT NULL,
    days_late INTEGER NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (task, attempt)
) STRICT;

CREATE TRIGGER inspection_no_delete BEFORE DELETE ON inspection
BEGIN SELECT RAISE(ABORT, 'inspection is never deleted'); END;
CREATE TRIGGER inspection_event_no_update BEFORE UPDATE ON inspection_event
BEGIN SELECT RAISE(ABORT, 'inspection_event is append-only'); END;
CREATE TRIGGER inspection_event_no_delete BEFORE DELETE ON inspection_event
BEGIN SELECT RAISE(ABORT, 'inspection_event is append-only'); END;
CREATE TRIGGER inspection_record_no_update BEFORE UPDATE ON inspection_record
BEGIN SELECT RAISE(ABORT, 'inspection_record is append-only'); END;
CREATE TRIGGER inspection_record_no_delete BEFORE DELETE ON inspection_record
BEGIN SELECT RAISE(ABORT, 'inspection_record is append-only'); END;
CREATE TRIGGER inspection_file_no_update BEFORE UPDATE ON inspection_file
BEGIN SELECT RAISE(ABORT, 'inspection_file is append-only'); END;
CREATE TRIGGER inspection_file_no_delete BEFORE DELETE ON inspection_file
BEGIN SELECT RAISE(ABORT, 'inspection_file is append-only'); END;
CREATE TRIGGER inspection_publication_no_update BEFORE UPDATE ON inspection_publication
BEGIN SELECT RAISE(ABORT, 'inspection_publication is append-only'); END;
CREATE TRIGGER inspection_publication_no_delete BEFORE DELETE ON inspection_publication
BEGIN SELECT RAISE(ABORT, 'inspection_publication is append-only'); END;
