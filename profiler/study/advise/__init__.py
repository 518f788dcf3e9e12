"""Which configuration to ship: candidates from a study's cells, the choice among them, and what goes with it."""
