"""The gate `determinism`: a run repeats, and no test leaves anything behind."""
