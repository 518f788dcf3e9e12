"""Commands that run studies, and that read them for what to ship."""
