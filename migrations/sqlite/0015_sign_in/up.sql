-- Signing in to the pages: what an account is, what it signs in with, its sessions, and what happened at the door.

ALTER TABLE account ADD COLUMN kind TEXT NOT NULL DEFAULT 'official'; -- or 'company'
ALTER TABLE account ADD COLUMN uscc TEXT; -- the company of a company's account
ALTER TABLE account ADD COLUMN made_by TEXT NOT NULL DEFAULT ''; -- empty: before accounts were approved
ALTER TABLE account ADD COLUMN approved_by TEXT;
ALTER TABLE account ADD COLUMN approved_at INTEGER; -- absent: made and not approved, so that it can do nothing
UPDATE account SET approved_at = created_at;
CREATE INDEX account_uscc ON account (uscc);

CREATE TABLE credential (
    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
    login TEXT NOT NULL UNIQUE, -- what is typed, folded
    password_hash TEXT NOT NULL, -- argon2id, PHC string
    password_at INTEGER NOT NULL,
    temporary INTEGER NOT NULL, -- given by an administrator: must be changed at once
    totp_secret TEXT, -- base32; set while it is being enrolled
    totp_since INTEGER, -- confirmed with a code at; absent: not in use
    totp_step INTEGER NOT NULL -- the last time step used: no code is taken twice
) STRICT;

CREATE TABLE session (
    id_hash TEXT NOT NULL PRIMARY KEY, -- SHA-256 of what the cookie holds
    account TEXT NOT NULL REFERENCES account (id),
    stage TEXT NOT NULL, -- 'password', 'enrol', 'code': half signed in; 'full'
    csrf TEXT NOT NULL,
    agent TEXT NOT NULL, -- of the browser, short
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires_at);

-- Attempts that failed, by the hash of the name that was typed, whether or not there is an account of that name.
CREATE TABLE sign_in_failure (
    login_hash TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    at INTEGER NOT NULL,
    locked_until INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_failure_at ON sign_in_failure (at);

CREATE TABLE sign_in_event (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    account TEXT, -- absent: a name that is none; what was typed is not kept, it may be a password
    actor TEXT, -- somebody else who did it: an administrator
    what TEXT NOT NULL,
    agent TEXT NOT NULL
) STRICT;
CREATE INDEX sign_in_event_account ON sign_in_event (account, id);

CREATE TRIGGER sign_in_event_no_update BEFORE UPDATE ON sign_in_event
BEGIN SELECT RAISE(ABORT, 'sign_in_event is append-only'); END;
CREATE TRIGGER sign_in_event_no_delete BEFORE DELETE ON sign_in_event
BEGIN SELECT RAISE(ABORT, 'sign_in_event is append-only'); END;
