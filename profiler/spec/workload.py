"""What a run does: models, what they are fed with, how requests arrive, and how long each phase lasts."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

import msgspec

from profiler.errors import UsageError
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.inputs import Inputs
from profiler.spec.provider import CPU
from profiler.spec.ranges import CALLERS, PROCESSES, RATE, SECONDS, SEED, SIZE
from profiler.spec.text import require_utf8

Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
Size = Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]
"""A column of 64 bits holds it, whoever wrote it down; what is asked for is within `SIZE`."""


class Arrivals(str, Enum):
    """How requests arrive."""

    FIXED = "fixed"
    """Open loop, every 1/rate seconds."""
    POISSON = "poisson"
    """Open loop, exponential gaps of mean 1/rate seconds, from a seeded generator."""
    CLOSED = "closed"
    """Each caller's next request starts when its last one ended; the rate does not matter."""


class SessionLoad(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One session: its model, what it is fed with, and how requests reach it."""

    model: str
    """Catalogue name, or the file name's stem for a file of the user's."""
    model_path: str
    weights: str
    """Where the weights come from: `synthetic`, `file`, or the source they were read from."""
    batch: Size = 1
    tokens: Size = 10
    most_tokens: Size | None = None
    """Where requests differ in length: each takes any from `tokens` to this, drawn by the seed."""
    dims: dict[str, Size] = {}
    """Sizes for symbolic dimensions by name; they win over `batch` and `tokens`."""
    inputs: Inputs = Inputs()
    arrivals: Arrivals = Arrivals.FIXED
    rate: Annotated[float, msgspec.Meta(ge=1e-6, le=1e6)] = 1.0
    """Requests a second; between bounds where a gap in whole nanoseconds is neither 0 nor endless."""
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 1
    """Threads that call the session: servers of one queue, or clients of a closed loop."""
    seed: int = 0


class Companion(SessionLoad, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A further session in the same process."""

    configuration: SessionConfiguration | None = None
    """None: the run's."""


class Workload(SessionLoad, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A process's first session and those beside it, and the duration of each phase."""

    beside: tuple[Companion, ...] = ()
    global_pool: bool = False
    """All sessions share the environment's thread pool."""
    provider: Annotated[str, msgspec.Meta(max_length=128)] = CPU
    """Execution provider of all sessions, by ONNX Runtime's name."""
    processes: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 1
    """Workers of one service: each has its own sessions and pools, and all take requests from one queue."""
    warmup_seconds: Seconds = 2.0
    measure_seconds: Seconds = 20.0
    profile_seconds: Seconds = 10.0
    operators_seconds: Seconds = 0.0
    """Of a second profile phase, with ONNX Runtime's own profiler on; 0 leaves it out."""

    def phases(self) -> list[tuple[str, float]]:
        """Return the phases in order with their seconds."""
        return [
            ("warmup", self.warmup_seconds),
            ("measure", self.measure_seconds),
            ("profile", self.profile_seconds),
            ("operators", self.operators_seconds),
        ]

    @property
    def loads(self) -> tuple[SessionLoad, ...]:
        """All sessions of the process, in the order in which they are opened."""
        return (self, *self.beside)


RANGES = {
    "batch": SIZE,
    "tokens": SIZE,
    "rate": RATE,
    "seed": SEED,
    "concurrency": CALLERS,
    "processes": PROCESSES,
    "warmup_seconds": SECONDS,
    "measure_seconds": SECONDS,
    "profile_seconds": SECONDS,
}
"""What a new run may have; runs of earlier versions had fewer bounds, and are still read."""


def make_workload(**values: Any) -> Workload:
    """Return a workload; `UsageError` names a value out of its range, or says that there is nothing to do."""
    for field, allowed in RANGES.items():
        if field in values:
            allowed.require(f"--{field.removesuffix('_seconds')}", values[field])
    for name, size in values.get("dims", {}).items():
        SIZE.require(f"--dim {name}:", size)
    workload = msgspec.convert(values, Workload)
    if not workload.measure_seconds and not workload.profile_seconds:
        raise UsageError("--measure and --profile are both 0: there is nothing to do")
    require_utf8(workload)
    return workload
