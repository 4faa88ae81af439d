"""What runs inside a trial's pytest: copied beside the judged project as package `vltair_trial`, it needs pytest only."""
