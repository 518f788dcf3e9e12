from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest

from profiler.trace.model import FUTEX_ENTER, NONE, SWITCH_OUT, WAIT_EVENTS, WAKING, Trace
from profiler.trace.parse_error import TraceFormatError
from tests.trace.parsed import parse

DATA = Path(__file__).parents[1] / "data" / "perf"
GOLDEN = sorted(DATA.glob("*.script"))
HEADER = b"python  4824/4829  [003]   659.000000009:     250062 cpu-clock: \n"
FRAME = b"\t           152efb2 [unknown] (/opt/lib.so)\n"
SWITCH = b"python  4824/4829  [003]   659.000000009: PERF_RECORD_SWITCH IN         \n"

NASTY_COMMS = {
    "nasty", "x", "", "a b (c)", "12:34", "7/7 [000] 1.5:", "1/2 3.4: 5", "ends in space  ", "line\nbreak",
    "\tab 1f (/x)", "\ufffd\ufffd\ufffd", "[unknown]", "fifteen bytes..",
}  # fmt: skip


def read(path: Path) -> Trace:
    with path.open("rb") as lines:
        return parse(lines)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_files_are_read_whole(path: Path) -> None:
    trace, text = read(path), path.read_bytes()
    assert trace.samples.time_ns.size == len(
        re.findall(rb" (?:cpu-clock|cpu-clock:u|sched:sched_switch): ", text)
    )
    assert trace.switches.time_ns.size == text.count(b" PERF_RECORD_SWITCH ")
    assert trace.switches.preempted.sum() == text.count(b"OUT preempt")
    assert trace.switches.switched_in.sum() == text.count(b"PERF_RECORD_SWITCH IN ")
    assert trace.lost_samples == sum(map(int, re.findall(rb"PERF_RECORD_LOST lost (\d+)", text)))
    waits = trace.wait_events
    chains = np.concatenate((trace.samples.stack, waits.stack[waits.stack != NONE]))
    lengths = np.diff(trace.stacks.offsets)[chains]
    assert lengths.sum() == len(
        re.findall(rb"^\t *[0-9a-f]+ .* \(.*\)\n", text, re.MULTILINE)
    ) or path.stem.startswith(("no-chains", "breaks"))
    assert np.all(np.diff(trace.samples.time_ns) >= 0)


@pytest.mark.parametrize(
    "path",
    [path for path in GOLDEN if not path.stem.startswith(("lost", "waits", "breaks"))],
    ids=lambda path: path.stem,
)
def test_golden_comms(path: Path) -> None:
    # perf pads the comms of events without chains, which hides a comm's own leading spaces.
    leads = "leads" if path.stem.startswith("no-chains") else "  leads"
    assert set(read(path).comms.values()) == NASTY_COMMS | {leads}


def test_other_processes_leave_nothing() -> None:
    mine = b"python  4824/4829  [000]     2.000000000:     250062 cpu-clock: \n\t  1 mine (/mine.so)\n\n"
    others = (
        b"ssh 90007/90007  [000]     1.000000000:     250062 cpu-clock: \n\t  2 secret (/secret.so)\n\n"
        b"ssh 90007/90008  [000]     1.000000001:     250062 cpu-clock:       2 secret (/secret.so)\n"
        b"ssh 90007/90008  [000]     1.000000002: PERF_RECORD_SWITCH_CPU_WIDE OUT  next pid/tid: 4824/4829\n"
        b"ssh 90007/90007  [000]     1.000000003:     1 context-switches: \n\t  2 secret (/secret.so)\n\n"
        b"ssh 90007/90007 [000]   1.000000004:     1 sched:sched_waking: comm=a pid=9 prio=1 target_cpu=0\n"
    )
    rest = (
        b"python  4824/4829 [000]   3.000000000: PERF_RECORD_SWITCH_CPU_WIDE IN  prev pid/tid: 90007/90008\n"
        b"swapper  0/0  [001]     3.000000001: PERF_RECORD_LOST lost 5\n"
    )
    trace = parse((others + mine + others + rest + mine).splitlines(keepends=True), [4824])
    assert trace.comms == {4829: "python"}
    assert trace.strings == ("mine", "/mine.so")
    assert trace.samples.tid.tolist() == trace.switches.tid.tolist() * 2 == [4829, 4829]
    assert trace.samples.stack.tolist() == [0, 0]
    assert trace.wait_events.time_ns.size == 0
    assert trace.lost_samples == 5
    everybody = parse((others + mine).splitlines(keepends=True))
    assert "/secret.so" in everybody.strings
    assert everybody.comms[90007] == "ssh"


