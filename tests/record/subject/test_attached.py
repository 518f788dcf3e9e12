from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from profiler.record.logs.request_log import RequestLog
from profiler.record.subject.attached import Attached
from profiler.record.subject.subject import Watching
from profiler.record.target.examined import examine_process
from profiler.run.request import RequestSource
from profiler.spec.log_format import LogFormat
from tests.record.burner import Burner
from tests.record.marks.marking import Marking, python_command
from tests.record.target.targets import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.run.request import Request

LONG = 60.0

PARENT = (
    "import subprocess, sys; print('ready', flush=True); input();"
    "child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE);"
    "print('born', flush=True); input(); child.communicate()"
)
"""A program that has a child once it is told to."""


def watching(
    on_wait: Callable[[], None] = lambda: None, stop: Callable[[], bool] = lambda: False
) -> Watching:
    return Watching(on_wait, lambda _: None, stop)


def attached(*pids: int, follow: bool = False) -> Attached:
    return Attached([examine_process(pid) for pid in pids], LONG, follow)


def test_counters_of_several_processes_are_one_reading() -> None:
    with Burner() as one, Burner() as other:
        subject = attached(one.pid, other.pid)
        before = subject.snapshot()
        one.burn(60)
        other.burn(30)
        after = subject.snapshot()
    assert after.process_cpu_ns - before.process_cpu_ns >= 90_000_000
    assert {thread.process for thread in after.threads.values()} == {one.pid, other.pid}
    assert all(thread.cpus for thread in after.threads.values())


def test_a_phase_ends_when_all_processes_have_and_keeps_what_was_read() -> None:
    with Burner() as burner:
        subject = attached(burner.pid)
        burner.burn(50)
        read = subject.snapshot()

        def end() -> None:
            burner.child.kill()
            burner.child.wait()

        phase = subject.pass_phase("profile", LONG, watching(end))
    assert not phase.stopped
    assert phase.end_ns - phase.start_ns < LONG * 1e9 / 2
    [target] = subject.targets
    assert target.ended_seconds is not None
    assert subject.snapshot().process_cpu_ns >= read.process_cpu_ns
    [doubt] = subject.doubts
    assert "ended" in doubt.why


def test_a_stop_ends_a_phase_and_says_so() -> None:
    with Burner() as burner:
        phase = attached(burner.pid).pass_phase("profile", LONG, watching(stop=lambda: True))
    assert phase.stopped


def test_children_that_are_born_meanwhile_join() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdout.readline()
        subject = attached(parent.pid, follow=True)

        def give_birth() -> None:
            if parent.stdin is not None and parent.stdout is not None and len(waits) == 0:
                parent.stdin.write(b"\n")
                parent.stdin.flush()
                parent.stdout.readline()
            waits.append(True)

        waits: list[bool] = []
        subject.pass_phase("profile", LONG, watching(give_birth, lambda: len(waits) > 0))
        joined = [target for target in subject.targets if target.joined]
        assert [target.parent for target in joined] == [parent.pid]
        parent.stdin.write(b"\n")
        parent.stdin.close()


def test_a_process_with_another_ones_number_is_not_taken_for_it() -> None:
    with running("") as pid:
        subject = attached(pid)
    with pytest.raises(ProcessLookupError):
        subject.snapshot()


def test_requests_that_a_process_marks_are_told_while_the_phase_goes_on() -> None:
    told: list[Request] = []
    with Marking(python_command()) as program:
        subject = attached(program.pid)

        def mark() -> None:
            program.tell("mark")

        phase = subject.pass_phase("profile", LONG, Watching(mark, told.extend, lambda: len(told) >= 3))
    assert phase.stopped
    assert {(request.process, request.phase, request.source) for request in told} == {
        (program.pid, "profile", RequestSource.MARKS)
    }
    assert all(phase.start_ns <= request.start_ns <= request.end_ns <= phase.end_ns for request in told)


@pytest.mark.parametrize(("form", "count"), [(LogFormat.JSONL, 1), (LogFormat.NGINX, 0)])
def test_a_log_is_read_at_the_end_and_one_of_another_format_is_a_doubt(
    form: LogFormat, count: int, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.touch()
    told: list[Request] = []
    written: list[int] = []

    def write() -> None:
        now = time.monotonic_ns()
        with log.open("a") as file:
            file.write(json.dumps({"start_ns": now, "end_ns": now}) + "\n")
        written.append(now)

    with Burner() as burner, RequestLog.open(log, form) as reader:
        subject = Attached([examine_process(burner.pid)], LONG, follow=False, request_log=reader)
        subject.pass_phase("profile", LONG, Watching(write, told.extend, lambda: bool(written)))
    assert [request.start_ns for request in told] == written[:count]
    assert len(subject.doubts) == 1 - count


def test_who_ends_before_the_first_phase_is_left_out_and_named() -> None:
    with Burner() as one, Burner() as other:
        subject = Attached([examine_process(pid) for pid in (one.pid, other.pid)], LONG, follow=True)
        one.child.kill()
        one.child.wait()
        assert subject.living() == [other.pid]
        assert [target.pid for target in subject.targets] == [other.pid]
        assert subject.ended == [one.pid]
        [doubt] = subject.doubts
        assert (doubt.what, doubt.why) == (f"process {one.pid}", "it ended before anything was recorded")
        subject.pass_phase("profile", LONG, watching(stop=lambda: True))
        assert [target.ended_seconds for target in subject.targets] == [None]


def test_who_had_ended_when_it_was_to_be_noted_is_no_reason_to_leave_the_others() -> None:
    with Burner() as other:
        with Burner() as one:
            targets = [examine_process(pid) for pid in (one.pid, other.pid)]
        assert Attached(targets, LONG, follow=True).living() == [other.pid]


def test_where_all_have_ended_all_are_named() -> None:
    with Burner() as one, Burner() as other:
        subject = attached(one.pid, other.pid, follow=True)
    with pytest.raises(ProcessLookupError):
        subject.living()
    assert subject.ended == [one.pid, other.pid]


def test_without_children_to_come_somebody_must_run_onnx_runtime() -> None:
    with Burner() as other:
        with running("import onnxruntime") as pid:
            subject = attached(pid, other.pid)
            assert subject.living() == [pid, other.pid]
        with pytest.raises(ProcessLookupError):
            subject.living()
        assert subject.ended == [pid]


def test_who_ends_in_an_earlier_phase_ended_once() -> None:
    with Burner() as one, Burner() as other:
        subject = attached(one.pid, other.pid, follow=True)
        ended: list[int] = []

        def end() -> None:
            one.child.kill()
            ended.append(one.child.wait())

        subject.pass_phase("measure", 0.3, watching(end))
        seconds = [target.ended_seconds for target in subject.targets]
        assert subject.living() == [other.pid]
        subject.pass_phase("profile", LONG, watching(stop=lambda: True))
        assert [target.ended_seconds for target in subject.targets] == seconds
        assert seconds[0] is not None
        assert seconds[0] >= 0


def test_a_child_that_is_there_when_the_recording_begins_is_none_that_joined() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdout.readline()
        subject = attached(parent.pid, follow=True)
        parent.stdin.write(b"\n")
        parent.stdin.flush()
        parent.stdout.readline()
        assert len(subject.living()) == 2
        assert [target.joined for target in subject.targets] == [False, False]
        parent.stdin.write(b"\n")
        parent.stdin.close()
