"""trial.html: which configuration to choose for a command, on one page that needs nothing from outside."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from profiler import files
from profiler.findings import formats
from profiler.pages.base.page import Page, fill
from profiler.pages.chart.axis import AxisTick
from profiler.pages.chart.scale import Scale, scale
from profiler.pages.chart.study_charts import HEIGHT
from profiler.run.directory import address
from profiler.run.program_name import program_name
from profiler.study.advise.phrases import ratio
from profiler.study.interval_words import bounds, too_wide
from profiler.study.trial.pasted import to_paste
from profiler.study.trial.verdict import judge, p95_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from profiler.spec.configuration import Setting
    from profiler.study.intervals import Interval, Ratio
    from profiler.study.trial.trial_directory import TrialDirectory
    from profiler.study.trial.trial_record import Trial, TrialRun
    from profiler.study.trial.verdict import TrialVerdict, Tried

PAGE = Page("trial/trial.html.j2", ("chart/chart.css", "study/study.css", "trial/trial.css"))


@dataclass(frozen=True, slots=True)
class TriedRow:
    """A configuration in the table."""

    name: str
    series: int
    void: bool
    chosen: bool
    figures: tuple[tuple[str, str], ...]
    """CPU use, CPU time a request, p95: each with its interval, and with its change against the first."""
    requests: str
    rounds: int
    known_by: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A configuration in a chart: x in percent, y in pixels."""

    name: str
    series: int
    x: float
    y: float
    low: float
    high: float
    title: str


@dataclass(frozen=True, slots=True)
class IntervalChart:
    """A figure of each configuration, with its interval."""

    caption: str
    marks: tuple[Mark, ...]
    ticks: tuple[AxisTick, ...]


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run."""

    round: int
    name: str
    series: int
    link: str
    cpu_percent: str
    cpu_ms: str
    p95_ms: str
    given: str


def write_page(directory: TrialDirectory, trial: Trial, known: Mapping[str, Setting]) -> None:
    """Write a trial's page into its directory; `NotWrittenError` when it can't be written."""
    files.write(directory.page, render_page(trial, known).encode())


def render_page(trial: Trial, known: Mapping[str, Setting]) -> str:
    """Return a trial's page; `known` is what the catalogue knows of session entries.

    Of the commands their programs and scripts alone are on it, for arguments may hold secrets.
    """
    verdict = judge(trial)
    series = {configuration.label: at for at, configuration in enumerate(trial.asked.configurations)}
    usable = [one for one in verdict.tried if not one.void]
    charts = (
        _chart("CPU ms a request", usable, series, lambda one: (one.cpu_ms, one.mean_cpu_ms)),
        _chart("p95 latency, ms", usable, series, lambda one: (one.p95_ms, one.pooled_p95_ms)),
    )
    return fill(
        PAGE,
        title=f"Trial of {program_name(trial.asked.command)}",
        trial=trial,
        verdict=verdict,
        rows=[_row(one, verdict, series[one.label]) for one in verdict.tried],
        charts=[chart for chart in charts if chart is not None],
        pasted=to_paste(verdict, known),
        runs=[_run(run, series[run.label]) for run in trial.runs],
        left=trial.left(),
        facts=_facts(trial),
        ortprof=version("ortprof"),
    )


def _row(one: Tried, verdict: TrialVerdict, series: int) -> TriedRow:
    return TriedRow(
        one.label,
        series,
        one.void,
        one is verdict.chosen,
        (
            (f"{formats.number(one.cpu_percent)} %", ""),
            (_number(one.cpu_ms, one.mean_cpu_ms), _interval(one.cpu_ms)),
            (_change(one.cpu), ""),
            (_number(one.p95_ms, one.pooled_p95_ms), _interval(one.p95_ms)),
            (_change(one.p95), ""),
        ),
        f"{one.requests:,}",
        len(one.runs),
        one.known_by,
    )


def _number(interval: Interval | None, single: float | None) -> str:
    value = interval.estimate if interval is not None else single
    return formats.NOTHING if value is None else formats.number(value)


def _interval(interval: Interval | None) -> str:
    return "" if interval is None else bounds(interval.low, interval.high)


def _change(change: Ratio | None) -> str:
    return formats.NOTHING if change is None else ratio(change)


def _chart(
    caption: str,
    tried: Sequence[Tried],
    series: Mapping[str, int],
    figure: Callable[[Tried], tuple[Interval | None, float | None]],
) -> IntervalChart | None:
    """Return a chart of those that have the figure; None where fewer than two have."""
    shown = []
    for one in tried:
        interval, single = figure(one)
        if interval is not None:
            drawn = not too_wide(interval.low, interval.high)  # else there were no room for the others
            ends = (interval.low, interval.high) if drawn else (interval.estimate, interval.estimate)
            shown.append((one, interval.estimate, *ends))
        elif single is not None:
            shown.append((one, single, single, single))
    if len(shown) < 2:  # noqa: PLR2004  a comparison takes two
        return None
    axis = scale([value for _, *values in shown for value in values])
    marks = tuple(
        _mark(one, series[one.label], (value, low, high), axis, HEIGHT * (at + 0.5) / len(shown))
        for at, (one, value, low, high) in enumerate(shown)
    )
    ticks = tuple(AxisTick(100 * axis.place(tick), f"{tick:g}") for tick in axis.ticks)
    return IntervalChart(caption, marks, ticks)


def _mark(one: Tried, series: int, values: tuple[float, float, float], axis: Scale, y: float) -> Mark:
    value, low, high = values
    between = f", {formats.number(low)} to {formats.number(high)}" if low < high else ""
    x, left, right = (100 * axis.place(each) for each in (value, low, high))
    return Mark(one.label, series, x, y, left, right, f"{one.label}: {formats.number(value)}{between}")


def _run(run: TrialRun, series: int) -> RunRow:
    return RunRow(
        run.round + 1,
        run.label,
        series,
        f"runs/{address(run.run_id)}/report.html",
        f"{formats.number(run.cpu_percent)} %",
        formats.NOTHING if run.cpu_ms is None else formats.number(run.cpu_ms),
        _number(None, p95_ms([run])),
        "; ".join([run.given, *run.doubts]),
    )


def _facts(trial: Trial) -> list[tuple[str, str]]:
    asked = trial.asked
    versions = sorted({run.ort for run in trial.runs})
    target = "not surely more than the first's" if trial.target_ms is None else formats.ms(trial.target_ms)
    return [
        ("Program", program_name(asked.command)),
        ("Client", program_name(asked.load) or "none: nothing was asked of it by us"),
        ("ONNX Runtime", ", ".join(versions)),
        ("Each run", _each_run(trial)),
        ("Rounds", f"{asked.rounds}, each beginning with another configuration"),
        ("p95 wanted", target),
    ]


def _each_run(trial: Trial) -> str:
    """Say the phases of a run; what latency rests on is one of them."""
    asked = trial.asked
    said = f"{asked.after:g} s, then {asked.seconds:g} s measured with nothing attached"
    under_perf = f"{asked.seconds:g} s under perf"
    if any(run.source is not None and run.source.exact for run in trial.runs):
        return f"{said}; in the first round {under_perf} besides"
    if any(run.source is not None for run in trial.runs):
        return f"{said}, then {under_perf}, which p95 latency is of"
    return f"{said}, then {under_perf}"
