DROP TABLE attachment;
DROP TABLE record_event;
