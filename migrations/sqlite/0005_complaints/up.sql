-- Complaints (投诉). The complainant's contact is a table of its own, which nothing but the handling office's request reads.

CREATE TABLE complaint (
    company TEXT NOT NULL, -- '': no company was named
    id TEXT NOT NULL,
    project TEXT,
    channel TEXT NOT NULL,
    reference TEXT, -- number of the work order at the source
    category TEXT NOT NULL,
    office TEXT NOT NULL, -- division code of the office that has it
    level TEXT NOT NULL, -- 'city', 'county', 'street', 'community'
    state TEXT NOT NULL,
    received_on TEXT NOT NULL, -- by the first office
    due_on TEXT, -- last day of the running deadline
    version INTEGER NOT NULL,
    data TEXT NOT NULL, -- JSON of the whole complaint, without the contact
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (company, id)
) STRICT;
CREATE UNIQUE INDEX complaint_id ON complaint (id);
CREATE UNIQUE INDEX complaint_reference ON complaint (channel, reference) WHERE reference IS NOT NULL;
CREATE INDEX complaint_office ON complaint (office, id);
CREATE INDEX complaint_received ON complaint (received_on);
CREATE INDEX complaint_due ON complaint (due_on) WHERE due_on IS NOT NULL;

CREATE TABLE complaint_event (
    company TEXT NOT NULL,
    complaint TEXT NOT NULL,
    seq INTEGER NOT NULL, -- the version of the complaint that this event made
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    office TEXT NOT NULL, -- the office that had it then
    at INTEGER NOT NULL,
    data TEXT NOT NULL, -- JSON of the step
    PRIMARY KEY (company, complaint, seq),
    FOREIGN KEY (company, complaint) REFERENCES complaint (company, id)
) STRICT;

CREATE TABLE complaint_contact (
    company TEXT NOT NULL,
    complaint TEXT NOT NULL,
    name TEXT,
    phone TEXT,
    address TEXT,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (company, complaint),
    FOREIGN KEY (company, complaint) REFERENCES complaint (company, id)
) STRICT;

CREATE TRIGGER complaint_no_delete BEFORE DELETE ON complaint
BEGIN SELECT RAISE(ABORT, 'complaint is never deleted'); END;
CREATE TRIGGER complaint_event_no_update BEFORE UPDATE ON complaint_event
BEGIN SELECT RAISE(ABORT, 'complaint_event is append-only'); END;
CREATE TRIGGER complaint_event_no_delete BEFORE DELETE ON complaint_event
BEGIN SELECT RAISE(ABORT, 'complaint_event is append-only'); END;
-- A contact is not edited; it may be erased when its time is over.
CREATE TRIGGER complaint_contact_no_update BEFORE UPDATE ON complaint_contact
BEGIN SELECT RAISE(ABORT, 'complaint_contact is not edited'); END;
