"""The gate `trace`."""
