"""trial.json: what a trial was to do, and the runs that it has made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from profiler import files
from profiler.errors import UsageError
from profiler.run.directory import TRIAL_MANIFEST
from profiler.run.json_document import not_ours
from profiler.run.ranges import Count, Milliseconds, Number, Seconds
from profiler.run.request import RequestSource
from profiler.run.runs import list_trials
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.ranges import REPEATS

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "ortprof.trial/1"
AS_IS = "as-is"
"""The configuration that gives nothing."""
MOST_REQUESTS = 200_000
"""Of a run: beyond, a trial is longer than it need be."""
Latency = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Rounds = Annotated[int, msgspec.Meta(ge=1, le=int(REPEATS.most))]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a trial the same one, so that it can be gone on with."""

    command: list[str]
    load: list[str]
    configurations: Annotated[list[SessionConfiguration], msgspec.Meta(min_length=1)]
    """In the order of their naming: the first is what others are held against."""
    rounds: Rounds
    seconds: Seconds
    after: Seconds
    requests: str
    """The log that tells of requests; empty without one."""
    probes: bool = False
    """Whether probes on `Run` tell of them."""


class TrialRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the command under one configuration."""

    label: str
    """Of its configuration."""
    round: Count
    run_id: str
    ort: str
    """ONNX Runtime's version."""
    seconds: Seconds
    cpu_percent: Number
    """Of one core, with nothing attached."""
    source: RequestSource | None
    """How requests are known; None: not at all."""
    cpu_ms: Milliseconds | None
    """CPU time a request; None without requests. Of inferred ones, it is that with nothing attached, and
    how many there are in a second is known under perf."""
    latency_ms: Annotated[list[Latency], msgspec.Meta(max_length=MOST_REQUESTS)]
    """Of each request; under perf where they are inferred."""
    given: str
    """To which sessions the configuration was given, in a sentence."""
    doubts: list[str] = []
    """What keeps it from being the configuration's run wholly."""
    void: bool = False
    """Whether it is not the configuration's run at all."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A trial, as far as it has gone."""

    schema: str = SCHEMA
    trial_id: str
    created: str
    """UTC, ISO 8601."""
    asked: Asked
    target_ms: Latency | None = None
    """What the 95th percentile may be at most, as last asked; None: not surely more than the first's."""
    runs: list[TrialRun] = []

    def __post_init__(self) -> None:
        """Raise `ValueError` where it has runs that it can't have."""
        labels = {configuration.label for configuration in self.asked.configurations}
        if len(labels) < len(self.asked.configurations):
            raise ValueError("`asked.configurations` has one twice")
        places = {(run.round, run.label) for run in self.runs}
        if len(places) < len(self.runs):
            raise ValueError("`runs` has a round of a configuration twice")
        if any(label not in labels or turn >= self.asked.rounds for turn, label in places):
            raise ValueError("`runs` has one that was not asked for")

    def next_place(self) -> tuple[int, SessionConfiguration] | None:
        """Return the round and the configuration of the next run; None once it is complete.

        Each round begins with another configuration, so that none is always first; those whose run was void
        are left out.
        """
        done = {(run.round, run.label) for run in self.runs}
        void = {run.label for run in self.runs if run.void}
        for turn in range(self.asked.rounds):
            first = turn % len(self.asked.configurations)
            for configuration in (
                *self.asked.configurations[first:],
                *self.asked.configurations[:first],
            ):
                if configuration.label not in void and (turn, configuration.label) not in done:
                    return turn, configuration
        return None

    def left(self) -> int:
        """Return how many runs are left."""
        void = {run.label for run in self.runs if run.void}
        wanted = {
            (turn, configuration.label)
            for turn in range(self.asked.rounds)
            for configuration in self.asked.configurations
            if configuration.label not in void
        }
        return len(wanted - {(run.round, run.label) for run in self.runs})


def read_trial(folder: Path) -> Trial:
    """Read a trial; `UsageError` where its file is not what ortprof writes."""
    path = folder / TRIAL_MANIFEST
    document = files.read_json(path)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError(f"{path} is not a trial that this version of ortprof reads")
    try:
        return msgspec.convert(document, Trial)
    except (msgspec.ValidationError, OverflowError) as error:
        raise not_ours(path, error) from error


def write_trial(folder: Path, trial: Trial) -> None:
    """Write a trial down as it is now."""
    files.write_json(folder / TRIAL_MANIFEST, msgspec.to_builtins(trial))


def find_unfinished(reports: Path, asked: Asked) -> Path | None:
    """Return the folder of the latest trial that was to do the same and has not done it all."""
    for folder in reversed(list_trials(reports)):
        try:
            trial = read_trial(folder)
        except (UsageError, OSError):
            continue
        if trial.asked == asked:
            return folder if trial.left() else None
    return None
