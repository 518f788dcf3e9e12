"""Numbers look the same whether Python writes them into a page or its script does."""

from __future__ import annotations

import math

import numpy as np

from profiler.findings import formats
from profiler.findings.typography import keep_units_together
from tests.pages.scripts import evaluate

FORMATS = "base/formats.js"
POWERS = range(-7, 13)
SEED = 20260101


def grid() -> list[float]:
    """Return edges of the formats with their neighbours, what lies between two roundings, and some others."""
    edges = [mantissa * 10.0**power for power in POWERS for mantissa in (1, 2, 5, 9.95, 9.995, 9.9995)]
    ties = [odd / 2**bits for bits in range(1, 6) for odd in range(1, 4097, 2)]
    whole_ties = [whole + half for whole in range(95, 1300) for half in (0.0, 0.5)]
    others = (10 ** np.random.default_rng(SEED).uniform(-7, 12, 5_000)).tolist()
    hundredths = [hundredth / 10_000 for hundredth in range(12_000)]
    found = {0.0, *ties, *whole_ties, *others, *hundredths}
    for edge in edges:
        found |= {edge, math.nextafter(edge, 0), math.nextafter(edge, math.inf)}
    return sorted(found)


def differing(
    node: str, expression: str, expected: list[str], values: list[float]
) -> list[tuple[float, str, str]]:
    """Return some of the values that the script writes in another way, with both ways."""
    written = evaluate(node, FORMATS, expression, values)
    return [row for row in zip(values, written, expected, strict=True) if row[1] != row[2]][:10]


def test_both_write_the_same_numbers(node: str) -> None:
    values = grid()
    expected = [keep_units_together(formats.number(value)) for value in values]
    assert differing(node, "given.map(module.significant)", expected, values) == []


def test_both_write_the_same_milliseconds(node: str) -> None:
    values = grid()
    expected = [keep_units_together(formats.ms(us / 1000)) for us in values]
    assert differing(node, "given.map(module.asMs)", expected, values) == []


def test_both_write_the_same_shares(node: str) -> None:
    values = grid()
    expected = [keep_units_together(formats.percent(share)) for share in values]
    assert differing(node, "given.map(module.asPercent)", expected, values) == []


def test_both_write_the_same_seconds(node: str) -> None:
    values = [us for us in grid() if us >= 1e6]
    expected = [keep_units_together(formats.seconds(us / 1e6)) for us in values]
    assert differing(node, "given.map(module.asTime)", expected, values) == []
