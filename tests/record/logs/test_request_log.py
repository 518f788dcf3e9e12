from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from profiler.errors import UsageError
from profiler.record.logs.request_log import RequestLog
from profiler.run.request import RequestSource
from profiler.spec.log_format import LogFormat

BEGIN, END = 1000, 2000


def line(start: int, end: int, **more: int) -> str:
    return json.dumps({"start_ns": start, "end_ns": end, **more}) + "\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "requests.jsonl"
    path.write_text(line(1100, 1200))  # before anybody looked
    return path


def test_what_is_written_meanwhile_and_lies_in_the_phase_is_read_once(log: Path) -> None:
    with RequestLog.open(log, LogFormat.JSONL) as reader, log.open("a") as writer:
        writer.write(line(1500, 1600, caller=7, process=6) + line(1300, 1400))
        writer.write(line(900, 1100) + line(1900, 2100) + '{"start_ns": 1800, ')
        writer.flush()
        first, second = reader.read("profile", BEGIN, END)
        assert reader.read("profile", BEGIN, END) == []
    assert (first.start_ns, first.end_ns, first.caller) == (1300, 1400, None)
    assert (second.start_ns, second.scheduled_ns, second.process, second.caller) == (1500, 1500, 6, 7)
    assert (second.phase, second.source) == ("profile", RequestSource.LOG)


def test_times_since_1970_are_of_the_same_instants(log: Path) -> None:
    with RequestLog.open(log, LogFormat.JSONL) as reader, log.open("a") as writer:
        before = time.monotonic_ns()
        now = time.time_ns()
        writer.write(line(now, now + 1))
        writer.flush()
        (found,) = reader.read("profile", before - 50_000_000, time.monotonic_ns() + 50_000_000)
    assert abs(found.start_ns - before) < 50_000_000


def test_other_lines_among_them_are_left_out(log: Path) -> None:
    with RequestLog.open(log, LogFormat.JSONL) as reader, log.open("a") as writer:
        writer.write("started\n\n" + line(1300, 1400) + "{}\n")
        writer.flush()
        assert len(reader.read("profile", BEGIN, END)) == 1


def test_a_log_of_another_format_is_named_with_what_a_line_has_to_hold(log: Path) -> None:
    with RequestLog.open(log, LogFormat.NGINX) as reader, log.open("a") as writer:
        writer.write("\n" + line(1300, 1400))
        writer.flush()
        with pytest.raises(UsageError, match=r"line 2 of those.*\$msec") as raised:
            reader.read("profile", BEGIN, END)
    assert raised.value.hint == "--requests-format nginx: begins with $msec and $request_time"


def test_a_log_that_is_not_there_is_named_at_once(tmp_path: Path) -> None:
    for path in (tmp_path / "gone", tmp_path, Path("/proc/self/mem"), Path("/dev/zero")):
        with pytest.raises(UsageError, match="can't be read"):
            RequestLog.open(path, LogFormat.JSONL)
