from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from profiler import files
from profiler.attribution.analyse import analyse
from profiler.errors import UsageError
from profiler.run.directory import RunDirectory
from profiler.run.records import read_recorded
from profiler.study.measured import read_measured
from tests.summaries import present

DATA = Path(__file__).parent / "data"


def change_requests(run: RunDirectory, change: Any) -> None:
    """Rewrite requests.jsonl; `change` gets each measured request's place and row, and returns the row."""
    rows = [msgspec.json.decode(line) for line in run.requests.read_bytes().splitlines()]
    places = iter(range(len(rows)))
    rows = [change(next(places), row) if row["phase"] == "measure" else row for row in rows]
    files.write(run.requests, msgspec.json.Encoder().encode_lines([row for row in rows if row is not None]))


def test_the_measure_phase_is_that_of_the_summary(run: RunDirectory) -> None:
    said = present(analyse(run).summary.measured)
    found = read_measured(run)
    assert found.run_id == read_recorded(run).manifest.run_id
    assert len(found.latency_ms) == said.requests
    assert float(np.mean(found.latency_ms)) == pytest.approx(said.latency_ms.mean)
    assert (found.cpu_ms_per_request, found.cpu_percent, found.seconds) == (
        said.cpu_ms_per_request,
        said.cpu_percent,
        said.seconds,
    )
    assert (found.throttled, found.unserved) == (said.throttled, said.unserved)


def test_without_clocks_the_mean_is_all_that_is_known_of_cpu_time(run: RunDirectory) -> None:
    found = read_measured(run)
    assert list(found.cpu_ms) == [pytest.approx(found.cpu_ms_per_request)]


def test_a_requests_cpu_time_lasts_until_the_next_one(run: RunDirectory) -> None:
    counters = read_recorded(run).counters["measure"]
    begin = counters.begin.process_cpu_ns
    change_requests(run, lambda place, row: row | {"cpu_clock_ns": begin + place * (place + 1) * 500_000})
    found = read_measured(run)
    count = len(found.latency_ms)
    assert list(found.cpu_ms[:-1]) == [float(place + 1) for place in range(count - 1)]
    last = counters.end.process_cpu_ns - begin - count * (count - 1) * 500_000
    assert found.cpu_ms[-1] == pytest.approx(last / 1e6)
    assert sum(found.cpu_ms) == pytest.approx(counters.cpu_ns / 1e6)


def test_a_phase_without_requests_has_no_figures_of_them(run: RunDirectory) -> None:
    change_requests(run, lambda *_: None)
    found = read_measured(run)
    assert (found.latency_ms.shape, found.cpu_ms.shape) == ((0,), (0,))
    assert found.cpu_ms_per_request is None
    assert found.cpu_percent > 0


def test_a_clock_that_runs_backwards_is_refused(run: RunDirectory) -> None:
    change_requests(run, lambda _, row: row | {"cpu_clock_ns": 10**17})
    with pytest.raises(UsageError, match=r"requests\.jsonl .*`cpu_clock_ns` runs backwards"):
        read_measured(run)


def test_a_run_that_was_not_measured_says_so(run: RunDirectory) -> None:
    manifest = files.read_json(run.manifest)
    manifest["phases"] = [phase for phase in manifest["phases"] if phase["name"] != "measure"]
    files.write_json(run.manifest, manifest)
    with pytest.raises(UsageError, match="was not measured") as caught:
        read_measured(run)
    assert caught.value.hint == "record it with --measure SECONDS"


def test_damaged_files_are_named(run: RunDirectory) -> None:
    counters = files.read_json(run.counters)
    counters["measure"]["end"] = counters["measure"]["begin"]
    files.write_json(run.counters, counters)
    with pytest.raises(UsageError, match=r"counters\.json is damaged: its measure phase lasted 0 s"):
        read_measured(run)
    run.counters.write_text("[]")
    with pytest.raises(UsageError, match=r"counters\.json is not what ortprof writes"):
        read_measured(run)
    run.counters.unlink()
    with pytest.raises(UsageError, match=r"counters\.json can't be read"):
        read_measured(run)


def test_the_clocks_of_a_real_run_account_for_its_cpu_time() -> None:
    """Recorded with clocks: what is missing was spent before the first request."""
    run = RunDirectory(DATA / "spin-on")
    total_ms = read_recorded(run).counters["measure"].cpu_ns / 1e6
    found = read_measured(run)
    assert len(found.cpu_ms) == len(found.latency_ms)
    assert 0.95 * total_ms < float(np.sum(found.cpu_ms)) <= total_ms
    assert (found.cpu_ms > 0).all()


def test_each_process_has_a_cpu_clock_of_its_own(run: RunDirectory) -> None:
    """Requests of two processes in turn; clocks start anywhere, and end 5 ms after the last request."""
    manifest, counters = read_recorded(run).manifest, files.read_json(run.counters)
    pids = manifest.process.pid, manifest.process.pid + 1
    count = manifest.phase("measure").requests or len(read_recorded(run).requests_of("measure"))  # type: ignore[union-attr]  # the phase is there
    starts = (10**9, 3)
    change_requests(
        run,
        lambda place, row: (
            row | {"process": pids[place % 2], "cpu_clock_ns": starts[place % 2] + place // 2 * 2_000_000}
        ),
    )
    ends = [starts[which] + ((count - which - 1) // 2) * 2_000_000 + 5_000_000 for which in range(2)]
    counters["measure"]["end"]["cpu_ns_by_process"] = dict(zip(map(str, pids), ends, strict=True))
    files.write_json(run.counters, counters)
    found = read_measured(run)
    assert len(found.cpu_ms) == count
    assert sorted(set(found.cpu_ms.tolist())) == pytest.approx([2.0, 5.0])
