-- The legal basis of a list, as it was entered, and who approved it. Nothing of it is ever edited: it can only be
-- approved, and taken back once.

CREATE TABLE list_basis (
    id TEXT NOT NULL PRIMARY KEY,
    list TEXT NOT NULL,
    level TEXT NOT NULL,
    title TEXT NOT NULL,
    number TEXT NOT NULL,
    article TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    effective_until TEXT,
    entered_by TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    withdrawn_by TEXT,
    withdrawn_at INTEGER,
    withdrawn_reason TEXT
) STRICT;
CREATE INDEX list_basis_list ON list_basis (list, id);

CREATE TABLE list_basis_approval (
    basis TEXT NOT NULL REFERENCES list_basis (id),
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (basis, actor)
) STRICT;

CREATE TRIGGER list_basis_once BEFORE UPDATE ON list_basis
WHEN OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
  OR (NEW.id, NEW.list, NEW.level, NEW.title, NEW.number, NEW.article, NEW.effective_from, NEW.effective_until,
      NEW.entered_by, NEW.entered_at)
  IS NOT (OLD.id, OLD.list, OLD.level, OLD.title, OLD.number, OLD.article, OLD.effective_from, OLD.effective_until,
      OLD.entered_by, OLD.entered_at)
BEGIN SELECT RAISE(ABORT, 'list_basis is append-only'); END;
CREATE TRIGGER list_basis_no_delete BEFORE DELETE ON list_basis
BEGIN SELECT RAISE(ABORT, 'list_basis is append-only'); END;
CREATE TRIGGER list_basis_approval_no_update BEFORE UPDATE ON list_basis_approval
BEGIN SELECT RAISE(ABORT, 'list_basis_approval is append-only'); END;
CREATE TRIGGER list_basis_approval_no_delete BEFORE DELETE ON list_basis_approval
BEGIN SELECT RAISE(ABORT, 'list_basis_approval is append-only'); END;
