from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.intake import perf_header, perf_text
from profiler.intake.intake_error import IntakeError
from profiler.trace.model import NONE, SWITCH_OUT, WAIT_EVENTS, WAKING, Trace
from profiler.trace.validate import check

FRAMES = "\t          400577 leaf (/opt/a.out)\n\t          4005b1 main (/opt/a.out)\n\n"


def take(text: str) -> Trace:
    trace = perf_text.take(text.encode().splitlines(keepends=True)).trace
    check(trace, {})
    return trace


def chains(trace: Trace) -> list[list[str]]:
    """Return each sample's chain, as `symbol library`."""
    found = []
    for stack in trace.samples.stack.tolist():
        bounds = (0, 0) if stack == NONE else trace.stacks.offsets[stack : stack + 2].tolist()
        found.append([shown(trace, frame) for frame in trace.stacks.frames[slice(*bounds)].tolist()])
    return found


def shown(trace: Trace, frame: int) -> str:
    symbol, dso = int(trace.frames.symbol[frame]), int(trace.frames.dso[frame])
    return " ".join("?" if index == NONE else trace.strings[index] for index in (symbol, dso))


@pytest.mark.parametrize(
    ("header", "comm", "tid", "cpu", "time_ns", "event", "weight"),
    [
        ("dd 29776 6.771979:  10101010 cpu-clock: ", "dd", 29776, -1, 6_771979000, "cpu-clock", 10101010),
        ("iperf 27409/28744 [000] 4.133575: cpu-clock: ", "iperf", 28744, 0, 4_133575000, "cpu-clock", 1),
        (
            "V8 Worker 7/8 [012] 1.000000001: 235 cycles:Pu: ",
            "V8 Worker",
            8,
            12,
            1_000000001,
            "cycles:Pu",
            235,
        ),
        ("java 19983 cycles:", "java", 19983, -1, 0, "cycles", 1),
        ("node 8 cpu_core/cycles/:  ", "node", 8, -1, 0, "cpu_core/cycles/", 1),
        ("ort 5/6 [003] 1.000001: 77 cpu_atom/cycles/P: ", "ort", 6, 3, 1_000001000, "cpu_atom/cycles/P", 77),
        ("  padded   12/13  1.000001:  armv8/cycles/: ", "padded", 13, -1, 1_000001000, "armv8/cycles/", 1),
        ("12:34 7/7 [000] 5.000001: 1 cycles: ", "12:34", 7, 0, 5_000001000, "cycles", 1),
        ("swapper     0 [001] H 5.000001: 1 cycles: ", "swapper", 0, 1, 5_000001000, "cycles", 1),
        ("[000] 5.000001: cycles: ", "", 1, 0, 5_000001000, "cycles", 1),
        ("ort 12 5.000001: ", "ort", 12, -1, 5_000001000, "samples", 1),
    ],
)
def test_every_choice_of_fields(  # noqa: PLR0917  columns of the table
    header: str, comm: str, tid: int, cpu: int, time_ns: int, event: str, weight: int
) -> None:
    trace = take(f"{header}\n{FRAMES}")
    samples = trace.samples
    assert (trace.comms, samples.cpu.tolist(), samples.time_ns.tolist()) == ({tid: comm}, [cpu], [time_ns])
    assert (trace.events, samples.weight.tolist()) == ((event,), [weight])
    assert chains(trace) == [["leaf /opt/a.out", "main /opt/a.out"]]


def test_an_error_names_the_line_and_its_text() -> None:
    with pytest.raises(
        IntakeError, match=r"line 2: call chains, but no line that says whose.*seven 9 3\.5000000: x"
    ):
        take(f"\nseven 9 3.5000000: x\n{FRAMES}")


HEADER = "x 1/2 [000] 5.000001: 1 cycles: \n"
KERNEL, JIT = "[kernel.kallsyms]", "/tmp/perf-1.map"  # noqa: S108  perf names it so
V8 = "LazyCompile:~body_0 evalmachine.<anonymous>:1"
DELETED = "/opt/a (1)/b.so (deleted)"


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (f"ffffffff8103d0ca native_write_msr_safe ({KERNEL})", f"native_write_msr_safe {KERNEL}"),
        (f"7fffb84c9afc cpu_startup_entry+0x800047c022ec ({KERNEL})", f"cpu_startup_entry {KERNEL}"),
        (f"7f63 Ljava/io/PrintStream;::print ({JIT})", f"Ljava/io/PrintStream;::print {JIT}"),
        (f"13a80b608e0a RegExp:[&<>\\\"\\'] ({JIT})", f"RegExp:[&<>\\\"\\'] {JIT}"),
        (f"c6 {V8} ({JIT})", f"{V8} {JIT}"),
        (f"44 py::work:/srv/app.py+0x1a ({JIT})", f"py::work:/srv/app.py {JIT}"),
        ("44 net/http.(*conn).serve (/usr/bin/server)", "net/http.(*conn).serve /usr/bin/server"),
        ("44 <alloc::Vec<T> as core::Drop>::drop (/opt/a)", "<alloc::Vec<T> as core::Drop>::drop /opt/a"),
        (
            f"44 f<void (int)>::operator()(int) const+0x12 ({DELETED})",
            f"f<void (int)>::operator()(int) const {DELETED}",
        ),
        ("44 [unknown] ([unknown])", "? ?"),
        ("44 [unknown] (/opt/lib.so)", "? /opt/lib.so"),
        ("44 just_a_name", "just_a_name ?"),
        ("4005a0", "? ?"),
        ("name_alone (/opt/lib.so)", "name_alone /opt/lib.so"),
        ("7f00 f (/opt/lib.so+0x1234)", "f /opt/lib.so"),
    ],
)
def test_frames_of_every_language(frame: str, expected: str) -> None:
    assert chains(take(f"{HEADER}\t  {frame}\n\t  1 main (/opt/a)\n\n")) == [[expected, "main /opt/a"]]
    assert chains(take(f"{HEADER}  {frame}\n  1 main (/opt/a)\n\n" * 2)) == [[expected, "main /opt/a"]] * 2


