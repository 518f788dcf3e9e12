"""A run directory's files in, all that its report is made of out: the rim of attribution."""
