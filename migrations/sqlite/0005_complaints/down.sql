DROP TABLE complaint_contact;
DROP TABLE complaint_event;
DROP TABLE complaint;
