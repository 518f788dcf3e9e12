from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.symbols.elf import NOWHERE, ElfFile
from profiler.symbols.functions import read_functions
from profiler.symbols.image import Image
from profiler.symbols.noreturn import NoReturn
from profiler.symbols.plt import read_stubs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.symbols.library import LibraryIndex


@pytest.mark.parametrize("variant", ["inlined", "outlined", "protected"])
def test_stubs_lead_to_the_librarys_own_functions(build: Callable[[str], Path], variant: str) -> None:
    elf = ElfFile.open(build(variant))
    functions, stubs = read_functions(elf), read_stubs(elf)
    leads = {
        name: functions.name(int(functions.starting_at(np.array([target]))[0]))
        for name, target in zip(stubs.names, stubs.target.tolist(), strict=True)
        if target != NOWHERE
    }
    assert {"pop_front", "join"} <= leads.keys()
    assert all(name == function for name, function in leads.items())
    at = stubs.address[[stubs.names.index("pop_front")]]
    assert stubs.name(int(at[0])) == "pop_front"
    assert functions.name(int(functions.starting_at(stubs.resolve(at))[0])) == "pop_front"


def test_imported_functions_lead_nowhere(build: Callable[[str], Path]) -> None:
    stubs = read_stubs(ElfFile.open(build("inlined")))
    at = stubs.names.index("__cxa_finalize")
    assert stubs.target[at] == NOWHERE
    assert stubs.resolve(stubs.address).tolist()[at] == stubs.address[at]
    assert stubs.name(int(stubs.address[at]) + 1) is None


def test_aarch64_stubs(aarch64: LibraryIndex) -> None:
    stubs = aarch64.image.stubs
    leads = dict(zip(stubs.names, stubs.target.tolist(), strict=True))
    starts = {aarch64.functions.name(i): int(s) for i, s in enumerate(aarch64.functions.start)}
    assert {name: leads[name] for name in ("pop_front", "spin_pause")} == {
        name: starts[name] for name in ("pop_front", "spin_pause")
    }


def test_small_functions_that_only_throw_never_return(tmp_path: Path) -> None:
    source = tmp_path / "throws.cpp"
    source.write_text(
        """#include <cstdlib>
        extern "C" {
        __attribute__((noinline)) void fails() { throw 1; }
        __attribute__((noinline)) void gives_up(int x) { if (x) fails(); std::abort(); }
        __attribute__((noinline)) int returns(int x) { if (x) fails(); return 1; }
        int caller(int x) { if (x > 9) gives_up(x); return returns(x) + 1; }
        }"""
    )
    library = tmp_path / "throws.so"
    options = ["-O2", "-shared", "-fPIC", "-Wl,-Bsymbolic", "-fno-ipa-pure-const"]
    subprocess.run(["g++", *options, "-o", str(library), str(source)], check=True)
    elf = ElfFile.open(library)
    image = Image(elf, read_functions(elf), read_stubs(elf))
    starts = {image.functions.name(i): int(s) for i, s in enumerate(image.functions.start)}
    caller = int(image.functions.starting_at(np.array([starts["caller"]]))[0])
    called = {i.target for i in image.disassemble(caller) if i.is_call}
    assert {starts["gives_up"], starts["returns"]} <= called
    assert NoReturn(image).among(image.disassemble(caller)) == {starts["gives_up"]}
