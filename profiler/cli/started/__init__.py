"""Commands that start a program of the user's: its own command line behind `--`."""
