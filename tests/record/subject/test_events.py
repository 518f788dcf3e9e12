"""What a workload may say is believed once it has a type, and no request runs backwards."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.record.subject.events import DECODER, Served
from profiler.run.ranges import LATEST_NS
from profiler.run.request import Request, decode_requests


def served(*row: int) -> bytes:
    return msgspec.json.encode({"event": "requests", "phase": "measure", "rows": [row]})


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (served(5, 4, 6, 0, 0, 0, 0), "starts before its time"),
        (served(5, 6, 5, 0, 0, 0, 0), "ends before its start"),
        (served(-1, 0, 0, 0, 0, 0, 0), ">= 0"),
        (served(0, 0, LATEST_NS + 1, 0, 0, 0, 0), "<= "),
        (served(1, 2, 3), "length 7"),
        (b'{"event": "requests", "phase": "measure", "rows": [[1.5, 2, 3, 0, 0, 0, 0]]}', "got `float`"),
        (b'{"event": "done", "phase": "measure", "end_ns": 1, "stopped": 1, "unserved": 0}', "got `int`"),
        (b'{"event": "done", "phase": "measure", "end_ns": 1, "stopped": false, "unserved": -1}', ">= 0"),
        (b'{"event": "hello", "pid": 0, "python": "3.11", "ort_version": "1", "ort_library": ""}', "pid"),
        (b'{"event": "launch"}', "launch"),
        (b"[]", "got `array`"),
    ],
)
def test_what_is_not_believed(said: bytes, why: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=why):
        DECODER.decode(said)


NS = st.integers(-1, LATEST_NS + 1)


@given(st.tuples(NS, NS, NS, NS, NS))
def test_whatever_is_believed_can_be_read_back(row: tuple[int, int, int, int, int]) -> None:
    try:
        event = DECODER.decode(served(*row, 0, 0))
    except msgspec.ValidationError:
        return
    assert isinstance(event, Served)
    kept = [Request(event.phase, *row[:5]) for row in event.rows]
    assert decode_requests(msgspec.json.Encoder().encode_lines(kept), "requests.jsonl") == kept
