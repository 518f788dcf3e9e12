"""pprof's profile: call chains with values, of which CPU time is taken, else the default one.

Format: https://github.com/google/pprof/blob/main/proto/profile.proto. No times and, as a rule, no threads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING

from profiler.intake.intake_error import IntakeError
from profiler.intake.protobuf_reader import fields, numbers, signed
from profiler.intake.taken import LeftOutCounts, Taken
from profiler.trace.model import MOST_FRAMES
from profiler.trace.trace_builder import INNER_FRAMES, NO_TIME, OUTER_FRAMES, TraceBuilder
from profiler.trace.validate import MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.intake.protobuf_reader import Value

FORMAT = "pprof"
CPU = "cpu"
SAMPLES = "samples"
_UNITS = {"nanoseconds": 1, "microseconds": 1_000, "milliseconds": 1_000_000, "seconds": 1_000_000_000}
_THREAD_LABELS = ("thread", "thread_name", "tid", "thread_id", "thread id")


@dataclass(slots=True)
class _Mapping:
    start: int = 0
    offset: int = 0
    file: str = ""
    build_id: str = ""


@dataclass(slots=True)
class _Message:
    """The profile's parts, as they come."""

    types: list[memoryview] = field(default_factory=list)
    samples: list[memoryview] = field(default_factory=list)
    mappings: list[memoryview] = field(default_factory=list)
    locations: list[memoryview] = field(default_factory=list)
    functions: list[memoryview] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    default: int = 0


def take(content: bytes) -> Taken:
    """Read a whole profile, uncompressed; `IntakeError` where it is none."""
    try:
        return _Reader(_message(memoryview(content))).taken()
    except (ValueError, IndexError, KeyError, OverflowError, TypeError) as error:
        raise IntakeError(f"no text; read as pprof's profile, it is damaged: {error}") from error


def _message(content: memoryview) -> _Message:
    message = _Message()
    tables = {
        1: message.types,
        2: message.samples,
        3: message.mappings,
        4: message.locations,
        5: message.functions,
    }
    for number, value in fields(content):
        if number in tables:
            tables[number].append(_bytes(value))
        elif number == 6:  # noqa: PLR2004  as below: fields of profile.proto
            message.strings.append(_bytes(value).tobytes().decode(errors="replace"))
        elif number == 14 and isinstance(value, int):  # noqa: PLR2004  the field's number
            message.default = value
    return message


def _bytes(value: Value) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number where a message belongs")  # noqa: TRY004  what the caller catches
    return value


def _integers(message: memoryview) -> dict[int, int]:
    """Return a message's numbers by field."""
    return {number: value for number, value in fields(message) if isinstance(value, int)}


