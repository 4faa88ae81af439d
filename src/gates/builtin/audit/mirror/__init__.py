"""Mirror: a folder of OSV records that answers in place of the service."""
