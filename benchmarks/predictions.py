"""Predictions held against the truth: record spin-on, predict the others, record the others.

    python -m benchmarks.predictions --models tiny --threads 2 --rates 2,5,20 --results predictions.json
    python -m benchmarks.predictions --table --results predictions.json

A round of a cell (model, threads, rate) records spin-on under perf, from which alone the others are
predicted, and then each of the others without perf. What rounds gave is appended to the results, so that a
table is made of several short visits to a machine that is free. Shown are medians over the rounds of a cell.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from profiler import files
from profiler.run.predictions import Predicted, PredictedConfiguration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RECORDED = "spin-on"
FIGURES = {"CPU a request": 0.15, "p50": 0.25, "p95": 0.25}
"""Each with its goal: how far off a value may be, as a share of the truth."""


class Truth(msgspec.Struct, frozen=True):
    """What was measured under a configuration, in ms; the order is that of `FIGURES`."""

    cpu_ms_per_request: float
    p50_ms: float | None
    p95_ms: float | None


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """One round of a cell."""

    model: str
    threads: int
    rate: float
    run_id: str
    """Of the recording that was predicted from."""
    predicted: list[PredictedConfiguration]
    measured: dict[str, Truth]
    """By configuration."""


@dataclass(frozen=True, slots=True)
class Held:
    """One figure of one round: what was said, and what was true."""

    said: Predicted
    true: float


def main() -> None:
    """Record cells, or print the table of all that were."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", default="minilm,tiny", help="by commas, as the next two")
    parser.add_argument("--threads", default="2,4")
    parser.add_argument("--rates", default="2,5,20", help="requests a second")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=12.0, help="of each recording")
    parser.add_argument("--results", type=Path, default=Path("predictions.json"))
    parser.add_argument("--reports", type=Path, help="keep the recordings there")
    parser.add_argument("--table", action="store_true", help="print the table; record nothing")
    parser.add_argument("--again", action="store_true", help="the same, predicted anew from --reports")
    options = parser.parse_args()
    rounds = read(options.results)
    if options.again:
        rounds = [predicted_again(one, options.reports) for one in rounds]
        files.write_json(options.results, msgspec.to_builtins(rounds))
    elif not options.table:
        for _ in range(options.rounds):
            for model in options.models.split(","):
                for threads in options.threads.split(","):
                    for rate in options.rates.split(","):
                        with tempfile.TemporaryDirectory() as folder:
                            reports = options.reports or Path(folder)
                            rounds.append(
                                one_round(model, int(threads), float(rate), options.seconds, reports)
                            )
                        files.write_json(options.results, msgspec.to_builtins(rounds))
    print("\n".join(table(rounds)))


def read(results: Path) -> list[Round]:
    """Return what earlier visits found."""
    return msgspec.json.decode(results.read_bytes(), type=list[Round]) if results.exists() else []


def one_round(model: str, threads: int, rate: float, seconds: float, reports: Path) -> Round:
    """Record a cell once: the configuration that is predicted from, then each that is predicted."""
    load = ["--model", model, "--rate", f"{rate:g}", "--warmup", "1", "--reports", str(reports)]
    pool = ["--threads", str(threads)]
    seen = ortprof(
        "record", *load, *pool, "--config", RECORDED, "--measure", "0", "--profile", f"{seconds:g}"
    )
    predicted = configurations(seen)
    measured = {}
    for config in (one.config for one in predicted):
        own = [] if config == "single-thread" else pool
        phase = ortprof(
            "record", *load, *own, "--config", config, "--measure", f"{seconds:g}", "--profile", "0"
        )["measured"]
        latency = phase["latency_ms"]
        measured[config] = Truth(phase["cpu_ms_per_request"], latency["p50"], latency["p95"])
    return Round(
        model=model,
        threads=threads,
        rate=rate,
        run_id=seen["run_id"],
        predicted=predicted,
        measured=measured,
    )


