"""Where the wall time of each request went."""
