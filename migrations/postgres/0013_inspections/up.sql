-- Visits of spot checks, the files and records that hang on them, and the publication of results. But for the state of a visit
-- everything is only ever added.

CREATE TABLE inspection (
    company TEXT COLLATE "C" NOT NULL,
    task TEXT COLLATE "C" NOT NULL REFERENCES check_task (id),
    attempt BIGINT NOT NULL, -- of the draw
    object TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL, -- number of its events
    code TEXT COLLATE "C", -- what the company looks the visit up by; from the arrival on
    code_digest TEXT COLLATE "C" UNIQUE, -- SHA-256 of the code: looked up by it, so that no comparison tells how much of a guess was right
    arrived_on TEXT COLLATE "C",
    settled_on TEXT COLLATE "C",
    year BIGINT NOT NULL, -- of the first day of the visits
    data TEXT COLLATE "C" NOT NULL, -- JSON: who and what, as it was when the visit began
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (company, task, attempt, object)
);
CREATE UNIQUE INDEX inspection_object ON inspection (task, attempt, object);
CREATE INDEX inspection_year ON inspection (year);

CREATE TABLE inspection_event (
    task TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL, -- the version of the visit that this event made
    kind TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL, -- JSON
    PRIMARY KEY (task, attempt, object, seq)
);

-- A finding becomes a record once.
CREATE TABLE inspection_record (
    task TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    item TEXT COLLATE "C" NOT NULL, -- of the rule set: a line of the checklist
    record TEXT COLLATE "C" NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    PRIMARY KEY (task, attempt, object, item)
);

CREATE TABLE inspection_file (
    task TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    object TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL, -- SHA-256 of its bytes
    media TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (task, attempt, object, digest)
);
CREATE INDEX inspection_file_digest ON inspection_file (digest);

CREATE TABLE inspection_publication (
    task TEXT COLLATE "C" NOT NULL REFERENCES check_task (id),
    attempt BIGINT NOT NULL,
    due_on TEXT COLLATE "C", -- NULL: in no year that the calendar covered
    published_on TEXT COLLATE "C" NOT NULL,
    days_late BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (task, attempt)
);

CREATE TRIGGER inspection_no_delete BEFORE DELETE ON inspection FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_event_append_only BEFORE UPDATE OR DELETE ON inspection_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_event_no_truncate BEFORE TRUNCATE ON inspection_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_record_append_only BEFORE UPDATE OR DELETE ON inspection_record
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_record_no_truncate BEFORE TRUNCATE ON inspection_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_file_append_only BEFORE UPDATE OR DELETE ON inspection_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_file_no_truncate BEFORE TRUNCATE ON inspection_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_publication_append_only BEFORE UPDATE OR DELETE ON inspection_publication
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_publication_no_truncate BEFORE TRUNCATE ON inspection_publication
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
