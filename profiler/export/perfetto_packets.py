"""Packets of Perfetto's trace, encoded: tracks, and events on them.

Source: track_descriptor.proto, track_event.proto and debug_annotation.proto in protos/perfetto/trace/
track_event of https://github.com/google/perfetto. Functions are called as the messages and their fields are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.export import protobuf_wire as wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PACKET = 1
"""Of `Trace`."""
TIMESTAMP, SEQUENCE, TRACK_EVENT, TRACK_DESCRIPTOR = 8, 10, 11, 60
"""Of `TracePacket`."""
TYPE, TRACK, NAME, ANNOTATION, COUNTER_VALUE, FLOWS, LAST_FLOWS = 9, 11, 23, 4, 44, 47, 48
"""Of `TrackEvent`."""
SLICE_BEGIN, SLICE_END, INSTANT, COUNTER = range(1, 5)
"""`TrackEvent.Type`."""


def process_track(uuid: int, pid: int, name: str) -> bytes:
    """Return a process's track."""
    return _descriptor(wire.integer(1, uuid), wire.data(3, wire.integer(1, pid) + wire.text(6, name)))


def thread_track(uuid: int, pid: int, tid: int, name: str) -> bytes:
    """Return a thread's track."""
    thread = wire.integer(1, pid) + wire.integer(2, tid) + wire.text(5, name)
    return _descriptor(wire.integer(1, uuid), wire.data(4, thread))


def track(uuid: int, parent: int, name: str) -> bytes:
    """Return a track below another."""
    return _descriptor(wire.integer(1, uuid), wire.text(2, name), wire.integer(5, parent))


def counter_track(uuid: int, parent: int, name: str, unit: str) -> bytes:
    """Return a counter's track below another."""
    return _descriptor(
        wire.integer(1, uuid), wire.text(2, name), wire.integer(5, parent), wire.data(8, wire.text(6, unit))
    )


def slice_(
    uuid: int, begin_ns: int, end_ns: int, name: str, about: Mapping[str, int | str]
) -> Iterator[bytes]:
    """Yield the begin and the end of a slice; `about` are its arguments."""
    yield _event(begin_ns, SLICE_BEGIN, uuid, wire.text(NAME, name), *_annotations(about))
    yield _event(end_ns, SLICE_END, uuid)


def instant(uuid: int, time_ns: int, name: str, *, begins_flow: int = 0, ends_flow: int = 0) -> bytes:
    """Return an instant; a flow leads from where it begins to where it ends, and has a number above 0."""
    flows = [wire.fixed(FLOWS, begins_flow)] if begins_flow else []
    flows += [wire.fixed(LAST_FLOWS, ends_flow)] if ends_flow else []
    return _event(time_ns, INSTANT, uuid, wire.text(NAME, name), *flows)


def counter(uuid: int, time_ns: int, value: float) -> bytes:
    """Return what a counter is at from an instant on."""
    return _event(time_ns, COUNTER, uuid, wire.double(COUNTER_VALUE, value))


def _annotations(about: Mapping[str, int | str]) -> Iterator[bytes]:
    for name, value in about.items():
        content = wire.integer(4, value) if isinstance(value, int) else wire.text(6, value)
        yield wire.data(ANNOTATION, wire.text(10, name) + content)


def _event(time_ns: int, kind: int, uuid: int, *fields: bytes) -> bytes:
    event = b"".join((wire.integer(TYPE, kind), wire.integer(TRACK, uuid), *fields))
    return _packet(wire.integer(TIMESTAMP, time_ns), wire.data(TRACK_EVENT, event))


def _descriptor(*fields: bytes) -> bytes:
    return _packet(wire.data(TRACK_DESCRIPTOR, b"".join(fields)))


def _packet(*fields: bytes) -> bytes:
    return wire.data(PACKET, b"".join((wire.integer(SEQUENCE, 1), *fields)))
