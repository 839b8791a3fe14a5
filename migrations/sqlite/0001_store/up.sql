-- Days are TEXT `YYYY-MM-DD`, instants INTEGER microseconds UTC, points INTEGER in units of 1/10000, JSON is TEXT.
-- Every table that grows about companies has the company's code first in its key ('' where a row names none).
-- The PostgreSQL migration of the same name makes the same tables; keep the two side by side.

CREATE TABLE company (
    uscc TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    region TEXT,
    registered_on TEXT,
    status TEXT NOT NULL,
    legal_representative TEXT,
    address TEXT,
    phone TEXT,
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX company_name ON company (name_key, uscc);

CREATE TABLE contract (
    company TEXT NOT NULL,
    project TEXT NOT NULL,
    from_on TEXT NOT NULL, -- '' where it has no first day
    until_on TEXT,
    name TEXT NOT NULL,
    region TEXT,
    area TEXT,
    households INTEGER,
    contract_value TEXT,
    service_grade TEXT,
    digest TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (company, project, from_on)
) STRICT;
CREATE INDEX contract_project ON contract (project, company);

CREATE TABLE record (
    company TEXT NOT NULL, -- '' where it names only a project or a manager
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    item TEXT NOT NULL,
    kind TEXT,
    project TEXT,
    manager TEXT,
    body TEXT,
    occurred_on TEXT,
    decided_on TEXT,
    entered_on TEXT,
    published_on TEXT,
    valid_until TEXT,
    points INTEGER,
    reason TEXT,
    matter TEXT,
    rectify_by TEXT,
    rectified_on TEXT,
    status TEXT NOT NULL,
    attributes TEXT NOT NULL,
    digest TEXT NOT NULL,
    cause TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    superseded_at INTEGER,
    PRIMARY KEY (company, id, version)
) STRICT;
CREATE UNIQUE INDEX record_id ON record (id, version);
-- One current version; unique, so that PostgreSQL plans a look-up of many ids well before it has statistics.
CREATE UNIQUE INDEX record_current ON record (id) WHERE superseded_at IS NULL;
CREATE INDEX record_project ON record (project) WHERE project IS NOT NULL;
CREATE INDEX record_open ON record (status, company, id) WHERE superseded_at IS NULL AND status <> 'confirmed';
CREATE INDEX record_rectify ON record (rectify_by)
    WHERE superseded_at IS NULL AND rectify_by IS NOT NULL AND rectified_on IS NULL;

-- A version is history: the one thing that may happen to it is that the next version arrives.
CREATE TRIGGER record_append_only BEFORE UPDATE ON record
WHEN NOT (
    OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
    AND (NEW.company, NEW.id, NEW.version, NEW.item, NEW.kind, NEW.project, NEW.manager, NEW.body, NEW.occurred_on,
         NEW.decided_on, NEW.entered_on, NEW.published_on, NEW.valid_until, NEW.points, NEW.reason, NEW.matter,
         NEW.rectify_by, NEW.rectified_on, NEW.status, NEW.attributes, NEW.digest, NEW.cause, NEW.actor,
         NEW.recorded_at)
     IS (OLD.company, OLD.id, OLD.version, OLD.item, OLD.kind, OLD.project, OLD.manager, OLD.body, OLD.occurred_on,
         OLD.decided_on, OLD.entered_on, OLD.published_on, OLD.valid_until, OLD.points, OLD.reason, OLD.matter,
         OLD.rectify_by, OLD.rectified_on, OLD.status, OLD.attributes, OLD.digest, OLD.cause, OLD.actor,
         OLD.recorded_at)
)
BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;
CREATE TRIGGER record_no_delete BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;

CREATE TABLE ruleset (
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    source TEXT NOT NULL,
    loaded_at INTEGER NOT NULL,
    PRIMARY KEY (id, digest)
) STRICT;

CREATE TABLE score (
    company TEXT NOT NULL,
    ruleset TEXT NOT NULL,
    seq INTEGER NOT NULL, -- 1, 2, 3 ... per company and rule set
    ruleset_digest TEXT NOT NULL,
    as_of TEXT NOT NULL,
    points INTEGER NOT NULL,
    grade TEXT NOT NULL,
    rated INTEGER NOT NULL,
    next_change_on TEXT,
    digest TEXT NOT NULL,
    explanation TEXT NOT NULL,
    cause TEXT NOT NULL,
    cause_record TEXT,
    computed_at INTEGER NOT NULL,
    PRIMARY KEY (company, ruleset, seq)
) STRICT;
CREATE TRIGGER score_no_update BEFORE UPDATE ON score BEGIN SELECT RAISE(ABORT, 'score is append-only'); END;
CREATE TRIGGER score_no_delete BEFORE DELETE ON score BEGIN SELECT RAISE(ABORT, 'score is append-only'); END;

CREATE TABLE score_current (
    company TEXT NOT NULL,
    ruleset TEXT NOT NULL,
    seq INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    points INTEGER NOT NULL,
    grade TEXT NOT NULL,
    rated INTEGER NOT NULL,
    next_change_on TEXT,
    digest TEXT NOT NULL,
    computed_at INTEGER NOT NULL,
    PRIMARY KEY (company, ruleset)
) STRICT;
CREATE INDEX score_current_rank ON score_current (ruleset, points, company);
CREATE INDEX score_current_grade ON score_current (ruleset, grade);
CREATE INDEX score_current_due ON score_current (ruleset, next_change_on);

CREATE TABLE entry (
    company TEXT NOT NULL,
    id TEXT NOT NULL,
    list TEXT NOT NULL,
    state TEXT NOT NULL,
    severity TEXT,
    due_on TEXT, -- the next deadline, for the board
    version INTEGER NOT NULL,
    data TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (company, id)
) STRICT;
CREATE UNIQUE INDEX entry_id ON entry (id);
CREATE INDEX entry_state ON entry (state, list, company, id);
CREATE INDEX entry_due ON entry (due_on) WHERE due_on IS NOT NULL;

CREATE TABLE entry_event (
    company TEXT NOT NULL,
    entry TEXT NOT NULL,
    seq INTEGER NOT NULL, -- the version of the entry that this event made
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (company, entry, seq),
    FOREIGN KEY (company, entry) REFERENCES entry (company, id)
) STRICT;
CREATE TRIGGER entry_event_no_update BEFORE UPDATE ON entry_event
BEGIN SELECT RAISE(ABORT, 'entry_event is append-only'); END;
CREATE TRIGGER entry_event_no_delete BEFORE DELETE ON entry_event
BEGIN SELECT RAISE(ABORT, 'entry_event is append-only'); END;

CREATE TABLE feed_target (
    target TEXT NOT NULL PRIMARY KEY,
    last_number INTEGER NOT NULL,
    frozen INTEGER NOT NULL,
    frozen_reason TEXT NOT NULL
) STRICT;

CREATE TABLE feed_change (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    company TEXT NOT NULL,
    target TEXT NOT NULL,
    record_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    op TEXT NOT NULL,
    withdrawal INTEGER NOT NULL,
    payload TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    batch TEXT,
    state TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX feed_change_company ON feed_change (company, seq);
CREATE UNIQUE INDEX feed_change_version ON feed_change (target, record_id, version, op);
CREATE INDEX feed_change_waiting ON feed_change (target, withdrawal, seq) WHERE state = 'waiting';
CREATE INDEX feed_change_batch ON feed_change (batch) WHERE batch IS NOT NULL;

CREATE TABLE feed_batch (
    id TEXT NOT NULL PRIMARY KEY,
    target TEXT NOT NULL REFERENCES feed_target (target),
    number INTEGER NOT NULL,
    lane TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body BLOB NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER,
    sealed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX feed_batch_number ON feed_batch (target, number);
CREATE UNIQUE INDEX feed_batch_key ON feed_batch (target, idempotency_key);
CREATE INDEX feed_batch_open ON feed_batch (target, state);
-- What was sealed is what is sent, however often.
CREATE TRIGGER feed_batch_sealed BEFORE UPDATE ON feed_batch
WHEN (NEW.id, NEW.target, NEW.number, NEW.lane, NEW.idempotency_key, NEW.body, NEW.digest, NEW.sealed_at)
  IS NOT (OLD.id, OLD.target, OLD.number, OLD.lane, OLD.idempotency_key, OLD.body, OLD.digest, OLD.sealed_at)
BEGIN SELECT RAISE(ABORT, 'feed_batch is sealed'); END;
CREATE TRIGGER feed_batch_no_delete BEFORE DELETE ON feed_batch
BEGIN SELECT RAISE(ABORT, 'feed_batch is sealed'); END;

CREATE TABLE feed_attempt (
    batch TEXT NOT NULL REFERENCES feed_batch (id),
    number INTEGER NOT NULL,
    phase TEXT NOT NULL, -- 'started', then 'finished': a row without its second is a crash
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (batch, number, phase)
) STRICT;
CREATE TRIGGER feed_attempt_no_update BEFORE UPDATE ON feed_attempt
BEGIN SELECT RAISE(ABORT, 'feed_attempt is append-only'); END;
CREATE TRIGGER feed_attempt_no_delete BEFORE DELETE ON feed_attempt
BEGIN SELECT RAISE(ABORT, 'feed_attempt is append-only'); END;

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    token INTEGER NOT NULL, -- fencing: only ever larger
    until INTEGER NOT NULL
) STRICT;

CREATE TABLE job_run (
    name TEXT NOT NULL,
    slot INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (name, slot)
) STRICT;

CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    region TEXT,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX account_token ON account (token_hash);

CREATE TABLE request_key (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT;
CREATE INDEX request_key_at ON request_key (at);

CREATE TABLE audit_event (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    company TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_event_company ON audit_event (company, id);
CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
