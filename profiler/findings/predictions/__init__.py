"""What other settings would make of a run, in words and rows."""
