"""Where perf counts: in the profiled process, or on the CPUs that it may use."""

from __future__ import annotations

from enum import Enum


class Scope(str, Enum):
    """Where the sampled event is opened."""

    AUTO = "auto"
    """`cpus` where perf may and other processes leave the CPUs alone, else `process`."""
    CPUS = "cpus"
    """On CPUs, whoever runs there; kept to the profiled process when it is decoded. A context switch costs
    nothing then, because nothing is stopped and started at it."""
    PROCESS = "process"
    """In the threads of the process. Needs no privilege, and sees nobody else."""
