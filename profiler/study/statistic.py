"""The figures that many values are told by."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.statistics import HUNDRED, supported

if TYPE_CHECKING:
    from profiler.arrays import Floats


class Statistic(str, Enum):
    """A figure of many values."""

    MEAN = "mean"
    MEDIAN = "median"
    P95 = "p95"
    P99 = "p99"

    @property
    def percentile(self) -> int | None:
        """Which percentile it is; None for the mean."""
        return {Statistic.MEAN: None, Statistic.MEDIAN: 50, Statistic.P95: 95, Statistic.P99: 99}[self]

    def of(self, values: Floats, axis: int = -1) -> Floats:
        """Return the figure along an axis; percentiles by nearest rank, as `attribution.statistics` does."""
        if self.percentile is None:
            return np.asarray(values.mean(axis=axis))
        rank = math.ceil(self.percentile * values.shape[axis] / HUNDRED) - 1
        return np.asarray(np.partition(values, rank, axis=axis).take(rank, axis=axis))

    def supported(self, count: int) -> bool:
        """Whether `count` values are enough to state it."""
        return count > 0 if self.percentile is None else supported(self.percentile, count)
