"""What is profiled."""
