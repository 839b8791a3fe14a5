-- What makes a change of the audit trail show: each row of it is bound to the one before.
CREATE TABLE audit_chain (
    number INTEGER NOT NULL PRIMARY KEY, -- 1, 2, 3 ... without gaps
    event INTEGER NOT NULL, -- audit_event.id
    digest TEXT NOT NULL -- SHA-256 over the digest before and the row
) STRICT;
CREATE UNIQUE INDEX audit_chain_event ON audit_chain (event);

CREATE TRIGGER audit_chain_no_update BEFORE UPDATE ON audit_chain
BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END;
CREATE TRIGGER audit_chain_no_delete BEFORE DELETE ON audit_chain
BEGIN SELECT RAISE(ABORT, 'audit_chain is append-only'); END;
