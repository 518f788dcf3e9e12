from __future__ import annotations

from pathlib import Path

import pytest

from profiler.trace.parse_error import TraceFormatError
from profiler.trace.perf_report import Deviation, largest_deviation, parse_report, self_shares_of, short_name
from tests.trace.parsed import parse

DATA = Path(__file__).parents[1] / "data" / "perf"
HEAD = "# Samples: 2  of event 'cpu-clock'\n#\n"


@pytest.mark.parametrize("path", sorted(DATA.glob("*.report")), ids=lambda path: path.stem)
def test_our_shares_are_perf_s(path: Path) -> None:
    with path.with_suffix(".script").open("rb") as lines:
        trace = parse(lines)
    theirs = parse_report(path.read_text())
    assert set(theirs) == set(trace.events)
    for event in trace.events:
        ours = self_shares_of(trace, event)
        assert sum(ours.values()) == pytest.approx(1)
        assert ours.keys() == theirs[event].keys()
        assert largest_deviation(ours, theirs[event]).points < 1e-9


def test_rows() -> None:
    text = (
        HEAD
        + " 30 \t[.] std::f(a, b)   \tlib copy.so (deleted)  \n"
        + " 10 \t[k] 0xffffffff81590ea7  \t[kernel.vmlinux]\n"
        + " 10 \t[k] 0xffffffff81590ea8  \t[kernel.vmlinux]\n"
        + "\n# Samples: 1  of event 'sched:sched_switch'\n 1\t[k] __schedule\t[kernel.kallsyms]\n"
    )
    assert parse_report(text) == {
        "cpu-clock": {
            ("std::f(a, b)", "lib copy.so (deleted)"): 0.6,
            ("[unknown]", "[kernel.kallsyms]"): 0.4,
        },
        "sched:sched_switch": {("__schedule", "[kernel.kallsyms]"): 1.0},
    }


@pytest.mark.parametrize("row", ["50%\t[.] f\ta\n", "5\tf\ta\n", "5 [.] f a\n", "Error:\n"])
def test_not_a_row(row: str) -> None:
    with pytest.raises(TraceFormatError, match="line 3"):
        parse_report(HEAD + row)


def test_rows_of_threads_may_have_any_name() -> None:
    text = (
        HEAD
        + " 30 \t[.] f   \tlib.so  \t  42:a b \tIPC\n"
        + " 10 \t[.] f   \tlib.so  \t  43:line\nbreak  \t-\n"
        + " 60 \t[.] g   \ta b.so  \t  43:7 \t[.] h  \tx.so\n"
    )
    assert parse_report(text, [42]) == {"cpu-clock": {("f", "lib.so"): 0.4, ("g", "a b.so"): 0.6}}


def test_a_row_before_any_event() -> None:
    with pytest.raises(TraceFormatError, match="line 1"):
        parse_report("5\t[.] f\ta\n")


def test_no_samples() -> None:
    assert parse_report("# Total Lost Samples: 0\n") == {}
    assert self_shares_of(parse([]), "cpu-clock") == {}


def test_sample_without_chain_is_unknown() -> None:
    trace = parse([b"a  4824/4829  [003]   659.000000009:  5 cpu-clock: \n"])
    assert self_shares_of(trace, "cpu-clock") == {("[unknown]", "[unknown]"): 1.0}


def test_largest_deviation() -> None:
    ours = {("f", "a"): 0.5, ("g", "a"): 0.5}
    theirs = {("f", "a"): 0.625, ("h", "a"): 0.375}
    assert largest_deviation(ours, theirs) == Deviation(50.0, "g", "a")
    assert largest_deviation(ours, ours) == Deviation(0.0, "", "")
    assert largest_deviation({}, {}).points == 0


@pytest.mark.parametrize(
    ("dso", "short"),
    [
        ("/usr/lib/libc.so.6", "libc.so.6"),
        ("/opt/a b (1)/c.so (deleted)", "c.so (deleted)"),
        ("[vdso]", "[vdso]"),
        ("[guest.kernel.kallsyms]", "[kernel.kallsyms]"),
        ("/usr/lib/debug/boot/vmlinux-6.1.0", "[kernel.kallsyms]"),
        ("/lib/modules/6.1.0/kernel/net/nf-tables.ko.xz", "[nf_tables]"),
        ("/proc/1/root/tmp/perf-12.map", "[JIT] tid 12"),
        ("//anon", "anon"),
        ("bpf_prog_6de", "bpf_prog_6de"),
    ],
)
def test_short_name(dso: str, short: str) -> None:
    assert short_name(dso) == short
