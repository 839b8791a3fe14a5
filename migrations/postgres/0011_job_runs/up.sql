-- Jobs that this database knows, and the run of each that is under way.
CREATE TABLE job (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL, -- slots after this instant are run, whoever is away meanwhile
    slot BIGINT, -- of the run under way; NULL: by hand
    started_at BIGINT, -- of the run under way; NULL: there is none
    holder TEXT COLLATE "C" NOT NULL -- who runs it; '': nobody
);

-- Runs that have ended, however. The last 500 of each job stay.
CREATE TABLE job_history (
    id BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    slot BIGINT, -- NULL: by hand
    holder TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL, -- 'done', 'failed', 'lost'
    detail TEXT COLLATE "C" NOT NULL -- what was done, or why not
);
CREATE INDEX job_history_name ON job_history (name, id);

CREATE FUNCTION job_history_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM job_history AS newer WHERE newer.name = OLD.name AND newer.id > OLD.id) < 500 THEN
        RAISE EXCEPTION 'job_history keeps the last 500 runs of a job' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER job_history_no_update BEFORE UPDATE ON job_history
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER job_history_no_early_delete BEFORE DELETE ON job_history
    FOR EACH ROW EXECUTE FUNCTION job_history_keeps();
CREATE TRIGGER job_history_no_truncate BEFORE TRUNCATE ON job_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
