"""What other settings would make of a recording, in words and rows; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.parts import NOTHING, PartRow
from profiler.run.predictions import Basis
from profiler.run.sections.unavailable import Unavailable
from profiler.run.summary import available

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from profiler.run.predictions import Predicted, PredictedConfiguration, PredictionFigures
    from profiler.run.summary import Summary

COLUMNS = ("CPU ms/req", "CPU %", "p50 ms", "p95 ms")
"""CPU % of one core."""
FIGURES = ("CPU time a request", "use of a core", "p50", "p95")
"""The columns in a sentence."""
RECORDED = "as recorded"


def title(summary: Summary) -> str:
    """Return what the table is called: what it rests on is part of its name."""
    predicted = available(summary.predictions)
    inferred = predicted is not None and predicted.basis is Basis.INFERRED
    return f"predicted{' (requests inferred)' if inferred else ''}"


def rows(summary: Summary) -> list[PartRow]:
    """Return what was recorded, then a row a configuration; empty without predictions."""
    predicted, profiled = available(summary.predictions), available(summary.profiled)
    if predicted is None or profiled is None:
        return []
    latency = profiled.latency_ms
    recorded = (profiled.cpu_ms_per_request, profiled.cpu_percent, latency.p50, latency.p95)
    cells = tuple(NOTHING if value is None else formats.number(value) for value in recorded)
    return [PartRow(RECORDED, cells), *map(_row, predicted.configurations)]


def _row(configuration: PredictedConfiguration) -> PartRow:
    return PartRow(configuration.config, tuple(map(_cell, _figures(configuration))))


def _figures(configuration: PredictedConfiguration) -> tuple[Predicted, ...]:
    return (
        configuration.cpu_ms_per_request,
        configuration.cpu_percent,
        configuration.p50_ms,
        configuration.p95_ms,
    )


def _cell(predicted: Predicted) -> str:
    bounds = predicted.bounds
    if bounds is None:
        return NOTHING
    low, high = map(formats.number, bounds)
    span = f"{low} to {high}"
    return span if predicted.value is None else f"{formats.number(predicted.value)} ({span})"


def sentences(summary: Summary) -> list[str]:
    """Say what predictions rest on, and why one is missing, each reason once; empty without predictions."""
    predicted = available(summary.predictions)
    return [] if predicted is None else [*_basis(predicted), *_reasons(predicted)]


def _basis(predicted: PredictionFigures) -> Iterator[str]:
    wake_up = predicted.wake_up
    known = "inferred" if predicted.basis is Basis.INFERRED else "exact"
    said = f"Predicted from this recording alone, of {formats.count(predicted.requests, 'request')} ({known})"
    costs = [
        *([f"{formats.ms(wake_up.latency_ms)} to run"] if wake_up.latency_ms is not None else []),
        *([f"{formats.ms(wake_up.cpu_ms)} of CPU time"] if wake_up.cpu_ms is not None else []),
    ]
    took = f"; a woken worker took {formats.listed(costs)} here" if costs else ""
    yield f"{said}{took}."


def _reasons(predicted: PredictionFigures) -> Iterator[str]:
    """Name the configurations, and their figures if it is not all of them, that each reason holds for."""
    whose: dict[str, dict[str, tuple[str, ...]]] = {}
    for configuration in predicted.configurations:
        for name, figure in zip(FIGURES, _figures(configuration), strict=True):
            if figure.unavailable:
                names = whose.setdefault(figure.unavailable, {})
                names[configuration.config] = (*names.get(configuration.config, ()), name)
    for why, names in whose.items():
        longer = (others for other, others in whose.items() if other.startswith(f"{why};"))
        if any(names.keys() <= others.keys() for others in longer):
            continue  # said there, with what follows from it
        yield f"{_named(names)}: {why}."


def _named(figures: Mapping[str, tuple[str, ...]]) -> str:
    """Return configurations with the figures of theirs that are meant."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for configuration, names in figures.items():
        alike.setdefault(names, []).append(configuration)
    return ", ".join(
        formats.listed(configurations) + ("" if names == FIGURES else f" ({formats.listed(names)})")
        for names, configurations in alike.items()
    )


def why_none(summary: Summary) -> str:
    """Return why there are no predictions, with what to do; empty where there are, or nobody profiled."""
    gone = summary.predictions
    if not isinstance(gone, Unavailable) or available(summary.cpu) is None:
        return ""
    hint = f" ({gone.hint})" if gone.hint else ""
    return f"Other settings can't be predicted: {gone.why}{hint}."
