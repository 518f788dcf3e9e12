"""Marks of real programs, in Python, C and C++, read while they run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from profiler.record.marks import MARKER
from profiler.record.marks.listener import LINK, Listener
from profiler.run.request import RequestSource
from tests.accuracy.wheels import WITH_SYMBOLS, interpreter

from .marking import LANGUAGES, Marking, compiled, noticed, python_command, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.run.request import Request

pytestmark = pytest.mark.beside


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("marking")


@pytest.fixture(params=["Python", "old Python", *LANGUAGES])
def program(request: pytest.FixtureRequest, programs: Path) -> Iterator[Marking]:
    with Marking(_command(request.param, programs)) as marking:
        yield marking


def _command(language: str, programs: Path) -> Sequence[str | Path]:
    if language == "Python":
        return python_command()
    if language == "old Python":
        python = interpreter(WITH_SYMBOLS)
        if python is None:
            pytest.skip("no Python 3.8 to 3.10")
        return python_command(python)
    if shutil.which(LANGUAGES[language][0]) is None:
        pytest.skip(f"no {LANGUAGES[language][0]} on PATH")
    return [compiled(language, programs)]


def test_a_request_has_its_times_and_its_thread(program: Marking) -> None:
    with Listener() as listener:
        noticed(program, listener)
        said = program.tell("mark")
        (found,) = listener.read("profile")
        assert said["before"] <= found.start_ns <= found.end_ns <= said["after"]
        assert (found.process, found.caller, found.source) == (program.pid, said["tid"], RequestSource.MARKS)
        assert found.scheduled_ns == found.start_ns
        assert found.phase == "profile"
        assert listener.read("profile") == []
        assert listener.processes == {program.pid}
        assert listener.lost == 0


def test_nothing_is_marked_until_somebody_listens(program: Marking) -> None:
    for _ in range(3):
        assert program.tell("listened") == {"listened": False}
    with Listener() as listener:
        listener.watch([program.pid])
        until(lambda: program.tell("listened")["listened"])
    until(lambda: not program.tell("listened")["listened"])


def test_a_killed_listener_leaves_nothing_behind(program: Marking) -> None:
    code = (
        "import sys, signal\n"
        "from profiler.record.marks.listener import Listener\n"
        "listener = Listener()\n"
        "listener.watch([int(sys.argv[1])])\n"
        "print(len(listener.processes), flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(program.pid)], stdout=subprocess.PIPE, text=True
    ) as listening:
        assert listening.stdout is not None
        assert listening.stdout.readline() == "1\n"
        until(lambda: program.tell("listened")["listened"])
        listening.kill()
    until(lambda: not program.tell("listened")["listened"])


def test_a_fork_has_a_ring_of_its_own(program: Marking) -> None:
    with Listener() as listener:
        noticed(program, listener)
        child = program.tell("fork")["child"]
        try:

            def of_child() -> list[Request]:
                listener.watch([child])
                return [request for request in listener.read("profile") if request.process == child]

            found = until(of_child)
            assert {request.caller for request in found} == {child}
            said = program.tell("mark")
            of_parent = [request for request in listener.read("profile") if request.process == program.pid]
            assert [request.caller for request in of_parent] == [said["tid"]]
        finally:
            os.kill(child, signal.SIGKILL)


def test_a_program_that_closes_all_its_files_is_found_again(program: Marking) -> None:
    with Listener() as listener:
        noticed(program, listener)
        program.tell("close")
        assert noticed(program, listener)


def test_more_requests_than_a_ring_holds_are_counted_as_lost(program: Marking) -> None:
    with Listener() as listener:
        noticed(program, listener)
        made = program.tell("many")["requests"]
        found = listener.read("profile")
        assert 0 < len(found) < 4096
        assert listener.lost == made - len(found)


def test_requests_of_a_program_that_has_ended_are_read(program: Marking) -> None:
    with Listener() as listener:
        noticed(program, listener)
        tid = program.tell("mark")["tid"]
        program.kill()
        assert [request.caller for request in listener.read("profile")] == [tid]


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_of_a_program_share_a_ring(language: str, programs: Path) -> None:
    with Marking(_command(language, programs)) as program, Listener() as listener:
        noticed(program, listener)
        program.tell("second")
        assert len(listener.read("profile")) == 1
        links = [str(path.readlink()) for path in Path(f"/proc/{program.pid}/fd").iterdir()]
        assert links.count(LINK) == 1


def test_who_has_no_ring_is_not_listened_to() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    with Listener() as listener:
        listener.watch([gone.pid, os.getpid()])
        assert listener.processes == frozenset()
        assert listener.read("profile") == []


def test_a_file_of_that_name_that_is_no_ring_is_left_alone() -> None:
    file = os.memfd_create("ortprof-marks")
    try:
        with Listener() as listener:
            listener.watch([os.getpid()])
            os.write(file, b"ortmarks" + bytes(1000))
            listener.watch([os.getpid()])
            assert listener.processes == frozenset()
    finally:
        os.close(file)


CALLS = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from ortprof_marks import request
@request()
def plain(value, *, more):
    "What it does."
    return value + more
@request()
async def later(value):
    await asyncio.sleep(0)
    return value
assert (plain(1, more=2), plain.__name__, plain.__doc__) == (3, "plain", "What it does.")
assert asyncio.run(later(4)) == 4
assert asyncio.iscoroutinefunction(later)
try:
    with request():
        raise KeyError
except KeyError:
    print("raised")
"""


def test_functions_keep_what_they_are_and_errors_pass() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CALLS, str(MARKER)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("raised\n", "")


@pytest.mark.e2e
def test_a_mark_costs_less_than_two_microseconds(program: Marking) -> None:
    silent = program.tell("cost")["ns"]
    with Listener() as listener:
        noticed(program, listener)
        assert silent < program.tell("cost")["ns"] < 2000
