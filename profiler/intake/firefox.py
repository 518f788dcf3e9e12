"""Firefox Profiler's processed format, which samply writes too: samples with the CPU time since the last.

Format: `Profile` in src/types/profile.ts of https://github.com/firefox-devtools/profiler; how it changed:
docs-developer/CHANGELOG-formats.md there. Versions 7 to 70 are read. Addresses of frames are virtual ones.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from profiler.intake.intake_error import IntakeError
from profiler.intake.taken import LeftOutCounts, Taken
from profiler.trace.trace_builder import NO_TIME, TraceBuilder
from profiler.trace.validate import MOST

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = "Firefox profile"
CPU_TIME = "CPU time"
TRACED = "traced time"
SAMPLES = "samples"
_UNITS = {"ns": 1, "µs": 1_000, "ms": 1_000_000}
_MS = 1_000_000
_NAMELESS = re.compile(r"0x[0-9a-fA-F]+")
_LAST_TID = (1 << 31) - 1


class Lib(msgspec.Struct, rename="camel"):
    """`Lib`."""

    name: str = ""
    path: str = ""
    code_id: str | None = None


class SampleUnits(msgspec.Struct):
    """`SampleUnits`."""

    cpu: str = msgspec.field(name="threadCPUDelta", default="")


class Meta(msgspec.Struct, rename="camel"):
    """`ProfileMeta`."""

    sample_units: SampleUnits | None = None
    preprocessed_profile_version: int | None = None


class StackTable(msgspec.Struct, rename="camel"):
    """`RawStackTable`."""

    frame: list[int] = []
    prefix: list[int | None] = []
    """Up to version 65; later `prefix_offset`."""
    prefix_offset: list[int] | None = None
    """How far back the caller's stack is; 0 without one."""

    def caller(self, stack: int) -> int | None:
        """Return the stack that calls one; `IndexError` where it comes later, so that there is no end."""
        if self.prefix_offset is None:
            prefix = self.prefix[stack]
        else:
            prefix = stack - self.prefix_offset[stack] if self.prefix_offset[stack] else None
        if prefix is not None and not 0 <= prefix < stack:
            raise IndexError("a stack is called by a later one, or by none")
        return prefix


class FrameTable(msgspec.Struct, rename="camel"):
    """`FrameTable`."""

    func: list[int] = []
    address: list[int] = []
    inline_depth: list[int] = []
    line: list[int | None] = []
    lib: list[int] | None = None
    """From version 70 on; before, functions' resources have it."""


class FuncTable(msgspec.Struct, rename="camel"):
    """`FuncTable`."""

    name: list[int] = []
    resource: list[int] = []
    file_name: list[int | None] = []
    """Up to version 57; later `source`."""
    source: list[int | None] = []


class SourceTable(msgspec.Struct):
    """`SourceTable`."""

    filename: list[int] = []


class ResourceTable(msgspec.Struct):
    """`ResourceTable`."""

    lib: list[int | None] = []


class Tables(msgspec.Struct, rename="camel"):
    """`RawProfileSharedData`; in earlier versions part of each thread."""

    stack_table: StackTable | None = None
    frame_table: FrameTable | None = None
    func_table: FuncTable | None = None
    resource_table: ResourceTable | None = None
    string_array: list[str] | None = None
    sources: SourceTable | None = None


class SamplesTable(msgspec.Struct, rename="camel"):
    """`RawSamplesTable`."""

    stack: list[int | None] = []
    time: list[float] | None = None
    time_deltas: list[float] | None = None
    weight: list[float | None] | None = None
    weight_type: str | None = None
    cpu: list[float | None] | None = msgspec.field(name="threadCPUDelta", default=None)


class Thread(Tables, rename="camel"):
    """`RawThread`."""

    name: str = ""
    process_name: str = ""
    tid: int | str = 0
    libs: list[Lib] | None = None
    """Up to version 40."""
    samples: SamplesTable = msgspec.field(default_factory=SamplesTable)


