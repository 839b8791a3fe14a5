-- Signing in to the pages: what an account is, what it signs in with, its sessions, and what happened at the door.

ALTER TABLE account ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'official'; -- or 'company'
ALTER TABLE account ADD COLUMN uscc TEXT COLLATE "C"; -- the company of a company's account
ALTER TABLE account ADD COLUMN made_by TEXT COLLATE "C" NOT NULL DEFAULT ''; -- empty: before accounts were approved
ALTER TABLE account ADD COLUMN approved_by TEXT COLLATE "C";
ALTER TABLE account ADD COLUMN approved_at BIGINT; -- absent: made and not approved, so that it can do nothing
UPDATE account SET approved_at = created_at;
CREATE INDEX account_uscc ON account (uscc);

CREATE TABLE credential (
    account TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES account (id),
    login TEXT COLLATE "C" NOT NULL UNIQUE, -- what is typed, folded
    password_hash TEXT COLLATE "C" NOT NULL, -- argon2id, PHC string
    password_at BIGINT NOT NULL,
    temporary BOOLEAN NOT NULL, -- given by an administrator: must be changed at once
    totp_secret TEXT COLLATE "C", -- base32; set while it is being enrolled
    totp_since BIGINT, -- confirmed with a code at; absent: not in use
    totp_step BIGINT NOT NULL -- the last time step used: no code is taken twice
);

CREATE TABLE session (
    id_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of what the cookie holds
    account TEXT COLLATE "C" NOT NULL REFERENCES account (id),
    stage TEXT COLLATE "C" NOT NULL, -- 'password', 'enrol', 'code': half signed in; 'full'
    csrf TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL, -- of the browser, short
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires_at);

-- Attempts that failed, by the hash of the name that was typed, whether or not there is an account of that name.
CREATE TABLE sign_in_failure (
    login_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_at ON sign_in_failure (at);

CREATE TABLE sign_in_event (
    id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    account TEXT COLLATE "C", -- absent: a name that is none; what was typed is not kept, it may be a password
    actor TEXT COLLATE "C", -- somebody else who did it: an administrator
    what TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sign_in_event_account ON sign_in_event (account, id);

CREATE TRIGGER sign_in_event_append_only BEFORE UPDATE OR DELETE ON sign_in_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sign_in_event_no_truncate BEFORE TRUNCATE ON sign_in_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