def test_line_breaks_in_names_cost_no_more_than_their_record() -> None:
    path = next(path for path in GOLDEN if path.stem.startswith("breaks"))
    trace = read(path)
    assert {"a\n\nb", "\t1f x (/y)\nz", "\t1f (\n", "end\n", "\t1f x (/y)\n\nz"} <= set(trace.comms.values())
    assert trace.samples.time_ns.size == path.read_bytes().count(b" cpu-clock: ")
    assert "/opt/exa mple (1)/line\nbreak.so" in trace.strings
    lengths = np.diff(trace.stacks.offsets)
    assert lengths[trace.samples.stack[trace.samples.stack != NONE]].min() >= 1


@pytest.mark.parametrize(
    "path", ["li\nne.so", "a\n\nb.so", "a)\nb.so", "a)\n\n" + "b" * 20 + ".so", "a)\n\nb.so"]
)
@pytest.mark.parametrize("header", [HEADER, b"a\nb" + HEADER[6:]])
def test_a_line_break_in_a_path_costs_no_more_than_its_record(path: str, header: bytes) -> None:
    broken = FRAME.replace(b"lib.so", path.encode())
    trace = parse(io.BytesIO((header + FRAME + broken + FRAME + b"\n") * 3))
    assert trace.samples.time_ns.size == 3
    assert np.diff(trace.stacks.offsets)[trace.samples.stack].min() >= 2
    alone = header.rstrip() + broken.replace(b"\t", b" ")
    assert parse(io.BytesIO(alone + header + b"\n")).samples.time_ns.size == 2


def test_golden_names() -> None:
    trace = read(next(path for path in GOLDEN if path.stem.startswith("dwarf")))
    assert {
        "/opt/exa mple (1)/lib copy.so (deleted)",
        "/opt/exa mple (1)/nasty",
        "[kernel.kallsyms]",
        "(anonymous namespace)::burn",
        "(anonymous namespace)::Kernel<int, 3>::operator()",
        "Left::operator<",
        "std::function<void (double)>::operator()",
        "main::{lambda()#1}::operator()",
    } <= set(trace.strings)


def test_golden_lost_records_are_counted() -> None:
    assert read(next(path for path in GOLDEN if path.stem.startswith("lost"))).lost_samples > 0


def test_golden_wait_events() -> None:
    path = next(path for path in GOLDEN if path.stem.startswith("waits"))
    trace, text = read(path), path.read_bytes()
    waits = trace.wait_events
    for index, name in enumerate(WAIT_EVENTS):
        assert (waits.event == index).sum() == text.count(b" %s: " % name.encode()) > 0
    of = {name: waits.event == index for index, name in enumerate(WAIT_EVENTS)}
    assert trace.events == ("cpu-clock",)
    assert set(waits.argument[of[SWITCH_OUT]].tolist()) == {NONE}
    woken = [int(tid) for tid in re.findall(rb" pid=(\d+) prio=-?\d+ target_cpu=", text)]
    assert waits.argument[of[WAKING]].tolist() == woken
    futex_wait_bitset = 9
    assert set((waits.argument[of[FUTEX_ENTER]] & 0x7F).tolist()) == {futex_wait_bitset}
    assert set(waits.stack[of[FUTEX_ENTER]].tolist()) == {NONE}
    second_frames = trace.stacks.frames[trace.stacks.offsets[waits.stack[of[SWITCH_OUT]]] + 1]
    assert "futex_do_wait" in {trace.strings[symbol] for symbol in trace.frames.symbol[second_frames]}


def test_golden_without_cpu_has_none() -> None:
    assert set(read(next(DATA.glob("user-no-cpu-*.script"))).samples.cpu.tolist()) == {NONE}


