"""A command that is started and otherwise left to itself, and a client beside it."""
