"""Reading: what the workflows of a project do, by the one reader of wiring."""
