"""A process that runs already, as /proc shows it: nothing of it is stopped, written to, or called."""
