DROP TABLE feed_delay;
DROP TABLE feed_receipt;
DROP TABLE feed_reject;
DROP TABLE feed_parent;
