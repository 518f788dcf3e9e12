"""How closely a recording watches threads that are off the CPU."""

from __future__ import annotations

from enum import Enum


class Waits(str, Enum):
    """What is recorded of waits, from all to nothing."""

    AUTO = "auto"
    """The most that this machine allows and that adds little to what the workload takes."""
    SWITCHES = "switches"
    """When threads leave and get a CPU. Needs no privilege."""
    TRACE = "trace"
    """Also the call chain of each switch, who wakes whom, and futex calls."""
    OFF = "off"
