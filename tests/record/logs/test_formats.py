from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.record.logs.formats import Clocks, Logged, read
from profiler.spec.log_format import LogFormat

SINCE_1970 = 1_646_861_401_524_105_000
LINES = {
    # As docs/marks.md asks for it, and as the servers' manuals show it.
    b'{"start_ns": 5, "end_ns": 9}': (LogFormat.JSONL, Logged(5, 9)),
    b'{"start_ns": 5, "end_ns": 9, "process": 3, "caller": 4, "status": 200}': (
        LogFormat.JSONL,
        Logged(5, 9, 3, 4),
    ),
    b'1646861401.524 0.052 10.0.0.1 "GET / HTTP/1.1" 200': (
        LogFormat.NGINX,
        Logged(1_646_861_401_472_000_000, 1_646_861_401_524_000_000),
    ),
    b'{"level":"info","ts":1646861401.524105,"request":{},"duration":0.000929675,"status":200}': (
        LogFormat.CADDY,
        Logged(SINCE_1970 - 929_675, SINCE_1970),
    ),
    b'{"StartUTC":"2022-03-09T21:30:01.524105Z","Duration":929675,"DownstreamStatus":200}': (
        LogFormat.TRAEFIK,
        Logged(SINCE_1970, SINCE_1970 + 929_675),
    ),
    b'{"StartUTC":"2022-03-09T22:30:01.524105+01:00","Duration":0}': (
        LogFormat.TRAEFIK,
        Logged(SINCE_1970, SINCE_1970),
    ),
}
NONE = {
    b'{"start_ns": 9, "end_ns": 5}': (LogFormat.JSONL, "ends before it begins"),
    b'{"start_ns": 9}': (LogFormat.JSONL, "end_ns"),
    b'{"start_ns": "9", "end_ns": 10}': (LogFormat.JSONL, "int"),
    b'10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200': (LogFormat.NGINX, "msec"),
    b"1646861401.524": (LogFormat.NGINX, "request_time"),
    b"nan 0.1": (LogFormat.NGINX, "since 1970"),
    b"1e999999 1": (LogFormat.NGINX, "since 1970"),
    b"5 7": (LogFormat.NGINX, "since 1970"),
    b'{"ts": 5, "duration": -1}': (LogFormat.CADDY, "since 1970"),
    b'{"ts": "today", "duration": 1}': (LogFormat.CADDY, "decimal"),
    b'{"StartUTC": "yesterday", "Duration": 5}': (LogFormat.TRAEFIK, "no time"),
    b"[]": (LogFormat.TRAEFIK, "object"),
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_says_when_its_request_was(line: bytes) -> None:
    form, logged = LINES[line]
    assert read(form, line) == logged


@pytest.mark.parametrize("line", NONE)
def test_a_line_without_a_request_says_why(line: bytes) -> None:
    form, why = NONE[line]
    with pytest.raises(ValueError, match=why):
        read(form, line)


@given(st.sampled_from(LogFormat), st.binary(max_size=200))
def test_whatever_stands_there_is_a_request_or_a_reason(form: LogFormat, line: bytes) -> None:
    try:
        logged = read(form, line)
    except ValueError:
        return
    assert logged.start_ns <= logged.end_ns


def test_both_clocks_become_one() -> None:
    clocks = Clocks(realtime_ns=SINCE_1970, monotonic_ns=1000)
    assert clocks.monotonic(SINCE_1970 - 40) == 960
    assert clocks.monotonic(960) == 960
