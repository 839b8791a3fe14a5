-- Running periods of matters, and documents with their numbers.

CREATE TABLE deadline (
    matter_kind TEXT COLLATE "C" NOT NULL, -- 'entry', 'record', 'complaint'
    matter TEXT COLLATE "C" NOT NULL, -- its id
    number BIGINT NOT NULL, -- 1, 2, 3 ... of the matter
    company TEXT COLLATE "C",
    region TEXT COLLATE "C",
    title TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL, -- '5 working days'
    start_event TEXT COLLATE "C" NOT NULL,
    start_on TEXT COLLATE "C" NOT NULL,
    due_on TEXT COLLATE "C", -- NULL: in no year that the calendar covers
    calendar TEXT COLLATE "C" NOT NULL, -- version
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'met', 'missed', 'unjudged')),
    closed_on TEXT COLLATE "C",
    days_late BIGINT NOT NULL,
    reminded TEXT COLLATE "C", -- the last threshold that was reminded of: '3', '1', '0', 'overdue'
    version BIGINT NOT NULL, -- number of its events
    PRIMARY KEY (matter_kind, matter, number)
);
CREATE INDEX deadline_board ON deadline (state, due_on);
CREATE INDEX deadline_company ON deadline (company, state);

CREATE TABLE deadline_event (
    matter_kind TEXT COLLATE "C" NOT NULL,
    matter TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    seq BIGINT NOT NULL, -- 1, 2, 3 ...
    cause TEXT COLLATE "C" NOT NULL, -- 'started', 'moved', 'recomputed', 'met', 'missed', 'unjudged', 'reminded'
    at BIGINT NOT NULL,
    before TEXT COLLATE "C", -- JSON of the period as it was; NULL at the start
    after TEXT COLLATE "C", -- JSON of the period as it is now; NULL when it is over
    detail TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (matter_kind, matter, number, seq),
    FOREIGN KEY (matter_kind, matter, number) REFERENCES deadline (matter_kind, matter, number)
);
CREATE INDEX deadline_event_reminded ON deadline_event (at) WHERE cause = 'reminded';

-- The last number of each kind of document and year.
CREATE TABLE document_counter (
    kind TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (kind, year)
);

CREATE TABLE document (
    kind TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    number BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    mark TEXT COLLATE "C" NOT NULL, -- 文号
    matter_kind TEXT COLLATE "C" NOT NULL,
    matter TEXT COLLATE "C" NOT NULL,
    company TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C",
    title TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL, -- SHA-256 of html
    template_digest TEXT COLLATE "C" NOT NULL, -- SHA-256 of the template
    html BYTEA NOT NULL,
    issued_by TEXT COLLATE "C" NOT NULL,
    issued_at BIGINT NOT NULL,
    PRIMARY KEY (kind, year, number)
);
CREATE UNIQUE INDEX document_id ON document (id);
CREATE UNIQUE INDEX document_mark ON document (mark);
CREATE INDEX document_matter ON document (matter_kind, matter);
CREATE INDEX document_company ON document (company, issued_at);

CREATE TABLE document_void (
    document TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES document (id),
    reason TEXT COLLATE "C" NOT NULL,
    voided_by TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);

CREATE FUNCTION document_counter_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last <> 1 THEN
        RAISE EXCEPTION 'document_counter begins at 1' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
-- A counter begins at 1 and goes up by one, and a document takes the number that the counter has just come to: no number is
-- skipped, none is given twice, whoever writes.
CREATE FUNCTION document_counter_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.last <> OLD.last + 1 OR NEW.kind <> OLD.kind OR NEW.year <> OLD.year
        OR NOT EXISTS (SELECT 1 FROM document
            WHERE kind = OLD.kind AND year = OLD.year AND number = OLD.last) THEN
        RAISE EXCEPTION 'document_counter goes up by one, a document each' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION document_numbered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number IS DISTINCT FROM
        (SELECT last FROM document_counter WHERE kind = NEW.kind AND year = NEW.year) THEN
        RAISE EXCEPTION 'a document takes the number that its counter has come to'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER deadline_no_delete BEFORE DELETE ON deadline FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deadline_event_append_only BEFORE UPDATE OR DELETE ON deadline_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_counter_begins BEFORE INSERT ON document_counter
    FOR EACH ROW EXECUTE FUNCTION document_counter_begins();
CREATE TRIGGER document_counter_steps BEFORE UPDATE ON document_counter
    FOR EACH ROW EXECUTE FUNCTION document_counter_steps();
CREATE TRIGGER document_counter_no_delete BEFORE DELETE ON document_counter
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_numbered BEFORE INSERT ON document FOR EACH ROW EXECUTE FUNCTION document_numbered();
CREATE TRIGGER document_append_only BEFORE UPDATE OR DELETE ON document
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_void_append_only BEFORE UPDATE OR DELETE ON document_void
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deadline_no_truncate BEFORE TRUNCATE ON deadline
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deadline_event_no_truncate BEFORE TRUNCATE ON deadline_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_counter_no_truncate BEFORE TRUNCATE ON document_counter
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_no_truncate BEFORE TRUNCATE ON document
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_void_no_truncate BEFORE TRUNCATE ON document_void
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
