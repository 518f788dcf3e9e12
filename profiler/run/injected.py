"""`injected` of run.json: settings that a program's sessions were given, and what became of them."""

from __future__ import annotations

import msgspec

from profiler.run.ranges import Count, ThreadId


class InjectedSetting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting."""

    key: str
    """A session entry's key, or `intra_op_num_threads` and the like."""
    value: str
    sessions: Count
    """In how many sessions it is in force."""
    overruled: Count = 0
    """In how many of them the program had set another value itself."""
    ignored: Count = 0
    """In how many of them this version of ONNX Runtime knows no such setting."""
    refused: Count = 0
    """How many sessions did not take it."""
    why_refused: str = ""
    """In the library's words, of the first of them."""


class Injected(msgspec.Struct, frozen=True, kw_only=True):
    """What all processes of a command said, until the profile was over."""

    settings: list[InjectedSetting]
    sessions: Count
    """How many were made."""
    pools: Count = 0
    """How many pools that sessions share."""
    reached: list[ThreadId] = []
    """Processes whose sessions are made through a hook of ours."""
    unreached: list[ThreadId] = []
    """Those with an ONNX Runtime that said nothing: their sessions have the program's settings."""
    failures: list[str] = []
    """What of ours did not work, each once."""

    @property
    def whole(self) -> bool:
        """Whether every session that was made has every setting, and there was one."""
        given = all(
            setting.sessions == self.sessions and not setting.ignored and not setting.refused
            for setting in self.settings
        )
        return self.sessions > 0 and given and not self.unreached and not self.failures
