"""Light sampling: leaf addresses, some tens a second, read from the kernel without a program in between."""
