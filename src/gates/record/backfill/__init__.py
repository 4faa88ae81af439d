"""Results of before there was a record, taken into the log."""
