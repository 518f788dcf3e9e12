"""What can stand out in a run."""

from __future__ import annotations

from enum import Enum


class Finding(str, Enum):
    """What stands out, the most important first."""

    NO_FIGURES = "no-figures"
    DID_NOTHING = "did-nothing"
    """Recorded, and in all that time it used no CPU."""
    NO_PROFILE = "no-profile"
    TOO_FEW_SAMPLES = "too-few-samples"
    THROTTLED = "throttled"
    CROWDED_OUT = "crowded-out"
    """Other programs had the CPUs that requests waited for."""
    IDLE_SPIN = "idle-spin"
    BUSY_SPIN = "busy-spin"
    FUTEX = "futex"
    UNKNOWN = "unknown"
    COMPUTE = "compute"
    MIXED = "mixed"
