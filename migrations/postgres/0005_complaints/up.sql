-- Complaints (投诉). The complainant's contact is a table of its own, which nothing but the handling office's request reads.

CREATE TABLE complaint (
    company TEXT COLLATE "C" NOT NULL, -- '': no company was named
    id TEXT COLLATE "C" NOT NULL,
    project TEXT COLLATE "C",
    channel TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C", -- number of the work order at the source
    category TEXT COLLATE "C" NOT NULL,
    office TEXT COLLATE "C" NOT NULL, -- division code of the office that has it
    level TEXT COLLATE "C" NOT NULL, -- 'city', 'county', 'street', 'community'
    state TEXT COLLATE "C" NOT NULL,
    received_on TEXT COLLATE "C" NOT NULL, -- by the first office
    due_on TEXT COLLATE "C", -- last day of the running deadline
    version BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL, -- JSON of the whole complaint, without the contact
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (company, id)
);
CREATE UNIQUE INDEX complaint_id ON complaint (id);
CREATE UNIQUE INDEX complaint_reference ON complaint (channel, reference) WHERE reference IS NOT NULL;
CREATE INDEX complaint_office ON complaint (office, id);
CREATE INDEX complaint_received ON complaint (received_on);
CREATE INDEX complaint_due ON complaint (due_on) WHERE due_on IS NOT NULL;

CREATE TABLE complaint_event (
    company TEXT COLLATE "C" NOT NULL,
    complaint TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL, -- the version of the complaint that this event made
    kind TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    office TEXT COLLATE "C" NOT NULL, -- the office that had it then
    at BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL, -- JSON of the step
    PRIMARY KEY (company, complaint, seq),
    FOREIGN KEY (company, complaint) REFERENCES complaint (company, id)
);

CREATE TABLE complaint_contact (
    company TEXT COLLATE "C" NOT NULL,
    complaint TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C",
    phone TEXT COLLATE "C",
    address TEXT COLLATE "C",
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (company, complaint),
    FOREIGN KEY (company, complaint) REFERENCES complaint (company, id)
);

CREATE TRIGGER complaint_no_delete BEFORE DELETE ON complaint FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER complaint_event_append_only BEFORE UPDATE OR DELETE ON complaint_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER complaint_event_no_truncate BEFORE TRUNCATE ON complaint_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- A contact is not edited; it may be erased when its time is over.
CREATE FUNCTION refuse_contact_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'complaint_contact is not edited' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER complaint_contact_no_update BEFORE UPDATE ON complaint_contact
    FOR EACH ROW EXECUTE FUNCTION refuse_contact_change();
