"""What there is to say of a run, in words and figures, for terminal and page alike."""
