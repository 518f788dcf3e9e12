"""Requests as the kernel sees them: probes on `Run` in programs that are somebody else's (docs/marks.md)."""
