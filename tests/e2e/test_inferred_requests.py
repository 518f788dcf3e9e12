"""Requests that are inferred are those that the workload knows, where its callers wait between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.inferred_requests import agreement
from profiler.record.capabilities import event_records
from profiler.run import runs
from profiler.trace.model import SWITCH_OUT
from tests.e2e.program import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("configuration", ["spin-on", "spin-off"])
def test_inferred_requests_are_those_that_there_were(configuration: str, tmp_path: Path) -> None:
    if not event_records(SWITCH_OUT):
        pytest.skip("without the call chains of waits nothing is inferred")
    load = ("--model", "minilm", "--threads", "2", "--rate", "5", "--config", configuration)
    phases = ("--warmup", "0.3", "--measure", "0", "--profile", "4", "--waits", "trace")
    done = run("record", *load, *phases, reports=tmp_path)
    assert done.returncode == 0, done.stderr
    found = agreement(runs.find(configuration, tmp_path))
    assert (found.exact, found.false) == (20, 0)
    assert found.found + found.merged == 20
    assert found.busy == pytest.approx(1.0, abs=0.15)
