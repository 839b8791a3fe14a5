-- Yearly plans of spot checks: the plan with what waits for approval, its events, and the published files of its versions.
-- But for the state of a plan everything is only ever added.

CREATE TABLE check_plan (
    id TEXT NOT NULL PRIMARY KEY, -- number of the plan
    year INTEGER NOT NULL,
    district TEXT NOT NULL,
    state TEXT NOT NULL, -- 'draft', 'frozen'
    version INTEGER NOT NULL, -- number of its events
    data TEXT NOT NULL, -- JSON: what waits for approval
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX check_plan_year ON check_plan (year, id);

CREATE TABLE check_plan_event (
    plan TEXT NOT NULL REFERENCES check_plan (id),
    seq INTEGER NOT NULL, -- the version of the plan that this event made
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    data TEXT NOT NULL, -- JSON
    PRIMARY KEY (plan, seq)
) STRICT;

CREATE TABLE check_plan_file (
    plan TEXT NOT NULL REFERENCES check_plan (id),
    seq INTEGER NOT NULL, -- of the event that published it; the last one is public
    at INTEGER NOT NULL,
    data TEXT NOT NULL, -- the published file
    PRIMARY KEY (plan, seq)
) STRICT;

CREATE TRIGGER check_plan_no_delete BEFORE DELETE ON check_plan
BEGIN SELECT RAISE(ABORT, 'check_plan is never deleted'); END;
CREATE TRIGGER check_plan_event_no_update BEFORE UPDATE ON check_plan_event
BEGIN SELECT RAISE(ABORT, 'check_plan_event is append-only'); END;
CREATE TRIGGER check_plan_event_no_delete BEFORE DELETE ON check_plan_event
BEGIN SELECT RAISE(ABORT, 'check_plan_event is append-only'); END;
CREATE TRIGGER check_plan_file_no_update BEFORE UPDATE ON check_plan_file
BEGIN SELECT RAISE(ABORT, 'check_plan_file is append-only'); END;
CREATE TRIGGER check_plan_file_no_delete BEFORE DELETE ON check_plan_file
BEGIN SELECT RAISE(ABORT, 'check_plan_file is append-only'); END;
