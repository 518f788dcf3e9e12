"""How much a figure of one run's requests would vary: a moving block bootstrap; and Student's t."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.arrays import Floats, Int64s


BLOCK = 3.0
"""Requests in a block, times the cube root of their number: the optimal order (Hall, Horowitz and Jing 1995,
"On blocking rules for the bootstrap with dependent data"), with a factor that simulation chose."""
LEAST_BLOCKS = 4
CHUNK = 1 << 22
"""Resampled values held at a time."""
STEPS = 1 << 14


@dataclass(frozen=True, slots=True)
class Spread:
    """How uncertain a figure is."""

    variance: float
    freedom: float
    """Degrees of freedom that the variance was estimated with."""

    def half_width(self, level: float) -> float:
        """Return half the width of Student's t interval."""
        return t_quantile((1 + level) / 2, self.freedom) * math.sqrt(self.variance)

    def p_value(self, value: float) -> float:
        """Return how probable a value at least as far from 0 is where the truth is 0 (two-sided t test)."""
        if not self.variance:
            return 0.0 if value else 1.0
        return 2 * (1 - t_below(abs(value) / math.sqrt(self.variance), self.freedom))

    def smallest_found(self, level: float, power: float) -> float:
        """Return the true value that a test at `level` finds with a probability of `power`.

        Bloom 1995, "Minimum detectable effects: a simple way to report the statistical power of experimental
        designs": the sum of both quantiles, times the standard error.
        """
        quantiles = t_quantile((1 + level) / 2, self.freedom) + t_quantile(power, self.freedom)
        return quantiles * math.sqrt(self.variance)

    def __add__(self, other: Spread) -> Spread:
        """Return that of a sum or difference, by Welch-Satterthwaite (Welch 1947)."""
        total = self.variance + other.variance
        parts = self.variance**2 / self.freedom + other.variance**2 / other.freedom
        return Spread(total, total**2 / parts if parts else self.freedom + other.freedom)


def block_bootstrap(
    values: Floats,
    figure: Callable[[Floats], Floats],
    resamples: int,
    generator: np.random.Generator,
) -> Spread | None:
    """Return the spread of `figure(values)`, (n,) values whose neighbours resemble each other.

    Künsch 1989, "The jackknife and the bootstrap for general stationary observations". `figure` maps
    (resamples, n) to (resamples,). The variance of m independent blocks is too small by (m - 1) / m, as
    that of any bootstrap of m values (Hesterberg 2015, "What teachers should know about the bootstrap", 4).
    None where there are too few values.
    """
    count = len(values)
    if count < LEAST_BLOCKS:
        return None
    length = min(math.ceil(BLOCK * count ** (1 / 3)), count // LEAST_BLOCKS)
    blocks = count / length
    at_once = max(1, CHUNK // count)
    figures = [
        figure(values[_block_indices(count, length, min(at_once, resamples - done), generator)])
        for done in range(0, resamples, at_once)
    ]
    variance = float(np.concatenate(figures).var()) * blocks / (blocks - 1)
    return Spread(variance, blocks - 1)


def _block_indices(count: int, length: int, resamples: int, generator: np.random.Generator) -> Int64s:
    """Return (resamples, count) indices: blocks that begin anywhere, laid end to end."""
    begins = generator.integers(0, count - length + 1, (resamples, -(-count // length)))
    return np.asarray((begins[:, :, None] + np.arange(length)).reshape(resamples, -1)[:, :count])


@lru_cache(maxsize=1024)
def t_quantile(probability: float, freedom: float) -> float:
    """Return a quantile of Student's t distribution."""
    angle, below = _t_distribution(freedom)
    return math.sqrt(freedom) * math.tan(float(np.interp(probability, below, angle)))


def t_below(value: float, freedom: float) -> float:
    """Return the probability that Student's t is below a value."""
    angle, below = _t_distribution(freedom)
    return float(np.interp(math.atan(value / math.sqrt(freedom)), angle, below))


@lru_cache(maxsize=64)
def _t_distribution(freedom: float) -> tuple[Floats, Floats]:
    """Return angles and the probability of t below each of them.

    With t = sqrt(f) tan(x) the density becomes cos(x) to the power f - 1, over a finite interval.
    """
    angle = np.linspace(-np.pi / 2, np.pi / 2, STEPS)
    density = np.cos(angle).clip(0) ** (freedom - 1)
    below = np.concatenate(([0.0], np.cumsum(density[1:] + density[:-1])))
    return angle, below / below[-1]
