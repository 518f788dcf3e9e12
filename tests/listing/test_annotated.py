"""The annotated view, from a compiled program to the page."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler.listing import code
from profiler.listing.code import Code, gather
from profiler.listing.kept import KEPT
from profiler.listing.listing import Inlined, InstructionLine, Listing, SourceLine
from profiler.listing.source_text import ABSENT, EVERYTHING, LEFT_OUT, SourceOptions
from profiler.pages.run.report_page import render
from profiler.pages.run.write_report import write
from profiler.run.directory import RunDirectory
from tests.hostile import SCRIPT
from tests.listing.annotated import annotated
from tests.pages.parsed_page import Page
from tests.pages.support import LOOP, spinning
from tests.waiting import FUNCTION, SOURCE, line_of

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis, Profile


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("waiting")


@pytest.fixture
def analysis(built: Path) -> Analysis:
    return annotated(built)


@pytest.fixture
def profile(analysis: Analysis) -> Profile:
    assert analysis.profile is not None
    return analysis.profile


def test_the_hot_function_has_file_and_line(analysis: Analysis) -> None:
    row = next(row for row in analysis.summary.hot if row.symbol == FUNCTION)
    assert row.file is not None
    assert (Path(row.file).name, row.line) == (SOURCE.name, line_of("polls"))
    assert row.self_share == pytest.approx(1)


def test_its_listing_has_source_inlined_functions_and_marked_instructions(
    profile: Profile, tmp_path: Path
) -> None:
    listing = next(one for one in gather(RunDirectory(tmp_path), profile) if one.function == FUNCTION)
    hot = next(line for line in listing.source if line.number == line_of("polls"))
    assert hot.text is not None
    assert hot.text.endswith("// polls")
    assert hot.loop
    assert hot.share >= 0.75
    assert sum(line.share for line in listing.source) == pytest.approx(1)
    assert all(line.text is not None for line in listing.source)
    assert {Path(one.file).name for one in listing.inlined} == {SOURCE.name}
    assert sum(one.share for one in listing.inlined) <= 1
    pause = next(i for i, line in enumerate(listing.lines) if line.spins)
    assert listing.lines[pause].loop
    assert listing.lines[pause].source == line_of("polls")
    assert listing.lines[pause + 1].share == pytest.approx(0.75)


@pytest.mark.parametrize("variant", ["debug", "shifted"])
def test_other_builds_have_their_source_too(built: Path, variant: str) -> None:
    profile = annotated(built, variant).profile
    assert profile is not None
    (function,) = [name for name in profile.functions.names if name[0] == FUNCTION]
    listing = Code(profile, EVERYTHING).listing(function)
    assert listing.has_text
    assert Path(listing.file).name == SOURCE.name


def test_whole_functions_are_listed_on_request(profile: Profile) -> None:
    code = Code(profile, EVERYTHING)
    (function,) = [name for name in profile.functions.names if name[0] == FUNCTION]
    few, all_of_it = code.listing(function, most=1), code.listing(function, most=None)
    assert len(few.lines) < len(all_of_it.lines)
    assert not any(line.gap for line in all_of_it.lines)
    assert sum(line.share for line in all_of_it.lines) == pytest.approx(1)


def test_source_text_is_left_out_on_request_and_not_kept(profile: Profile, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    gather(run, profile)
    assert "polls" in (tmp_path / KEPT).read_text()
    listing = next(
        one for one in gather(run, profile, SourceOptions(include=False)) if one.function == FUNCTION
    )
    assert not listing.has_text
    assert [line.number for line in listing.source if line.share] == [line.number for line in listing.source]
    assert listing.source_why == LEFT_OUT
    assert "// polls" not in (tmp_path / KEPT).read_text()


def test_source_that_is_gone_is_kept_found_elsewhere_or_told(
    profile: Profile, built: Path, tmp_path: Path
) -> None:
    run, root = RunDirectory(tmp_path / "run"), tmp_path / "tree"
    run.path.mkdir()
    root.mkdir()
    before = next(one for one in gather(run, profile) if one.has_text)
    moved = (built / SOURCE.name).rename(root / SOURCE.name)
    try:
        kept = next(one for one in gather(run, profile) if one.function == before.function)
        (run.path / KEPT).unlink()
        gone = next(one for one in gather(run, profile) if one.function == before.function)
        elsewhere = next(
            one for one in gather(run, profile, SourceOptions(root)) if one.function == before.function
        )
    finally:
        moved.rename(built / SOURCE.name)
    assert kept.source == before.source
    assert (gone.has_text, gone.source_why) == (False, ABSENT)
    assert elsewhere.source == before.source


def test_a_run_alone_makes_no_file_be_read(profile: Profile, tmp_path: Path) -> None:
    """A stranger's trace may name any file; only the library's own debug information is believed."""
    secret = tmp_path / "secret"
    secret.write_text("\n" * 10 + "password\n" * 100)
    trace = profile.trace
    strings = tuple(str(secret) if text.endswith(SOURCE.name) else text for text in trace.strings)
    listings = gather(
        RunDirectory(tmp_path),
        dataclasses.replace(profile, trace=dataclasses.replace(trace, strings=strings)),
    )
    assert any(listing.file == str(secret) for listing in listings)
    assert not any(listing.has_text for listing in listings)
    assert "password" not in (tmp_path / KEPT).read_text()


def test_the_page_shows_it_escaped(analysis: Analysis, tmp_path: Path, built: Path) -> None:
    source = built / SOURCE.name
    text = source.read_text()
    # On the hot line, so that it is sure to be shown.
    source.write_text(text.replace("// polls", f"// polls {SCRIPT}"))
    try:
        page = Page(write(RunDirectory(tmp_path), analysis).read_text("utf-8"))
    finally:
        source.write_text(text)
    assert SCRIPT in page.text
    harmless = Page(render(spinning().analysis()))
    assert [tag for tag, _ in page.elements].count("script") == [tag for tag, _ in harmless.elements].count(
        "script"
    )
    assert f"{SOURCE.name}:{line_of('polls')}" in page.text
    assert "← pause" in page.text
    assert "Inlined here" in page.text


GOLDEN = """
Source spin/pool.h
41 % 90 % 10 │ while (!found) {
⋮
3.0 % 18 found = Pop();
Beside each line its share of the function's own time, then of all that was spent in it and in what it called.
No text: somebody took it.
Inlined here
30 % SpinPause pause.h:7
Their time is part of the lines above that call them.
Hottest instructions
1000 10 │ pause ← pause
97 % 1002 10 │ call 0x2000 pthread_cond_wait ← futex
"""


def test_the_view_line_by_line() -> None:
    library = LOOP[1].rsplit("/", 1)[-1]
    listing = Listing(
        LOOP[0],
        library,
        [
            InstructionLine(0x1000, "pause", 0.0, spins=True, gap=False, loop=True, source=10),
            InstructionLine(
                0x1002,
                "call 0x2000",
                0.97,
                spins=False,
                gap=False,
                loop=True,
                waits=True,
                calls="pthread_cond_wait",
                source=10,
            ),
        ],
        "",
        "spin/pool.h",
        [
            SourceLine(10, 0.41, gap=False, loop=True, total=0.9, text="while (!found) {"),
            SourceLine(18, 0.03, gap=True, text="  found = Pop();"),
        ],
        [Inlined("SpinPause", "spin/pause.h", 7, 0.3)],
        "somebody took it",
    )
    text = Page(render(spinning().analysis(), [listing])).text.replace("\N{NO-BREAK SPACE}", " ")
    assert re.sub(r"\s+", " ", GOLDEN).strip() in re.sub(
        r"share of the function's own time with what it called line in the hot loop text |"
        r"share of the function's own time address source line in the hot loop instruction ",
        "",
        text,
    )


def test_kept_listings_of_before_are_still_read() -> None:
    old = {"function": "f", "library": "l", "why": "", "lines": []}
    line = {"address": 1, "text": "nop", "share": 0.5, "spins": False, "gap": False}
    read = msgspec.json.decode(json.dumps([old | {"lines": [line]}]), type=list[Listing])
    assert (read[0].source, read[0].lines[0].source, read[0].has_text) == ([], 0, False)


def test_what_is_kept_without_source_stands_until_the_source_is_there(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, elsewhere = RunDirectory(tmp_path), SourceOptions(root=tmp_path)
    (made,) = gather(run, profile, elsewhere)
    assert (made.has_text, made.source_why) == (False, ABSENT)
    with monkeypatch.context() as patched:
        patched.delattr(code, "open_library")
        (again,) = gather(run, profile, elsewhere)
    assert (again.lines, again.source, again.source_why) == (made.lines, made.source, ABSENT)
    (left_out,) = gather(run, profile, SourceOptions(include=False))
    assert left_out.source_why == LEFT_OUT
    (there,) = gather(run, profile)
    assert there.has_text
