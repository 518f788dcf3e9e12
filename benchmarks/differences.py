"""How often identical things are called different, and how small a change is found, in resampled repeats.

    ortprof sweep --configs spin-off --rates 20 --repeat 48 --measure 3 --profile 0 --reports pool
    python -m benchmarks.differences pool/*-study-*

Takes studies of many repeats of one cell each. Studies are cut from them: rounds of neighbouring runs, one
for each side, drawn at random, so that both sides are the same thing and drift as real rounds do. They
overlap, since there are not hundreds of hours to record in. For power, the second side's figures are
multiplied.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from profiler.study.compare.compared import measured_figures, told
from profiler.study.results import read_results
from profiler.study.variation import USUAL, run_variation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiler.study.compare.compared import ComparedFigure
    from profiler.study.measured import Measured
    from profiler.study.variation import RunVariation

Sides = tuple[list["Measured"], list["Measured"]]
GROWTH = (0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0)
FOUND = 0.9


def rounds(pool: Sequence[Measured], count: int, generator: np.random.Generator) -> Sides:
    """Cut a study of so many rounds from a pool of repeats."""
    start = int(generator.integers(0, len(pool) - 2 * count + 1))
    before, after = [], []
    for at in range(start, start + 2 * count, 2):
        first, second = generator.permutation([at, at + 1])
        before.append(pool[first])
        after.append(pool[second])
    return before, after


def apart(pool: Sequence[Measured], generator: np.random.Generator) -> Sides:
    """Return two single runs of any two times, which are not among those whose variation is known."""
    first, second = generator.choice(range(1, len(pool), 2), 2, replace=False)
    return [pool[first]], [pool[second]]


def grown(run: Measured, share: float) -> Measured:
    """Return a run had it cost and taken so much more."""
    return dataclasses.replace(
        run,
        latency_ms=run.latency_ms * (1 + share),
        cpu_ms=run.cpu_ms * (1 + share),
        cpu_ms_per_request=run.cpu_ms_per_request and run.cpu_ms_per_request * (1 + share),
    )


def false_alarms(draws: Sequence[Sides], variation: RunVariation | None) -> Counter[str]:
    """Count what is called different of identical things: figures, headlines, and by the old rule."""
    called: Counter[str] = Counter()
    for before, after in draws:
        found = measured_figures(before, after, variation)
        old = measured_figures(before, after, None)
        called.update(figure.name for figure in found if figure.significant)
        called["headline"] += any(figure.significant for figure in told(found))
        called["any figure, the rule before"] += any(_alone(figure) for figure in old)
        called["headline, the rule before"] += any(_alone(figure) for figure in told(old))
    return called


def _alone(figure: ComparedFigure) -> bool:
    return figure.ratio is not None and figure.ratio.significant


def smallest_found(draws: Sequence[Sides], variation: RunVariation | None) -> dict[str, str]:
    """Return, for each figure of the headline, the smallest growth that is found in 9 of 10."""
    smallest: dict[str, str] = {}
    for share in GROWTH:
        called: Counter[str] = Counter()
        for before, after in draws:
            figures = told(measured_figures(before, [grown(run, share) for run in after], variation))
            called.update(figure.name for figure in figures if figure.significant)
            for figure in figures:
                smallest.setdefault(figure.name, f"more than {GROWTH[-1]:.0%}")
        for name, count in called.items():
            if smallest[name].startswith("more") and count >= FOUND * len(draws):
                smallest[name] = f"{share:.0%}"
    return smallest


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("studies", nargs="+", type=Path)
    parser.add_argument("--comparisons", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    pools = {
        cell.key.words: cell.measured
        for study in asked.studies
        for cell in read_results(study).cells
        if len(cell.measured) >= 10  # noqa: PLR2004  five rounds
    }
    here = run_variation(pool[::2] for pool in pools.values())
    forms: dict[str, tuple[Callable[..., Sides], RunVariation | None]] = {
        "5 rounds": (lambda pool, random: rounds(pool, 5, random), None),
        "3 rounds": (lambda pool, random: rounds(pool, 3, random), None),
        "1 run each, repeats known": (apart, here),
        "1 run each, none known": (apart, USUAL),
    }
    for form, (draw, variation) in forms.items():
        total: Counter[str] = Counter()
        for words, pool in pools.items():
            generator = np.random.default_rng(asked.seed)
            draws = [draw(pool, generator) for _ in range(asked.comparisons)]
            called = false_alarms(draws, variation)
            total.update(called)
            print(f"{form}, {words}: {smallest_found(draws, variation)} found in 9 of 10")
        comparisons = asked.comparisons * len(pools)
        shares = {name: f"{count / comparisons:.1%}" for name, count in sorted(total.items())}
        print(f"{form}: of {comparisons} comparisons of identical things called different: {shares}\n")


if __name__ == "__main__":
    main()
