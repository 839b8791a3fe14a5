-- Spot checks (双随机、一公开): the libraries, the tasks and their events, the published files, the secrets apart from them,
-- and who is visited by whom. But for the state of a task everything is only ever added.

CREATE TABLE check_version (
    kind TEXT COLLATE "C" NOT NULL, -- 'item' or 'officer'
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL, -- 1, 2, 3 ...; the last one is in use
    district TEXT COLLATE "C", -- of an officer
    actor TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL, -- JSON
    PRIMARY KEY (kind, id, version)
);

CREATE TABLE check_task (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- number of the draw
    district TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL, -- 'planned', 'committed', 'drawn', 'failed', 'revealed'
    version BIGINT NOT NULL, -- number of its events
    data TEXT COLLATE "C" NOT NULL, -- JSON of the whole task; no secret
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX check_task_district ON check_task (district, id);

CREATE TABLE check_task_event (
    task TEXT COLLATE "C" NOT NULL REFERENCES check_task (id),
    seq BIGINT NOT NULL, -- the version of the task that this event made
    kind TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL, -- JSON; no secret
    PRIMARY KEY (task, seq)
);

CREATE TABLE check_file (
    task TEXT COLLATE "C" NOT NULL REFERENCES check_task (id),
    seq BIGINT NOT NULL, -- of the event that published it; the last one is public
    at BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL, -- the published file
    PRIMARY KEY (task, seq)
);

-- What nothing but the draw itself reads before the reveal.
CREATE TABLE check_secret (
    task TEXT COLLATE "C" NOT NULL REFERENCES check_task (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL, -- secret, salt, frozen plan, substitutions
    PRIMARY KEY (task, seq)
);

-- A ledger: an object comes in by the draw or a substitution, and goes out by a substitution.
CREATE TABLE check_visit (
    company TEXT COLLATE "C" NOT NULL,
    task TEXT COLLATE "C" NOT NULL REFERENCES check_task (id),
    attempt BIGINT NOT NULL, -- the last one of a task counts
    number BIGINT NOT NULL, -- 0: the draw; else that of the substitution
    object TEXT COLLATE "C" NOT NULL,
    way BIGINT NOT NULL, -- 1: in, -1: out
    kind TEXT COLLATE "C" NOT NULL, -- 'company' or 'project'
    district TEXT COLLATE "C" NOT NULL,
    grade TEXT COLLATE "C" NOT NULL,
    officers TEXT COLLATE "C" NOT NULL, -- ids, with ; between them
    year BIGINT NOT NULL, -- of the first day of the visits
    at BIGINT NOT NULL,
    PRIMARY KEY (company, task, attempt, number, object, way)
);
CREATE INDEX check_visit_year ON check_visit (year);
CREATE INDEX check_visit_task ON check_visit (task);

CREATE TRIGGER check_task_no_delete BEFORE DELETE ON check_task FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_version_append_only BEFORE UPDATE OR DELETE ON check_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_version_no_truncate BEFORE TRUNCATE ON check_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_task_event_append_only BEFORE UPDATE OR DELETE ON check_task_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_task_event_no_truncate BEFORE TRUNCATE ON check_task_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_file_append_only BEFORE UPDATE OR DELETE ON check_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_file_no_truncate BEFORE TRUNCATE ON check_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_secret_append_only BEFORE UPDATE OR DELETE ON check_secret
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_secret_no_truncate BEFORE TRUNCATE ON check_secret
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_visit_append_only BEFORE UPDATE OR DELETE ON check_visit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_visit_no_truncate BEFORE TRUNCATE ON check_visit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
