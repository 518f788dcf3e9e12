"""What is said of phases that a client or a command ended before their time."""

from __future__ import annotations

from profiler.run.cut_short import CLIENT, COMMAND, client_ended, command_ended
from profiler.run.manifest import Phase
from profiler.spec.ranges import ENDLESS_SECONDS

ASKED = [("measure", 10.0), ("profile", 20.0)]
MEASURED = [Phase("measure", 0, 4_000_000_000)]
WHOLE = [Phase("measure", 0, 10_000_000_000), Phase("profile", 0, 19_900_000_000)]


def test_a_client_that_ends_early_is_said_with_what_is_missing() -> None:
    (doubt,) = client_ended(0, 0, ASKED, MEASURED)
    assert doubt.what == CLIENT
    assert doubt.why == "the client ended early: 6.0 s of --measure and 20.0 s of --seconds are missing"
    assert "--after + --measure + --seconds" in doubt.hint


def test_a_client_that_fails_is_said_with_its_exit_code_and_restarts() -> None:
    (doubt,) = client_ended(1, 3, ASKED, [])
    assert doubt.why == "the client failed (exit code 1, started again 3 times) before the profile began"
    assert client_ended(1, 0, ASKED, WHOLE)[0].why == "the client failed (exit code 1)"


def test_a_client_that_is_done_in_time_or_ends_an_endless_profile_is_none() -> None:
    assert not client_ended(0, 0, ASKED, WHOLE)
    assert not client_ended(0, 0, [("measure", 0.0), ("profile", ENDLESS_SECONDS)], MEASURED)


def test_a_command_that_ends_by_itself_is_said() -> None:
    (doubt,) = command_ended("python", ASKED, MEASURED)
    assert doubt.what == COMMAND
    assert doubt.why.startswith("the command (python) ended early: 6.0 s of --measure and")
    assert command_ended("python", ASKED, [])[0].why == "the command (python) ended before the profile began"
    assert not command_ended("python", ASKED, WHOLE)
