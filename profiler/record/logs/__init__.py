"""Requests that a program, or a server before it, writes into a log (docs/marks.md)."""
