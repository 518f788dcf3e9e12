"""Firefox Profiler's processed format, which samply writes too: samples with the CPU time since the last.

Format: `Profile` in src/types/profile.ts of https://github.com/firefox-devtools/profiler; how it changed:
docs-developer/CHANGELOG-formats.md there. Versions 7 to 70 are read. Addresses of frames are virtual ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler.intake.firefox_chains import Chains
from profiler.intake.firefox_schema import Profile
from profiler.intake.intake_error import IntakeError
from profiler.intake.taken import LeftOutCounts, Taken
from profiler.trace.trace_builder import NO_TIME, TraceBuilder
from profiler.trace.validate import MOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.intake.firefox_schema import SamplesTable
    from profiler.intake.samply_symbols import Symbols

FORMAT = "Firefox profile"
CPU_TIME = "CPU time"
TRACED = "traced time"
SAMPLES = "samples"
_UNITS = {"ns": 1, "µs": 1_000, "ms": 1_000_000}
_MS = 1_000_000
_LAST_TID = (1 << 31) - 1


def take(content: bytes, symbols: Symbols | None = None) -> Taken:
    """Read a whole profile; `IntakeError` where it is none, or holds no samples.

    `symbols` name functions that it has addresses of.
    """
    try:
        profile = msgspec.json.decode(content, type=Profile)
    except (ValueError, RecursionError) as error:
        raise IntakeError(f"no processed profile of Firefox Profiler or samply: {error}") from error
    if profile.meta.preprocessed_profile_version is None:
        raise IntakeError(
            "not processed by Firefox Profiler yet: open it at profiler.firefox.com, and save it there"
        )
    try:
        return _Reader(profile, symbols).taken()
    except (IndexError, OverflowError) as error:
        raise IntakeError(f"a damaged profile: {error}") from error


class _Reader:
    """Makes a trace of a profile."""

    def __init__(self, profile: Profile, symbols: Symbols | None) -> None:
        self._profile = profile
        self._symbols = symbols
        self._builder = TraceBuilder()
        self._left_out = LeftOutCounts()
        units = profile.meta.sample_units
        self._cpu_ns = _UNITS.get("" if units is None else units.cpu)
        columns = [thread.samples for thread in profile.threads]
        if self._cpu_ns and any(samples.cpu for samples in columns):
            self._event = CPU_TIME
        elif columns and all(samples.weight_type == "tracing-ms" for samples in columns):
            self._event = TRACED
        else:
            self._event = SAMPLES

    def taken(self) -> Taken:
        """Return the samples of all threads."""
        event = self._builder.event(self._event)
        for number, thread in enumerate(self._profile.threads, 1):
            tid = int(thread.tid) if str(thread.tid).isdecimal() else 0
            # Ids may be missing, or longer than the kernel's: then they are numbers of our own.
            tid = tid if 0 < tid <= _LAST_TID else _LAST_TID - number
            self._builder.name_thread(tid, thread.name or thread.process_name)
            chains = Chains(self._profile, thread, self._builder, self._symbols)
            for time_ns, weight, stack in self._rows(thread.samples):
                self._builder.sample(
                    time_ns=time_ns, tid=tid, cpu=-1, event=event, weight=weight, stack=chains.of(stack)
                )
        if not self._builder.samples:
            raise IntakeError("no sample in it")
        timed = any(thread.samples.time or thread.samples.time_deltas for thread in self._profile.threads)
        return Taken(
            self._builder.trace(),
            FORMAT,
            in_nanoseconds=self._event != SAMPLES,
            timed=timed,
            counted=self._event == SAMPLES,
            left_out=self._left_out.all(),
            cut_samples=self._builder.cut_samples,
            build_ids={
                lib.path: lib.code_id.lower() for lib in self._profile.libs if lib.path and lib.code_id
            },
            virtual_addresses=True,
        )

    def _rows(self, samples: SamplesTable) -> Iterator[tuple[int, int, int]]:
        """Yield instant, weight and stack of each sample that counts something."""
        times = _times(samples)
        for row, stack in enumerate(samples.stack):
            weight = self._weight(samples, row)
            if weight <= 0:
                continue
            if stack is None:
                self._left_out.add_record(f"samples of {self._event} without a call chain")
            else:
                yield (times[row] if times else NO_TIME), min(weight, MOST), stack

    def _weight(self, samples: SamplesTable, row: int) -> int:
        if self._event == CPU_TIME:
            return round((samples.cpu[row] or 0) * (self._cpu_ns or 1)) if samples.cpu else 0
        weight = 1.0 if samples.weight is None else samples.weight[row] or 0.0
        return round(weight * _MS) if self._event == TRACED else round(weight)


def _times(samples: SamplesTable) -> list[int]:
    """Return instants in ns from the first; empty where there are none, or they go back."""
    if samples.time is not None:
        times = [round(time * _MS) for time in samples.time]
    else:
        times, now = [], 0.0
        for delta in samples.time_deltas or ():
            now += delta
            times.append(round(now * _MS))
    return times if len(times) == len(samples.stack) and all(time >= 0 for time in times) else []