def test_an_inlined_function_is_in_the_library_of_the_code() -> None:
    text = (
        f"{HEADER}\t  10 push (inlined)\n\t  10 grow (inlined)\n\t  10 work (/opt/a)\n"
        "\t  20 push (inlined)\n\t  20 main (/opt/b)\n\n"
    )
    expected = ["push /opt/a", "grow /opt/a", "work /opt/a", "push /opt/b", "main /opt/b"]
    assert chains(take(text * 2)) == [expected] * 2
    assert chains(take(f"{HEADER}\t  10 push (inlined)\n\n")) == [["push ?"]]


def test_source_lines() -> None:
    text = (
        f"{HEADER}\t  10 push+0x1 (inlined)\n  vector.h:300\n\t  10 work+0x9 (/opt/a)\n  file one.cpp:137\n"
        "\t  30 f (/lib/libc-2.33.so)\n  libc-2.33.so[27b25]\n\n"
    )
    trace = take(text)
    assert chains(trace) == [["push /opt/a", "work /opt/a", "f /lib/libc-2.33.so"]]
    leaf, work, libc = trace.stacks.frames.tolist()
    assert [level[1:] for level in trace.levels(leaf)] == [("vector.h", 300)]
    assert trace.levels(work)[0] == ("work", "file one.cpp", 137)
    assert trace.levels(libc) == ()


@pytest.mark.parametrize(
    "text",
    [
        "x 1/2 5.000001: 1 cycles:  10 work (/opt/a) 0x401/0x402/P/-/-/1  0x403/0x404/M/-/-/0 \n",
        "x 1/2 5.000001: 1 cycles: \n\t 10 work (/opt/a)\n 0x401/0x402/P/-/-/1  a+0x3/b+0x4/M/-/-/0 \n",
    ],
)
def test_branch_stacks_are_counted_and_left_out(text: str) -> None:
    taken = perf_text.take((text * 3).encode().splitlines(keepends=True))
    assert chains(taken.trace) == [["work /opt/a"]] * 3
    assert [(left.what, left.count) for left in taken.left_out] == [("branch stacks", 3)]


def test_what_is_not_perfs_is_counted_with_where_it_was_first() -> None:
    text = (
        "Failed to open /tmp/perf-1.map, continuing without symbols\n"
        f"{HEADER}\t  10 work (/opt/a)\n[Warning: something]\n\t  20 main (/opt/a)\n\n"
        "\t  10 lost (/opt/a)\n\n"
        "x 1/2 [000] 6.000001: PERF_RECORD_LOST lost 7\n"
        "x 1/2 [000] 6.000001: PERF_RECORD_EXIT(1:1):(1:1)\n"
    )
    taken = perf_text.take(text.encode().splitlines(keepends=True))
    assert chains(taken.trace) == [["work /opt/a", "main /opt/a"]]
    assert taken.trace.lost_samples == 7
    assert [(left.what, left.count, left.first[:7]) for left in taken.left_out] == [
        ("lines that perf script does not print", 2, "line 1:"),
        ("frames without a sample", 1, "line 7:"),
        ("records that are no samples (PERF_RECORD_EXIT)", 1, "line 10"),
    ]


def test_switch_records_are_switches() -> None:
    lines = (
        f"{HEADER}\t  10 work (/opt/a)\n\n"
        "x 1/2 6.000001: PERF_RECORD_SWITCH OUT preempt\n"
        "x 2 [003] 6.000002: PERF_RECORD_SWITCH_CPU_WIDE IN  prev pid/tid: 0/0\n"
        "swapper 0/0 [003] 6.000003: PERF_RECORD_SWITCH_CPU_WIDE OUT next pid/tid: 1/2\n"
    )
    switches = take(lines).switches
    assert switches.tid.tolist() == [2, 2]
    assert switches.time_ns.tolist() == [6_000001000, 6_000002000]
    assert (switches.switched_in.tolist(), switches.preempted.tolist()) == ([False, True], [True, False])


