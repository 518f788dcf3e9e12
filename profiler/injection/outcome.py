"""What became of settings, counted: the events of a report as the record that run.json keeps. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.injection.settings import EXECUTION_MODE, INTER_OP_THREADS, THREADS
from profiler.run.doubt import Doubt
from profiler.run.injected import Injected, InjectedSetting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from profiler.injection.hooks import Hooks
    from profiler.injection.report import AppliedSession, InjectionReport
    from profiler.injection.settings import InjectedSettings
    from profiler.spec.configuration import Setting

MOST_FAILURES = 20
MOST_NAMED = 8
UNREACHED = "it ignores what we gave its environment, or has ONNX Runtime built in (docs/injection.md)"


def outcome(
    report: InjectionReport,
    asked: InjectedSettings,
    known: Mapping[str, Setting],
    with_runtime: Iterable[int],
) -> Injected:
    """Count in how many sessions each setting is in force; `with_runtime`: processes that have it mapped."""
    ignored = [session.ignored(dict(known)) for session in report.sessions]
    return Injected(
        settings=[
            _setting(key, value, report.sessions, sum(key in one for one in ignored))
            for key, value in _asked(asked)
        ],
        sessions=len(report.sessions),
        pools=len(report.pools),
        reached=sorted(report.reached),
        unreached=report.unreached(with_runtime),
        failures=list(dict.fromkeys(failure.why for failure in report.failures))[:MOST_FAILURES],
    )


def _asked(asked: InjectedSettings) -> Iterator[tuple[str, str]]:
    if asked.threads is not None:
        yield THREADS, str(asked.threads)
    if asked.inter_op_threads is not None:
        yield INTER_OP_THREADS, str(asked.inter_op_threads)
    if asked.execution_mode is not None:
        yield EXECUTION_MODE, asked.execution_mode.value
    yield from asked.entries.items()


def _setting(key: str, value: str, sessions: Sequence[AppliedSession], ignored: int) -> InjectedSetting:
    refusals = [session.refused[key] for session in sessions if key in session.refused]
    return InjectedSetting(
        key=key,
        value=value,
        sessions=sum(key in session.applied for session in sessions),
        overruled=sum(
            key in session.applied and session.own.get(key, value) != value for session in sessions
        ),
        ignored=ignored,
        refused=len(refusals),
        why_refused=refusals[0] if refusals else "",
    )


def doubts(injected: Injected, hooks: Hooks) -> list[Doubt]:
    """Return what keeps the settings from being in force everywhere."""
    said = [
        Doubt(f"settings for programs in {reached}", hook.why, hook.hint)
        for reached, hook in (("Python", hooks.python), ("C, C++, Rust and Node", hooks.native))
        if hook.path is None
    ]
    if injected.unreached:
        named = ", ".join(map(str, injected.unreached[:MOST_NAMED]))
        more = ", ..." if len(injected.unreached) > MOST_NAMED else ""
        said.append(Doubt(f"settings in process {named}{more}", UNREACHED, "it has the program's own"))
    if not injected.sessions and not injected.unreached:
        said.append(
            Doubt(
                "settings in any session", "none was made before the profile was over", "a longer --seconds"
            )
        )
    said += [
        Doubt(
            f"{setting.key} = {setting.value} in {setting.refused} of {injected.sessions} sessions",
            setting.why_refused,
        )
        for setting in injected.settings
        if setting.refused
    ]
    said += [
        Doubt(
            f"{setting.key} = {setting.value}",
            f"this version of ONNX Runtime accepts it and ignores it ({setting.ignored} sessions)",
            "what was profiled is without it",
        )
        for setting in injected.settings
        if setting.ignored
    ]
    return [*said, *(Doubt("settings", why, "the program went on without") for why in injected.failures)]
