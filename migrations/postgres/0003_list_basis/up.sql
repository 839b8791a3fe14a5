-- The legal basis of a list, as it was entered, and who approved it. Nothing of it is ever edited: it can only be
-- approved, and taken back once.

CREATE TABLE list_basis (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    list TEXT COLLATE "C" NOT NULL,
    level TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    article TEXT COLLATE "C" NOT NULL,
    effective_from TEXT COLLATE "C" NOT NULL,
    effective_until TEXT COLLATE "C",
    entered_by TEXT COLLATE "C" NOT NULL,
    entered_at BIGINT NOT NULL,
    withdrawn_by TEXT COLLATE "C",
    withdrawn_at BIGINT,
    withdrawn_reason TEXT COLLATE "C"
);
CREATE INDEX list_basis_list ON list_basis (list, id);

CREATE TABLE list_basis_approval (
    basis TEXT COLLATE "C" NOT NULL REFERENCES list_basis (id),
    actor TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (basis, actor)
);

CREATE FUNCTION list_basis_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL OR
       (NEW.id, NEW.list, NEW.level, NEW.title, NEW.number, NEW.article, NEW.effective_from, NEW.effective_until,
        NEW.entered_by, NEW.entered_at)
       IS DISTINCT FROM
       (OLD.id, OLD.list, OLD.level, OLD.title, OLD.number, OLD.article, OLD.effective_from, OLD.effective_until,
        OLD.entered_by, OLD.entered_at) THEN
        RAISE EXCEPTION 'list_basis is append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER list_basis_once BEFORE UPDATE ON list_basis FOR EACH ROW EXECUTE FUNCTION list_basis_once();
CREATE TRIGGER list_basis_no_delete BEFORE DELETE ON list_basis FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER list_basis_approval_append_only BEFORE UPDATE OR DELETE ON list_basis_approval
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
