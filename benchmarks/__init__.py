"""What the program costs and shows, measured; each module says how to run it."""
