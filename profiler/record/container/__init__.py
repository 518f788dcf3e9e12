"""Workloads in containers: engine, image, start, and what the host sees of them."""