class Profile(msgspec.Struct):
    """`Profile`."""

    meta: Meta
    threads: list[Thread]
    libs: list[Lib] = []
    shared: Tables = msgspec.field(default_factory=Tables)


def take(content: bytes) -> Taken:
    """Read a whole profile; `IntakeError` where it is none, or holds no samples."""
    try:
        profile = msgspec.json.decode(content, type=Profile)
    except (ValueError, RecursionError) as error:
        raise IntakeError(f"no processed profile of Firefox Profiler or samply: {error}") from error
    if profile.meta.preprocessed_profile_version is None:
        raise IntakeError(
            "not processed by Firefox Profiler yet: open it at profiler.firefox.com, and save it there"
        )
    try:
        return _Reader(profile).taken()
    except (IndexError, OverflowError) as error:
        raise IntakeError(f"a damaged profile: {error}") from error


class _Reader:
    """Makes a trace of a profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
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
            chains = _Chains(self._profile, thread, self._builder)
            for time_ns, weight, stack in self._rows(thread.samples):
                chain = self._builder.stack(chains.of(stack))
                self._builder.sample(
                    time_ns=time_ns, tid=tid, cpu=-1, event=event, weight=weight, stack=chain
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


class _Chains:
    """A thread's call chains as the builder's frames."""

    def __init__(self, profile: Profile, thread: Thread, builder: TraceBuilder) -> None:
        shared = profile.shared
        self._libs = profile.libs if thread.libs is None else thread.libs
        self._sources = shared.sources or SourceTable()
        self._builder = builder
        self._stacks = thread.stack_table or shared.stack_table or StackTable()
        self._frames = thread.frame_table or shared.frame_table or FrameTable()
        self._funcs = thread.func_table or shared.func_table or FuncTable()
        self._resources = thread.resource_table or shared.resource_table or ResourceTable()
        self._strings = thread.string_array or shared.string_array or []
        self._known: dict[int, list[int]] = {}
        self._made: dict[int, int] = {}

    def of(self, stack: int) -> list[int]:
        """Return a chain, the innermost frame first; `IndexError` where tables contradict each other."""
        known = self._known.get(stack)
        if known is None:
            known = self._known[stack] = []
            at: int | None = _index(stack)
            while at is not None:
                known.append(self._frame(self._stacks.frame[at]))
                at = self._stacks.caller(at)
        return known

    def _frame(self, index: int) -> int:
        made = self._made.get(index)
        if made is None:
            made = self._made[index] = self._new_frame(index)
        return made

    def _new_frame(self, index: int) -> int:
        func = self._frames.func[_index(index)]
        address = self._frames.address[index] if index < len(self._frames.address) else -1
        depth = self._frames.inline_depth[index] if index < len(self._frames.inline_depth) else 0
        name = self._strings[_index(self._funcs.name[_index(func)])]
        frame = self._builder.frame(
            max(address, 0),
            None if _NAMELESS.fullmatch(name) else name,
            self._library(index, func),
            level=depth,
        )
        line = self._frames.line[index] if index < len(self._frames.line) else None
        file = self._file(func)
        if file is not None and line is not None and 0 < line <= _LAST_TID:
            self._builder.place(frame, self._strings[_index(file)], line)
        return frame

    def _file(self, func: int) -> int | None:
        """Return the string that names a function's file."""
        source = self._funcs.source[func] if func < len(self._funcs.source) else None
        if source is not None and source >= 0:
            return self._sources.filename[source]
        return self._funcs.file_name[func] if func < len(self._funcs.file_name) else None

    def _library(self, frame: int, func: int) -> str | None:
        lib: int | None
        if self._frames.lib is not None:
            lib = self._frames.lib[frame]
        else:
            resource = self._funcs.resource[func] if func < len(self._funcs.resource) else -1
            lib = self._resources.lib[resource] if 0 <= resource < len(self._resources.lib) else None
        if lib is None or lib < 0:
            return None
        library = self._libs[lib]
        return library.path or library.name or None


def _index(number: int) -> int:
    """Return a table's index as it is; `IndexError` for one that would count from the end."""
    if number < 0:
        raise IndexError("an index below 0")
    return number
