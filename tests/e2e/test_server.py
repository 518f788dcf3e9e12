"""A workload like a real server: several models in one process, inputs that decide about the work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from onnx import TensorProto, helper

from profiler.attribution.analyse import analyse
from profiler.attribution.pools.observed import observe_pools
from profiler.attribution.rules.frames import make_frames
from profiler.record.capabilities import event_records
from profiler.run import runs
from profiler.trace.model import WAKING
from tests.e2e.program import run
from tests.workload.onnx_files import tensor, write

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.attribution.analysis import Analysis

QUICK = ("--warmup", "0.3", "--measure", "1", "--profile", "4", "--json")
TWO_MODELS = ("--model", "minilm", "--model", "tiny@rate=20,config=spin-off,threads=4", "--threads", "3")


@pytest.fixture(scope="module")
def two_models(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    reports = tmp_path_factory.mktemp("reports")
    done = run("record", *TWO_MODELS, "--rate", "10", *QUICK, reports=reports)
    assert done.returncode == 0, done.stderr
    return analyse(runs.find("spin-on", reports))


def test_the_model_that_spins_is_told_from_the_one_that_does_not(two_models: Analysis) -> None:
    minilm, tiny = two_models.summary.sessions
    assert (minilm.id, minilm.config, tiny.id, tiny.config) == ("minilm", "spin-on+t3", "tiny", "spin-off+t4")
    assert minilm.measured is not None
    assert tiny.measured is not None
    assert (minilm.measured.requests, tiny.measured.requests) == (10, 20)
    spinning, blocking = two_models.summary.pools
    assert spinning.measured_ms is not None
    assert blocking.measured_ms is not None
    assert spinning.measured_ms > 5 * blocking.measured_ms


def test_pools_that_are_observed_are_those_that_the_workload_reports(two_models: Analysis) -> None:
    if not event_records(WAKING):
        pytest.skip("without wake-ups, workers that spin and never work can't be placed")
    profile = two_models.profile
    assert profile is not None
    threads = two_models.recorded.counters["profile"].begin.threads
    started = {tid: seen.started_ticks or 0 for tid, seen in threads.items()}
    frames = make_frames(profile.trace, profile.facts)
    observed = observe_pools(profile.trace, frames, list(threads), started)
    reported = two_models.manifest.process.pools
    assert [(pool.tids, pool.callers) for pool in observed.pools] == [
        (tuple(pool.tids), tuple(pool.callers)) for pool in reported
    ]
    assert observed.unplaced == ()


def test_a_made_up_input_that_decides_about_the_work_is_named_before_the_run(tmp_path: Path) -> None:
    model = write(
        tmp_path / "m.onnx",
        [helper.make_node("NonZero", ["marks"], ["places"])],
        [tensor("marks", ["n"], TensorProto.INT64)],
        [tensor("places", [1, "k"], TensorProto.INT64)],
    )
    quick = ("--model", str(model), "--warmup", "0", "--measure", "0.2", "--profile", "0", "--json")
    said = "its input 'marks' is made up, and it decides how much NonZero finds"
    done = run("record", *quick, reports=tmp_path)
    assert done.returncode == 0, done.stderr
    assert said in done.stderr
    summary = json.loads(done.stdout)
    assert said in [doubt["why"] for doubt in summary["unavailable"]]
    given = run("record", *quick, "--input", "marks=constant(7)", reports=tmp_path)
    assert said not in given.stderr
    hashes = [document["inputs"][0]["sha256"] for document in (summary, json.loads(given.stdout))]
    assert hashes[0] != hashes[1]
