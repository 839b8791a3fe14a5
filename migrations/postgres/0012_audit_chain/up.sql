-- What makes a change of the audit trail show: each row of it is bound to the one before.
CREATE TABLE audit_chain (
    number BIGINT NOT NULL PRIMARY KEY, -- 1, 2, 3 ... without gaps
    event BIGINT NOT NULL, -- audit_event.id
    digest TEXT COLLATE "C" NOT NULL -- SHA-256 over the digest before and the row
);
CREATE UNIQUE INDEX audit_chain_event ON audit_chain (event);

CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE ON audit_chain
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_chain_no_truncate BEFORE TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
