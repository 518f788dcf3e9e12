from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.intake import collapsed
from profiler.intake.intake_error import IntakeError
from profiler.trace.validate import check
from tests.intake.test_perf_text import chains

if TYPE_CHECKING:
    from profiler.intake.taken import Taken


def take(text: bytes) -> Taken:
    taken = collapsed.take(text.splitlines(keepends=True))
    check(taken.trace, {})
    return taken


def test_stacks_kinds_of_frames_and_counts() -> None:
    taken = take(
        b"python;main;[libonnxruntime.so.1];ThreadPoolTempl<Env>::WorkerLoop(int) 12\n"
        b"java-12/13;a b;do_futex_[k];jitted_[j] 3\n\nx;y 2.7\n"
    )
    assert chains(taken.trace) == [
        ["ThreadPoolTempl<Env>::WorkerLoop(int) ?", "? libonnxruntime.so.1", "main ?", "python ?"],
        ["jitted ?", "do_futex [kernel.kallsyms]", "a b ?", "java-12/13 ?"],
        ["y ?", "x ?"],
    ]
    assert taken.trace.samples.weight.tolist() == [12, 3, 3]
    assert list(taken.trace.comms.values()) == ["python", "java-12/13", "x"]
    assert not taken.timed


def test_our_own_kinds_stay_frames() -> None:
    assert chains(take(b"a;[spin-idle] 1\n").trace) == [["[spin-idle] ?", "a ?"]]


@pytest.mark.parametrize("line", ["a;b;[spin-idle] {}", "[spin-idle];a;b {}"])
def test_what_ortprof_exported_is_cpu_time(line: str) -> None:
    taken = take("\n".join(line.format(weight) for weight in ("843114.310", "0.002", "7")).encode())
    assert taken.in_nanoseconds
    assert taken.trace.samples.weight.tolist() == [843_114_310, 2, 7000]
    assert not take(line.format("12.25").encode()).in_nanoseconds, "somebody's own, edited"


def test_what_counts_nothing_is_said() -> None:
    taken = take(b"a;b 0\na;c 1\n")
    assert [(left.what, left.count) for left in taken.left_out] == [("stacks that count nothing", 1)]


@pytest.mark.parametrize("text", [b"a;b 1\na;b c\n", b"a;b 1\n 12\n"])
def test_an_error_names_the_line(text: bytes) -> None:
    with pytest.raises(IntakeError, match="line 2: not a line of collapsed stacks"):
        take(text)


def test_nothing_is_no_recording() -> None:
    with pytest.raises(IntakeError, match="no stack in it"):
        take(b"# only a comment\n")