def predicted_again(one: Round, reports: Path) -> Round:
    """Return a round with what the present model predicts from its recording."""
    seen = ortprof("report", one.run_id, "--reports", str(reports))
    return msgspec.structs.replace(one, predicted=configurations(seen))


def configurations(summary: dict[str, Any]) -> list[PredictedConfiguration]:
    """Return what a summary predicts; ends this process where that is nothing."""
    predictions = summary["predictions"]
    if "configurations" not in predictions:
        sys.exit(f"{summary['run_id']}: nothing is predicted: {predictions['unavailable']}")
    return msgspec.convert(predictions["configurations"], list[PredictedConfiguration])


def ortprof(*arguments: str) -> dict[str, Any]:
    """Run a command of ortprof's; return its document."""
    command = [sys.executable, "-m", "profiler.cli", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def table(rounds: Sequence[Round]) -> Iterator[str]:
    """Yield the Markdown table: a row a cell, of each figure predicted, true and their ratio."""
    titles = [f"{figure}: predicted | true | ratio" for figure in FIGURES]
    yield f"| model, threads, rate | setting | {' | '.join(titles)} |"
    yield "|---|---" + "|--:" * (3 * len(FIGURES)) + "|"
    cells: dict[tuple[str, int, float, str], dict[str, list[Held]]] = {}
    for one in rounds:
        for predicted in one.predicted:
            cell = cells.setdefault((one.model, one.threads, one.rate, predicted.config), {})
            for figure, held in zip(FIGURES, _held(predicted, one.measured[predicted.config]), strict=True):
                cell.setdefault(figure, []).extend(held)
    for (model, threads, rate, config), figures in sorted(cells.items()):
        texts = [_texts(figures[figure], goal) for figure, goal in FIGURES.items()]
        yield f"| {model}, {threads}, {rate:g}/s | {config} | {' | '.join(texts)} |"
    for figure, goal in FIGURES.items():
        yield _score(figure, goal, [its[figure] for its in cells.values() if its[figure]])


def _held(predicted: PredictedConfiguration, truth: Truth) -> Iterator[list[Held]]:
    for said, true in (
        (predicted.cpu_ms_per_request, truth.cpu_ms_per_request),
        (predicted.p50_ms, truth.p50_ms),
        (predicted.p95_ms, truth.p95_ms),
    ):
        yield [] if true is None else [Held(said, true)]


def _texts(rounds: Sequence[Held], goal: float) -> str:
    if not rounds:
        return " | | "
    true = statistics.median(one.true for one in rounds)
    values = [one.said.value for one in rounds if one.said.value is not None]
    if len(values) == len(rounds):
        ratio = _ratio(rounds)
        missed = "" if abs(ratio - 1) <= goal else " (!)"
        return f"{statistics.median(values):.2f} | {true:.2f} | {ratio:.2f}{missed}"
    bounds = [one.said.bounds for one in rounds if one.said.bounds is not None]
    if not bounds:
        return f"- | {true:.2f} | -"
    low, high = (statistics.median(side) for side in zip(*bounds, strict=True))
    return f"{low:.2f} to {high:.2f} | {true:.2f} | {'in' if low <= true <= high else 'out (!)'}"


def _ratio(rounds: Sequence[Held]) -> float:
    return statistics.median(one.said.value / one.true for one in rounds if one.said.value is not None)


def _score(figure: str, goal: float, cells: Sequence[Sequence[Held]]) -> str:
    """Say how many cells have a value, how many of these are as close as the goal, and what bounds hold."""
    valued = [rounds for rounds in cells if all(one.said.value is not None for one in rounds)]
    close = sum(abs(_ratio(rounds) - 1) <= goal for rounds in valued)
    bounded = [(one.said.bounds, one.true) for rounds in cells for one in rounds]
    said = [(bounds, true) for bounds, true in bounded if bounds is not None]
    inside = sum(low <= true <= high for (low, high), true in said)
    return (
        f"\n{figure}: {len(valued)} of {len(cells)} cells have a value, {close} of them within {goal:.0%}; "
        f"the truth was in {inside} of {len(said)} intervals."
    )


if __name__ == "__main__":
    main()
