DROP TABLE job_history;
DROP TABLE job;
DROP FUNCTION job_history_keeps();
