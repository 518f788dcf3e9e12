"""Three real runs (tests/pages/data/refresh.py) in a reports folder: neither perf nor libraries are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from profiler.study.compare.comparison import Comparison, compare_pair
from profiler.study.compare.sides import Pair, read_pair

DATA = Path(__file__).parent / "study" / "data"
OLD = "spin-on-1.12.1"
"""ONNX Runtime 1.12.1, which has symbols; the other two are of a stripped 1.32.0."""


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Return a folder with the runs `spin-on`, `spin-off` and `OLD`."""
    return Path(shutil.copytree(DATA, tmp_path / "reports"))


def read(reports: Path, before: str, after: str) -> Pair:
    return read_pair(before, after, reports, lambda _: None)


@pytest.fixture
def pair(reports: Path) -> Pair:
    return read(reports, "spin-on", "spin-off")


@pytest.fixture
def comparison(pair: Pair) -> Comparison:
    return compare_pair(pair)


@pytest.fixture
def across_builds(reports: Path) -> Comparison:
    return compare_pair(read(reports, OLD, "spin-on"))
