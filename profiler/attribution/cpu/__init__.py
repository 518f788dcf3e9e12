"""CPU time: every sample's kind, scaled to what the kernel counted."""
