from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.trace import ort_profile_store
from profiler.trace.model import NONE
from profiler.trace.ort_profile import MODEL_RUN, NODE_SUFFIX, OrtProfileError, parse

FOLDER = Path(__file__).parents[1] / "data" / "ort"
GOLDEN = sorted(FOLDER.glob("*.json"))
RUNS, TURNS = 3, 2
"""Of data/ort/refresh.py: calls of Run, and turns of the loop in each."""


def line(name: str, ts: int, dur: int, **changes: Any) -> bytes:
    event = {"cat": "Node", "pid": 7, "tid": 7, "dur": dur, "ts": ts, "ph": "X", "name": name, "args": {}}
    return json.dumps({**event, **changes}).encode() + b",\n"


def node(name: str, kind: str, ts: int, dur: int, **changes: Any) -> bytes:
    return line(name + NODE_SUFFIX, ts, dur, args={"op_name": kind}, **changes)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_real_profiles_hold_every_operator_of_every_run(path: Path) -> None:
    profile = ort_profile_store.read_text(path)
    kinds = Counter(profile.types[index] for index in profile.node.tolist())
    escapes = path.stem.startswith("ort-1.32")
    inner = RUNS * TURNS
    assert kinds == {"Loop": RUNS, "Tanh": inner, "Identity": inner, "MatMul": RUNS + escapes * inner}
    assert len(profile.run_start_ns) == RUNS
    assert bool(profile.unread) is not escapes
    assert ("inner é", "Tanh") in zip(profile.names, profile.types, strict=True)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_operators_lie_within_runs_and_waits_within_operators(path: Path) -> None:
    profile = ort_profile_store.read_text(path)
    begin, end = profile.run_start_ns, profile.run_start_ns + profile.run_duration_ns
    run = np.searchsorted(begin, profile.start_ns, side="right") - 1
    assert (run >= 0).all()
    assert (profile.start_ns + profile.duration_ns <= end[run] + 2000).all()
    if path.stem.endswith("t1"):
        assert (profile.wait_ns == NONE).all()
    else:
        assert (profile.wait_ns >= 0).all()
        assert (profile.wait_ns <= profile.duration_ns).all()


def test_what_is_no_profile_is_refused(tmp_path: Path) -> None:
    for text in (b"", b"{}", b"<html>\n", b"\x00" * 100):
        path = tmp_path / "profile.json"
        path.write_bytes(text)
        with pytest.raises(OrtProfileError, match="does not begin"):
            ort_profile_store.read_text(path)
    with pytest.raises(OrtProfileError, match="can't be read: No such file"):
        ort_profile_store.read_text(tmp_path / "none.json")


def test_a_profile_that_was_cut_off_is_read_up_to_there() -> None:
    whole = (FOLDER / "ort-1.32.0-t2.json").read_bytes()
    lines = whole[: len(whole) // 2].splitlines(keepends=True)
    half = parse(lines)
    assert half.unread == 1
    assert 0 < len(half.node) < len(parse(whole.splitlines(keepends=True)).node)


@pytest.mark.parametrize(
    "changes",
    [{"ts": -1}, {"dur": 2**60}, {"tid": 2**31}, {"tid": -4}, {"ts": "soon"}, {"ts": 1e300}, {"cat": None}],
)
def test_events_that_cant_be_are_left_out(changes: dict[str, Any]) -> None:
    profile = parse([b"[\n", node("a", "Add", 1, 2), node("b", "Add", **{"ts": 3, "dur": 4, **changes})])
    assert profile.names == ("a",)
    assert profile.unread == 1


@given(st.lists(st.binary(max_size=80) | st.text(max_size=40).map(lambda text: line(text, 1, 1))))
def test_hostile_lines_break_nothing(lines: list[bytes]) -> None:
    profile = parse([b"[\n", *lines])
    assert len(profile.node) + len(profile.run_start_ns) + profile.unread <= len(lines)


events = st.lists(
    st.tuples(st.text(), st.text(), st.integers(0, 2**50), st.integers(0, 2**50), st.integers(0, 2**31 - 1))
)


@given(events)
def test_events_come_back_as_they_were_written(rows: list[tuple[str, str, int, int, int]]) -> None:
    lines = [node(name, kind, ts, dur, tid=tid) for name, kind, ts, dur, tid in rows]
    profile = parse([b"[\n", *lines, line(MODEL_RUN, 5, 6, cat="Session"), b"]\n"])
    read = [
        (profile.names[index], profile.types[index], start // 1000, length // 1000, tid)
        for index, start, length, tid in zip(
            profile.node.tolist(),
            profile.start_ns.tolist(),
            profile.duration_ns.tolist(),
            profile.tid.tolist(),
            strict=True,
        )
    ]
    assert read == rows
    assert (profile.run_start_ns.tolist(), profile.run_duration_ns.tolist()) == ([5000], [6000])
