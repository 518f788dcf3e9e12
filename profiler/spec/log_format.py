"""Logs whose lines are requests, by what a line holds."""

from __future__ import annotations

from enum import Enum


class LogFormat(str, Enum):
    """What a line of a log looks like."""

    JSONL = "jsonl"
    NGINX = "nginx"
    CADDY = "caddy"
    TRAEFIK = "traefik"

    @property
    def meaning(self) -> str:
        """What a line has to hold."""
        return _MEANINGS[self]


_MEANINGS = {
    LogFormat.JSONL: "an object with start_ns and end_ns, of CLOCK_MONOTONIC or since 1970; caller (a "
    "thread) and process where they are known",
    LogFormat.NGINX: "begins with $msec and $request_time",
    LogFormat.CADDY: "Caddy's JSON: ts and duration, in seconds",
    LogFormat.TRAEFIK: "Traefik's JSON: StartUTC, and Duration in ns",
}
