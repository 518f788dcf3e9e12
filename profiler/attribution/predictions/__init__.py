"""What other session settings would make of what was recorded."""
