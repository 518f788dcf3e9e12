"""Verdicts on functions are kept, and nothing that is not what we wrote is believed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from profiler.symbols import bare_polls
from profiler.symbols.frame_facts import describe
from profiler.symbols.library import open_library
from profiler.symbols.polling import PollingVerdict
from tests.accuracy.loops import compile_loop
from tests.accuracy.programs import compiler_missing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(compiler_missing() is not None, reason=str(compiler_missing()))
Verdicts = dict[int, PollingVerdict]
DAMAGED = (b"", b"\xc1", msgspec.msgpack.encode({"1": 2}), msgspec.msgpack.encode({1: None}))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program whose loop polls without a pause; with a build id, by which it is known."""
    return compile_loop("bare_poll", tmp_path_factory.mktemp("program"), build_id="sha1")


def polls(program: Path, cache: Path) -> list[bool]:
    """Describe every address of the program, as if all had been sampled."""
    library = open_library(program, cache_folder=cache)
    code = np.arange(library.functions.start[0], library.functions.end[-1])
    return [bool(polls) for polls in describe(library.elf.to_offsets(code), library).polls]


def test_the_next_recording_judges_nothing_again(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = polls(program, tmp_path)
    assert any(found)
    monkeypatch.delattr(bare_polls, "judge")
    assert polls(program, tmp_path) == found


def other_function(kept: Verdicts) -> Verdicts:
    return {index + 1_000_000: verdict for index, verdict in kept.items()}


def other_place(kept: Verdicts) -> Verdicts:
    index = next(index for index, verdict in kept.items() if verdict.regions)
    start, end, place, loop = kept[index].regions[0]
    return kept | {index: dataclasses.replace(kept[index], regions=((start, end + 1_000_000, place, loop),))}


@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_damaged_file_is_made_anew(program: Path, tmp_path: Path, damaged: bytes) -> None:
    is_made_anew(program, tmp_path, lambda _: damaged)


@pytest.mark.parametrize("change", [other_function, other_place])
def test_verdicts_on_other_functions_are_not_believed(
    program: Path, tmp_path: Path, change: Callable[[Verdicts], Verdicts]
) -> None:
    def changed(written: bytes) -> bytes:
        return msgspec.msgpack.encode(change(msgspec.msgpack.decode(written, type=Verdicts)))

    is_made_anew(program, tmp_path, changed)


def is_made_anew(program: Path, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    found = polls(program, tmp_path)
    [path] = tmp_path.glob("*.verdicts")
    written = path.read_bytes()
    path.write_bytes(change(written))
    assert polls(program, tmp_path) == found
    assert path.read_bytes() == written
