DROP TABLE feed_sight;
DROP TABLE feed_look;
