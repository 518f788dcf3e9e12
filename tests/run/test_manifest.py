from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.run.cpu_budget import Cpus
from profiler.run.json_document import decode
from profiler.run.manifest import Host, Manifest, OrtBuild, PerfSettings, Phase, read_manifest
from profiler.run.phase_counters import PhaseCounters, Snapshot, ThreadCounters
from profiler.run.processes import one_session
from profiler.run.ranges import LATEST_NS
from profiler.run.request import Request, decode_requests
from profiler.run.throttling import CpuStat, Period, Throttling
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.limit import Limit
from profiler.spec.workload import Workload

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = Manifest(
    run_id="r",
    complete=True,
    created="2026-01-01T00:00:00Z",
    configuration=SessionConfiguration(name="spin-on").adjusted(threads=2, entries={"a.b": "1"}),
    workload=Workload(model="tiny", model_path="tiny.onnx", weights="file"),
    limit=Limit(cpus=0.1),
    cpus=Cpus(allowed=[0, 1], quota=0.1, threads=3, escaped=[2]),
    ort=OrtBuild("1.31.1", "ort.so", "none", "3.11.2"),
    host=Host("cpu", 2, 1 << 30, "6.1", "Debian"),
    process=one_session(1, 1, [2, 3]),
    phases=[Phase("warmup", 1, 2), Phase("measure", 3, 4, stopped=True)],
    ortprof="0.1",
)


def test_a_manifest_reads_back_as_it_was() -> None:
    assert decode(msgspec.json.encode(MANIFEST), Manifest, "run.json") == MANIFEST


def test_a_manifest_of_the_first_version_is_lifted(tmp_path: Path) -> None:
    first = msgspec.to_builtins(MANIFEST) | {"schema": "ortprof.run/1"}
    first["process"] = {"pid": 1, "calling_tid": 1, "pool_tids": [2, 3], "inputs": []}
    first["operators"] = {
        "process": {"pid": 1, "calling_tid": 1, "pool_tids": []},
        "perf": {"event": "cpu-clock", "frequency_hz": 997, "stack_bytes": 8192, "version": "6.1"},
        "start_ns": 1,
        "realtime_ns": 2,
        "monotonic_ns": 3,
    }
    path = tmp_path / "run.json"
    path.write_bytes(msgspec.json.encode(first))
    lifted = read_manifest(path)
    assert lifted.operators is not None
    assert lifted.operators.process == one_session(1, 1, [])
    assert msgspec.structs.replace(lifted, operators=None) == MANIFEST


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"schema": "ortprof.run/3"}, "not a run that this version of ortprof reads"),
        ([], "not a run that this version of ortprof reads"),
        ({"schema": "ortprof.run/1", "process": 7}, "is not what ortprof writes"),
    ],
)
def test_what_is_no_manifest_is_refused_by_name(document: object, said: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(msgspec.json.encode(document))
    with pytest.raises(UsageError, match=rf"run\.json .*{said}"):
        read_manifest(path)


def test_what_a_limit_did_reads_back_as_it_was() -> None:
    throttling = Throttling(
        begin=CpuStat(1, 1, 2),
        end=CpuStat(4, 3, 200),
        tick_ns=5,
        stretches=[(10, 20)],
        periods=[Period(20, 7, throttled=True)],
    )
    counters = PhaseCounters(Snapshot(0, 0, {}), Snapshot(1, 1, {}), throttling)
    assert decode(msgspec.json.encode(counters), PhaseCounters, "counters.json") == counters
    assert throttling.counted == CpuStat(3, 2, 198)


def test_counters_of_runs_without_a_limit_are_read() -> None:
    old = {"begin": Snapshot(0, 0, {}), "end": Snapshot(1, 1, {})}
    found: PhaseCounters = decode(msgspec.json.encode(old), PhaseCounters, "counters.json")
    assert found.throttling is None


def test_phases_are_found_by_name() -> None:
    assert MANIFEST.phase("measure") == Phase("measure", 3, 4, stopped=True)
    assert MANIFEST.phase("profile") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"[1]", "Expected `object`, got `array`"),
        (b'{"run_id": 7}', r"Expected `str`, got `int` - at `\$\.run_id`"),
        (b'{"run_id": "\xff"}', "utf-8"),
        (b'{"process": {"inputs": [{"x": ' + b"[" * 100_000, "recursion"),
    ],
)
def test_another_document_is_an_error_that_names_file_and_key(content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=f"(?i)^run.json is not what ortprof writes: .*({said})"):
        decode(content, Manifest, "run.json")


