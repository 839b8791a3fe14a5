DROP TABLE document_void;
DROP TABLE document;
DROP TABLE document_counter;
DROP TABLE deadline_event;
DROP TABLE deadline;
DROP FUNCTION document_numbered();
DROP FUNCTION document_counter_steps();
DROP FUNCTION document_counter_begins();
