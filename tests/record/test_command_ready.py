"""How long a client waits for its command."""

from __future__ import annotations

import os
import socket

from profiler.record.command.ready import (
    LISTEN_SECONDS,
    MOST_SECONDS,
    WORKS_NS,
    ListenPatience,
    cpu_ns,
    listens,
)


def test_a_command_that_does_nothing_has_its_time_and_no_more() -> None:
    patience = ListenPatience(100.0)
    assert not patience.over(100.0 + LISTEN_SECONDS / 2, 0)
    assert patience.over(100.0 + LISTEN_SECONDS, 0)


def test_one_that_works_has_longer_and_not_for_ever() -> None:
    patience = ListenPatience(0.0)
    waited = [second for second in range(60) if not patience.over(float(second), second * WORKS_NS)]
    assert waited[-1] == MOST_SECONDS - 1


def test_one_that_has_done_its_work_is_not_waited_for() -> None:
    patience = ListenPatience(0.0)
    assert not patience.over(LISTEN_SECONDS + 1, WORKS_NS)
    assert patience.over(LISTEN_SECONDS + 2, WORKS_NS + 1)


def test_cpu_time_is_of_those_that_are_there() -> None:
    assert cpu_ns([os.getpid(), 2**22 + 1]) > 0
    assert cpu_ns([2**22 + 1]) == 0


def test_who_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)):
        assert listens([os.getpid()])
