"""Documents: text and tables as bytes become lines, blocks and rows, each with its place."""
