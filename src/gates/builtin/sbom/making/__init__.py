"""Making: a CycloneDX document out of what the tool wrote and what the source says."""