NS = st.integers(0, LATEST_NS)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    scheduled, start, end = sorted(draw(st.tuples(NS, NS, NS)))
    return Request(draw(st.text()), scheduled, start, end, draw(NS))


ROWS = st.lists(requests(), max_size=5)


@given(ROWS, st.binary(max_size=20).filter(lambda tail: b"\n" not in tail))
def test_requests_read_back_without_a_last_line_that_was_cut_off(rows: list[Request], tail: bytes) -> None:
    assert decode_requests(msgspec.json.Encoder().encode_lines(rows) + tail, "requests.jsonl") == rows


@pytest.mark.parametrize("content", [b"{}\n", b"\xff\n", b'{"phase": "\xff"}\n', b"[" * 100_000 + b"\n"])
def test_a_whole_line_that_is_wrong_is_an_error(content: bytes) -> None:
    with pytest.raises(UsageError, match=r"^requests\.jsonl is not what ortprof writes: "):
        decode_requests(content, "requests.jsonl")


@pytest.mark.parametrize("times", [(2, 1, 3), (1, 3, 2)])
def test_a_request_whose_times_run_backwards_is_an_error(times: tuple[int, int, int]) -> None:
    rows = [Request("measure", 1, 2, 3, 1), Request("measure", *times, 1)]
    with pytest.raises(UsageError, match=r"^requests\.jsonl is not what ortprof writes: request 2 "):
        decode_requests(msgspec.json.Encoder().encode_lines(rows), "requests.jsonl")


def test_latency_counts_from_the_scheduled_instant() -> None:
    assert Request("measure", 100, 150, 180, 30).latency_ns == 80


def test_a_phases_cpu_time_is_the_difference_of_its_snapshots() -> None:
    def thread(cpu_ns: int) -> ThreadCounters:
        return ThreadCounters("python", cpu_ns, 0, 0, 0)

    counters = PhaseCounters(
        begin=Snapshot(1_000_000_000, 500, {1: thread(300), 2: thread(200)}),
        end=Snapshot(3_500_000_000, 900, {1: thread(350), 3: thread(40)}),
    )
    assert counters.cpu_ns == 400, "with the thread that ended"
    assert counters.seconds == 2.5
    assert counters.thread_cpu_ns() == {1: 50, 3: 40}


@pytest.mark.parametrize(("event", "user_only"), [("cpu-clock", False), ("cycles:u", True)])
def test_an_event_says_whether_the_kernel_was_sampled(event: str, user_only: bool) -> None:
    assert PerfSettings(event, 997, 8192, "6.1").user_only is user_only


def test_several_processes_are_seen_as_one() -> None:
    service = msgspec.structs.replace(MANIFEST, beside=[one_session(7, 7, [8])])
    assert decode(msgspec.json.encode(service), Manifest, "run.json") == service
    assert service.threads.callers == [1, 7]
    assert service.threads.pool_tids == [2, 3, 8]
    assert MANIFEST.threads is MANIFEST.process


def test_a_clock_of_one_process_can_not_run_backwards() -> None:
    begin, end = ({1: 5, 2: 6}, {1: 7, 2: 5})
    counters = PhaseCounters(Snapshot(0, 11, {}, begin), Snapshot(1, 12, {}, end))
    assert counters.contradiction == "`end.cpu_ns_by_process` of 2 is less than at `begin`"
