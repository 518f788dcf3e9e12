"""Runs made whole, and many runs together."""
