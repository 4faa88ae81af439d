"""The gate `coverage`: what the tests ran of the code, and of the change."""
