"""Building a project as its release is built: what the gates that look at artifacts have in common; no gate itself."""
