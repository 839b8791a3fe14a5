DROP TABLE check_plan_file;
DROP TABLE check_plan_event;
DROP TABLE check_plan;
