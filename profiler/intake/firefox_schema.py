"""Firefox Profiler's processed format as its own types have it.

`Profile` in src/types/profile.ts of https://github.com/firefox-devtools/profiler; how it changed:
docs-developer/CHANGELOG-formats.md there. Fields that nobody reads are left out.
"""

from __future__ import annotations

import msgspec


class Lib(msgspec.Struct, rename="camel"):
    """`Lib`."""

    name: str = ""
    path: str = ""
    code_id: str | None = None
    breakpad_id: str | None = None


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
