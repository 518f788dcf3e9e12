"""What tests of several folders need: a real run, a browser (Debian's Chromium, by Playwright), and node."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings

from profiler.attribution.analyse import analyse
from profiler.run.directory import RunDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from profiler.attribution.analysis import Analysis

pytest_plugins = ["tests.compared_runs"]

DATA = Path(__file__).parent / "pages" / "data" / "spin-on"
OPERATORS = Path(__file__).parent / "pages" / "data" / "spin-off"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

NOISE_RERUNS = 2
"""How often a test that records is tried again: what else runs on the machine is in its figures."""

# A shell's background job ignores interrupts, one of nohup hangups: whatever a test starts would do so, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

settings.register_profile("ortprof", deadline=None)  # an absolute time on a machine that others use
settings.load_profile("ortprof")


@pytest.hookimpl(trylast=True)  # folders' own conftest.py mark their tests first
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that record fail for good only when they fail three times (the report lists each try)."""
    for item in items:
        if item.get_closest_marker("e2e") is not None:
            item.add_marker(pytest.mark.flaky(reruns=NOISE_RERUNS))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium; skip where there is none, but never in CI."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        _lack("no chromium on PATH: apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  starts threads: only with a browser

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def node() -> str:
    """Return the path of node, which runs the pages' scripts; skip where there is none, but never in CI."""
    return shutil.which("node") or _lack("no node on PATH: apt-get install nodejs npm")


def _lack(message: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """Return a copy of a real run's files (data/refresh.py)."""
    return RunDirectory(Path(shutil.copytree(DATA, tmp_path / "run")))


@pytest.fixture
def operators_run(tmp_path: Path) -> RunDirectory:
    """Return a copy of another one's, which recorded operators too."""
    return RunDirectory(Path(shutil.copytree(OPERATORS, tmp_path / "operators")))


@pytest.fixture
def analysis(run: RunDirectory) -> Analysis:
    """Analyse it: neither perf nor the libraries are there."""
    return analyse(run)