def test_a_sample() -> None:
    trace = parse([HEADER, FRAME, FRAME, b"\n", HEADER])
    assert trace.events == ("cpu-clock",)
    assert trace.strings == ("/opt/lib.so",)
    assert trace.samples.time_ns.tolist() == [659_000_000_009] * 2
    assert trace.samples.weight.tolist() == [250062] * 2
    assert trace.samples.stack.tolist() == [0, NONE]
    assert trace.stacks.frames.tolist() == [0, 0]
    assert (trace.frames.address[0], trace.frames.symbol[0], trace.frames.dso[0]) == (0x152EFB2, NONE, 0)


def test_headers_that_were_seen_before() -> None:
    renamed = HEADER.replace(b"python", b"worker")
    other = HEADER.replace(b"4824/4829", b"9999/9998")
    lines = [HEADER, FRAME, b"\n", renamed, FRAME, b"\n", other, FRAME, b"\n", HEADER, FRAME, FRAME, b"\n"]
    trace = parse(lines, {4824})
    assert trace.comms == {4829: "python"}
    assert trace.samples.stack.tolist() == [0, 0, 1]
    assert trace.stacks.offsets.tolist() == [0, 1, 3]
    with pytest.raises(TraceFormatError, match="no end before"):
        parse([HEADER, FRAME, b"\n", HEADER, FRAME, HEADER])


def test_nothing() -> None:
    trace = parse([])
    assert trace.samples.time_ns.size == 0
    assert trace.stacks.offsets.tolist() == [0]


def test_order_of_time() -> None:
    late = HEADER.replace(b"659.", b"660.")
    assert parse([late, b"\n", HEADER, b"\n"]).samples.time_ns.tolist() == [659_000_000_009, 660_000_000_009]


def test_losses_told_twice_count_once() -> None:
    start = b"python  4824/4829  [003]   659.000000009: "
    lost = [start + b"PERF_RECORD_LOST lost 3\n", start + b"PERF_RECORD_LOST lost 4\n"]
    assert parse([*lost, start + b"PERF_RECORD_LOST_SAMPLES lost 8\n"]).lost_samples == 8


def test_switches_of_whole_cpus_and_other_records() -> None:
    start = b"a  4824/4829  [003]   659.000000009: "
    trace = parse(
        [
            start + b"PERF_RECORD_SWITCH_CPU_WIDE OUT preempt  next pid/tid:     0/0    \n",
            start + b"PERF_RECORD_COMM: b:4824/4829\n",
            start + b"PERF_RECORD_SWITCH_CPU_WIDE IN           prev pid/tid:     0/0    \n",
        ]
    )
    assert trace.switches.switched_in.tolist() == [False, True]
    assert trace.switches.preempted.tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "line_number", "reason"),
    [
        (b"hello, this is not the text of perf\n", 1, "not a line of perf script"),
        (HEADER + b"\n" + b"short\n" + b"this is not the text of perf\n", 3, "not a line of perf script"),
        (FRAME, 1, "without a sample"),
        (HEADER + FRAME + b"\n" + FRAME + b"\n", 5, "without a sample"),
        (HEADER + FRAME + HEADER, 3, "no end"),
        (HEADER + FRAME, 2, "ends in the middle"),
        (HEADER + b"\n" + HEADER[:-1], 3, "ends in the middle"),
        (HEADER + FRAME[:-4], 2, "not a line"),
        (HEADER + b"\n" + b"pyth", 3, "not a line"),
        (HEADER + b"\n" + b"pyth\n", 3, "ends in the middle"),
        (HEADER.replace(b"cpu-clock: ", b""), 1, "no event name"),
        (b"a  4824/4829  [003]   659.000000009: PERF_RECORD_SWITCH sideways\n", 1, "not understood"),
        (b"a  4824/4829  [003]   659.000000009: PERF_RECORD_LOST lost\n", 1, "not understood"),
        *(
            (SWITCH + SWITCH.replace(b"659.000000009", time), 2, "not a line of perf script")
            for time in (b"late", b"659", b"1.5", b"6590000000009", b"1659000000.000000009", b"+59.00000_009")
        ),
    ],
)
def test_errors_name_line_and_text(text: bytes, line_number: int, reason: str) -> None:
    with pytest.raises(TraceFormatError, match=reason) as caught:
        parse(io.BytesIO(text))
    assert caught.value.line_number == line_number
    assert f"line {line_number}" in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 2
