"""A pytest plugin that writes down what a test run proved."""
