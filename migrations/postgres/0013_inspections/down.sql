DROP TABLE inspection_publication;
DROP TABLE inspection_file;
DROP TABLE inspection_record;
DROP TABLE inspection_event;
DROP TABLE inspection;
