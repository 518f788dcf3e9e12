from __future__ import annotations

import gzip
import json
import os
import subprocess
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from profiler.attribution.analyse import analyse
from profiler.export.firefox_tables import breakpad_id
from profiler.export.formats import Format
from profiler.run.kinds import PARTS
from tests.export.support import hostile_run, summary_cpu_ns, summary_wait_ns, written
from tests.export.viewers import firefox_profiler
from tests.hostile import PAGE_NAMES
from tests.pages.limited_run import STRETCHES, limited
from tests.pages.support import Made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory


SESSION = "test"
READY_SECONDS = 60
LOOK_SECONDS = 0.02


class Viewer:
    """profiler-cli: the profiler's own code, asked for what it would show.

    Its daemon is started here and not by its `load`, which gives it half a second to be ready: too little on
    a machine that others use.
    """

    def __init__(self, folder: Path, node: str) -> None:
        self._command = [node, str(firefox_profiler())]
        self._environment = {**os.environ, "PROFILER_CLI_SESSION_DIR": str(folder / "sessions")}
        self._folder = folder
        self._daemon: subprocess.Popen[bytes] | None = None

    def load(self, content: bytes) -> list[dict[str, Any]]:
        """Load a profile; return its threads."""
        path = self._folder / "profile.json.gz"
        path.write_bytes(content)
        arguments = [*self._command, "--daemon", str(path), "--session", SESSION]
        self._daemon = subprocess.Popen(
            arguments, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        log = self._folder / "sessions" / f"{SESSION}.log"
        deadline = time.monotonic() + READY_SECONDS
        # Asked sooner, the command takes the session for a dead one and forgets it.
        while not (log.exists() and "Profile loaded" in log.read_text(encoding="utf-8")):
            assert self._daemon.poll() is None
            assert time.monotonic() < deadline
            time.sleep(LOOK_SECONDS)
        threads: list[dict[str, Any]] = self.ask("profile", "info", "--all")["processes"][0]["threads"]
        return threads

    def ask(self, *arguments: str) -> Any:
        asked = subprocess.run(
            [*self._command, *arguments, "--session", SESSION, "--json"],
            capture_output=True,
            text=True,
            env=self._environment,
            check=False,
        )
        assert asked.returncode == 0, asked.stderr
        return json.loads(asked.stdout)

    def stop(self) -> None:
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait()


@pytest.fixture
def viewer(tmp_path: Path, node: str) -> Iterator[Viewer]:
    made = Viewer(tmp_path, node)
    yield made
    made.stop()


def test_the_profiler_reads_what_the_summary_says(viewer: Viewer, analysis: Analysis) -> None:
    threads = viewer.load(written(analysis, Format.FIREFOX))
    sums: defaultdict[str, float] = defaultdict(float)
    for thread in threads:
        shown = viewer.ask("thread", "samples", "--include-idle", "--thread", thread["threadHandle"])
        for category in shown["categoryBreakdown"]["categories"]:
            sums[category["name"]] += category["samples"]
    expected = {kind.value: ns for kind, ns in summary_cpu_ns(analysis).items() if ns}
    assert {name: round(ms * 1e6) for name, ms in sums.items()} == expected
    assert round(sum(thread["cpuMs"] for thread in threads) * 1e6) == sum(expected.values())
    caller = next(thread for thread in threads if thread["name"] == "calling thread")
    markers = viewer.ask("thread", "markers", "--thread", caller["threadHandle"], "--list")
    requests = [marker for marker in markers["flatMarkers"] if marker["name"] == "request"]
    assert len(requests) == len(analysis.recorded.requests_of("profile"))


def document(analysis: Analysis) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(gzip.decompress(written(analysis, Format.FIREFOX)))
    return read


def markers(thread: dict[str, Any], strings: list[str]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield (name, nanoseconds, data)."""
    table = thread["markers"]
    assert all(len(table[name]) == table["length"] for name in ("data", "startTime", "phase"))
    rows = zip(table["name"], table["startTime"], table["endTime"], table["data"], strict=True)
    for name, begin, end, data in rows:
        yield strings[name], round((end - begin) * 1e6), data


def test_waits_and_requests_are_markers(run: RunDirectory, operators_run: RunDirectory) -> None:
    for one in (run, operators_run):
        analysis = analyse(one)
        read = document(analysis)
        strings, nodes = read["shared"]["stringArray"], read["shared"]["stackTable"]["length"]
        waits: defaultdict[str, int] = defaultdict(int)
        requests = []
        for thread in read["threads"]:
            assert thread["markers"]["startTime"] == sorted(thread["markers"]["startTime"])
            for name, ns, data in markers(thread, strings):
                if data["type"] == "Wait":
                    waits[name] += ns
                    assert data.get("cause", {"stack": 0})["stack"] < nodes
                else:
                    requests.append(data)
        assert dict(waits) == {kind.value: ns for kind, ns in summary_wait_ns(analysis).items() if ns}
        expected = analysis.recorded.requests_of("profile")
        assert [data["number"] for data in requests] == list(range(1, len(expected) + 1))
        assert [round(data["latency"] * 1e6) for data in requests] == [one.latency_ns for one in expected]
        for data in requests:
            parts = sum(data[part.value] for part in PARTS)
            assert parts == pytest.approx(data["latency"], rel=0.02)


def test_tables_fit_together(analysis: Analysis) -> None:
    shared = document(analysis)["shared"]
    for name in ("stackTable", "frameTable", "funcTable", "resourceTable", "nativeSymbols", "sources"):
        table = dict(shared[name])
        length = table.pop("length")
        assert {len(column) for column in table.values()} == {length}, name
    assert all(prefix is None or prefix < row for row, prefix in enumerate(shared["stackTable"]["prefix"]))
    assert max(shared["frameTable"]["func"]) < shared["funcTable"]["length"]
    named = [symbol for symbol in shared["frameTable"]["nativeSymbol"] if symbol is not None]
    assert max(named) < shared["nativeSymbols"]["length"]


def test_throttled_stretches_are_markers_of_the_first_thread() -> None:
    read = document(limited())
    strings = read["shared"]["stringArray"]
    rows = [
        [ns for name, ns, data in markers(thread, strings) if data["type"] == "Throttled"]
        for thread in read["threads"]
    ]
    assert rows[0] == [round((end - begin) * 1e6) for begin, end in STRETCHES]
    assert not any(rows[1:])


def test_hostile_names_are_text(viewer: Viewer) -> None:
    analysis = hostile_run().analysis()
    viewer.load(written(analysis, Format.FIREFOX))
    strings = document(analysis)["shared"]["stringArray"]
    assert {name.encode("utf-8", "replace").decode() for name in PAGE_NAMES} <= set(strings)


def test_an_empty_profile_has_no_threads() -> None:
    assert document(Made().analysis())["threads"] == []


def test_a_build_id_is_breakpads() -> None:
    assert breakpad_id("") == ""
    assert breakpad_id("0102030405060708090a0b0c0d0e0f1011121314") == "0403020106050807090A0B0C0D0E0F100"
