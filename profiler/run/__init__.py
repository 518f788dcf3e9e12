"""The run directory: its paths, its records, its summary, and the runs of a reports folder."""
