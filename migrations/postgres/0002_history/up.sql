-- What was known when: company, contract and entry are tables of the present; every state they were in is kept here, by
-- the database itself, so that nobody can write one without its history. `record` keeps its own versions.

CREATE TABLE fact_version (
    company TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL, -- 'company', 'contract', 'entry'
    key TEXT COLLATE "C" NOT NULL, -- '' | PROJECT/FIRST DAY | id
    version BIGINT NOT NULL, -- 1, 2, 3 ...
    data TEXT COLLATE "C", -- JSON as the program reads it; NULL: taken out
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company, kind, key, version)
);

-- Which rule texts were configured together, from this instant on.
CREATE TABLE rule_book (
    seq BIGINT NOT NULL PRIMARY KEY,
    texts TEXT COLLATE "C" NOT NULL, -- JSON: [[id, digest], ...]
    loaded_at BIGINT NOT NULL
);

CREATE INDEX audit_event_action ON audit_event (action, id);

-- What is there now, known since its last change. What was before that is not known.
INSERT INTO fact_version
SELECT uscc, 'company', '', 1,
    json_build_object('uscc', uscc, 'name', name, 'region', region,
        'registered_on', registered_on, 'status', status, 'legal_representative', legal_representative,
        'address', address, 'phone', phone)::text,
    updated_at FROM company;
INSERT INTO fact_version
SELECT company, 'contract', project || '/' || from_on, 1,
    json_build_object('project', project, 'name', name, 'company', company,
        'region', region, 'area', area, 'households', households, 'from', nullif(from_on, ''),
        'until', until_on, 'contract_value', contract_value, 'service_grade', service_grade)::text,
    updated_at FROM contract;
INSERT INTO fact_version SELECT company, 'entry', id, 1, data, updated_at FROM entry;

CREATE FUNCTION keep_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fact_version
    SELECT NEW.uscc, 'company', '', coalesce(max(version), 0) + 1,
        json_build_object('uscc', NEW.uscc, 'name', NEW.name, 'region', NEW.region,
        'registered_on', NEW.registered_on, 'status', NEW.status, 'legal_representative', NEW.legal_representative,
        'address', NEW.address, 'phone', NEW.phone)::text,
        NEW.updated_at
    FROM fact_version WHERE company = NEW.uscc AND kind = 'company' AND key = '';
    RETURN NULL;
END $$;
CREATE FUNCTION keep_contract() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fact_version
    SELECT NEW.company, 'contract', NEW.project || '/' || NEW.from_on, coalesce(max(version), 0) + 1,
        json_build_object('project', NEW.project, 'name', NEW.name, 'company', NEW.company,
        'region', NEW.region, 'area', NEW.area, 'households', NEW.households, 'from', nullif(NEW.from_on, ''),
        'until', NEW.until_on, 'contract_value', NEW.contract_value, 'service_grade', NEW.service_grade)::text,
        NEW.updated_at
    FROM fact_version
    WHERE company = NEW.company AND kind = 'contract' AND key = NEW.project || '/' || NEW.from_on;
    RETURN NULL;
END $$;
-- The instant of taking out is put into the row before it goes.
CREATE FUNCTION keep_contract_taken_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fact_version
    SELECT OLD.company, 'contract', OLD.project || '/' || OLD.from_on, coalesce(max(version), 0) + 1, NULL,
        OLD.updated_at
    FROM fact_version
    WHERE company = OLD.company AND kind = 'contract' AND key = OLD.project || '/' || OLD.from_on;
    RETURN NULL;
END $$;
CREATE FUNCTION keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fact_version
    SELECT NEW.company, 'entry', NEW.id, coalesce(max(version), 0) + 1, NEW.data, NEW.updated_at
    FROM fact_version WHERE company = NEW.company AND kind = 'entry' AND key = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER company_kept AFTER INSERT OR UPDATE ON company FOR EACH ROW EXECUTE FUNCTION keep_company();
CREATE TRIGGER contract_kept AFTER INSERT OR UPDATE ON contract FOR EACH ROW EXECUTE FUNCTION keep_contract();
CREATE TRIGGER contract_taken_out AFTER DELETE ON contract
    FOR EACH ROW EXECUTE FUNCTION keep_contract_taken_out();
CREATE TRIGGER entry_kept AFTER INSERT OR UPDATE ON entry FOR EACH ROW EXECUTE FUNCTION keep_entry();

CREATE TRIGGER company_no_delete BEFORE DELETE ON company FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fact_version_append_only BEFORE UPDATE OR DELETE ON fact_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fact_version_no_truncate BEFORE TRUNCATE ON fact_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rule_book_append_only BEFORE UPDATE OR DELETE ON rule_book
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rule_book_no_truncate BEFORE TRUNCATE ON rule_book
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ruleset_append_only BEFORE UPDATE OR DELETE ON ruleset
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
