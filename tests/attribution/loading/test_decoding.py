"""decoding.json: what was found out when a recording was decoded goes on to the summary."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler import files
from profiler.attribution.analyse import analyse
from profiler.attribution.rules.facts import describe_frames
from profiler.errors import UsageError
from profiler.run.decoding import CrossCheck, Decoding
from profiler.run.doubt import Doubt
from profiler.run.records import read_recorded
from profiler.symbols import index_cache
from profiler.symbols.elf import ElfFile
from tests.pages.support import POOL, Made, Sample
from tests.run.run_directories import contents

if TYPE_CHECKING:
    from profiler.run.directory import RunDirectory

CHECK = CrossCheck(7, 0.25, "f", "lib.so")
DOUBT = Doubt("the instructions of lib.so", "it is gone", "functions there may have no name")


def test_it_is_read_beside_the_trace(run: RunDirectory) -> None:
    recorded = read_recorded(run).manifest
    commands = {"perf script": ["perf", "script"]}
    decoding = Decoding(commands, [DOUBT], CHECK, rule=index_cache.VERSION)
    files.write_json(run.decoding, msgspec.to_builtins(decoding))
    before = contents(run.path)
    analysis = analyse(run)
    assert analysis.decoding == decoding
    assert analysis.summary.cross_check == CHECK
    assert analysis.summary.unavailable == [*recorded.unavailable, DOUBT]
    assert analysis.commands == recorded.commands | decoding.commands
    assert contents(run.path) == before, "nothing is decoded twice"


def test_runs_of_older_versions_have_it_in_run_json(run: RunDirectory) -> None:
    files.write_json(
        run.manifest, files.read_json(run.manifest) | {"cross_check": msgspec.to_builtins(CHECK)}
    )
    analysis = analyse(run)
    assert analysis.summary.cross_check == CHECK
    *recorded, older = analysis.summary.unavailable
    assert recorded == analysis.manifest.unavailable
    assert "found by an earlier version's rule" in older.why
    assert analysis.commands == analysis.manifest.commands


@pytest.mark.parametrize(
    ("recording", "hint"), [(True, "delete trace.npz of the run"), (False, "record or import it again")]
)
def test_loops_that_an_older_rule_found_are_said(run: RunDirectory, hint: str, *, recording: bool) -> None:
    files.write_json(run.decoding, msgspec.to_builtins(Decoding(rule=1)))
    if recording:
        run.perf_data.write_bytes(b"")
    older = analyse(run).summary.unavailable[-1]
    assert older.why == (
        f"its libraries' polling loops were found by rule 1; this version's is {index_cache.VERSION}"
    )
    assert hint in older.hint


def test_build_ids_are_of_the_libraries_that_were_read() -> None:
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    libc = next(line.split()[-1] for line in maps.splitlines() if "libc.so" in line)
    profile = Made(samples=[Sample(1, POOL[0], (("f", libc), ("g", "/gone.so")))]).analysis().required_profile
    read = describe_frames(profile.trace).build_ids
    assert read == {libc: ElfFile.open(libc).build_id}
    assert re.fullmatch(r"[0-9a-f]{40}", read[libc])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"cross_check": 7}',
        b'{"commands": {"perf": "perf"}}',
        b'{"build_ids": {"/lib/x": "0xyz"}}',
    ],
)
def test_damage_is_named(content: bytes, run: RunDirectory) -> None:
    run.decoding.write_bytes(content)
    with pytest.raises(UsageError, match=r"decoding\.json is not what ortprof writes"):
        analyse(run)
