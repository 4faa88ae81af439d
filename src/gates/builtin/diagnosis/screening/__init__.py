"""Screening: the whole suite in a few circumstances, and which tests ended otherwise in which of them."""
