-- Yearly plans of spot checks: the plan with what waits for approval, its events, and the published files of its versions.
-- But for the state of a plan everything is only ever added.

CREATE TABLE check_plan (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- number of the plan
    year BIGINT NOT NULL,
    district TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL, -- 'draft', 'frozen'
    version BIGINT NOT NULL, -- number of its events
    data TEXT COLLATE "C" NOT NULL, -- JSON: what waits for approval
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX check_plan_year ON check_plan (year, id);

CREATE TABLE check_plan_event (
    plan TEXT COLLATE "C" NOT NULL REFERENCES check_plan (id),
    seq BIGINT NOT NULL, -- the version of the plan that this event made
    kind TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL, -- JSON
    PRIMARY KEY (plan, seq)
);

CREATE TABLE check_plan_file (
    plan TEXT COLLATE "C" NOT NULL REFERENCES check_plan (id),
    seq BIGINT NOT NULL, -- of the event that published it; the last one is public
    at BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL, -- the published file
    PRIMARY KEY (plan, seq)
);

CREATE TRIGGER check_plan_no_delete BEFORE DELETE ON check_plan FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_plan_event_append_only BEFORE UPDATE OR DELETE ON check_plan_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_plan_event_no_truncate BEFORE TRUNCATE ON check_plan_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_plan_file_append_only BEFORE UPDATE OR DELETE ON check_plan_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_plan_file_no_truncate BEFORE TRUNCATE ON check_plan_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
