"""How a tool is run: the one way from gates to another process."""