class _Reader:
    """Makes a trace of a profile's tables."""

    def __init__(self, message: _Message) -> None:
        self._message = message
        self._strings = message.strings
        self._builder = TraceBuilder()
        self._left_out = LeftOutCounts()
        self._threads: dict[str, int] = {}
        self._counted = 0
        self._mappings = {}
        for mapping in message.mappings:
            numbers = _integers(mapping)
            self._mappings[numbers.get(1, 0)] = _Mapping(
                numbers.get(2, 0), numbers.get(4, 0), self._text(numbers.get(5)), self._text(numbers.get(6))
            )
        functions = [_integers(function) for function in message.functions]
        self._functions = {
            numbers.get(1, 0): (self._text(numbers.get(2)), self._text(numbers.get(4)))
            for numbers in functions
        }
        self._frames = dict(map(self._location, message.locations))

    def _text(self, index: int | None) -> str:
        return self._strings[index] if index else ""

    def taken(self) -> Taken:
        """Return the profile's samples of one type of values."""
        column, name, factor, counts = self._values()
        event = self._builder.event(name)
        for sample in self._message.samples:
            self._sample(sample, column, event, factor or 1, counts)
        if not self._builder.samples:
            raise IntakeError("no sample in it")
        return Taken(
            self._builder.trace(),
            FORMAT,
            in_nanoseconds=factor is not None,
            timed=False,
            counted=factor is None,
            samples=None if counts is None else min(self._counted, MOST),
            left_out=self._left_out.all(),
            cut_samples=self._builder.cut_samples,
            build_ids={
                mapping.file: mapping.build_id for mapping in self._mappings.values() if mapping.build_id
            },
        )

    def _values(self) -> tuple[int, str, int | None, int | None]:
        """Return which value to take, its name, its nanoseconds (None for a count), and which one counts."""
        types = [_integers(value_type) for value_type in self._message.types]
        named = [(self._text(numbers.get(1)), self._text(numbers.get(2))) for numbers in types]
        default = self._text(self._message.default)
        names = [name for name, _ in named]
        for wanted in (CPU, default, SAMPLES):
            if wanted in names:
                column = names.index(wanted)
                break
        else:
            column = len(names) - 1
        name, unit = named[column]
        counts = names.index(SAMPLES) if SAMPLES in names else None
        return column, name, _UNITS.get(unit) if name == CPU else None, counts

    def _location(self, message: memoryview) -> tuple[int, list[int]]:
        """Return a location's id and its frames, the innermost function first."""
        numbers = _integers(message)
        mapping = self._mappings.get(numbers.get(2, 0), _Mapping())
        address = (
            max(0, numbers.get(3, 0) - mapping.start + mapping.offset) if mapping.file else numbers.get(3, 0)
        )
        library = mapping.file or None
        lines = [_integers(_bytes(value)) for number, value in fields(message) if number == 4]  # noqa: PLR2004  the field's number
        frames = []
        for level, line in enumerate(lines):
            name, file = self._functions.get(line.get(1, 0), ("", ""))
            # The last line is the function that holds the code; others were inlined into it.
            frame = self._builder.frame(address, name or None, library, level=len(lines) - 1 - level)
            if file and 0 < line.get(2, 0) < 1 << 31:
                self._builder.place(frame, file, line[2])
            frames.append(frame)
        return numbers.get(1, 0), frames or [self._builder.frame(address, None, library)]

    def _sample(self, message: memoryview, column: int, event: int, factor: int, counts: int | None) -> None:
        locations: list[int] = []
        values: list[int] = []
        thread = ""
        for number, value in fields(message):
            if number == 1:
                locations += numbers(value)
            elif number == 2:  # noqa: PLR2004  the field's number
                values += map(signed, numbers(value))
            elif number == 3:  # noqa: PLR2004  the field's number
                thread = self._thread(_bytes(value)) or thread
        weight = values[column] * factor
        if not 0 <= weight <= MOST:
            self._left_out.add_record("samples with a value below 0 or beyond counting")
        elif weight:
            self._counted += 1 if counts is None else max(0, values[counts])
            tid = self._threads.setdefault(thread, len(self._threads) + 1)
            self._builder.name_thread(tid, thread or "all threads")
            self._builder.sample(
                time_ns=NO_TIME,
                tid=tid,
                cpu=-1,
                event=event,
                weight=weight,
                stack=self._chain(locations),
            )

    def _chain(self, locations: Sequence[int]) -> int:
        """Return the builder's stack: a few locations with many lines each may be a chain without end."""
        parts = [self._frames[location] for location in locations]
        if sum(map(len, parts)) <= MOST_FRAMES:
            return self._builder.stack([frame for part in parts for frame in part])
        inner = islice(chain.from_iterable(parts), INNER_FRAMES)
        outer = islice(chain.from_iterable(map(reversed, reversed(parts))), OUTER_FRAMES)
        return self._builder.cut_stack([*inner], [*outer][::-1])

    def _thread(self, label: memoryview) -> str:
        numbers = _integers(label)
        if self._text(numbers.get(1)) not in _THREAD_LABELS:
            return ""
        return self._text(numbers.get(2)) or str(numbers.get(3, ""))
