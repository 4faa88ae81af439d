"""The gate `bench`: base and head side by side."""
