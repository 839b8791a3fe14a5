DROP TABLE feed_difference_event;
DROP TABLE feed_difference;
DROP TABLE feed_comparison;
