-- Where the half of a batch comes from, when a platform that only counts refused some of it.
CREATE TABLE feed_parent (
    batch TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES feed_batch (id),
    parent TEXT COLLATE "C" NOT NULL REFERENCES feed_batch (id)
);

-- Why a change was refused, and who has to act.
CREATE TABLE feed_reject (
    change BIGINT NOT NULL PRIMARY KEY, -- feed_change.seq
    target TEXT COLLATE "C" NOT NULL,
    batch TEXT COLLATE "C", -- NULL: it did not fit the profile and never went
    kind TEXT COLLATE "C" NOT NULL, -- 'unfit', 'rejected', 'unmatched', 'conflict'
    class TEXT COLLATE "C" NOT NULL, -- 'DATA', 'MAPPING', 'AUTH', 'TRANSIENT'
    owner TEXT COLLATE "C" NOT NULL, -- 'officer', 'operator', 'publisher'
    code TEXT COLLATE "C" NOT NULL,
    field TEXT COLLATE "C",
    message TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX feed_reject_target ON feed_reject (target, class);

-- When a change goes again that the platform could not take for the time being.
CREATE TABLE feed_delay (
    change BIGINT NOT NULL PRIMARY KEY, -- feed_change.seq
    tries BIGINT NOT NULL,
    until BIGINT NOT NULL
);

-- What came back for batches that are files: return files and receipt numbers, as they came.
CREATE TABLE feed_receipt (
    id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    target TEXT COLLATE "C" NOT NULL,
    batch TEXT COLLATE "C" REFERENCES feed_batch (id), -- NULL: of no batch of ours
    source TEXT COLLATE "C" NOT NULL, -- 'folder', 'person', 'number'
    name TEXT COLLATE "C" NOT NULL, -- of the file; the number itself
    digest TEXT COLLATE "C" NOT NULL, -- SM3 of the body
    body BYTEA NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL, -- 'applied', 'noted', 'faulty'
    detail TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX feed_receipt_digest ON feed_receipt (target, digest);
CREATE INDEX feed_receipt_batch ON feed_receipt (batch);

CREATE TRIGGER feed_parent_append_only BEFORE UPDATE OR DELETE ON feed_parent
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_parent_no_truncate BEFORE TRUNCATE ON feed_parent
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_reject_append_only BEFORE UPDATE OR DELETE ON feed_reject
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_reject_no_truncate BEFORE TRUNCATE ON feed_reject
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_receipt_append_only BEFORE UPDATE OR DELETE ON feed_receipt
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_receipt_no_truncate BEFORE TRUNCATE ON feed_receipt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
