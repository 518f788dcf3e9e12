"""requests.jsonl: one line a request."""

from __future__ import annotations

from enum import Enum

import msgspec

from profiler.run.json_document import DAMAGED, not_ours
from profiler.run.ranges import Count, Nanoseconds, ThreadId


class RequestSource(str, Enum):
    """How it is known when a request began and ended."""

    WORKLOAD = "workload"
    """Our own workload said so."""
    MARKS = "marks"
    """Its program marked it (docs/marks.md)."""
    LOG = "log"
    """A log of its program, or of a server before it."""
    ORT_PROFILE = "ort-profile"
    """ONNX Runtime's own profile."""
    PROBES = "probes"
    """Probes of the kernel's on `Run`."""
    INFERRED = "inferred"
    """A thread's activity between its waits."""

    @property
    def exact(self) -> bool:
        """Whether somebody who knows said so."""
        return self is not RequestSource.INFERRED


class Request(msgspec.Struct, frozen=True):
    """One line of requests.jsonl; times are CLOCK_MONOTONIC."""

    phase: str
    scheduled_ns: Nanoseconds
    start_ns: Nanoseconds
    end_ns: Nanoseconds
    cpu_ns: Nanoseconds | None
    """CPU time of the whole process between start and end; None where nobody looked."""
    cpu_clock_ns: Nanoseconds | None = None
    """The process's CPU clock at the start. Until the next request's, it counts what this one cost, with the
    spinning that follows. (Earlier versions did not note it.)"""
    process: ThreadId | None = None
    """Its id; None where the run has but one, as in earlier versions. Likewise `caller` and `pool`."""
    caller: ThreadId | None = None
    """The thread that called Run."""
    pool: str | None = None
    """The pool that served it, by its id."""
    fed: Count | None = None
    """Which of its session's sets of inputs it was fed with (inputs.json), by position."""
    source: RequestSource = RequestSource.WORKLOAD

    @property
    def latency_ns(self) -> int:
        """From the scheduled instant, so that a late start counts."""
        return self.end_ns - self.scheduled_ns


def decode_requests(content: bytes, origin: str) -> list[Request]:
    """Decode requests.jsonl; a last line that was cut off in writing is left out.

    `UsageError` for what is not such a line, and for a request whose times run backwards.
    """
    whole = content[: content.rfind(b"\n") + 1]
    decoder = msgspec.json.Decoder(Request)
    try:
        requests: list[Request] = decoder.decode_lines(whole)
    except DAMAGED as error:
        raise not_ours(origin, error) from error
    for number, request in enumerate(requests, 1):
        if not request.scheduled_ns <= request.start_ns <= request.end_ns:
            why = f"request {number} starts before its `scheduled_ns`, or ends before its `start_ns`"
            raise not_ours(origin, why)
    return requests
