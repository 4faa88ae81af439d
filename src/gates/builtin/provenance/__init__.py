"""The gate `provenance`."""
