"""operators.npz: ONNX Runtime's own profile, a hundredth of its text. Nothing in the file is trusted."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.files import open_regular
from profiler.run.ranges import LATEST_NS
from profiler.trace import npz
from profiler.trace.column_builder import from_strings, from_text, take, to_strings
from profiler.trace.model import NONE
from profiler.trace.ort_profile import OrtProfile, OrtProfileError, parse
from profiler.trace.parse_error import TraceFileError
from profiler.trace.validate import require_indices

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from profiler.arrays import Column


SCHEMA = "ortprof.operators/1"
LONGEST_LINE = 1 << 20
"""Bytes; an event takes one thousand."""
_TABLES = ("names", "types")
_EVENTS = {"node": "<i4", "tid": "<i4", "start_ns": "<i8", "duration_ns": "<i8", "wait_ns": "<i8"}
_RUNS = {"run_start_ns": "<i8", "run_duration_ns": "<i8"}


def read_text(path: Path) -> OrtProfile:
    """Parse the file that ONNX Runtime wrote; `OrtProfileError` when it is missing or something else."""
    try:
        with open_regular(path) as file:
            return parse(iter(partial(file.readline, LONGEST_LINE), b""))
    except OSError as error:
        raise OrtProfileError(f"ONNX Runtime's profile {path} can't be read: {error.strerror}") from error


def save(path: Path, profile: OrtProfile) -> None:
    """Write a profile in one atomic step; `NotWrittenError` when it can't be written."""
    columns = {"schema": from_text(SCHEMA), "unread": np.array([profile.unread], np.int64)}
    columns |= {name: getattr(profile, name) for name in (*_EVENTS, *_RUNS)}
    for table in _TABLES:
        columns |= from_strings(table, getattr(profile, table))
    npz.write(path, columns)


def load(path: Path) -> OrtProfile:
    """Read a profile; `TraceFileError` when the file is missing, damaged, foreign or contradicts itself."""
    try:
        columns = npz.read(path)
        profile = _profile(columns)
        _check(profile)
    except OSError as error:
        raise TraceFileError(path, error.strerror or "can't be read") from error
    except ValueError as error:
        raise TraceFileError(path, str(error)) from error
    return profile


def _profile(columns: Mapping[str, Column]) -> OrtProfile:
    if columns.get("schema", np.zeros(0)).tobytes() != SCHEMA.encode():
        raise ValueError("not operators of a schema that this version of ortprof reads")
    unread = take(columns, "unread", "<i8")
    if unread.size != 1:
        raise ValueError("the number of unread lines is not one number")
    values: dict[str, Any] = {
        name: take(columns, name, dtype) for name, dtype in {**_EVENTS, **_RUNS}.items()
    }
    values |= {table: to_strings(columns, table) for table in _TABLES}
    return OrtProfile(**values, unread=int(unread[0]))


def _check(profile: OrtProfile) -> None:
    """Raise `ValueError` with the reason at the first thing that can't be true."""
    for group in (_EVENTS, _RUNS):
        if len({getattr(profile, name).size for name in group}) != 1:
            raise ValueError("columns of one table differ in length")
    if len(profile.names) != len(profile.types):
        raise ValueError("not every node has a type")
    require_indices("node", profile.node, len(profile.names), lowest=0)
    for field in dataclasses.fields(profile):
        if field.name.endswith("_ns"):
            column = getattr(profile, field.name)
            if column.size and (int(column.min()) < NONE or int(column.max()) > LATEST_NS):
                raise ValueError(f"column {field.name!r} holds times that can't be")
