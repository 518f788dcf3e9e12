"""Inputs whose made-up values decide how much work there is: said before the run, by name."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.models.prepare import OWN_FILE
from profiler.models.wanted_inputs import wanted_inputs
from profiler.run.doubt import Doubt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.run.fed import InputDigest
    from profiler.spec.workload import SessionLoad


def decisive_inputs(loads: Sequence[SessionLoad], fed: Sequence[InputDigest]) -> Iterator[Doubt]:
    """Yield what is doubtful about a run's work because inputs that decide about it are made up."""
    for load, digest in zip(loads, fed, strict=True):
        if not digest.made_up:
            continue
        try:
            wanted = wanted_inputs(Path(load.model_path))
        except UsageError:
            continue  # ONNX Runtime has opened it: a format that only it reads
        known_as = shlex.quote(load.model_path) if load.weights == OWN_FILE else load.model
        for tensor in wanted:
            if tensor.name in digest.made_up and tensor.decides:
                decided = " and ".join(dict.fromkeys(dependence.words for dependence in tensor.decides))
                yield Doubt(
                    f"the work of {load.model} in a service",
                    f"its input {tensor.name!r} is made up, and it decides {decided}",
                    f"give it with --input {tensor.name}=VALUES; see `ortprof models inputs {known_as}`",
                )
