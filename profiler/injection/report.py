"""What processes say of the settings that they were given: a file a process, a line of JSON an event.

Written by `native/report.c` and `Report` in `python/python_hook.py`. The folder is open to whatever the
command starts, so that nothing in it is believed beyond its types: reading is bounded, and what is no line of
ours is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import msgspec

from profiler import files
from profiler.run.json_document import DAMAGED
from profiler.spec.configuration import Setting, release

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LARGEST_FILE = 8 << 20
"""Bytes of a process's file: a thousand lines of 4,000 bytes are half of it."""
MOST_FILES = 10_000
PidNumber = Annotated[int, msgspec.Meta(ge=1, le=2**22)]
Text = Annotated[str, msgspec.Meta(max_length=4096)]


class How(str, Enum):
    """The way by which a session was reached."""

    PYTHON = "python"
    C_API = "c-api"


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    how: How
    pid: PidNumber
    """As the process sees itself: in a container it is another than outside."""
    library: Text = ""
    """Path of ONNX Runtime's library."""
    ort: Text = ""
    """ONNX Runtime's version; empty where it is not known."""


class Hooked(_Event, frozen=True, kw_only=True, tag="hooked"):
    """ONNX Runtime is loaded, and what makes its sessions passes through our hook."""


class Failure(_Event, frozen=True, kw_only=True, tag="failure"):
    """Something of ours did not work; the program went on without it."""

    why: Text


class _Outcome(_Event, frozen=True, kw_only=True):
    applied: dict[Text, Text]
    """Settings that are in force, by name: a session entry's key, or as in `profiler.injection.settings`."""
    refused: dict[Text, Text]
    """Settings that the library did not take, and its words."""
    own: dict[Text, Text]
    """What the program had set itself, of the settings that it was to get."""
    own_unread: bool = False
    """Whether `own` may lack something: ONNX Runtime before 1.14 does not say it."""


class AppliedSession(_Outcome, frozen=True, kw_only=True, tag="session"):
    """A session that was made."""

    def ignored(self, settings: dict[str, Setting]) -> list[str]:
        """Return the applied entries that this version of ONNX Runtime accepts and ignores."""
        if not self.ort:
            return []
        running = release(self.ort)
        return [key for key in self.applied if key in settings and running < release(settings[key].since)]


class AppliedPools(_Outcome, frozen=True, kw_only=True, tag="global-pools"):
    """Pools that were made for sessions to share."""


Event = Hooked | Failure | AppliedSession | AppliedPools
_DECODER = msgspec.json.Decoder(Event)


@dataclass(frozen=True, slots=True)
class InjectionReport:
    """What all processes of a command said."""

    hooked: tuple[Hooked, ...]
    sessions: tuple[AppliedSession, ...]
    pools: tuple[AppliedPools, ...]
    failures: tuple[Failure, ...]
    damaged: int
    """Files that can't be read, and lines that are none of ours."""

    @property
    def reached(self) -> frozenset[int]:
        """Processes whose sessions pass through our hook."""
        return frozenset(event.pid for event in (*self.hooked, *self.sessions, *self.pools))

    def unreached(self, with_runtime: Iterable[int]) -> list[int]:
        """Return those of the processes with an ONNX Runtime mapped that said nothing.

        Their sessions have the program's settings: Python with -E, -I or -S, a cleared environment, a
        library that is linked into the program. Pids are those that the processes have for themselves.
        """
        return sorted(set(with_runtime) - self.reached)


def read_applied(folder: Path) -> InjectionReport:
    """Read what processes reported into `folder`, in the order of files' names and of their lines."""
    events: list[Event] = []
    damaged = 0
    paths = sorted(folder.glob("*.jsonl"))
    for path in paths[:MOST_FILES]:
        try:
            lines = files.read(path, LARGEST_FILE).splitlines()
        except OSError:
            damaged += 1
            continue
        for line in lines:
            try:
                events.append(_DECODER.decode(line))
            except DAMAGED:
                damaged += 1
    return InjectionReport(
        hooked=tuple(event for event in events if isinstance(event, Hooked)),
        sessions=tuple(event for event in events if isinstance(event, AppliedSession)),
        pools=tuple(event for event in events if isinstance(event, AppliedPools)),
        failures=tuple(event for event in events if isinstance(event, Failure)),
        damaged=damaged + max(0, len(paths) - MOST_FILES),
    )
