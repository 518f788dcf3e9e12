from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from profiler.record.target.mappings import executable_files, openable, sees_other_files

MAPS = """\
5581e9a00000-5581e9a2d000 r--p 00000000 fe:01 1234 /usr/bin/python3.11
5581e9a2d000-5581e9b8e000 r-xp 0002d000 fe:01 1234 /usr/bin/python3.11
7f0000000000-7f0000021000 rw-p 00000000 00:00 0
7f00a0000000-7f00a1000000 r-xp 00000000 fe:01 99 /srv/my model (deleted)/lib x.so
7f00b0000000-7f00b1000000 r-xp 00000000 fe:01 98 /var/onnxruntime-java/libonnxruntime.so (deleted)
7f00b2000000-7f00b3000000 r-xp 00000000 fe:01 98 /var/two\\012lines.so
7fff00000000-7fff00001000 r-xp 00000000 00:00 0 [vdso]
not a line
"""


def test_files_that_run_code_are_found_each_once() -> None:
    found = executable_files(MAPS)
    assert [(file.path, file.deleted) for file in found] == [
        ("/usr/bin/python3.11", False),
        ("/srv/my model (deleted)/lib x.so", False),
        ("/var/onnxruntime-java/libonnxruntime.so", True),
        ("/var/two\nlines.so", False),
    ]
    assert found[0].span == "5581e9a2d000-5581e9b8e000"


@given(st.text())
def test_no_text_is_too_odd_for_a_path(text: str) -> None:
    for file in executable_files(f"0-1000 r-xp 0 fe:01 1 /{text}"):
        assert file.path.startswith("/")


def test_a_file_of_this_process_can_be_opened() -> None:
    maps = Path("/proc/self/maps").read_text()
    own = [path for file in executable_files(maps) if (path := openable(os.getpid(), file)) is not None]
    assert own
    assert all(path.read_bytes()[:4] == b"\x7fELF" for path in own)
    assert not sees_other_files(os.getpid())
