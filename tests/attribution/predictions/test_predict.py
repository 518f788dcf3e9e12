"""Predictions of real recordings, and what keeps them from being made."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from profiler.attribution.assemble import assemble
from profiler.run.predictions import Basis, PredictedConfiguration
from profiler.run.processes import PoolRole
from profiler.run.request import RequestSource
from profiler.run.sections.unavailable import Unavailable
from profiler.run.summary import from_document
from profiler.spec.limit import Limit
from profiler.spec.workload import Arrivals
from tests.run.loaded import loaded
from tests.summaries import edited, present, written

if TYPE_CHECKING:
    from profiler.run.summary import Summary

DATA = Path(__file__).resolve().parents[2]
SPIN_ON, SPIN_OFF = DATA / "pages" / "data" / "spin-on", DATA / "pages" / "data" / "spin-off"
OLD = DATA / "study" / "data" / "spin-on-1.12.1"


def analysed(path: Path, requests: dict[str, Any] | None = None, **changes: Any) -> Summary:
    """Return the summary of a real run whose manifest, and each of whose requests, is changed."""
    made = loaded(path)
    recorded = dataclasses.replace(
        made.recorded,
        manifest=edited(made.recorded.manifest, **changes),
        requests=[edited(request, **(requests or {})) for request in made.recorded.requests],
    )
    return assemble(dataclasses.replace(made, recorded=recorded)).summary


def predicted(summary: Summary) -> dict[str, PredictedConfiguration]:
    return {one.config: one for one in present(summary.predictions).configurations}


def test_a_recording_that_spins() -> None:
    summary = analysed(SPIN_ON)
    assert from_document(written(summary)) == summary
    figures = present(summary.predictions)
    assert (figures.basis, figures.requests) == (Basis.MARKED, 30)
    by_name = predicted(summary)
    assert list(by_name) == ["spin-off", "spin-1ms", "single-thread"]
    recorded = present(summary.profiled).cpu_ms_per_request or 0.0
    for one in by_name.values():
        low, high = one.cpu_ms_per_request.bounds or (0.0, 0.0)
        assert 0 < low < high < recorded
    assert by_name["single-thread"].cpu_ms_per_request.value == pytest.approx(18.7, abs=0.05)
    assert by_name["single-thread"].p50_ms.value == pytest.approx(19.2, abs=0.1)
    assert by_name["single-thread"].settings["intra_op_num_threads"] == "1"
    assert by_name["spin-1ms"].settings["session.intra_op.spin_duration_us"] == "1000"
    assert by_name["spin-off"].p50_ms.value is None
    assert "how many wake-ups" in by_name["spin-off"].p50_ms.unavailable


def test_of_one_that_blocks_only_one_thread_is_predicted() -> None:
    by_name = predicted(analysed(SPIN_OFF))
    assert "what was recorded" in by_name["spin-off"].cpu_ms_per_request.unavailable
    assert "not known" in by_name["spin-1ms"].p95_ms.unavailable
    assert by_name["single-thread"].cpu_ms_per_request.value is not None


def test_a_version_that_would_ignore_the_setting() -> None:
    one = predicted(analysed(OLD))["spin-1ms"]
    assert "(1.12.1) does not honour" in one.cpu_ms_per_request.unavailable
    assert "1.26" in one.p50_ms.unavailable


def test_inferred_requests_are_said_to_be() -> None:
    summary = analysed(SPIN_ON, {"source": RequestSource.INFERRED})
    assert present(summary.predictions).basis is Basis.INFERRED


def test_a_limit_leaves_cpu_time_alone() -> None:
    for one in predicted(analysed(SPIN_ON, limit=Limit(cpus=0.5))).values():
        assert one.cpu_ms_per_request.bounds is not None
        assert "limit" in one.p50_ms.unavailable
        assert one.p50_ms.bounds is None


def test_a_closed_loop_serves_as_many_as_it_can() -> None:
    for one in predicted(analysed(SPIN_ON, workload__arrivals=Arrivals.CLOSED)).values():
        assert "closed loop" in one.cpu_percent.unavailable
        assert one.cpu_ms_per_request.bounds is not None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"perf__event": "cpu-clock:u"}, "kernel was off limits"),
        ({"perf__light": True}, "context switches were not recorded"),
        ({"process__pools": []}, "no pool"),
    ],
)
def test_what_a_recording_may_lack(changes: dict[str, Any], why: str) -> None:
    gone = analysed(SPIN_ON, **changes).predictions
    assert isinstance(gone, Unavailable)
    assert why in gone.why


def test_pools_that_wait_for_each_other() -> None:
    manifest = loaded(SPIN_ON).recorded.manifest
    pools = [msgspec.structs.replace(pool, role=PoolRole.INTER_OP) for pool in manifest.process.pools]
    gone = analysed(SPIN_ON, process__pools=pools).predictions
    assert isinstance(gone, Unavailable)
    assert "parallel execution" in gone.why


def test_without_a_request_there_is_nothing_to_predict() -> None:
    gone = analysed(SPIN_ON, {"phase": "measure"}).predictions
    assert isinstance(gone, Unavailable)
    assert "no request" in gone.why


def test_few_requests_have_no_tail() -> None:
    one = predicted(analysed(SPIN_ON))["single-thread"]
    assert one.p50_ms.value is not None
    assert one.p95_ms.unavailable == "too few requests to predict p95, which takes 100"
    made = loaded(SPIN_ON)
    few = dataclasses.replace(made.recorded, requests=made.recorded.requests_of("profile")[:9])
    one = predicted(assemble(dataclasses.replace(made, recorded=few)).summary)["single-thread"]
    assert one.p50_ms.unavailable == "too few requests to predict p50, which takes 10"


def test_a_bounded_spin_says_nothing_of_latencies() -> None:
    one = predicted(analysed(SPIN_ON))["spin-1ms"]
    assert one.cpu_ms_per_request.value is not None
    assert "the scheduler's choice" in one.p50_ms.unavailable
