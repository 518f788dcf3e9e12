"""Session settings for programs that we start and do not change: docs/injection.md."""
