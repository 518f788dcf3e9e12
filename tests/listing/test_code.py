from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.attribution.cpu.hot_functions import merge_chains
from profiler.attribution.rules.facts import describe_frames
from profiler.attribution.rules.frames import display_names
from profiler.listing import code
from profiler.listing.code import CHANGED, gather
from profiler.listing.kept import KEPT
from profiler.pages.run.report_page import render
from profiler.run.directory import RunDirectory
from profiler.symbols.library import LibraryIndex, open_library
from tests.pages.support import POOL, THREAD, Made, Sample
from tests.summaries import edited

if TYPE_CHECKING:
    from profiler.attribution.analysis import Profile


OTHER_SHARE = [{"address": 1, "text": "nop", "share": 0.5, "spins": False, "gap": False}]


@pytest.fixture(scope="module")
def libc() -> LibraryIndex:
    """The C library of this very process: a file with functions, whatever the machine."""
    mapped = Path("/proc/self/maps").read_text("utf-8").splitlines()
    path = next(line.split()[-1] for line in mapped if "libc.so.6" in line or "libc-2" in line)
    return open_library(path)


def profiled(libc: LibraryIndex) -> tuple[Made, Profile]:
    """Return a profile whose samples fell on the second instruction of a nameless function of libc."""
    sizes = libc.functions.end - libc.functions.start
    function = int(np.flatnonzero(sizes > 200)[5])
    address = libc.image.disassemble(function)[1].address
    frame = ("", libc.elf.path)
    made = Made(samples=[Sample(i + 1, POOL[0], (THREAD, frame)) for i in range(50)])
    made.addresses = {frame: int(libc.elf.to_offsets(np.array([address]))[0])}
    profile = made.analysis().profile
    assert profile is not None
    facts = describe_frames(profile.trace).facts
    names = display_names(profile.trace, facts, profile.attribution.tasks)
    functions = merge_chains(profile.trace.stacks, profile.attribution, names)
    return made, dataclasses.replace(profile, facts=facts, frame_names=names, functions=functions)


def test_listings_are_read_and_kept_for_when_the_library_is_gone(libc: LibraryIndex, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    _, profile = profiled(libc)
    (listing,) = gather(run, profile)
    assert [line.share for line in listing.lines] == [1.0]
    assert (listing.function, listing.library) in profile.frame_names
    moved = (f"/gone/{Path(text).name}" if text.startswith("/") else text for text in profile.trace.strings)
    gone = dataclasses.replace(profile.trace, strings=tuple(moved))
    (later,) = gather(run, dataclasses.replace(profile, trace=gone))
    assert later.lines == listing.lines


def test_a_library_that_changed_is_not_disassembled(libc: LibraryIndex, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    _, profile = profiled(libc)
    facts = dataclasses.replace(profile.facts, function_size=profile.facts.function_size + 1)
    listings = gather(run, dataclasses.replace(profile, facts=facts))
    assert [listing.why for listing in listings] == [CHANGED]
    assert not (tmp_path / KEPT).exists()


def test_a_library_with_the_build_id_of_then_is_the_same(libc: LibraryIndex, tmp_path: Path) -> None:
    _, profile = profiled(libc)
    assert libc.build_id is not None
    facts = dataclasses.replace(profile.facts, loop=profile.facts.loop + 1)
    moved = dataclasses.replace(profile, facts=facts)
    assert not gather(RunDirectory(tmp_path), moved)[0].lines
    (listing,) = gather(
        RunDirectory(tmp_path), dataclasses.replace(moved, build_ids={libc.elf.path: libc.build_id})
    )
    assert [line.share for line in listing.lines] == [1.0]


def test_what_is_kept_is_made_anew_only_where_it_would_differ(
    libc: LibraryIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunDirectory(tmp_path)
    _, profile = profiled(libc)
    made = gather(run, profile)
    written = run.path.joinpath(KEPT).read_bytes()
    with monkeypatch.context() as patched:
        patched.delattr(code, "open_library")
        again = gather(run, profile)
    assert [(one.lines, one.why) for one in again] == [(one.lines, one.why) for one in made]
    assert run.path.joinpath(KEPT).read_bytes() == written
    kept = json.loads(written)
    changes: tuple[dict[str, object], ...] = (
        {"rule": kept[0]["rule"] - 1},
        {"file": "/src/a.c"},
        {"lines": []},
        {"lines": OTHER_SHARE},
    )
    for change in changes:
        run.path.joinpath(KEPT).write_text(json.dumps([kept[0] | change]))
        assert gather(run, profile)[0].lines == made[0].lines


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b'[{"function": 3}]', b"[" * 100_000, b" " * 5_000_000]
)
def test_kept_instructions_from_a_stranger_are_not_trusted(
    libc: LibraryIndex, tmp_path: Path, content: bytes
) -> None:
    run = RunDirectory(tmp_path)
    _, profile = profiled(libc)
    (tmp_path / KEPT).write_bytes(content)
    assert gather(run, profile)[0].lines


def test_without_its_library_there_are_names_but_no_listings(libc: LibraryIndex, tmp_path: Path) -> None:
    _, profile = profiled(libc)
    moved = (f"/gone/{Path(text).name}" if text.startswith("/") else text for text in profile.trace.strings)
    gone = dataclasses.replace(profile.trace, strings=tuple(moved))
    listings = gather(RunDirectory(tmp_path), dataclasses.replace(profile, trace=gone))
    assert [listing.lines for listing in listings] == [[]]
    assert len(profile.frame_names) == len(profile.trace.frames.address)


def test_the_page_shows_them(libc: LibraryIndex, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    made, profile = profiled(libc)
    analysis = made.analysis()
    symbol = profile.functions.names[profile.functions.hot()[0].function][0]
    hottest, *others = analysis.summary.hot
    summary = edited(analysis.summary, hot=[edited(hottest, symbol=symbol), *others])
    page = render(dataclasses.replace(analysis, profile=profile, summary=summary), gather(run, profile))
    line = json.loads((tmp_path / KEPT).read_text())[0]["lines"][0]
    assert f"{line['address']:x}" in page
    assert "Hottest instructions" in page
