"""Slices of a recording, read side by side: real perf's, and those that fail."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError, OrtprofError
from profiler.process import clean_environment
from profiler.program_output import side_by_side
from profiler.trace import perf_script, slices
from profiler.trace.parse_error import TraceFormatError
from profiler.trace.perf_data import recorded_span_ns
from profiler.trace.printed import read_printed
from profiler.trace.slices import LAST_NS, MOST_SLICES, SLICE_BYTES, Slice, cut, how_many
from tests.trace.plain_columns import plain
from tests.until import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from profiler.program_output import Printing
    from profiler.trace.model import Trace

pytestmark = pytest.mark.beside

PROGRAM = """
import threading, time
def work(end):
    while time.monotonic() < end:
        sum(range(2000)); time.sleep(0.0005)
threads = [threading.Thread(target=work, args=(time.monotonic() + 0.7,)) for _ in range(2)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
"""


def nothing() -> None:
    """What is done when a reader has ended."""


def read_slices(
    commands: Sequence[Sequence[str]], parts: Sequence[Slice], idle: Callable[[], object] = nothing
) -> Trace:
    with side_by_side([(*c, "--time", part.option) for c, part in zip(commands, parts, strict=True)]) as all_:
        return read_printed(all_, (), idle)


@pytest.mark.parametrize(
    ("size", "cpus", "count"),
    [
        (0, 8, 1),
        (SLICE_BYTES, 8, 1),
        (3 * SLICE_BYTES, 8, 3),
        (3 * SLICE_BYTES, 2, 2),
        (3 * SLICE_BYTES, 1, 1),
        (3 * SLICE_BYTES, 4, 3),
        (1 << 45, 64, MOST_SLICES),
    ],
)
def test_as_many_slices_as_there_are_cpus_and_bytes_for(size: int, cpus: int, count: int) -> None:
    assert how_many(size, cpus) == count


@pytest.mark.parametrize("count", [1, 2, 7])
def test_slices_leave_nothing_out(count: int) -> None:
    parts = cut((1_000, 9_000), count)
    assert len(parts) == count
    assert (parts[0].start_ns, parts[-1].end_ns) == (0, LAST_NS)
    assert all(part.end_ns == after.start_ns for part, after in itertools.pairwise(parts))


def test_a_slice_ends_before_the_next_begins() -> None:
    """perf takes both ends as within (`perf_time__skip_sample` in tools/perf/util/time-utils.c)."""
    first, last = Slice(0, 3_000_000_001), Slice(3_000_000_001, LAST_NS)
    assert (first.option, last.option) == ("0.000000000,3.000000000", "3.000000001,")


@pytest.mark.e2e
def test_slices_of_a_real_recording_are_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = tmp_path / "perf.data"
    options = [
        "-k",
        "CLOCK_MONOTONIC",
        "-F",
        "997",
        "-e",
        "cpu-clock",
        "--switch-events",
        "--call-graph",
        "dwarf",
    ]
    subprocess.run(
        ["perf", "record", "-q", "-B", *options, "-o", recorded, "--", sys.executable, "-c", PROGRAM],
        check=True,
        env=clean_environment(),
    )
    whole = perf_script.decode(recorded)
    times = whole.samples.time_ns
    cuts = [0, int(times[times.size // 3]), int(times[times.size // 2]), LAST_NS]
    parts = [Slice(start, end) for start, end in itertools.pairwise(cuts)]
    samples, all_of_it = perf_script.command(recorded, records=()), perf_script.command(recorded)
    ended: list[str] = []
    commands = [samples, samples, all_of_it]
    joined = read_slices(commands, parts, lambda: ended.append("one"))
    assert ended == ["one"] * 3
    assert whole.switches.time_ns.size > 100
    assert plain(joined) == plain(whole)
    # Nobody says when it was recorded, and it is taken for a large one.
    begin, end = recorded_span_ns(recorded) or (0, 0)
    assert times[0] <= begin < end <= times[-1]
    monkeypatch.setattr(slices, "SLICE_BYTES", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    asked: list[list[Sequence[str]]] = []

    def noted(commands: Sequence[Sequence[str]]) -> AbstractContextManager[Sequence[Printing]]:
        asked.append([command[command.index("--time") :] for command in commands])
        return side_by_side(commands)

    monkeypatch.setattr(perf_script, "side_by_side", noted)
    assert plain(perf_script.decode(recorded)) == plain(whole)
    assert asked == [[("--time", part.option) for part in cut((begin, end), 2)]]
    assert [entry.name for entry in tmp_path.iterdir()] == ["perf.data"]


@pytest.mark.parametrize(("prints", "error"), [("echo nonsense", TraceFormatError), ("exit 5", MachineError)])
def test_where_one_of_them_fails_there_is_no_trace(prints: str, error: type[OrtprofError]) -> None:
    """The first slice is read; what is printed for the second is no perf's, or perf fails with it."""
    printing = ("sh", "-c", f'case "$2" in 0.*) exit 0;; *) {prints};; esac', "sh")
    with pytest.raises(error):
        read_slices([printing] * 2, cut((10**10, 2 * 10**10), 2))


def test_one_that_fails_is_noticed_while_others_print() -> None:
    """The first one's perf dies; the second one's never comes to an end."""
    prints_on = "while echo a 1/1 0.000000000: PERF_RECORD_X; do sleep 0.1; done"
    printing = ("sh", "-c", f'case "$2" in 0.*) exit 5;; *) {prints_on};; esac', "sh")
    ended: list[str] = []
    parts = cut((10**10, 2 * 10**10), 2)
    with pytest.raises(MachineError):
        read_slices([printing] * 2, parts, lambda: ended.append("one"))
    assert ended == []


def test_one_that_is_stopped_does_not_keep_us_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profiler.process.SILENT_SECONDS", 5)
    stopping = ("sh", "-c", 'echo > "$0/$$.pid"; kill -STOP $$', str(tmp_path))
    with pytest.raises(MachineError, match="said nothing for 5 s"):
        read_slices([stopping] * 2, [Slice(0, 1), Slice(1, 2)])
    assert len(_started(tmp_path)) == 2
    assert not any(_runs(pid) for pid in _started(tmp_path))


READS = """
import sys
from profiler.program_output import side_by_side
from profiler.trace.printed import read_printed
prints = 'echo > "$0/$$.pid"; while echo "a 1/1 0.000000000: PERF_RECORD_X"; do sleep 0.1; done'
printing = ("sh", "-c", prints, sys.argv[1])
with side_by_side([printing] * 2) as both:
    read_printed(both, (), bool)
"""


def test_they_all_end_with_us_when_we_alone_are_killed(tmp_path: Path) -> None:
    """Each prints on, as perf does, and nobody reads it."""
    with subprocess.Popen([sys.executable, "-c", READS, tmp_path]) as reading:
        try:
            wait_until(lambda: len(_started(tmp_path)) == 2, 20)
        finally:
            reading.kill()
    try:
        wait_until(lambda: not any(_runs(pid) for pid in _started(tmp_path)), 20)
    finally:
        for pid in filter(_runs, _started(tmp_path)):
            os.kill(pid, signal.SIGKILL)


def _started(folder: Path) -> list[int]:
    return [int(path.stem) for path in folder.glob("*.pid")]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("switched_ns", "named"), [(10**9, "renamed"), (2_500_000_000, "at last"), (4 * 10**9, "at last")]
)
def test_threads_are_called_as_they_were_last(switched_ns: int, named: str) -> None:
    """The last slice has all switches: of before and after what the first has."""
    time = f"{switched_ns // 10**9}.{switched_ns % 10**9:09d}"
    switch = f"at last     1/1     [000]     {time}: PERF_RECORD_SWITCH IN "
    sample = "renamed     1/1     [000]     2.000000000:          1 cpu-clock: \n\t  1f f (/lib.so)\n"
    samples, switches = (("sh", "-c", 'printf "%s\n" "$0"', text) for text in (sample, switch))
    parts = cut((0, 6 * 10**9), 2)
    joined = read_slices([samples, switches], parts)
    assert joined.comms == {1: named}
    assert joined.switches.time_ns.tolist() == [switched_ns]
