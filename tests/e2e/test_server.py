"""A workload like a real server: several models in one process, inputs that decide about the work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psutil
import pytest
from onnx import TensorProto, helper

from profiler.attribution.analyse import analyse
from profiler.attribution.pools.observed import observe_pools
from profiler.attribution.rules.frames import make_frames
from profiler.record.capabilities import event_records
from profiler.run import runs
from profiler.run.manifest import read_manifest
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
    done = run("record", *TWO_MODELS, "--rate", "10", *QUICK, "--waits", "trace", reports=reports)
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


def test_workers_of_one_service_are_told_apart_and_too_many_threads_are_said(tmp_path: Path) -> None:
    done = run(
        "record",
        "--model",
        "tiny",
        "--processes",
        "3",
        "--threads",
        "2",
        "--rate",
        "60",
        *QUICK,
        reports=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    workers, pools = summary["processes"], summary["pools"]
    assert [pool["id"] for pool in pools] == ["1/intra-op", "2/intra-op", "3/intra-op"]
    assert [pool["process"] for pool in pools] == [worker["pid"] for worker in workers]
    served = summary["measured"]["requests"]
    assert served + summary["measured"]["unserved"] == 60
    assert sum(worker["measured_requests"] for worker in workers) == served
    assert all(worker["measured_requests"] for worker in workers)
    assert sum(worker["measured_ms"] for worker in workers) == pytest.approx(summary["measured"]["cpu_ms"])
    for worker, pool in zip(workers, pools, strict=True):
        assert pool["by_kind"]["spin-idle"] > 0.8 * pool["total_ms"]
        assert pool["total_ms"] <= 1.05 * worker["profiled_ms"]
        assert not psutil.pid_exists(worker["pid"])
    shown = run("show", "spin-on", reports=tmp_path).stdout
    assert "3 processes, each with a pool of its own, have 6 threads" in " ".join(shown.split())


def test_processes_and_operators_are_refused_together(tmp_path: Path) -> None:
    done = run("record", "--processes", "2", "--operators", reports=tmp_path)
    assert done.returncode == 2
    assert "--operators profiles one process" in done.stderr


def test_a_neighbour_is_measured_beside_the_service_and_leaves_with_it(tmp_path: Path) -> None:
    done = run(
        "record", "--model", "tiny", "--config", "spin-on", "--threads", "2", "--rate", "30", "--neighbour",
        *QUICK, reports=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    neighbour = summary["neighbour"]
    assert neighbour["processes"] == summary["host"]["cpus"]
    assert len(neighbour["alone"]) == 2
    assert all(stretch["units"] for stretch in (*neighbour["alone"], neighbour["beside"]))
    assert neighbour["beside"]["wall_ns"] >= 1e9
    assert "A CPU-bound neighbour on the same CPUs got" in run("show", "spin-on", reports=tmp_path).stdout
    refused = run("record", "--neighbour", "--measure", "0", reports=tmp_path)
    assert refused.returncode == 2


def test_a_provider_that_the_wheel_lacks_ends_with_what_it_has(tmp_path: Path) -> None:
    done = run("record", "--model", "tiny", "--provider", "xnnpack", *QUICK, reports=tmp_path)
    if done.returncode == 0:
        pytest.skip("this ONNX Runtime has XNNPACK")
    assert done.returncode == 2
    assert "built without it" in done.stderr
    assert "CPUExecutionProvider" in done.stderr


def test_a_study_holds_several_models_in_one_process_beside_a_neighbour(tmp_path: Path) -> None:
    study = tmp_path / "two.toml"
    study.write_text(
        'configs = ["single-thread"]\nconcurrency = 2\nneighbour = true\nrepeat = 1\nwarmup_seconds = 0\n'
        'measure_seconds = 1\nprofile_seconds = 0\n[[workload]]\nmodel = "tiny"\nrate = 20\n'
        '[[workload]]\nmodel = "tiny"\ntokens = "4..16"\nrate = 5\nconfig = "spin-off"\nthreads = 2\n'
    )
    done = run("sweep", str(study), "--json", reports=tmp_path / "reports")
    assert done.returncode == 0, done.stderr
    (cell,) = json.loads(done.stdout)["cells"]
    assert cell["configuration"] == "single-thread with 2 callers"
    assert cell["neighbour_share"] > 0
    (recorded,) = runs.list_runs(next((tmp_path / "reports").glob("*-study-two")) / "runs")
    first, second = read_manifest(recorded.manifest).process.sessions
    assert (len(first.callers), len(second.callers)) == (2, 2)
    assert len(second.pools) == 1
