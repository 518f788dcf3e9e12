"""speedscope's own format: a profile a thread of its time on the CPU, and one of its time off it.

Format: https://www.speedscope.app/file-format-schema.json, and src/lib/file-format-spec.ts of
https://github.com/jlfwong/speedscope. It knows no categories: a kind is a frame of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, ClassVar

import msgspec
import numpy as np

from profiler.export.columns.parts import rows
from profiler.export.formats import KindFrame
from profiler.export.json_stream import numbers, write_array, write_object
from profiler.export.kind_frames import with_kind
from profiler.run.kinds import KINDS, WAITS, kind_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from profiler.arrays import Column
    from profiler.export.columns.exported import ExportedRun
    from profiler.run.kinds import Kind, Wait

SCHEMA = "https://www.speedscope.app/file-format-schema.json"


class Frame(msgspec.Struct):
    """`FileFormat.Frame`."""

    name: str
    file: str | msgspec.UnsetType = msgspec.UNSET
    """The library: what a function was compiled from is known of few."""


class File(msgspec.Struct, rename="camel"):
    """`FileFormat.File`, but for `shared` and `profiles`, which follow as they are made."""

    name: str
    exporter: str
    schema: str = msgspec.field(name="$schema", default=SCHEMA)
    active_profile_index: int = 0


class SampledProfile(msgspec.Struct, rename="camel"):
    """`FileFormat.SampledProfile`, but for `samples` and `weights`."""

    name: str
    end_value: int
    """The sum of the weights."""
    type: str = "sampled"
    unit: str = "nanoseconds"
    start_value: int = 0


@dataclass(frozen=True, slots=True)
class _Rows:
    """What becomes a profile."""

    name: str
    stack: Column
    kind: Column
    ns: Column
    first_kind: int
    """The index of the first kind's frame."""


@dataclass(frozen=True, slots=True)
class Speedscope:
    """Time on the CPU and off it, by thread."""

    suffix: ClassVar[str] = ".speedscope.json"

    kind_frame: KindFrame = KindFrame.INNERMOST

    def write(self, run: ExportedRun, out: BinaryIO) -> None:
        """Write the frames, then profile by profile; none for a thread without time of its kind."""
        head = msgspec.json.encode(File(name=run.title, exporter=f"ortprof@{run.manifest.ortprof}"))
        out.write(head[:-1] + b',"shared":{"frames":')
        write_array(out, map(msgspec.json.encode, _frames(run)))
        out.write(b'},"profiles":[')
        for number, profile in enumerate(_profiles(run)):
            out.write(b"," if number else b"")
            # No kind of time, no weight: speedscope would show a box without a width.
            some = profile.ns > 0
            stack, kind, ns = profile.stack[some], profile.kind[some], profile.ns[some]
            write_object(
                out,
                SampledProfile(name=profile.name, end_value=int(ns.sum())),
                {
                    "samples": self._chains(run.chains.path, stack, kind, profile.first_kind),
                    "weights": numbers(ns),
                },
            )
        out.write(b"]}\n")

    def _chains(
        self, path: Callable[[int], list[int]], stack: Column, kind: Column, first_kind: int
    ) -> Iterator[bytes]:
        """Yield each row's frames, outermost first; what is alike becomes text once."""
        texts: dict[tuple[int, ...], bytes] = {}
        for key in rows(stack, kind):
            if key not in texts:
                chain = with_kind(path(key[0]), first_kind + key[1], self.kind_frame)
                texts[key] = msgspec.json.encode(chain)
            yield texts[key]


def _frames(run: ExportedRun) -> Iterator[Frame]:
    """Yield every function, then the kinds of time on the CPU and off it."""
    for function, library in run.chains.functions:
        yield Frame(function, library or msgspec.UNSET)
    kinds: Sequence[Kind | Wait] = (*KINDS, *WAITS)
    yield from (Frame(kind_frame(kind)) for kind in kinds)


def _profiles(run: ExportedRun) -> Iterator[_Rows]:
    """Yield the threads' time on the CPU, then off it."""
    samples, waits, kinds = run.samples, run.waits, len(run.chains.functions)
    for number, thread in enumerate(run.threads):
        mine = np.flatnonzero(samples.thread == number)
        if mine.size:
            name = f"{thread.name}: on CPU"
            yield _Rows(name, samples.stack[mine], samples.kind[mine], samples.cpu_ns[mine], kinds)
    if waits is None:
        return
    for number, thread in enumerate(run.threads):
        mine = np.flatnonzero(waits.thread == number)
        if mine.size:
            name = f"{thread.name}: off CPU"
            yield _Rows(name, waits.stack[mine], waits.kind[mine], waits.ns[mine], kinds + len(KINDS))
