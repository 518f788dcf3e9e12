"""The options of commands: one vocabulary, each defined once, with its help and its check."""
