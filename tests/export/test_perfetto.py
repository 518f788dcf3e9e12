from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as protos

from profiler.attribution.analyse import analyse
from profiler.export.formats import Format
from profiler.export.perfetto_slices import lanes
from profiler.run.kinds import PARTS
from tests.export.support import hostile_run, summary_cpu_ns, summary_wait_ns, written
from tests.pages.limited_run import BEGIN, PERIODS, STRETCHES, limited
from tests.pages.support import MS, Made

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory


class Read:
    """A trace as Perfetto's own classes read it: slices by track, flows, counters."""

    def __init__(self, content: bytes) -> None:
        trace = protos.Trace()
        trace.ParseFromString(content)
        self.tracks: dict[int, Any] = {}
        self.slices: defaultdict[int, list[tuple[str, int, int, dict[str, Any]]]] = defaultdict(list)
        self.flows: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self.counters: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
        begun: dict[int, tuple[str, int, dict[str, Any]]] = {}
        for packet in trace.packet:
            assert packet.trusted_packet_sequence_id
            if packet.HasField("track_descriptor"):
                self.tracks[packet.track_descriptor.uuid] = packet.track_descriptor
                continue
            event, now = packet.track_event, packet.timestamp
            assert event.track_uuid in self.tracks
            if event.type == protos.TrackEvent.TYPE_SLICE_BEGIN:
                assert event.track_uuid not in begun, "slices of a track do not overlap"
                begun[event.track_uuid] = event.name, now, arguments(event)
            elif event.type == protos.TrackEvent.TYPE_SLICE_END:
                name, begin, about = begun.pop(event.track_uuid)
                self.slices[event.track_uuid].append((name, begin, now, about))
            elif event.type == protos.TrackEvent.TYPE_COUNTER:
                self.counters[event.track_uuid].append((now, event.double_counter_value))
            for flow in (*event.flow_ids, *event.terminating_flow_ids):
                self.flows[flow].append((event.track_uuid, now))
        assert not begun

    def named(self, begins: str) -> list[int]:
        return [uuid for uuid, one in self.tracks.items() if one.name.startswith(begins)]


def arguments(event: Any) -> dict[str, Any]:
    return {
        one.name: one.int_value if one.HasField("int_value") else one.string_value
        for one in event.debug_annotations
    }


def read(analysis: Analysis) -> Read:
    return Read(written(analysis, Format.PERFETTO))


def test_slices_are_what_the_summary_says(run: RunDirectory, operators_run: RunDirectory) -> None:
    for one in (run, operators_run):
        analysis = analyse(one)
        made = read(analysis)
        off = made.named("off CPU")
        waits: defaultdict[str, int] = defaultdict(int)
        cpu: defaultdict[str, int] = defaultdict(int)
        for uuid, track in made.tracks.items():
            previous = 0
            for name, begin, end, about in made.slices[uuid]:
                assert previous <= begin <= end
                previous = end
                if uuid in off:
                    waits[name] += end - begin
                elif track.HasField("thread") or track.name == "not sampled":
                    cpu[name] += about["cpu_ns"]
        assert dict(cpu) == {kind.value: ns for kind, ns in summary_cpu_ns(analysis).items() if ns}
        assert dict(waits) == {kind.value: ns for kind, ns in summary_wait_ns(analysis).items() if ns}
        assert {made.tracks[uuid].parent_uuid in made.tracks for uuid in off} == {True}


def test_requests_are_slices_with_their_parts(analysis: Analysis) -> None:
    made = read(analysis)
    (uuid,) = made.named("requests of calling thread")
    expected = analysis.recorded.requests_of("profile")
    assert [(begin, end) for _, begin, end, _ in made.slices[uuid]] == [
        (request.start_ns, request.end_ns) for request in expected
    ]
    for (name, _, _, about), (number, request) in zip(made.slices[uuid], enumerate(expected, 1), strict=True):
        assert name == f"request {number}"
        assert about["latency_ns"] == request.latency_ns
        parts = sum(about[f"part_{part.value}_ns"] for part in PARTS)
        assert parts == pytest.approx(request.latency_ns, rel=0.02)


def test_wake_ups_are_flows_to_where_the_thread_ran(analysis: Analysis) -> None:
    made = read(analysis)
    assert len(made.flows) > 20
    for ends in made.flows.values():
        (waker, woken_ns), (woken, ran_ns) = ends
        assert waker != woken
        assert made.tracks[waker].HasField("thread")
        assert woken_ns < ran_ns
        waited = [end for _, _, end, _ in made.slices[woken + 1]]
        assert ran_ns in waited


def test_a_limits_quota_is_a_counter() -> None:
    made = read(limited())
    (quota,), (throttled,) = made.named("CPU limit: quota"), made.named("CPU limit: throttled")
    assert made.tracks[quota].counter.unit_name == "%"
    values = made.counters[quota]
    assert [now for now, _ in values] == sorted(now for now, _ in values)
    assert [value for _, value in values[::2]] == pytest.approx([10 * cpu for _, cpu, _ in PERIODS])
    assert [now for now, _ in values[1::2]] == [BEGIN + end * MS for end, _, _ in PERIODS]
    assert {value for _, value in values[1::2]} == {0}
    assert [(begin, end) for _, begin, end, _ in made.slices[throttled]] == [
        (BEGIN + begin * MS, BEGIN + end * MS) for begin, end in STRETCHES
    ]


def test_hostile_threads_are_text() -> None:
    made = hostile_run()
    labels = {track.thread.thread_name for track in read(made.analysis()).tracks.values()}
    for comm in made.comms.values():
        assert f"{comm.encode('utf-8', 'replace').decode()} (other thread)" in labels


def test_an_empty_profile_has_tracks_alone() -> None:
    assert not read(Made().analysis()).slices


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20), st.integers(0, 2)), max_size=30))
def test_lanes_do_not_overlap(rows: list[tuple[int, int, int]]) -> None:
    spans = sorted((begin, begin + length, group) for begin, length, group in rows)
    until: dict[tuple[int, int], int] = {}
    for lane, (begin, end, group) in zip(lanes(spans), spans, strict=True):
        assert until.get((group, lane), 0) <= begin
        until[group, lane] = end
