from __future__ import annotations

import pytest

from profiler.trace import text_lines


@pytest.mark.parametrize(
    ("line", "thread", "time_ns"),
    [
        (b"python  4824/4829  [003]   659.844559325: X\n", (b"python", 4824, 4829, 3), 659_844_559_325),
        (b"python  4824/4829    659.000000001: X", (b"python", 4824, 4829, -1), 659_000_000_001),
        (b"          python  4824/4829  [000]     0.000000000: X", (b"python", 4824, 4829, 0), 0),
        (b" 12345/1234567 [127] 9007199.254740993: X", (b"", 12345, 1234567, 127), 9_007_199_254_740_993),
        (b":-1    -1/-1    [000]     1.000000000: X", (b":-1", -1, -1, 0), 1_000_000_000),
        (
            b"7/7 [000] 1.5:  4001/4006  [001]     2.500000000: X",
            (b"7/7 [000] 1.5:", 4001, 4006, 1),
            2_500_000_000,
        ),
        (
            b"a: 1/2  (x)  123456/123456 [001]     2.500000000: X",
            (b"a: 1/2  (x) ", 123456, 123456, 1),
            2_500_000_000,
        ),
    ],
)
def test_header(line: bytes, thread: tuple[bytes, int, int, int], time_ns: int) -> None:
    header = text_lines.header(line)
    assert header is not None
    assert (header.thread, header.time_ns, header.rest) == (thread, time_ns, b"X")


@pytest.mark.parametrize(
    "line", [b"\n", b"python\n", b"python 12/12 [000] 1.5: X\n", b"12/12 [000] 1.000000000: X"]
)
def test_not_a_header(line: bytes) -> None:
    assert text_lines.header(line) is None


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (b"   1003009 cpu-clock: ", (1003009, b"cpu-clock", b"")),
        (b"         1          sched:sched_switch: ", (1, b"sched:sched_switch", b"")),
        (b" 1 sched:sched_switch: prev_comm=a b: x=1", (1, b"sched:sched_switch", b"prev_comm=a b: x=1")),
        (b"cpu-clock:u: ", (1, b"cpu-clock:u", b"")),
        (b" 9 cpu/event=0x3c,umask=0x0/ppp: ", (9, b"cpu/event=0x3c,umask=0x0/ppp", b"")),
        (b" 9 cpu-clock:      7f53 f (/x)", (9, b"cpu-clock", b"7f53 f (/x)")),
    ],
)
def test_sample(rest: bytes, expected: tuple[int, bytes, bytes]) -> None:
    assert text_lines.sample(rest) == expected


@pytest.mark.parametrize("rest", [b"", b"   1003009 ", b"text without the colon"])
def test_not_a_sample(rest: bytes) -> None:
    assert text_lines.sample(rest) is None


@pytest.mark.parametrize(
    ("text", "symbol", "dso"),
    [
        (b"main (/usr/bin/a)", b"main", b"/usr/bin/a"),
        (b"[unknown] ([unknown])", None, None),
        (b"[unknown] (/a/b (deleted))", None, b"/a/b (deleted)"),
        (b"f (/opt/exa mple (1)/lib copy.so (deleted))", b"f", b"/opt/exa mple (1)/lib copy.so (deleted)"),
        (b"f (/a (/b)/c)", b"f", b"/a (/b)/c"),
        (b"[unknown] (//anon)", None, b"//anon"),
        (b"[unknown] ([heap])", None, b"[heap]"),
        (b"do_syscall_64 ([kernel.kallsyms])", b"do_syscall_64", b"[kernel.kallsyms]"),
        (b"__vdso_clock_gettime ([vdso])", b"__vdso_clock_gettime", b"[vdso]"),
        (b"nft_do_chain ([nf_tables])", b"nft_do_chain", b"[nf_tables]"),
        (b"bpf_prog_6de (bpf_prog_6de)", b"bpf_prog_6de", b"bpf_prog_6de"),
        (b"[unknown] (anon_inode:[perf_event])", None, b"anon_inode:[perf_event]"),
        (b"[unknown] (/memfd:a b (deleted))", None, b"/memfd:a b (deleted)"),
        (b"(anonymous namespace)::burn (/b)", b"(anonymous namespace)::burn", b"/b"),
        (b"std::function<void (int)>::operator() (/b)", b"std::function<void (int)>::operator()", b"/b"),
        (b"f(int (&) [3]) [clone .cold] (/b)", b"f(int (&) [3]) [clone .cold]", b"/b"),
        (b"Left::operator< (/b)", b"Left::operator<", b"/b"),
        (b'operator"" _x (/b)', b'operator"" _x', b"/b"),
        (b"g::<(A, ([u8; 3], B))> (/b)", b"g::<(A, ([u8; 3], B))>", b"/b"),
        (b"py::<lambda>:/x (/y.py (/tmp/perf-12.map)", b"py::<lambda>:/x (/y.py", b"/tmp/perf-12.map"),
        (b" (/b)", b"", b"/b"),
    ],
)  # fmt: skip
def test_frame(text: bytes, symbol: bytes | None, dso: bytes | None) -> None:
    expected = text_lines.FrameLine(0xFFFFFFFF81590EA7, symbol, dso)
    assert text_lines.frame(b"\tffffffff81590ea7 " + text + b"\n") == expected


@pytest.mark.parametrize(
    ("line", "address", "dso"),
    [
        (b"\t    152cc73ef4b5 f (/usr/lib/ld-2.31.so+0x1c4b5)\n", 0x1C4B5, b"/usr/lib/ld-2.31.so"),
        (b"\t    152cc73ef4b5 f (/a b (deleted)+0x10)\n", 0x10, b"/a b (deleted)"),
        (b"\tffffffffc1f54afb g (/lib/modules/x/m.ko+0x4afb)\n", 0xFFFFFFFFC1F54AFB, b"/lib/modules/x/m.ko"),
    ],
)
def test_frame_with_file_offset(line: bytes, address: int, dso: bytes) -> None:
    frame = text_lines.frame(line)
    assert frame is not None
    assert (frame.address, frame.dso) == (address, dso)


@pytest.mark.parametrize(
    "line", [b"\t\n", b"\txyz main (/b)", b"\t12 main", b"\t12 main (/b", b"\t11112222333344445 f (/b)"]
)
def test_not_a_frame(line: bytes) -> None:
    assert text_lines.frame(line) is None
