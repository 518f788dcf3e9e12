"""Two runs, or two cells of a study, side by side."""
