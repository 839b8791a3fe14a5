-- What the platform took and the public has not been seen to see, or not to see any more: the latest change of each record.
CREATE TABLE feed_look (
    target TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    change BIGINT NOT NULL, -- feed_change.seq
    company TEXT COLLATE "C" NOT NULL,
    withdrawal BOOLEAN NOT NULL,
    accepted_at BIGINT NOT NULL,
    due BIGINT NOT NULL, -- until when it may take
    looks BIGINT NOT NULL, -- that told something
    until BIGINT NOT NULL, -- not looked at before
    late BOOLEAN NOT NULL, -- not seen by a look after it was due
    says TEXT COLLATE "C" NOT NULL, -- of the last look
    PRIMARY KEY (target, record_id)
);
CREATE INDEX feed_look_until ON feed_look (target, until);

-- The fourth receipt level: a change was seen to have reached the public.
CREATE TABLE feed_sight (
    change BIGINT NOT NULL PRIMARY KEY, -- feed_change.seq
    target TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    seen TEXT COLLATE "C" NOT NULL, -- 'visible', 'gone'
    source TEXT COLLATE "C" NOT NULL, -- 'record', 'records', 'listing', 'file'
    at BIGINT NOT NULL
);
CREATE INDEX feed_sight_record ON feed_sight (target, record_id);

-- What was taken before this version looked: a day from its enqueueing.
INSERT INTO feed_look (target, record_id, change, company, withdrawal, accepted_at, due, looks, until, late, says)
SELECT one.target, one.record_id, one.seq, one.company, one.withdrawal, one.created_at, one.created_at + 86400000000,
    0, one.created_at, FALSE, ''
FROM feed_change one
WHERE one.state = 'accepted' AND NOT EXISTS (
    SELECT 1 FROM feed_change later
    WHERE later.target = one.target AND later.record_id = one.record_id AND later.seq > one.seq
        AND later.state = 'accepted'
);

CREATE TRIGGER feed_sight_append_only BEFORE UPDATE OR DELETE ON feed_sight
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_sight_no_truncate BEFORE TRUNCATE ON feed_sight
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
