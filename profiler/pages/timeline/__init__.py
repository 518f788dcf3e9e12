"""Threads over time."""
