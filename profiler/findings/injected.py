"""Settings that somebody's sessions were given from outside: what became of them, in words; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import count
from profiler.findings.parts import NOTHING, PartRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.run.injected import Injected, InjectedSetting
    from profiler.run.summary import Summary

COLUMNS = ("value", "sessions", "own replaced", "refused", "remarks")
"""Sessions: in how many it is in force; replaced: in how many the program had another value."""


def sentences(summary: Summary) -> list[str]:
    """Say to how many sessions the configuration was given; nothing where none was."""
    injected, config = summary.injected, summary.config
    if injected is None or config is None:
        return []
    if not injected.sessions:
        return [f"{config.label} was given to no session: none was seen to be made."]
    made = count(injected.sessions, "session")
    if injected.whole:
        replaced = sum(setting.overruled for setting in injected.settings)
        own = f"; {count(replaced, 'value')} of the program's own replaced" if replaced else ""
        return [f"{config.label} was given to all of the program's sessions ({injected.sessions}){own}."]
    return [f"{config.label} was given to {made}, not wholly or not all: see what was not available."]


def rows(summary: Summary) -> list[PartRow]:
    """Return a row a setting; empty where none was given."""
    return [] if summary.injected is None else list(_rows(summary.injected))


def _rows(injected: Injected) -> Iterator[PartRow]:
    for setting in injected.settings:
        cells = (
            setting.value,
            f"{setting.sessions} of {injected.sessions}",
            str(setting.overruled),
            str(setting.refused),
            _remark(setting) or NOTHING,
        )
        yield PartRow(setting.key, cells)


def _remark(setting: InjectedSetting) -> str:
    return "this version of ONNX Runtime ignores it" if setting.ignored else setting.why_refused
