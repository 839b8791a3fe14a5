-- Running periods of matters, and documents with their numbers.

CREATE TABLE deadline (
    matter_kind TEXT NOT NULL, -- 'entry', 'record', 'complaint'
    matter TEXT NOT NULL, -- its id
    number INTEGER NOT NULL, -- 1, 2, 3 ... of the matter
    company TEXT,
    region TEXT,
    title TEXT NOT NULL,
    rule TEXT NOT NULL,
    period TEXT NOT NULL, -- '5 working days'
    start_event TEXT NOT NULL,
    start_on TEXT NOT NULL,
    due_on TEXT, -- NULL: in no year that the calendar covers
    calendar TEXT NOT NULL, -- version
    state TEXT NOT NULL CHECK (state IN ('running', 'met', 'missed', 'unjudged')),
    closed_on TEXT,
    days_late INTEGER NOT NULL,
    reminded TEXT, -- the last threshold that was reminded of: '3', '1', '0', 'overdue'
    version INTEGER NOT NULL, -- number of its events
    PRIMARY KEY (matter_kind, matter, number)
) STRICT;
CREATE INDEX deadline_board ON deadline (state, due_on);
CREATE INDEX deadline_company ON deadline (company, state);

CREATE TABLE deadline_event (
    matter_kind TEXT NOT NULL,
    matter TEXT NOT NULL,
    number INTEGER NOT NULL,
    seq INTEGER NOT NULL, -- 1, 2, 3 ...
    cause TEXT NOT NULL, -- 'started', 'moved', 'recomputed', 'met', 'missed', 'unjudged', 'reminded'
    at INTEGER NOT NULL,
    before TEXT, -- JSON of the period as it was; NULL at the start
    after TEXT, -- JSON of the period as it is now; NULL when it is over
    detail TEXT NOT NULL,
    PRIMARY KEY (matter_kind, matter, number, seq),
    FOREIGN KEY (matter_kind, matter, number) REFERENCES deadline (matter_kind, matter, number)
) STRICT;
CREATE INDEX deadline_event_reminded ON deadline_event (at) WHERE cause = 'reminded';

-- The last number of each kind of document and year.
CREATE TABLE document_counter (
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (kind, year)
) STRICT;

CREATE TABLE document (
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    mark TEXT NOT NULL, -- 文号
    matter_kind TEXT NOT NULL,
    matter TEXT NOT NULL,
    company TEXT NOT NULL,
    region TEXT,
    title TEXT NOT NULL,
    digest TEXT NOT NULL, -- SHA-256 of html
    template_digest TEXT NOT NULL, -- SHA-256 of the template
    html BLOB NOT NULL,
    issued_by TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    PRIMARY KEY (kind, year, number)
) STRICT;
CREATE UNIQUE INDEX document_id ON document (id);
CREATE UNIQUE INDEX document_mark ON document (mark);
CREATE INDEX document_matter ON document (matter_kind, matter);
CREATE INDEX document_company ON document (company, issued_at);

CREATE TABLE document_void (
    document TEXT NOT NULL PRIMARY KEY REFERENCES document (id),
    reason TEXT NOT NULL,
    voided_by TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER deadline_no_delete BEFORE DELETE ON deadline
BEGIN SELECT RAISE(ABORT, 'deadline is never deleted'); END;
CREATE TRIGGER deadline_event_no_update BEFORE UPDATE ON deadline_event
BEGIN SELECT RAISE(ABORT, 'deadline_event is append-only'); END;
CREATE TRIGGER deadline_event_no_delete BEFORE DELETE ON deadline_event
BEGIN SELECT RAISE(ABORT, 'deadline_event is append-only'); END;

-- A counter begins at 1 and goes up by one, and a document takes the number that the counter has just come to: no number is
-- skipped, none is given twice, whoever writes.
CREATE TRIGGER document_counter_begins BEFORE INSERT ON document_counter WHEN NEW.last <> 1
BEGIN SELECT RAISE(ABORT, 'document_counter begins at 1'); END;
CREATE TRIGGER document_counter_steps BEFORE UPDATE ON document_counter
WHEN NEW.last <> OLD.last + 1 OR NEW.kind <> OLD.kind OR NEW.year <> OLD.year
    OR NOT EXISTS (SELECT 1 FROM document
        WHERE kind = OLD.kind AND year = OLD.year AND number = OLD.last)
BEGIN SELECT RAISE(ABORT, 'document_counter goes up by one, a document each'); END;
CREATE TRIGGER document_counter_no_delete BEFORE DELETE ON document_counter
BEGIN SELECT RAISE(ABORT, 'document_counter is never deleted'); END;
CREATE TRIGGER document_numbered BEFORE INSERT ON document
WHEN NEW.number IS NOT (SELECT last FROM document_counter WHERE kind = NEW.kind AND year = NEW.year)
BEGIN SELECT RAISE(ABORT, 'a document takes the number that its counter has come to'); END;
CREATE TRIGGER document_no_update BEFORE UPDATE ON document
BEGIN SELECT RAISE(ABORT, 'document is append-only'); END;
CREATE TRIGGER document_no_delete BEFORE DELETE ON document
BEGIN SELECT RAISE(ABORT, 'document is append-only'); END;
CREATE TRIGGER document_void_no_update BEFORE UPDATE ON document_void
BEGIN SELECT RAISE(ABORT, 'document_void is append-only'); END;
CREATE TRIGGER document_void_no_delete BEFORE DELETE ON document_void
BEGIN SELECT RAISE(ABORT, 'document_void is append-only'); END;
