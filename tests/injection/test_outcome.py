"""What became of settings, counted from what processes said."""

from __future__ import annotations

from pathlib import Path

import msgspec

from profiler.injection.hook import Hook
from profiler.injection.hooks import Hooks
from profiler.injection.outcome import doubts, outcome
from profiler.injection.report import AppliedSession, Failure, Hooked, How, InjectionReport
from profiler.injection.settings import InjectedSettings
from profiler.spec.configuration import Setting

SPINNING = "session.intra_op.allow_spinning"
LASTS = "session.intra_op.spin_duration_us"
KNOWN = {SPINNING: Setting(since="1.8", meaning=""), LASTS: Setting(since="1.26", meaning="")}
HOOKS = Hooks(Path("/reports"), Hook("/reports/python"), Hook("/cache/$LIB/library.so"))
ASKED = InjectedSettings(threads=2, entries={SPINNING: "0"})


def session(pid: int = 7, **changes: object) -> AppliedSession:
    plain = AppliedSession(
        how=How.PYTHON,
        pid=pid,
        ort="1.30.0",
        applied={"intra_op_num_threads": "2", SPINNING: "0"},
        refused={},
        own={},
    )
    return msgspec.structs.replace(plain, **changes)


def report(*sessions: AppliedSession, failures: tuple[Failure, ...] = ()) -> InjectionReport:
    hooked = tuple(Hooked(how=How.PYTHON, pid=one.pid) for one in sessions)
    return InjectionReport(hooked, sessions, (), failures, 0)


def test_all_sessions_got_all() -> None:
    found = outcome(report(session(), session(8, own={SPINNING: "1"})), ASKED, KNOWN, [7, 8])
    assert found.whole
    assert [(one.key, one.value, one.sessions, one.overruled) for one in found.settings] == [
        ("intra_op_num_threads", "2", 2, 0),
        (SPINNING, "0", 2, 1),
    ]
    assert (found.reached, found.unreached) == ([7, 8], [])
    assert doubts(found, HOOKS) == []


def test_a_process_that_said_nothing_was_not_reached() -> None:
    found = outcome(report(session()), ASKED, KNOWN, [7, 9])
    assert not found.whole
    assert [doubt.what for doubt in doubts(found, HOOKS)] == ["settings in process 9"]


def test_what_was_refused_is_in_the_librarys_words() -> None:
    applied, refused = {SPINNING: "0"}, {"intra_op_num_threads": "the pool is global"}
    found = outcome(report(session(), session(applied=applied, refused=refused)), ASKED, KNOWN, [7])
    assert not found.whole
    [said] = doubts(found, HOOKS)
    assert (said.what, said.why) == ("intra_op_num_threads = 2 in 1 of 2 sessions", "the pool is global")


def test_a_setting_that_this_version_ignores_is_not_in_force() -> None:
    old = session(ort="1.20.1", applied={LASTS: "1000"})
    found = outcome(report(old), InjectedSettings(entries={LASTS: "1000"}), KNOWN, [7])
    assert (found.settings[0].ignored, found.whole) == (1, False)
    assert "ignores it" in doubts(found, HOOKS)[0].why


def test_no_session_no_hook_and_failures_are_said() -> None:
    failed = Failure(how=How.C_API, pid=7, why="no memory")
    found = outcome(report(failures=(failed, failed)), ASKED, KNOWN, [])
    without = Hooks(HOOKS.folder, HOOKS.python, Hook.unavailable("no compiler", "install one"))
    assert [(doubt.what, doubt.why) for doubt in doubts(found, without)] == [
        ("settings for programs in C, C++, Rust and Node", "no compiler"),
        ("settings in any session", "none was made before the profile was over"),
        ("settings", "no memory"),
    ]
