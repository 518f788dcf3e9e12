"""A run with one value changed is read, or refused with a line: nothing else comes of it."""

from __future__ import annotations

import functools
import io
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from profiler.attribution.analyse import analyse
from profiler.cli.show import print_summary
from profiler.errors import UsageError
from profiler.listing.code import gather
from profiler.listing.kept import KEPT
from profiler.pages.run.report_page import render
from profiler.run.directory import RunDirectory
from profiler.run.summary import from_document, read_summary, to_document
from profiler.trace import npz
from tests.conftest import OPERATORS
from tests.reading.mutations import LEAVES, changed, column_changes, paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.run.summary import Summary

steadily = functools.partial(
    settings,
    derandomize=True,  # what is found today is found again tomorrow
    database=None,
    suppress_health_check=list(HealthCheck),
)


def report_and_show(run: RunDirectory) -> None:
    """Do what `report` and then `show` do; what they write can be read again."""
    analysis = analyse(run)
    listings = gather(run, analysis.profile) if analysis.profile is not None else ()
    assert render(analysis, listings).startswith("<!doctype html>")
    document = json.loads(json.dumps(to_document(analysis.summary), allow_nan=False))
    show(from_document(document))


def show(summary: Summary) -> None:
    print_summary(Console(file=io.StringIO(), width=80), summary)


def done_or_refused(name: str, act: Callable[[], None]) -> None:
    """Act; an error of ours names the file that was changed."""
    try:
        act()
    except UsageError as error:
        said = error.message
    else:
        return
    assert name in said


@functools.cache
def golden(name: str) -> Any:
    """Return a JSON document of a real run, its requests as a list."""
    text = (OPERATORS / name).read_text()
    return [json.loads(line) for line in text.splitlines()] if name.endswith("l") else json.loads(text)


def written(document: Any, name: str) -> bytes:
    """Return a document's bytes, a line each for requests."""
    if name.endswith("l"):
        return b"".join(json.dumps(row).encode() + b"\n" for row in document)
    return json.dumps(document).encode()


@functools.cache
def places(name: str) -> tuple[tuple[str | int, ...], ...]:
    """Return where a document's values stand; of a table with many rows, those of two."""
    return tuple(
        path for path in paths(golden(name)) if all(not isinstance(key, int) or key < 2 for key in path)
    )


def with_file(name: str, content: bytes | None, columns: Any = None) -> None:
    """Report and show a copy of a real run with another file."""
    with tempfile.TemporaryDirectory() as folder:
        run = RunDirectory(Path(shutil.copytree(OPERATORS, Path(folder) / "run")))
        if content is not None:
            (run.path / name).write_bytes(content)
        else:
            npz.write(run.path / name, columns)
        done_or_refused(name, lambda: report_and_show(run))


@pytest.mark.parametrize("name", ["run.json", "counters.json", "requests.jsonl", KEPT])
def test_records_with_a_value_changed(name: str) -> None:
    @steadily(max_examples=20 if name == KEPT else 60)  # what is kept is shown, or left out
    @given(st.sampled_from(places(name)), st.sampled_from(LEAVES))
    def holds(path: tuple[str | int, ...], value: Any) -> None:
        with_file(name, written(changed(golden(name), path, value), name))

    holds()


@pytest.mark.parametrize("name", ["trace.npz", "operators.npz", "operators.trace.npz"])
def test_columns_with_a_change(name: str) -> None:
    @steadily(max_examples=40)
    @given(column_changes(npz.read(OPERATORS / name)))
    def holds(columns: Any) -> None:
        with_file(name, None, columns)

    holds()


def test_a_summary_with_a_value_changed(operators_run: RunDirectory) -> None:
    document = to_document(analyse(operators_run).summary)
    every = [path for path in paths(document) if all(not isinstance(key, int) or key < 1 for key in path)]

    @steadily(max_examples=800)
    @given(st.sampled_from(every), st.sampled_from(LEAVES))
    def holds(path: tuple[str | int, ...], value: Any) -> None:
        operators_run.summary.write_bytes(json.dumps(changed(document, path, value)).encode())
        done_or_refused("summary.json", lambda: show(read_summary(operators_run)))

    holds()
