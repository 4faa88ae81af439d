"""Saying: what zizmor and check-jsonschema say of workflows."""
