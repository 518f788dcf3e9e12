"""Trials as if they had been made."""

from __future__ import annotations

import msgspec
import numpy as np

from profiler.run.request import RequestSource
from profiler.spec.configuration import SessionConfiguration
from profiler.study.trial.trial_record import Asked, Trial, TrialRun

NAMES = ("as-is", "spin-off", "single-thread")
ASKED = Asked(
    command=["service"],
    load=["client"],
    configurations=[SessionConfiguration(name=name) for name in NAMES],
    rounds=3,
    seconds=8.0,
    after=2.0,
    requests="",
)


def made(label: str, turn: int, cpu_ms: float | None, latency_ms: float = 5.0, **changes: object) -> TrialRun:
    noise = np.random.default_rng(turn + 1000 * len(label)).uniform(0.97, 1.03, 60)
    run = TrialRun(
        label=label,
        round=turn,
        run_id=f"{label}-{turn}",
        ort="1.30.0",
        seconds=8.0,
        cpu_percent=20.0,
        source=RequestSource.MARKS,
        cpu_ms=None if cpu_ms is None else cpu_ms * float(noise[0]),
        latency_ms=(latency_ms * noise).tolist(),
        given="",
    )
    return msgspec.structs.replace(run, **changes)


def trial(*runs: TrialRun) -> Trial:
    return Trial(trial_id="t-trial", created="2026-11-28T00:00:00Z", asked=ASKED, runs=list(runs))


def three(label: str, cpu_ms: float, latency_ms: float = 5.0, **changes: object) -> list[TrialRun]:
    return [made(label, turn, cpu_ms, latency_ms, **changes) for turn in range(3)]
