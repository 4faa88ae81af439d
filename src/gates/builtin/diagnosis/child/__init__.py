"""What runs inside a trial's pytest: copied beside the judged project as `vltair_trial`, it needs pytest only."""
