"""Processes that are watched, as they end."""

from __future__ import annotations

import contextlib

import pytest

from profiler.live.members import Members
from profiler.record.target.examined import examine_process
from tests.record.burner import Burner


def test_who_ended_since_it_was_found_is_left_out() -> None:
    with Burner() as other:
        with Burner() as one:
            targets = [examine_process(pid) for pid in (one.pid, other.pid)]
        with contextlib.closing(Members(targets, follow=False)) as members:
            assert members.pids == [other.pid]
    with pytest.raises(ProcessLookupError):
        Members(targets, follow=False)
