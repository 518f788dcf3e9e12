"""Which configuration to ship: candidates from a study, the choice among them, what goes with it."""
