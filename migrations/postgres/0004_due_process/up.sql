-- Due process of records: what happened beside their versions, and the files that it rests on. The bytes of a file stand in
-- the folder of attachments under their SHA-256.

CREATE TABLE record_event (
    company TEXT COLLATE "C" NOT NULL, -- '' where the record names only a project or a manager
    record TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL, -- 1, 2, 3 ... per record
    kind TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    data TEXT COLLATE "C" NOT NULL, -- JSON of the whole event
    PRIMARY KEY (company, record, seq)
);
CREATE UNIQUE INDEX record_event_record ON record_event (record, seq);
CREATE TRIGGER record_event_append_only BEFORE UPDATE OR DELETE ON record_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER record_event_no_truncate BEFORE TRUNCATE ON record_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE attachment (
    company TEXT COLLATE "C" NOT NULL,
    record TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL, -- SHA-256 of the bytes, 64 hex digits: the name of the file
    media TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL, -- 'record', 'objection', 'rectification'
    actor TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (company, record, digest)
);
CREATE INDEX attachment_record ON attachment (record, at);
CREATE INDEX attachment_digest ON attachment (digest);
CREATE TRIGGER attachment_append_only BEFORE UPDATE OR DELETE ON attachment
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER attachment_no_truncate BEFORE TRUNCATE ON attachment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
