-- What was known when: company, contract and entry are tables of the present; every state they were in is kept here, by
-- the database itself, so that nobody can write one without its history. `record` keeps its own versions.

CREATE TABLE fact_version (
    company TEXT NOT NULL,
    kind TEXT NOT NULL, -- 'company', 'contract', 'entry'
    key TEXT NOT NULL, -- '' | PROJECT/FIRST DAY | id
    version INTEGER NOT NULL, -- 1, 2, 3 ...
    data TEXT, -- JSON as the program reads it; NULL: taken out
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (company, kind, key, version)
) STRICT;

-- Which rule texts were configured together, from this instant on.
CREATE TABLE rule_book (
    seq INTEGER NOT NULL PRIMARY KEY,
    texts TEXT NOT NULL, -- JSON: [[id, digest], ...]
    loaded_at INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_event_action ON audit_event (action, id);

-- What is there now, known since its last change. What was before that is not known.
INSERT INTO fact_version
SELECT uscc, 'company', '', 1,
    json_object('uscc', uscc, 'name', name, 'region', region, 'registered_on', registered_on, 'status', status,
        'legal_representative', legal_representative, 'address', address, 'phone', phone),
    updated_at FROM company;
INSERT INTO fact_version
SELECT company, 'contract', project || '/' || from_on, 1,
    json_object('project', project, 'name', name, 'company', company, 'region', region, 'area', area,
        'households', households, 'from', nullif(from_on, ''), 'until', until_on, 'contract_value', contract_value,
        'service_grade', service_grade),
    updated_at FROM contract;
INSERT INTO fact_version SELECT company, 'entry', id, 1, data, updated_at FROM entry;

CREATE TRIGGER company_added AFTER INSERT ON company BEGIN
    INSERT INTO fact_version
    SELECT NEW.uscc, 'company', '', coalesce(max(version), 0) + 1,
        json_object('uscc', NEW.uscc, 'name', NEW.name, 'region', NEW.region, 'registered_on', NEW.registered_on,
            'status', NEW.status, 'legal_representative', NEW.legal_representative, 'address', NEW.address,
            'phone', NEW.phone),
        NEW.updated_at
    FROM fact_version WHERE company = NEW.uscc AND kind = 'company' AND key = '';
END;
CREATE TRIGGER company_changed AFTER UPDATE ON company BEGIN
    INSERT INTO fact_version
    SELECT NEW.uscc, 'company', '', coalesce(max(version), 0) + 1,
        json_object('uscc', NEW.uscc, 'name', NEW.name, 'region', NEW.region, 'registered_on', NEW.registered_on,
            'status', NEW.status, 'legal_representative', NEW.legal_representative, 'address', NEW.address,
            'phone', NEW.phone),
        NEW.updated_at
    FROM fact_version WHERE company = NEW.uscc AND kind = 'company' AND key = '';
END;
CREATE TRIGGER company_no_delete BEFORE DELETE ON company
BEGIN SELECT RAISE(ABORT, 'company is never deleted'); END;

CREATE TRIGGER contract_added AFTER INSERT ON contract BEGIN
    INSERT INTO fact_version
    SELECT NEW.company, 'contract', NEW.project || '/' || NEW.from_on, coalesce(max(version), 0) + 1,
        json_object('project', NEW.project, 'name', NEW.name, 'company', NEW.company, 'region', NEW.region,
            'area', NEW.area, 'households', NEW.households, 'from', nullif(NEW.from_on, ''), 'until', NEW.until_on,
            'contract_value', NEW.contract_value, 'service_grade', NEW.service_grade),
        NEW.updated_at
    FROM fact_version
    WHERE company = NEW.company AND kind = 'contract' AND key = NEW.project || '/' || NEW.from_on;
END;
CREATE TRIGGER contract_changed AFTER UPDATE ON contract BEGIN
    INSERT INTO fact_version
    SELECT NEW.company, 'contract', NEW.project || '/' || NEW.from_on, coalesce(max(version), 0) + 1,
        json_object('project', NEW.project, 'name', NEW.name, 'company', NEW.company, 'region', NEW.region,
            'area', NEW.area, 'households', NEW.households, 'from', nullif(NEW.from_on, ''), 'until', NEW.until_on,
            'contract_value', NEW.contract_value, 'service_grade', NEW.service_grade),
        NEW.updated_at
    FROM fact_version
    WHERE company = NEW.company AND kind = 'contract' AND key = NEW.project || '/' || NEW.from_on;
END;
-- The instant of taking out is put into the row before it goes.
CREATE TRIGGER contract_taken_out AFTER DELETE ON contract BEGIN
    INSERT INTO fact_version
    SELECT OLD.company, 'contract', OLD.project || '/' || OLD.from_on, coalesce(max(version), 0) + 1, NULL,
        OLD.updated_at
    FROM fact_version
    WHERE company = OLD.company AND kind = 'contract' AND key = OLD.project || '/' || OLD.from_on;
END;

CREATE TRIGGER entry_added AFTER INSERT ON entry BEGIN
    INSERT INTO fact_version
    SELECT NEW.company, 'entry', NEW.id, coalesce(max(version), 0) + 1, NEW.data, NEW.updated_at
    FROM fact_version WHERE company = NEW.company AND kind = 'entry' AND key = NEW.id;
END;
CREATE TRIGGER entry_changed AFTER UPDATE ON entry BEGIN
    INSERT INTO fact_version
    SELECT NEW.company, 'entry', NEW.id, coalesce(max(version), 0) + 1, NEW.data, NEW.updated_at
    FROM fact_version WHERE company = NEW.company AND kind = 'entry' AND key = NEW.id;
END;

CREATE TRIGGER fact_version_no_update BEFORE UPDATE ON fact_version
BEGIN SELECT RAISE(ABORT, 'fact_version is append-only'); END;
CREATE TRIGGER fact_version_no_delete BEFORE DELETE ON fact_version
BEGIN SELECT RAISE(ABORT, 'fact_version is append-only'); END;
CREATE TRIGGER rule_book_no_update BEFORE UPDATE ON rule_book
BEGIN SELECT RAISE(ABORT, 'rule_book is append-only'); END;
CREATE TRIGGER rule_book_no_delete BEFORE DELETE ON rule_book
BEGIN SELECT RAISE(ABORT, 'rule_book is append-only'); END;
CREATE TRIGGER ruleset_no_update BEFORE UPDATE ON ruleset
BEGIN SELECT RAISE(ABORT, 'ruleset is append-only'); END;
CREATE TRIGGER ruleset_no_delete BEFORE DELETE ON ruleset
BEGIN SELECT RAISE(ABORT, 'ruleset is append-only'); END;
