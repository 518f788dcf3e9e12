"""What the terminal is told: messages, tables that fit, printable text, streams that may be closed."""
