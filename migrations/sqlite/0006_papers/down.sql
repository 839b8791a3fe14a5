DROP TABLE document_void;
DROP TABLE document;
DROP TABLE document_counter;
DROP TABLE deadline_event;
DROP TABLE deadline;
