DROP TABLE complaint_contact;
DROP TABLE complaint_event;
DROP TABLE complaint;
DROP FUNCTION refuse_contact_change();
