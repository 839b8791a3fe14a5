-- Comparisons of what a platform shows with what it should show, and what they found.
CREATE TABLE feed_comparison (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    target TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL, -- 'listing', 'records', 'file'
    name TEXT COLLATE "C" NOT NULL, -- of the file; '' of others
    run_by TEXT COLLATE "C" NOT NULL, -- account; 'wuxin' of the job
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL, -- 'compared', 'failed'
    detail TEXT COLLATE "C" NOT NULL, -- why it failed
    expected BIGINT NOT NULL,
    shown BIGINT NOT NULL,
    in_flight BIGINT NOT NULL,
    extra BIGINT NOT NULL,
    missing BIGINT NOT NULL,
    status_diff BIGINT NOT NULL,
    stale_version BIGINT NOT NULL,
    name_changed BIGINT NOT NULL,
    field_diff BIGINT NOT NULL
);
CREATE INDEX feed_comparison_target ON feed_comparison (target, finished_at);

CREATE TABLE feed_difference (
    id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    comparison TEXT COLLATE "C" NOT NULL REFERENCES feed_comparison (id),
    target TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL, -- the same in every comparison that finds it
    class TEXT COLLATE "C" NOT NULL,
    known BOOLEAN NOT NULL, -- about a record that was sent from here
    record_id TEXT COLLATE "C",
    data TEXT COLLATE "C" NOT NULL, -- the difference, JSON
    at BIGINT NOT NULL
);
CREATE UNIQUE INDEX feed_difference_key ON feed_difference (comparison, key);
CREATE INDEX feed_difference_target ON feed_difference (target, id);

-- What became of a difference; without a row it is open.
CREATE TABLE feed_difference_event (
    id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    difference BIGINT NOT NULL REFERENCES feed_difference (id),
    state TEXT COLLATE "C" NOT NULL, -- 'explained', 'repaired', 'gone', 'again'
    actor TEXT COLLATE "C" NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    change BIGINT, -- feed_change.seq of the repair
    at BIGINT NOT NULL
);
CREATE INDEX feed_difference_event_of ON feed_difference_event (difference, id);

CREATE TRIGGER feed_comparison_append_only BEFORE UPDATE OR DELETE ON feed_comparison
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_comparison_no_truncate BEFORE TRUNCATE ON feed_comparison
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_difference_append_only BEFORE UPDATE OR DELETE ON feed_difference
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_difference_no_truncate BEFORE TRUNCATE ON feed_difference
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_difference_event_append_only BEFORE UPDATE OR DELETE ON feed_difference_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_difference_event_no_truncate BEFORE TRUNCATE ON feed_difference_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
