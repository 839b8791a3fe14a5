-- Where the half of a batch comes from, when a platform that only counts refused some of it.
CREATE TABLE feed_parent (
    batch TEXT NOT NULL PRIMARY KEY REFERENCES feed_batch (id),
    parent TEXT NOT NULL REFERENCES feed_batch (id)
) STRICT;

-- Why a change was refused, and who has to act.
CREATE TABLE feed_reject (
    change INTEGER NOT NULL PRIMARY KEY, -- feed_change.seq
    target TEXT NOT NULL,
    batch TEXT, -- NULL: it did not fit the profile and never went
    kind TEXT NOT NULL, -- 'unfit', 'rejected', 'unmatched', 'conflict'
    class TEXT NOT NULL, -- 'DATA', 'MAPPING', 'AUTH', 'TRANSIENT'
    owner TEXT NOT NULL, -- 'officer', 'operator', 'publisher'
    code TEXT NOT NULL,
    field TEXT,
    message TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_reject_target ON feed_reject (target, class);

-- When a change goes again that the platform could not take for the time being.
CREATE TABLE feed_delay (
    change INTEGER NOT NULL PRIMARY KEY, -- feed_change.seq
    tries INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;

-- What came back for batches that are files: return files and receipt numbers, as they came.
CREATE TABLE feed_receipt (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,
    batch TEXT REFERENCES feed_batch (id), -- NULL: of no batch of ours
    source TEXT NOT NULL, -- 'folder', 'person', 'number'
    name TEXT NOT NULL, -- of the file; the number itself
    digest TEXT NOT NULL, -- SM3 of the body
    body BLOB NOT NULL,
    outcome TEXT NOT NULL, -- 'applied', 'noted', 'faulty'
    detail TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_receipt_digest ON feed_receipt (target, digest);
CREATE INDEX feed_receipt_batch ON feed_receipt (batch);

CREATE TRIGGER feed_parent_no_update BEFORE UPDATE ON feed_parent
BEGIN SELECT RAISE(ABORT, 'feed_parent is append-only'); END;
CREATE TRIGGER feed_parent_no_delete BEFORE DELETE ON feed_parent
BEGIN SELECT RAISE(ABORT, 'feed_parent is append-only'); END;
CREATE TRIGGER feed_reject_no_update BEFORE UPDATE ON feed_reject
BEGIN SELECT RAISE(ABORT, 'feed_reject is append-only'); END;
CREATE TRIGGER feed_reject_no_delete BEFORE DELETE ON feed_reject
BEGIN SELECT RAISE(ABORT, 'feed_reject is append-only'); END;
CREATE TRIGGER feed_receipt_no_update BEFORE UPDATE ON feed_receipt
BEGIN SELECT RAISE(ABORT, 'feed_receipt is append-only'); END;
CREATE TRIGGER feed_receipt_no_delete BEFORE DELETE ON feed_receipt
BEGIN SELECT RAISE(ABORT, 'feed_receipt is append-only'); END;
