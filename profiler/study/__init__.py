"""What many runs say together: studies, comparisons, advice, checks. Records nothing itself."""
