"""Time off the CPU: how long, why, and in which call chain."""
