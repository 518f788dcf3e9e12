"""Code as a reader sees it: hot functions' source lines and instructions with their shares."""
