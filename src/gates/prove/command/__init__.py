"""Command: whether a command that a project already has can fail: green when clean, red for each planted fault."""
