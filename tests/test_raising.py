"""A signal's exception is neither lost in an import or a callback, nor is anything aborted by it."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import weakref
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from profiler.raising import AGAIN_SECONDS, held, raise_nothing_more, raise_what_is_dropped
from tests.interrupting import interrupt, interrupting, wait_for_the_signal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULE = """\
import signal
try:
    signal.raise_signal(signal.SIGUSR1)
except BaseException:
    raise ImportError("taken for a failure of the import") from None
finished = True
"""


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    with interrupting():
        yield


def test_elsewhere_it_is_raised_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGUSR1)


def test_an_import_ends_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "interrupted_module.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)

    def bring_in() -> None:
        assert import_module("interrupted_module").finished
        wait_for_the_signal()

    with pytest.raises(KeyboardInterrupt):
        bring_in()
    assert sys.modules["interrupted_module"].finished


def test_what_a_callback_drops_is_raised_behind_it() -> None:
    class Kept:
        pass

    kept = [Kept()]
    reference = weakref.ref(kept[0], lambda _: signal.raise_signal(signal.SIGUSR1))

    def let_go() -> None:
        kept.clear()
        gc.collect()
        assert reference() is None
        wait_for_the_signal()

    with pytest.raises(KeyboardInterrupt):
        let_go()


def test_once_all_is_done_nothing_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "late_module.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    assert import_module("late_module").finished
    raise_nothing_more([signal.SIGUSR1])
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL


def test_a_block_that_is_held_ends_first_whatever_thread_a_signal_comes_to() -> None:
    ended = []

    def work() -> None:
        with held():
            interrupt()
            ended.append(signal.sigtimedwait([], 3 * AGAIN_SECONDS))
        wait_for_the_signal()

    with pytest.raises(KeyboardInterrupt):
        work()
    assert ended == [None]


def test_in_other_threads_nothing_is_held() -> None:
    inside, over = threading.Event(), threading.Event()

    def hold() -> None:
        with held():
            inside.set()
            over.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert inside.wait(20)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGUSR1)
    finally:
        over.set()
        thread.join()


def test_what_else_is_dropped_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    sys.unraisablehook = sys.__unraisablehook__
    raise_what_is_dropped()

    class Failing:
        def __del__(self) -> None:
            raise ValueError("ours")

    Failing()
    gc.collect()
    assert "ValueError: ours" in capsys.readouterr().err
