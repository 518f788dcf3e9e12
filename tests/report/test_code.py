from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.attribution.facts import columns_of, describe_frames
from profiler.attribution.frames import display_names
from profiler.attribution.functions import merge_chains
from profiler.report.code import CHANGED, KEPT, gather
from profiler.report.render import render
from profiler.runs import RunDirectory
from profiler.symbols.library import LibraryIndex, open_library
from profiler.trace import store
from tests.report.support import POOL, THREAD, Made, Sample

if TYPE_CHECKING:
    from profiler.attribution.analyse import Profile


@pytest.fixture(scope="module")
def libc() -> LibraryIndex:
    """The C library of this very process: a file with functions, whatever the machine."""
    mapped = Path("/proc/self/maps").read_text("utf-8").splitlines()
    path = next(line.split()[-1] for line in mapped if "libc.so.6" in line or "libc-2" in line)
    return open_library(path)


def profiled(libc: LibraryIndex, run: RunDirectory) -> tuple[Made, Profile]:
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
    store.save(run.trace, profile.trace, columns_of(facts))
    names = display_names(profile.trace, facts, profile.attribution.tasks)
    functions = merge_chains(profile.trace.stacks, profile.attribution, names)
    return made, dataclasses.replace(profile, functions=functions)


def test_listings_are_read_and_kept_for_when_the_library_is_gone(libc: LibraryIndex, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    _, profile = profiled(libc, run)
    code = gather(run, profile)
    (listing,) = code.listings
    assert [line.share for line in listing.lines] == [1.0]
    assert (listing.function, listing.library) in code.functions
    moved = (f"/gone/{Path(text).name}" if text.startswith("/") else text for text in profile.trace.strings)
    gone = dataclasses.replace(profile.trace, strings=tuple(moved))
    later = gather(run, dataclasses.replace(profile, trace=gone))
    assert later.listings[0].lines == listing.lines


def test_a_library_that_changed_is_not_disassembled(libc: LibraryIndex, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    _, profile = profiled(libc, run)
    trace, extra = store.load(run.trace)
    extra["function_size"] = extra["function_size"] + 1
    store.save(run.trace, trace, extra)
    assert [listing.why for listing in gather(run, profile).listings] == [CHANGED]
    assert not (tmp_path / KEPT).exists()


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b'[{"function": 3}]', b"[" * 100_000, b" " * 5_000_000]
)
def test_kept_instructions_from_a_stranger_are_not_trusted(
    libc: LibraryIndex, tmp_path: Path, content: bytes
) -> None:
    run = RunDirectory(tmp_path)
    _, profile = profiled(libc, run)
    (tmp_path / KEPT).write_bytes(content)
    assert gather(run, profile).listings[0].lines


def test_without_a_trace_there_are_names_but_no_listings(libc: LibraryIndex, tmp_path: Path) -> None:
    _, profile = profiled(libc, RunDirectory(tmp_path))
    (tmp_path / "empty").mkdir()
    code = gather(RunDirectory(tmp_path / "empty"), profile)
    assert code.listings == ()
    assert len(code.functions) == len(profile.trace.frames.address)


def test_the_page_shows_them(libc: LibraryIndex, tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    made, profile = profiled(libc, run)
    analysis = dataclasses.replace(made.analysis(), profile=profile)
    analysis.summary["hot"][0]["symbol"] = profile.functions.names[profile.functions.hot()[0].function][0]
    page = render(analysis, gather(run, profile))
    line = json.loads((tmp_path / KEPT).read_text())[0]["lines"][0]
    assert f"{line['address']:x}" in page
    assert "Hottest instructions" in page
