-- What the platform took and the public has not been seen to see, or not to see any more: the latest change of each record.
CREATE TABLE feed_look (
    target TEXT NOT NULL,
    record_id TEXT NOT NULL,
    change INTEGER NOT NULL, -- feed_change.seq
    company TEXT NOT NULL,
    withdrawal INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    due INTEGER NOT NULL, -- until when it may take
    looks INTEGER NOT NULL, -- that told something
    until INTEGER NOT NULL, -- not looked at before
    late INTEGER NOT NULL, -- not seen by a look after it was due
    says TEXT NOT NULL, -- of the last look
    PRIMARY KEY (target, record_id)
) STRICT;
CREATE INDEX feed_look_until ON feed_look (target, until);

-- The fourth receipt level: a change was seen to have reached the public.
CREATE TABLE feed_sight (
    change INTEGER NOT NULL PRIMARY KEY, -- feed_change.seq
    target TEXT NOT NULL,
    record_id TEXT NOT NULL,
    seen TEXT NOT NULL, -- 'visible', 'gone'
    source TEXT NOT NULL, -- 'record', 'records', 'listing', 'file'
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_sight_record ON feed_sight (target, record_id);

-- What was taken before this version looked: a day from its enqueueing.
INSERT INTO feed_look (target, record_id, change, company, withdrawal, accepted_at, due, looks, until, late, says)
SELECT one.target, one.record_id, one.seq, one.company, one.withdrawal, one.created_at, one.created_at + 86400000000,
    0, one.created_at, 0, ''
FROM feed_change one
WHERE one.state = 'accepted' AND NOT EXISTS (
    SELECT 1 FROM feed_change later
    WHERE later.target = one.target AND later.record_id = one.record_id AND later.seq > one.seq
        AND later.state = 'accepted'
);

CREATE TRIGGER feed_sight_no_update BEFORE UPDATE ON feed_sight
BEGIN SELECT RAISE(ABORT, 'feed_sight is append-only'); END;
CREATE TRIGGER feed_sight_no_delete BEFORE DELETE ON feed_sight
BEGIN SELECT RAISE(ABORT, 'feed_sight is append-only'); END;
