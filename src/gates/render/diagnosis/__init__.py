"""What `gates diagnose` shows: the tests that are unstable, why, and what shows and mends it."""
