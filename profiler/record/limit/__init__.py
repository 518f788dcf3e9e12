"""CPU limits: a cgroup of its own for the workload, and what the limit does to it while it runs."""
