"""When requests are due. Open loop: the schedule does not wait for the service."""

from __future__ import annotations

import random
from typing import Iterator


def gaps_ns(arrivals: str, rate: float, seed: int) -> Iterator[int]:
    """Yield nanoseconds from the phase's start to the first request, then from each to the next.

    `fixed`: the first at once, then 1/rate seconds. `poisson`: exponential with mean 1/rate, so that
    arrivals are a Poisson process, as in MLPerf LoadGen's server scenario.
    """
    if arrivals == "poisson":
        generator = random.Random(seed)  # noqa: S311 - a schedule, not a secret
        while True:
            yield round(generator.expovariate(rate) * 1e9)
    period = round(1e9 / rate)
    yield 0
    while True:
        yield period
