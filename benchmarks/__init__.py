"""What the program costs, and how its figures compare."""
