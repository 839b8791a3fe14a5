-- Due process of records: what happened beside their versions, and the files that it rests on. The bytes of a file stand in
-- the folder of attachments under their SHA-256.

CREATE TABLE record_event (
    company TEXT NOT NULL, -- '' where the record names only a project or a manager
    record TEXT NOT NULL,
    seq INTEGER NOT NULL, -- 1, 2, 3 ... per record
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    data TEXT NOT NULL, -- JSON of the whole event
    PRIMARY KEY (company, record, seq)
) STRICT;
CREATE UNIQUE INDEX record_event_record ON record_event (record, seq);
CREATE TRIGGER record_event_no_update BEFORE UPDATE ON record_event
BEGIN SELECT RAISE(ABORT, 'record_event is append-only'); END;
CREATE TRIGGER record_event_no_delete BEFORE DELETE ON record_event
BEGIN SELECT RAISE(ABORT, 'record_event is append-only'); END;

CREATE TABLE attachment (
    company TEXT NOT NULL,
    record TEXT NOT NULL,
    digest TEXT NOT NULL, -- SHA-256 of the bytes, 64 hex digits: the name of the file
    media TEXT NOT NULL,
    size INTEGER NOT NULL,
    name TEXT NOT NULL,
    about TEXT NOT NULL, -- 'record', 'objection', 'rectification'
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (company, record, digest)
) STRICT;
CREATE INDEX attachment_record ON attachment (record, at);
CREATE INDEX attachment_digest ON attachment (digest);
CREATE TRIGGER attachment_no_update BEFORE UPDATE ON attachment
BEGIN SELECT RAISE(ABORT, 'attachment is append-only'); END;
CREATE TRIGGER attachment_no_delete BEFORE DELETE ON attachment
BEGIN SELECT RAISE(ABORT, 'attachment is append-only'); END;
