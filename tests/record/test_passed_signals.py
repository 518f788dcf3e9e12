"""Signals that come before the command is there are neither lost nor do they leave it behind."""

from __future__ import annotations

import os
import signal

import pytest

from profiler.raising import AGAIN_SECONDS, raise_what_is_due
from profiler.record.command.signals import PassedSignals


def test_what_comes_while_the_command_is_started_is_passed_on_once_it_is_there() -> None:
    sent: list[int] = []
    with PassedSignals(endless=False) as signals:
        for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
            os.kill(os.getpid(), number)  # raises nothing: the command would be left
        assert signals.asked
        signals.reach(sent.append)
        signals.pass_on()
    # It could not reopen its logs yet; and the terminal's keys came before it was there to have them.
    assert sent == [signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGINT]


def test_a_second_one_gives_up_the_report_once_there_is_a_command() -> None:
    sent: list[int] = []
    with PassedSignals(endless=False) as signals:
        signals.reach(sent.append)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_what_is_to_be_raised_later_is_raised_before_the_command_is_started() -> None:
    def handler(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
        with pytest.raises(KeyboardInterrupt):
            raise_what_is_due()
        raise_what_is_due()  # nothing any more
    finally:
        signal.signal(signal.SIGALRM, previous)
