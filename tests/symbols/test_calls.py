from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.symbols.calls import CallKind, call_kinds, find_call_sites
from profiler.symbols.disassemble import disassemble

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.symbols.library import LibraryIndex

    Index = Callable[[str], LibraryIndex]
    Number = Callable[[LibraryIndex, str], int]

EXPECTED = {
    "worker_loop": {CallKind.DIRECT, CallKind.INDIRECT},
    "direct_caller": {CallKind.DIRECT},
    "indirect_caller": {CallKind.INDIRECT},
    "table_caller": {CallKind.INDIRECT},
}


@pytest.mark.parametrize("variant", ["inlined", "outlined", "hidden", "protected"])
@pytest.mark.parametrize("name", EXPECTED)
def test_a_callers_frame_tells_how_it_called(index: Index, number: Number, variant: str, name: str) -> None:
    library = index(variant)
    calls = [i for i in library.image.disassemble(number(library, name)) if i.is_call]
    inside = np.array([call.address + len(call.data) - 1 for call in calls], np.int64)
    kinds = call_kinds(library.image, inside)
    assert kinds.tolist() == [CallKind.INDIRECT if c.target is None else CallKind.DIRECT for c in calls]
    assert set(kinds.tolist()) == EXPECTED[name]


def test_an_address_after_no_call_is_unknown(index: Index, number: Number) -> None:
    library = index("hidden")
    calls = library.image.disassemble(number(library, "bytes_of_pause"))
    addresses = np.array([i.address + len(i.data) - 1 for i in calls] + [-1, 1 << 40], np.int64)
    assert set(call_kinds(library.image, addresses).tolist()) == {CallKind.UNKNOWN}


INDIRECT_FORMS = """
    ffd0 41ffd4 3effd0 ff10 ff1424 42ff14e0 ff14c500010000 ff5008 ff542408 41ff5424f8
    ff9000010000 ff942400010000 ff1500010000
"""


@pytest.mark.parametrize("code", INDIRECT_FORMS.split())
def test_every_form_of_an_indirect_call_is_known(index: Index, code: str) -> None:
    image = index("hidden").image
    start = int(image.functions.start[0])
    raw = np.frombuffer(bytes.fromhex("90" * 8 + code), np.uint8)
    data = image.elf.data.copy()
    at = int(image.elf.to_offsets(np.array([start]))[0])
    data[at : at + len(raw)] = raw
    patched = replace(image, elf=replace(image.elf, data=data))
    calls = [i for i in disassemble(patched.elf, start, start + len(raw)) if i.is_call]
    assert [(call.data.hex(), call.target) for call in calls] == [(code, None)]
    assert call_kinds(patched, np.array([start + len(raw) - 1])).tolist() == [CallKind.INDIRECT]


@pytest.mark.parametrize("variant", ["outlined", "hidden"])
def test_direct_callers_and_tail_jumps_are_found(index: Index, number: Number, variant: str) -> None:
    library = index(variant)
    for callee, callers in (
        ("pop_front", {"worker_loop", "direct_caller"}),
        ("join", {"tail_caller"}),
        ("delay", {"join_with_delay"}),
    ):
        wanted = np.array([number(library, callee)])
        sites = find_call_sites(library.image, wanted)
        assert {library.functions.name(int(c)) for c in sites.caller} == callers
        assert set(sites.callee.tolist()) == set(wanted.tolist())


def test_nothing_calls_nothing(index: Index) -> None:
    assert len(find_call_sites(index("hidden").image, np.zeros(0, np.int64)).address) == 0


def test_aarch64_calls_and_tail_jumps(aarch64: LibraryIndex, number: Number) -> None:
    sites = find_call_sites(aarch64.image, np.array([number(aarch64, "join_hidden")]))
    callers = {aarch64.functions.name(int(c)) for c in sites.caller}
    assert "tail_caller" in callers
    calls = [i for i in aarch64.image.disassemble(number(aarch64, "worker_loop")) if i.is_call]
    kinds = call_kinds(aarch64.image, np.array([call.address + 3 for call in calls]))
    assert kinds.tolist() == [CallKind.DIRECT, CallKind.DIRECT, CallKind.INDIRECT]
