"""A run as columns, which every format is fed from."""
