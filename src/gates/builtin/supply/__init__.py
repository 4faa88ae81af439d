"""Supply: what a project depends on, as the judged environment holds it or as a lock file of the project says."""
