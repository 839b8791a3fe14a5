-- Comparisons of what a platform shows with what it should show, and what they found.
CREATE TABLE feed_comparison (
    id TEXT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL,
    source TEXT NOT NULL, -- 'listing', 'records', 'file'
    name TEXT NOT NULL, -- of the file; '' of others
    run_by TEXT NOT NULL, -- account; 'wuxin' of the job
    started_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    outcome TEXT NOT NULL, -- 'compared', 'failed'
    detail TEXT NOT NULL, -- why it failed
    expected INTEGER NOT NULL,
    shown INTEGER NOT NULL,
    in_flight INTEGER NOT NULL,
    extra INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    status_diff INTEGER NOT NULL,
    stale_version INTEGER NOT NULL,
    name_changed INTEGER NOT NULL,
    field_diff INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_comparison_target ON feed_comparison (target, finished_at);

CREATE TABLE feed_difference (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    comparison TEXT NOT NULL REFERENCES feed_comparison (id),
    target TEXT NOT NULL,
    key TEXT NOT NULL, -- the same in every comparison that finds it
    class TEXT NOT NULL,
    known INTEGER NOT NULL, -- about a record that was sent from here
    record_id TEXT,
    data TEXT NOT NULL, -- the difference, JSON
    at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX feed_difference_key ON feed_difference (comparison, key);
CREATE INDEX feed_difference_target ON feed_difference (target, id);

-- What became of a difference; without a row it is open.
CREATE TABLE feed_difference_event (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    difference INTEGER NOT NULL REFERENCES feed_difference (id),
    state TEXT NOT NULL, -- 'explained', 'repaired', 'gone', 'again'
    actor TEXT NOT NULL,
    words TEXT NOT NULL,
    change INTEGER, -- feed_change.seq of the repair
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX feed_difference_event_of ON feed_difference_event (difference, id);

CREATE TRIGGER feed_comparison_no_update BEFORE UPDATE ON feed_comparison
BEGIN SELECT RAISE(ABORT, 'feed_comparison is append-only'); END;
CREATE TRIGGER feed_comparison_no_delete BEFORE DELETE ON feed_comparison
BEGIN SELECT RAISE(ABORT, 'feed_comparison is append-only'); END;
CREATE TRIGGER feed_difference_no_update BEFORE UPDATE ON feed_difference
BEGIN SELECT RAISE(ABORT, 'feed_difference is append-only'); END;
CREATE TRIGGER feed_difference_no_delete BEFORE DELETE ON feed_difference
BEGIN SELECT RAISE(ABORT, 'feed_difference is append-only'); END;
CREATE TRIGGER feed_difference_event_no_update BEFORE UPDATE ON feed_difference_event
BEGIN SELECT RAISE(ABORT, 'feed_difference_event is append-only'); END;
CREATE TRIGGER feed_difference_event_no_delete BEFORE DELETE ON feed_difference_event
BEGIN SELECT RAISE(ABORT, 'feed_difference_event is append-only'); END;
