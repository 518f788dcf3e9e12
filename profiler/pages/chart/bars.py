"""Bars of several parts, on one scale."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BarPart:
    """One part of a bar; x and width in percent of the longest bar."""

    pattern: str
    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The mean request, or one request."""

    label: str
    wall: str
    segments: tuple[BarPart, ...]
