from __future__ import annotations

import ctypes
import os

from profiler.record.light.code_places import CodePlace, CodePlaces, parse_mappings, parse_symbols

MAPS = """\
55d0c0a00000-55d0c0a01000 r--p 00000000 fe:01 12 /usr/bin/cat
55d0c0a01000-55d0c0a05000 r-xp 00001000 fe:01 12 /usr/bin/cat
7f0000000000-7f0000100000 rwxp 00000000 00:00 0
7f1000000000-7f1000100000 r-xp 00200000 fe:01 99 /opt/with space/lib\\012x.so (deleted)
7ffd0000a000-7ffd0000c000 r-xp 00000000 00:00 0 [vdso]
"""
SYMBOLS = """\
ffffffff81000200 T second
ffffffff81000000 t first
ffffffff82000000 D data
ffffffffc0000000 t of_module\t[ext4]
"""


def test_mappings_with_code() -> None:
    assert parse_mappings(MAPS) == [
        (0x55D0C0A01000, 0x55D0C0A05000, 0x1000, "/usr/bin/cat"),
        (0x7F0000000000, 0x7F0000100000, 0, ""),
        (0x7F1000000000, 0x7F1000100000, 0x200000, "/opt/with space/lib\nx.so"),
        (0x7FFD0000A000, 0x7FFD0000C000, 0, "[vdso]"),
    ]


def test_functions_of_the_kernel_in_order() -> None:
    starts, names = parse_symbols(SYMBOLS)
    assert names == ["first", "second", "of_module"]
    assert starts == sorted(starts)


def test_hidden_addresses_say_nothing() -> None:
    assert parse_symbols("0000000000000000 T first\n0000000000000000 t second\n") == ([], [])


def test_an_address_of_this_process_lies_in_its_library() -> None:
    libc = ctypes.CDLL(None)
    address = ctypes.cast(libc.getpid, ctypes.c_void_p).value
    assert address is not None
    place = CodePlaces().find(os.getpid(), address, in_kernel=False)
    assert "libc" in place.file
    assert 0 < place.offset < address


def test_code_in_no_file_and_processes_that_are_gone() -> None:
    places = CodePlaces()
    assert places.find(os.getpid(), 16, in_kernel=False) == CodePlace("", 16)
    assert places.find(1 << 30, 16, in_kernel=False) == CodePlace("", 16)
