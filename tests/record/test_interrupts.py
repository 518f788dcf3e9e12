from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from profiler.errors import InterruptedRunError
from profiler.record.interrupts import Interrupts, undisturbed
from tests.interrupting import interrupting, wait_for_the_signal

if TYPE_CHECKING:
    from types import FrameType

NUMBERS = [signal.SIGINT, signal.SIGTERM]


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in NUMBERS]


@pytest.mark.parametrize("first", NUMBERS)
@pytest.mark.parametrize("second", NUMBERS)
def test_the_first_asks_and_the_second_aborts(first: signal.Signals, second: signal.Signals) -> None:
    with Interrupts() as interrupts:
        requested = [interrupts.requested]
        signal.raise_signal(first)
        requested.append(interrupts.requested)
        assert requested == [False, True]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(second)


def test_handlers_are_put_back() -> None:
    seen = []

    def mine(number: int, _frame: FrameType | None) -> None:
        seen.append(number)

    previous = signal.signal(signal.SIGTERM, mine)
    try:
        before = handlers()
        with Interrupts():
            assert handlers() != before
            signal.raise_signal(signal.SIGTERM)
        assert handlers() == before
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, previous)
    assert seen == [signal.SIGTERM], "only the one after the block"


def test_handlers_are_put_back_after_an_error() -> None:
    before = handlers()
    with pytest.raises(KeyError, match="ours"), Interrupts():
        raise KeyError("ours")
    assert handlers() == before


def test_one_within_another_knows_what_it_was_asked() -> None:
    with Interrupts() as outer:
        with Interrupts() as inner:
            signal.raise_signal(signal.SIGINT)
        assert inner.requested
        assert outer.requested
        with Interrupts() as later, pytest.raises(InterruptedRunError):
            later.check()
    with Interrupts() as unrelated:
        unrelated.check()


def test_undisturbed_is_so_where_other_threads_have_no_mask() -> None:
    let_go, said = threading.Event(), []
    other = threading.Thread(target=let_go.wait)
    other.start()

    def work() -> None:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGTERM)  # the other thread takes it
            said.append(signal.sigtimedwait([], 0.05))
        wait_for_the_signal()

    try:
        with interrupting(signal.SIGTERM), pytest.raises(KeyboardInterrupt):
            work()
        assert said == [None]
    finally:
        let_go.set()
        other.join()
