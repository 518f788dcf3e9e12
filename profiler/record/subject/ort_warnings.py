"""What ONNX Runtime itself complained of, from the workload's standard error."""

from __future__ import annotations

import re

LINE = re.compile(r"\[[WEF]:onnxruntime:[^\]]*\] (.+)")
"""A line of its default logger: severity, logger id, place, message (onnxruntime's logging.cc)."""
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NUMBERS = re.compile(r"\d+")
MOST = 20
LONGEST = 500
"""Characters of a message that are kept."""


def warnings(log: str) -> list[str]:
    """Return its warnings and errors, each once: those that differ in numbers alone count together."""
    first: dict[str, str] = {}
    count: dict[str, int] = {}
    for line in COLOURS.sub("", log).splitlines():
        said = LINE.search(line)
        if said is None:
            continue
        message = said[1].strip()[:LONGEST]
        alike = NUMBERS.sub("#", message)
        first.setdefault(alike, message)
        count[alike] = count.get(alike, 0) + 1
    return [
        message if count[alike] == 1 else f"{message} ({count[alike]} times)"
        for alike, message in list(first.items())[:MOST]
    ]
