"""The gate `workflows`: workflows and actions do what CI is relied on for."""
