"""A run in the formats of other viewers, one module a format."""
