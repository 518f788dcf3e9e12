"""A gate for CI: measured runs held against bounds and a baseline."""
