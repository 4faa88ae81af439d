"""What a run fixes: one module per factor, each applied before collection and put back exactly as it was."""
