"""Recordings made elsewhere: one module a format, each of which makes a `Trace` and nothing else."""
