"""Figures worked by hand; the YAML read by a parser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from profiler.study.advise.kubernetes import Demand, as_yaml, size
from tests.study.synthetic import BLOCKING, SINGLE, SPINNING

if TYPE_CHECKING:
    from profiler.spec.configuration import SessionConfiguration


def demand(configuration: SessionConfiguration = SINGLE, **changes: Any) -> Demand:
    small = Demand(configuration, rate=10, cpu_ms=6.0, peak_ms=8.0, threads=configuration.threads)
    return replace(small, **changes)


def test_a_small_service() -> None:
    sizing = size(demand())
    # 10/s x 6 ms = 60 ms a second = 60m; at 70 % use 85.7m, rounded up to 90m.
    assert sizing.request == 90
    # 14.3/s in 100 ms are 2 requests at most: 2 x 8 ms of 100 ms = 160m, which is more than the request.
    assert sizing.limit == 160
    # 60m of 90m is 66.7 %, rounded down, so that beyond 10/s a pod another one starts.
    assert sizing.hpa_percent == 66
    assert (sizing.cores, sizing.cores_pay) == (1, False)
    assert sizing.steps == (
        "load: 10/s x 6.00 ms of CPU time = 60m (millicores)",
        "request: 60m at 70% use = 90m",
        "least limit: 2 requests x 8.00 ms in each 100 ms = 160m",
        "limit: the larger of both = 160m; measured without (see --cpus 0.16)",
        "HPA: 60m of 90m, 70% at most = 66 % of the request",
        "static CPU policy: 1 whole core, one a thread, for 60m in use: mostly idle",
    )


def test_a_busy_service_is_worth_whole_cores() -> None:
    sizing = size(demand(BLOCKING, rate=200, cpu_ms=12.0, peak_ms=14.0))
    # 200/s x 12 ms = 2,400m, at 70 % use 3,428.6m; 285.7/s are 29 requests in 100 ms: 29 x 14 ms = 4,060m.
    assert (sizing.request, sizing.limit, sizing.hpa_percent) == (3430, 4060, 69)
    # 2.4 of 4 whole cores.
    assert (sizing.cores, sizing.cores_pay) == (4, True)
    assert "cpu: 4 for both" in as_yaml(sizing)


def test_a_limit_that_is_given_is_kept_and_judged() -> None:
    enough = size(demand(cpus=0.5))
    assert (enough.request, enough.limit) == (90, 500)
    assert "limit: 500m, as planned with 0.5 CPU: enough" in enough.steps
    tight = size(demand(cpus=0.1))
    assert (tight.request, tight.limit, tight.hpa_percent) == (90, 100, 66)
    assert "limit: 100m, as planned with 0.1 CPU: less than that: expect throttling" in tight.steps


def test_what_one_container_can_not_serve_takes_several() -> None:
    sizing = size(demand(rate=40, cpus=0.1))
    # 40/s x 6 ms = 240m; 70 % of 100m is 70m, so 11.7/s each, four of them.
    assert (sizing.request, sizing.limit, sizing.hpa_percent) == (100, 100, 70)
    assert "at 70% use a container serves 11.7/s: plan 4 of them" in sizing.steps


@pytest.mark.parametrize(
    ("entries", "scales"),
    [
        ({}, False),
        ({"session.force_spinning_stop": "1"}, True),
        ({"session.intra_op.allow_spinning": "0"}, True),
        ({"session.intra_op.spin_duration_us": "0"}, True),
        ({"session.intra_op.spin_duration_us": "1000"}, True),
        ({"session.intra_op.spin_backoff_max": "8"}, False),
    ],
)
def test_cpu_that_does_not_follow_the_load_scales_nothing(entries: dict[str, str], scales: bool) -> None:
    sizing = size(demand(msgspec.structs.replace(SPINNING, entries=entries)))
    assert (sizing.hpa_percent is not None) is scales
    assert ("HorizontalPodAutoscaler" in as_yaml(sizing)) is scales


@given(
    rate=st.floats(1e-6, 1e4),
    cpu_ms=st.floats(1e-3, 1e4),
    dearer=st.floats(1, 10),
    cpus=st.none() | st.floats(0.01, 128),
)
def test_yaml_says_what_was_computed(rate: float, cpu_ms: float, dearer: float, cpus: float | None) -> None:
    sizing = size(demand(rate=rate, cpu_ms=cpu_ms, peak_ms=cpu_ms * dearer, cpus=cpus))
    container, scaler = yaml.safe_load_all(as_yaml(sizing))
    assert container == {
        "resources": {"requests": {"cpu": f"{sizing.request}m"}, "limits": {"cpu": f"{sizing.limit}m"}}
    }
    [metric] = scaler["spec"]["metrics"]
    assert metric["resource"]["target"] == {"type": "Utilization", "averageUtilization": sizing.hpa_percent}
    # The API server refuses a request above its limit, and a utilisation below 1.
    assert 10 <= sizing.request <= sizing.limit
    assert sizing.hpa_percent is not None
    assert 1 <= sizing.hpa_percent <= 70
