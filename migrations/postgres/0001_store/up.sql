-- Days are TEXT `YYYY-MM-DD`, instants BIGINT microseconds UTC, points BIGINT in units of 1/10000, JSON is TEXT.
-- Text is compared by code point (COLLATE "C"), as SQLite does, so that order and paging are the same on both.
-- Every table that grows about companies has the company's code first in its key ('' where a row names none).
-- The SQLite migration of the same name makes the same tables; keep the two side by side.

CREATE TABLE company (
    uscc TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C",
    registered_on TEXT COLLATE "C",
    status TEXT COLLATE "C" NOT NULL,
    legal_representative TEXT COLLATE "C",
    address TEXT COLLATE "C",
    phone TEXT COLLATE "C",
    digest TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX company_name ON company (name_key, uscc);

CREATE TABLE contract (
    company TEXT COLLATE "C" NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    from_on TEXT COLLATE "C" NOT NULL, -- '' where it has no first day
    until_on TEXT COLLATE "C",
    name TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C",
    area TEXT COLLATE "C",
    households BIGINT,
    contract_value TEXT COLLATE "C",
    service_grade TEXT COLLATE "C",
    digest TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (company, project, from_on)
);
CREATE INDEX contract_project ON contract (project, company);

CREATE TABLE record (
    company TEXT COLLATE "C" NOT NULL, -- '' where it names only a project or a manager
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    item TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C",
    project TEXT COLLATE "C",
    manager TEXT COLLATE "C",
    body TEXT COLLATE "C",
    occurred_on TEXT COLLATE "C",
    decided_on TEXT COLLATE "C",
    entered_on TEXT COLLATE "C",
    published_on TEXT COLLATE "C",
    valid_until TEXT COLLATE "C",
    points BIGINT,
    reason TEXT COLLATE "C",
    matter TEXT COLLATE "C",
    rectify_by TEXT COLLATE "C",
    rectified_on TEXT COLLATE "C",
    status TEXT COLLATE "C" NOT NULL,
    attributes TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    recorded_at BIGINT NOT NULL,
    superseded_at BIGINT,
    PRIMARY KEY (company, id, version)
);
CREATE UNIQUE INDEX record_id ON record (id, version);
-- One current version; unique, so that PostgreSQL plans a look-up of many ids well before it has statistics.
CREATE UNIQUE INDEX record_current ON record (id) WHERE superseded_at IS NULL;
CREATE INDEX record_project ON record (project) WHERE project IS NOT NULL;
CREATE INDEX record_open ON record (status, company, id) WHERE superseded_at IS NULL AND status <> 'confirmed';
CREATE INDEX record_rectify ON record (rectify_by)
    WHERE superseded_at IS NULL AND rectify_by IS NOT NULL AND rectified_on IS NULL;


CREATE TABLE ruleset (
    id TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    loaded_at BIGINT NOT NULL,
    PRIMARY KEY (id, digest)
);

CREATE TABLE score (
    company TEXT COLLATE "C" NOT NULL,
    ruleset TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL, -- 1, 2, 3 ... per company and rule set
    ruleset_digest TEXT COLLATE "C" NOT NULL,
    as_of TEXT COLLATE "C" NOT NULL,
    points BIGINT NOT NULL,
    grade TEXT COLLATE "C" NOT NULL,
    rated BOOLEAN NOT NULL,
    next_change_on TEXT COLLATE "C",
    digest TEXT COLLATE "C" NOT NULL,
    explanation TEXT COLLATE "C" NOT NULL,
    cause TEXT COLLATE "C" NOT NULL,
    cause_record TEXT COLLATE "C",
    computed_at BIGINT NOT NULL,
    PRIMARY KEY (company, ruleset, seq)
);

CREATE TABLE score_current (
    company TEXT COLLATE "C" NOT NULL,
    ruleset TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    as_of TEXT COLLATE "C" NOT NULL,
    points BIGINT NOT NULL,
    grade TEXT COLLATE "C" NOT NULL,
    rated BOOLEAN NOT NULL,
    next_change_on TEXT COLLATE "C",
    digest TEXT COLLATE "C" NOT NULL,
    computed_at BIGINT NOT NULL,
    PRIMARY KEY (company, ruleset)
);
CREATE INDEX score_current_rank ON score_current (ruleset, points, company);
CREATE INDEX score_current_grade ON score_current (ruleset, grade);
CREATE INDEX score_current_due ON score_current (ruleset, next_change_on);

CREATE TABLE entry (
    company TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    list TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    severity TEXT COLLATE "C",
    due_on TEXT COLLATE "C", -- the next deadline, for the board
    version BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (company, id)
);
CREATE UNIQUE INDEX entry_id ON entry (id);
CREATE INDEX entry_state ON entry (state, list, company, id);
CREATE INDEX entry_due ON entry (due_on) WHERE due_on IS NOT NULL;

CREATE TABLE entry_event (
    company TEXT COLLATE "C" NOT NULL,
    entry TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL, -- the version of the entry that this event made
    kind TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (company, entry, seq),
    FOREIGN KEY (company, entry) REFERENCES entry (company, id)
);

CREATE TABLE feed_target (
    target TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    last_number BIGINT NOT NULL,
    frozen BOOLEAN NOT NULL,
    frozen_reason TEXT COLLATE "C" NOT NULL
);

CREATE TABLE feed_change (
    seq BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    company TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    op TEXT COLLATE "C" NOT NULL,
    withdrawal BOOLEAN NOT NULL,
    payload TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    batch TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (company, seq)
);
CREATE UNIQUE INDEX feed_change_seq ON feed_change (seq);
CREATE UNIQUE INDEX feed_change_version ON feed_change (target, record_id, version, op);
CREATE INDEX feed_change_waiting ON feed_change (target, withdrawal, seq) WHERE state = 'waiting';
CREATE INDEX feed_change_batch ON feed_change (batch) WHERE batch IS NOT NULL;

CREATE TABLE feed_batch (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    target TEXT COLLATE "C" NOT NULL REFERENCES feed_target (target),
    number BIGINT NOT NULL,
    lane TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT,
    sealed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX feed_batch_number ON feed_batch (target, number);
CREATE UNIQUE INDEX feed_batch_key ON feed_batch (target, idempotency_key);
CREATE INDEX feed_batch_open ON feed_batch (target, state);

CREATE TABLE feed_attempt (
    batch TEXT COLLATE "C" NOT NULL REFERENCES feed_batch (id),
    number BIGINT NOT NULL,
    phase TEXT COLLATE "C" NOT NULL, -- 'started', then 'finished': a row without its second is a crash
    at BIGINT NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (batch, number, phase)
);

CREATE TABLE lease (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    token BIGINT NOT NULL, -- fencing: only ever larger
    until BIGINT NOT NULL
);

CREATE TABLE job_run (
    name TEXT COLLATE "C" NOT NULL,
    slot BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    outcome TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (name, slot)
);

CREATE TABLE account (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    region TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX account_token ON account (token_hash);

CREATE TABLE request_key (
    account TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    status BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE INDEX request_key_at ON request_key (at);

CREATE TABLE audit_event (
    id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY,
    company TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (company, id)
);
CREATE UNIQUE INDEX audit_event_id ON audit_event (id);

-- Refuses every change of a table whose rows are history.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- A version is history: the one thing that may happen to it is that the next version arrives.
CREATE FUNCTION record_supersede_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    superseded record.superseded_at%TYPE := NEW.superseded_at;
BEGIN
    NEW.superseded_at := NULL;
    IF OLD.superseded_at IS NULL AND superseded IS NOT NULL AND NEW IS NOT DISTINCT FROM OLD THEN
        NEW.superseded_at := superseded;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'record is append-only' USING ERRCODE = 'restrict_violation';
END $$;

-- What was sealed is what is sent, however often.
CREATE FUNCTION feed_batch_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.target, NEW.number, NEW.lane, NEW.idempotency_key, NEW.body, NEW.digest, NEW.sealed_at)
       IS DISTINCT FROM
       (OLD.id, OLD.target, OLD.number, OLD.lane, OLD.idempotency_key, OLD.body, OLD.digest, OLD.sealed_at) THEN
        RAISE EXCEPTION 'feed_batch is sealed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER record_append_only BEFORE UPDATE ON record FOR EACH ROW EXECUTE FUNCTION record_supersede_only();
CREATE TRIGGER record_no_delete BEFORE DELETE ON record FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_batch_sealed BEFORE UPDATE ON feed_batch FOR EACH ROW EXECUTE FUNCTION feed_batch_sealed();
CREATE TRIGGER feed_batch_no_delete BEFORE DELETE ON feed_batch FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER score_append_only BEFORE UPDATE OR DELETE ON score FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_event_append_only BEFORE UPDATE OR DELETE ON entry_event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_attempt_append_only BEFORE UPDATE OR DELETE ON feed_attempt FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER record_no_truncate BEFORE TRUNCATE ON record FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER score_no_truncate BEFORE TRUNCATE ON score FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_event_no_truncate BEFORE TRUNCATE ON entry_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_batch_no_truncate BEFORE TRUNCATE ON feed_batch FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER feed_attempt_no_truncate BEFORE TRUNCATE ON feed_attempt FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
