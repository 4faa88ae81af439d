"""The gate `repro`."""
