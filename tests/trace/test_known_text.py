"""What was read before is read the same when it comes again, however the text is cut."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.trace import known_text, parser
from profiler.trace.parse_error import TraceFormatError
from tests.trace.parsed import parse
from tests.trace.plain_columns import plain
from tests.trace.test_round_trip import SAMPLES, Sample, render

GOLDEN = sorted((Path(__file__).parents[1] / "data" / "perf").glob("*.script"))
HEADER = b"python  4824/4829  [003]   659.000000009:     250062 cpu-clock: \n"
FRAME = b"\t           152efb2 [unknown] (/opt/lib.so)\n"


def by_lines(text: bytes) -> object:
    """Read a text line by line, with nothing known of what came before but frames."""

    def forget(*_: object, **__: object) -> None:
        """Keep nothing."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_text.KnownText, "keep_header", forget)
        patch.setattr(parser, "begins_chain", lambda *_: False)
        return plain(parse([line + b"\n" for line in text.split(b"\n")[:-1]]))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_texts_that_come_twice(path: Path) -> None:
    text = path.read_bytes() * 2
    assert plain(parse([text])) == by_lines(text)


START = b"python  4824/4829  [003]   659.%09d: "
CHAINS = [b"", FRAME + b"\n", FRAME * 2 + b"\n", FRAME.replace(b"152efb2", b"1") + b"\n"]
RECORDS = [
    b"PERF_RECORD_SWITCH IN         \n",
    b"PERF_RECORD_SWITCH_CPU_WIDE OUT preempt  next pid/tid:     0/0    \n",
    b"PERF_RECORD_LOST lost 3\n",
    *(b"1 context-switches: \n" + chain for chain in CHAINS),
    *(b"1 sched:sched_waking: comm=a pid=7 prio=1 target_cpu=1\n" + chain for chain in CHAINS),
    *(b"9 cpu-clock: \n" + (chain or b"\n") for chain in CHAINS),
]


@given(
    st.lists(SAMPLES, max_size=4),
    st.lists(st.integers(0, 2 * len(RECORDS)), max_size=20),
    st.lists(st.floats(0, 1), max_size=6),
)
def test_any_text_in_any_pieces(samples: list[Sample], order: list[int], cuts: list[float]) -> None:
    told = [*(START % number + record for number, record in enumerate(RECORDS)), *map(render, samples)]
    text = b"".join(told[number % len(told)] for number in order)
    ends = [0, *sorted(int(cut * len(text)) for cut in cuts), len(text)]
    assert plain(parse([text[begin:end] for begin, end in pairwise(ends)])) == by_lines(text)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_text, "MOST_HEADERS", 2)
    monkeypatch.setattr(known_text, "MOST_CHAIN_BYTES", 3 * len(FRAME))
    kept: list[known_text.KnownText] = []
    made = known_text.KnownText.__init__

    def noted(known: known_text.KnownText) -> None:
        made(known)
        kept.append(known)

    monkeypatch.setattr(known_text.KnownText, "__init__", noted)
    periods = (1, 2, 3, 2, 3, 1)
    samples = [
        HEADER.replace(b"250062", str(period).encode()) + FRAME * period + b"\n"
        for period in periods + periods
    ]
    trace = parse([b"".join(samples)])
    assert trace.samples.weight.tolist() == [*periods, *periods]
    assert trace.samples.stack.tolist() == [period - 1 for period in periods] * 2
    (known,) = kept
    assert len(known._headers) <= 2
    assert 0 < sum(map(len, known._chains)) <= 3 * len(FRAME)


def test_a_thread_has_its_last_name_from_what_is_known_too() -> None:
    first, renamed = HEADER + FRAME + b"\n", HEADER.replace(b"python", b"worker") + FRAME + b"\n"
    assert parse([first + renamed + first]).comms == {4829: "python"}
    assert parse([first + renamed + first + renamed]).comms == {4829: "worker"}


@pytest.mark.parametrize("piece", [b"x" * (1 << 16), b"\t       1f f (/" + b"y" * (1 << 16)])
def test_a_line_that_never_ends_is_given_up(piece: bytes) -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        yield HEADER
        while True:
            taken += len(piece)
            yield piece

    with pytest.raises(TraceFormatError, match="a line without an end") as caught:
        parse(endless())  # type: ignore[arg-type]
    assert caught.value.line_number == 2
    assert taken < 2 * (1 << 20)


def test_a_chain_longer_than_is_waited_for_is_read_as_it_comes() -> None:
    lines = (1 << 21) // len(FRAME)
    trace = parse([HEADER, *[FRAME * 100] * (lines // 100), b"\n", HEADER, FRAME, b"\n"])
    assert trace.samples.time_ns.size == 2
    assert trace.samples.stack.tolist() == [0, 1]


WAKING = b"%s  4824/4829  [003]   659.%09d:     1 sched:sched_waking: comm=a pid=7 prio=1 target_cpu=1\n"


@pytest.mark.parametrize("comm", [b"python", b"\tlike a frame"])
def test_wait_events_without_chains_are_not_searched_for_their_ends_again_and_again(
    comm: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each might have a chain; the next blank line may be megabytes away."""
    searched = 0

    def noted(text: bytes, at: int, before: int = 0) -> int | None:
        nonlocal searched
        found = known_text.chain_end(text, at, before)
        searched += (len(text) if found is None else found) - max(at, before)
        return found

    monkeypatch.setattr(parser, "chain_end", noted)
    events = 30_000
    text = b"".join(WAKING % (comm, number) for number in range(events)) + HEADER + FRAME + b"\n"
    trace = parse([text[begin : begin + (1 << 16)] for begin in range(0, len(text), 1 << 16)])
    assert trace.wait_events.time_ns.size == events
    assert trace.samples.stack.tolist() == [0]
    # Of a name that looks like a frame's line, what is waited for is looked through with each piece.
    assert searched < len(text) * (1 if comm == b"python" else (1 << 20) // (1 << 16) + 4)


def test_wait_events_and_samples_behind_them_are_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = HEADER + FRAME + b"\n"
    texts = [WAKING % (b"python", number) * 3 + sample for number in range(50)]
    expected = by_lines(b"".join(texts))
    read = 0
    read_line = parser.Parser._read_line

    def counted(self: parser.Parser, line: bytes) -> None:
        nonlocal read
        read += 1
        read_line(self, line)

    monkeypatch.setattr(parser.Parser, "_read_line", counted)
    assert plain(parse([b"".join(texts)])) == expected
    assert read == 4  # of the first event and of the first sample


def test_an_error_behind_what_is_known_names_its_line() -> None:
    sample = HEADER + FRAME * 2 + b"\n"
    with pytest.raises(TraceFormatError, match="line 17:"):
        parse([sample * 4 + b"this is not the text of perf\n"])
