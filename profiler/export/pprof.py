"""pprof's profile: CPU time and waits by call chain, with labels of what each was for.

Format: https://github.com/google/pprof/blob/main/proto/profile.proto, gzipped. What is alike is one sample.
Libraries stand one behind the other in a made-up address space, each whole and from its file's beginning:
where they were in the process is not kept, and pprof wants addresses that are distinct.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from profiler.export import protobuf_wire as wire
from profiler.export.columns.grouped import grouped
from profiler.export.gzip_stream import gzip_stream
from profiler.export.pprof_tables import Functions, Locations, Mappings, Strings
from profiler.run.kinds import EVIDENCES, KINDS, WAITS
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.arrays import Column
    from profiler.export.columns.exported import ExportedRun
    from profiler.export.columns.samples import SampleRows
    from profiler.export.columns.waits import WaitRows

# Fields of the message Profile.
SAMPLE_TYPE, SAMPLE, MAPPING, LOCATION, FUNCTION, STRING_TABLE = range(1, 7)
DURATION_NANOS, PERIOD_TYPE, PERIOD, COMMENT, DEFAULT_SAMPLE_TYPE = range(10, 15)

CPU = "cpu", "nanoseconds"
TYPES = (("samples", "count"), CPU, ("waits", "count"), ("wait", "nanoseconds"))
"""What each sample has a value of, with its unit."""
REQUEST_UNIT = "count"
"""A unit that pprof shows nothing of."""


@dataclass(frozen=True, slots=True)
class Pprof:
    """Values of `TYPES`; labels `kind` (of CPU time) or `wait`, `evidence`, `thread`, `pool`, `request`.

    Requests are numbered from 1, in order of their starts.
    """

    suffix: ClassVar[str] = ".pb.gz"

    def write(self, run: ExportedRun, out: BinaryIO) -> None:
        """Write samples first, then the tables that they fill."""
        with gzip_stream(out) as file:
            strings = Strings()
            for value_type in TYPES:
                file.write(wire.data(SAMPLE_TYPE, _value_type(strings, *value_type)))
            locations = Locations(run.code, Functions(strings), Mappings(run.code, strings))
            for sample in _Samples(run, strings, locations).messages():
                file.write(wire.data(SAMPLE, sample))
            for field, table in (
                (MAPPING, locations.mappings.messages()),
                (LOCATION, locations.messages()),
                (FUNCTION, locations.functions.messages()),
            ):
                for message in table:
                    file.write(wire.data(field, message))
            file.write(_about(run, strings))
            for string in strings.all():
                file.write(wire.text(STRING_TABLE, string))


def _about(run: ExportedRun, strings: Strings) -> bytes:
    fields = [
        wire.integer(DURATION_NANOS, run.end_ns - run.begin_ns),
        wire.integer(COMMENT, strings.number(f"ortprof {run.manifest.ortprof}: {run.title}")),
        wire.integer(DEFAULT_SAMPLE_TYPE, strings.number(CPU[0])),
    ]
    perf = run.manifest.perf
    if perf is not None and perf.frequency_hz and perf.counts_time:
        fields += [
            wire.data(PERIOD_TYPE, _value_type(strings, *CPU)),
            wire.integer(PERIOD, round(1e9 / perf.frequency_hz)),
        ]
    return b"".join(fields)


def _value_type(strings: Strings, name: str, unit: str) -> bytes:
    return wire.integer(1, strings.number(name)) + wire.integer(2, strings.number(unit))


@dataclass(frozen=True, slots=True)
class _Samples:
    """Makes messages Sample, and fills the tables that they point into."""

    run: ExportedRun
    strings: Strings
    locations: Locations

    def messages(self) -> Iterator[bytes]:
        """Yield time on the CPU, then off it."""
        samples, waits = self.run.samples, self.run.waits
        for key, count, ns in _alike(samples, samples.cpu_ns):
            yield self._message(key, (count, ns, 0, 0), ("kind", KINDS[key[2]].value))
        if waits is not None:
            for key, count, ns in _alike(waits, waits.ns):
                yield self._message(key, (0, 0, count, ns), ("wait", WAITS[key[2]].value))

    def _message(self, key: tuple[int, ...], values: tuple[int, ...], label: tuple[str, str]) -> bytes:
        stack, thread, _, evidence, request = key
        labels = [label, ("evidence", EVIDENCES[evidence].value), ("thread", self.run.threads[thread].name)]
        if self.run.threads[thread].pool:
            labels.append(("pool", self.run.threads[thread].pool))
        message = wire.packed(1, self.locations.chain(stack)) + wire.packed(2, values)
        for name, value in labels:
            content = wire.integer(1, self.strings.number(name)) + wire.integer(2, self.strings.number(value))
            message += wire.data(3, content)
        if request != NONE:
            message += wire.data(3, self._request(request + 1))
        return message

    def _request(self, number: int) -> bytes:
        """Return a label that `-tagfocus=request=7` and `request=7:9` find: a number.

        Its unit is there because pprof takes requests without one for bytes.
        """
        key, unit = self.strings.number("request"), self.strings.number(REQUEST_UNIT)
        return wire.integer(1, key) + wire.integer(3, number) + wire.integer(4, unit)


def _alike(rows: SampleRows | WaitRows, ns: Column) -> Iterator[tuple[tuple[int, ...], int, int]]:
    return grouped((rows.stack, rows.thread, rows.kind, rows.evidence, rows.request), ns)
