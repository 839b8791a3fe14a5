DROP TABLE check_visit;
DROP TABLE check_secret;
DROP TABLE check_file;
DROP TABLE check_task_event;
DROP TABLE check_task;
DROP TABLE check_version;
