"""Lines of logs as requests. Pure: one function a format, from a line to when its request began and ended.

Only formats with times finer than a second are known: what began within a second says nothing of a request
that takes milliseconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

from profiler.run.json_document import DAMAGED
from profiler.run.ranges import LATEST_NS, AnyClock, ThreadId
from profiler.spec.log_format import LogFormat

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Clocks:
    """CLOCK_REALTIME against CLOCK_MONOTONIC."""

    realtime_ns: int
    monotonic_ns: int
    """The same instant."""

    def monotonic(self, time_ns: int) -> int:
        """Return an instant of either clock as CLOCK_MONOTONIC's; they are eighteen years and more apart."""
        return time_ns if time_ns <= LATEST_NS else time_ns - self.realtime_ns + self.monotonic_ns


@dataclass(frozen=True, slots=True)
class Logged:
    """A request as a log has it."""

    start_ns: int
    """Of either clock; so is the next."""
    end_ns: int
    process: int | None = None
    caller: int | None = None
    """The thread that called `Run`."""


def read(form: LogFormat, line: bytes) -> Logged:
    """Return a line's request; `ValueError` says why it has none."""
    logged = _READERS[form](line)
    if logged.end_ns < logged.start_ns:
        raise ValueError("it ends before it begins")
    return logged


class _Own(msgspec.Struct):
    start_ns: AnyClock
    end_ns: AnyClock
    process: ThreadId | None = None
    caller: ThreadId | None = None


class _Caddy(msgspec.Struct):
    """https://caddyserver.com/docs/caddyfile/directives/log: `ts` is when it was written, at the end."""

    ts: Decimal
    duration: Decimal


class _Traefik(msgspec.Struct):
    """https://doc.traefik.io/traefik/observability/access-logs: `Duration` is nanoseconds."""

    start: str = msgspec.field(name="StartUTC")
    duration_ns: AnyClock = msgspec.field(name="Duration")


def _own(line: bytes) -> Logged:
    entry = _json(line, _Own)
    return Logged(entry.start_ns, entry.end_ns, entry.process, entry.caller)


def _caddy(line: bytes) -> Logged:
    entry = _json(line, _Caddy)
    return _ending(entry.ts, entry.duration)


def _traefik(line: bytes) -> Logged:
    entry = _json(line, _Traefik)
    start_ns = _rfc3339_ns(entry.start)
    return Logged(start_ns, start_ns + entry.duration_ns)


def _nginx(line: bytes) -> Logged:
    """https://nginx.org/en/docs/http/ngx_http_log_module.html: both are seconds with milliseconds."""
    fields = line.split(maxsplit=2)
    if len(fields) < 2:  # noqa: PLR2004  the two
        raise ValueError("it does not begin with $msec and $request_time")
    try:
        msec, request_time = (Decimal(field.decode("ascii")) for field in fields[:2])
    except (UnicodeDecodeError, InvalidOperation) as error:
        raise ValueError("it does not begin with $msec and $request_time") from error
    return _ending(msec, request_time)


def _ending(end: Decimal, seconds: Decimal) -> Logged:
    """Return a request by its end (since 1970) and its length."""
    if not (seconds.is_finite() and end.is_finite() and 0 <= seconds < end < _LATEST):
        raise ValueError("its times are none since 1970")
    return Logged(int((end - seconds) * _NS), int(end * _NS))


def _json(line: bytes, kind: type[msgspec.Struct]) -> Any:
    try:
        return msgspec.json.decode(line, type=kind)
    except DAMAGED as error:
        raise ValueError(str(error)) from error


_NS = 1_000_000_000
_LATEST = Decimal(1 << 32)
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


def _rfc3339_ns(text: str) -> int:
    """Return nanoseconds since 1970: `datetime` knows no finer than microseconds."""
    time = _RFC3339.fullmatch(text)
    if time is None:
        raise ValueError(f"{text!r} is no time")
    whole = datetime.fromisoformat(time[1] + time[3].replace("Z", "+00:00"))
    return int(whole.timestamp()) * _NS + int((time[2] or "0").ljust(9, "0"))


_READERS: dict[LogFormat, Callable[[bytes], Logged]] = {
    LogFormat.JSONL: _own,
    LogFormat.NGINX: _nginx,
    LogFormat.CADDY: _caddy,
    LogFormat.TRAEFIK: _traefik,
}
