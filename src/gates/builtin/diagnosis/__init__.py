"""Diagnosis: which factor, which culprit and which line make a test flaky; `gates diagnose` and the gate use it."""
