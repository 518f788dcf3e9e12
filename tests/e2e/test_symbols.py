"""ONNX Runtime 1.12.1 is the release whose wheel kept its symbols: its wait paths are known by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from profiler.record.capabilities import event_records
from profiler.trace.model import SWITCH_OUT
from tests.accuracy.wheels import WITH_SYMBOLS, environment
from tests.e2e.program import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside

QUICK = ("--threads", "4", "--warmup", "1", "--measure", "2", "--profile", "8", "--json")


@pytest.fixture(scope="module")
def python() -> str:
    try:
        return environment(WITH_SYMBOLS)
    except LookupError as error:
        pytest.skip(str(error))


def record(configuration: str, python: str, reports: Path) -> dict[str, Any]:
    done = run("record", "--config", configuration, "--python", python, *QUICK, reports=reports)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_the_worker_loop_is_named_as_the_hottest_function(python: str, tmp_path: Path) -> None:
    summary = record("spin-on", python, tmp_path)
    assert summary["ort"]["version"] == WITH_SYMBOLS.version
    assert summary["ort"]["symbols"] == "symtab"
    hottest = summary["hot"][0]
    assert "WorkerLoop" in hottest["symbol"]
    assert (hottest["kind"], hottest["evidence"]) == ("spin-idle", "symbol")
    assert summary["cpu"]["by_category"]["spin"] > summary["cpu"]["total_ms"] / 2


def test_blocking_goes_through_nsync(python: str, tmp_path: Path) -> None:
    """At 20 requests a second, so that hundreds of waits are there to be sampled."""
    done = run(
        *("record", "--config", "spin-off", "--python", python, "--rate", "20", *QUICK),
        *("--waits", "trace"),
        reports=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    futex = [row for row in summary["hot"] if row["kind"] == "futex"]
    assert any("nsync" in row["symbol"] for row in futex)
    assert {row["evidence"] for row in futex} == {"symbol"}
    assert summary["cpu"]["by_kind"]["spin-idle"] < 0.01 * summary["cpu"]["total_ms"]
    if not event_records(SWITCH_OUT):
        return
    chain = next(
        chain["functions"]
        for chain in summary["waits"]["chains"]
        if (chain["kind"], chain["role"]) == ("futex", "pool")
    )
    wanted = ("futex", "nsync", "WorkerLoop")
    places = [next(i for i, name in enumerate(chain) if part in name) for part in wanted]
    assert places == sorted(places), chain


def test_a_setting_that_this_version_would_ignore_is_refused(python: str, tmp_path: Path) -> None:
    done = run("record", "--config", "spin-1ms", "--python", python, reports=tmp_path)
    assert done.returncode == 2
    assert "1.26" in done.stderr
    assert "1.12.1" in done.stderr
