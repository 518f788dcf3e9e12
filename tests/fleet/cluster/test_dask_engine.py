"""Workers that are none of ours, or of another ortprof, are left out with a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dask
import msgspec
import pytest
from distributed import LocalCluster

from profiler.errors import UsageError
from profiler.fleet.cluster import on_worker
from profiler.fleet.cluster.dask_engine import DaskEngine
from profiler.fleet.cluster.messages import Description
from profiler.fleet.cluster.worker import RESOURCE, TUNED
from profiler.fleet.machine_type import MachineType

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = Description(machine=MachineType("Some CPU", 2, "6.1", 2), ortprof="1", ort="1.31.1", tuned=True)


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Iterator[LocalCluster]:
    with (
        dask.config.set(TUNED),
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            dashboard_address="127.0.0.1:0",
            protocol="tcp",
            host="127.0.0.1",
            resources=request.param,
            silence_logs=50,
        ) as made,
    ):
        yield made


def said_of(cluster: LocalCluster) -> tuple[list[Description], list[str]]:
    """Return the machines that an engine finds, asked twice, and what it warns of."""
    warnings: list[str] = []
    engine = DaskEngine(cluster.scheduler_address, warnings.append)
    try:
        engine.machines()
        return [*engine.machines().values()], warnings
    finally:
        engine.close()


@pytest.mark.parametrize("cluster", [{RESOURCE: 1}], indirect=True)
def test_a_worker_says_what_it_is(cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_worker, "describe", described)
    assert said_of(cluster) == ([OURS], [])


def described() -> bytes:
    return msgspec.msgpack.encode(OURS)


@pytest.mark.parametrize("cluster", [{}], indirect=True)
def test_a_worker_without_the_resource_is_left_out(cluster: LocalCluster) -> None:
    machines, warnings = said_of(cluster)
    assert machines == []
    assert len(warnings) == 1
    assert warnings[0].endswith("is left out: it was not started by `ortprof worker`")


def of_another_version() -> bytes:
    return msgspec.msgpack.encode({"cpu": "described otherwise"})


def without_ortprof() -> bytes:
    raise ModuleNotFoundError("No module named 'profiler'")


@pytest.mark.parametrize("cluster", [{RESOURCE: 1}], indirect=True)
@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (of_another_version, "ValidationError: Object missing"),
        (without_ortprof, "ModuleNotFoundError: No module"),
    ],
)
def test_a_worker_that_answers_otherwise_is_left_out(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch, answers: object, why: str
) -> None:
    monkeypatch.setattr(on_worker, "describe", answers)
    machines, warnings = said_of(cluster)
    assert machines == []
    assert len(warnings) == 1
    assert f"is left out: {why}" in warnings[0]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        "tcp://",
        "http://host:1",
        "tls://127.0.0.1:1",
        "tcp://host",
        "tcp://host:99999",
        "tcp://[::1]:0",
    ],
)
def test_what_is_no_address_is_bad_input(address: str) -> None:
    with pytest.raises(UsageError):
        DaskEngine(address, lambda _: None)
