"""One run: spawn the workload, attach perf, sample counters, write the run directory."""