def test_tracepoints_of_the_scheduler_are_switches_wake_ups_and_chains() -> None:
    switch = "prev_comm=x prev_pid=2 prev_prio=120 prev_state=S ==> next_comm=y next_pid=3 next_prio=120"
    trace = take(
        f"{HEADER}\t  10 work (/opt/a)\n\n"
        f"x 2 [000] 6.000001: sched:sched_switch: {switch}\n"
        "\t 20 schedule (/opt/k)\n\t 10 work (/opt/a)\n\n"
        "y 3 [000] 6.000002: sched:sched_waking: comm=x pid=2 prio=120 target_cpu=001\n"
        "\t 30 wake (/opt/k)\n\n"
    )
    assert trace.events == ("cycles", "sched:sched_switch", "sched:sched_waking")
    assert list(zip(trace.switches.tid.tolist(), trace.switches.switched_in.tolist(), strict=True)) == [
        (2, False),
        (3, True),
    ]
    waits = trace.wait_events
    assert [WAIT_EVENTS[event] for event in waits.event.tolist()] == [SWITCH_OUT, WAKING]
    assert (waits.tid.tolist(), waits.argument.tolist()) == ([2, 3], [NONE, 2])
    assert waits.stack.tolist() == [1, NONE]
    assert chains(trace)[1] == ["schedule /opt/k", "work /opt/a"]


def test_the_last_sample_needs_no_blank_line() -> None:
    assert chains(take(f"{HEADER}\t 1 a (/x)\n{HEADER}\t 2 b (/x)")) == [["a /x"], ["b /x"]]


def test_one_frame_on_the_headers_line() -> None:
    assert chains(take("x 1 5.000001: 1 cycles:  401 work+0x3 (/opt/a)\n" * 2)) == [["work /opt/a"]] * 2


EVENT = "# event : name = cycles, , id = {{ 1 }}, {{ sample_period, sample_freq }} = 99, inherit = 1{}\n"


def test_perfs_header_tells_the_machine_but_not_its_name() -> None:
    text = (
        "# hostname : secret\n# os release : 5.10.0\n# perf version : 5.10.1\n# nrcpus avail : 8\n"
        "# cpudesc : A CPU\n# total memory : 2048 kB\n" + EVENT.format(", freq = 1")
    )
    header = perf_text.take((text + HEADER + FRAMES).encode().splitlines(keepends=True)).header
    assert (header.kernel, header.perf, header.cpus, header.cpu) == ("5.10.0", "5.10.1", 8, "A CPU")
    assert (header.memory_bytes, header.frequencies) == (2 << 20, {"cycles": 99})
    assert "secret" not in repr(header)


@pytest.mark.parametrize(
    ("first", "last", "span_ns"),
    [
        ("814.408200", "824.409900", (814_408_200_000, 824_409_900_000)),
        ("824.409900", "814.408200", None),
        ("814.4", "824.409900", None),
        ("9" * 30 + ".408200", "824.409900", None),
        ("", "", None),
    ],
)
def test_when_a_recording_was_made(first: str, last: str, span_ns: tuple[int, int] | None) -> None:
    lines = [
        f"# time of first sample : {first}",
        f"# time of last sample : {last}",
        "# sample duration : 1 ms",
    ]
    assert perf_header.parse(lines).span_ns == span_ns


def test_a_period_is_no_frequency() -> None:
    text = EVENT.format("") + HEADER + FRAMES
    assert perf_text.take(text.encode().splitlines(keepends=True)).header.frequencies == {}


LINES = [HEADER, *FRAMES.splitlines(keepends=True), "\t 1 f (inlined)\n", " a/b/P/-\n", "  a.c:1\n"]


@given(st.lists(st.sampled_from(LINES) | st.text()))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    text = "".join(lines).encode(errors="replace")
    with contextlib.suppress(IntakeError):
        taken = perf_text.take(text.splitlines(keepends=True))
        check(taken.trace, {})
        assert taken.trace.samples.time_ns.size


@pytest.mark.parametrize("tid", [2**31, 9_999_999_999])
def test_what_is_no_thread_s_id_is_none(tid: int) -> None:
    trace = take(f"x {tid}/{tid} 1.000001: 1 cycles: \n\n")
    assert trace.samples.tid.tolist() == [1]


@pytest.mark.parametrize("header", ["", "ort", "ort  4170", "ort  4170    1003009", "cycles:"])
def test_chains_of_nobody_are_told_with_what_to_print(header: str) -> None:
    with pytest.raises(IntakeError, match="no line that says whose they are") as caught:
        take(f"{header}\n{FRAMES}")
    assert caught.value.hint == "print them, too: perf script -F +comm,+tid,+time,+event"


@pytest.mark.parametrize(
    ("sample_type", "timed"),
    [("IP|TID|TIME|CALLCHAIN", True), ("TIME", True), ("IP|TID|PERIOD", False), ("IP|TID|TIMES", False)],
)
def test_whether_samples_have_times(sample_type: str, timed: bool) -> None:
    lines = [
        f"# event : name = cycles, , id = {{ 1 }}, sample_type = {kind}, read_format = ID, sample_id_all = 1"
        for kind in ("IP|TIME", sample_type)
    ]
    assert perf_header.parse(lines).timed == timed
