"""The gate `tests`: every selected test ran here, on this tree, and none failed."""
